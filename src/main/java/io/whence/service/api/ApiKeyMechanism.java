package io.whence.service.api;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import io.whence.service.persistence.StoreFailure;
import io.whence.service.security.ApiKey;
import io.whence.service.security.Authentication;
import io.whence.service.security.KeyIdentities;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Takes the key of a request ({@code Authorization: Bearer}), or, where none is needed, takes the
 * request for one of whoever sits at this machine; and says why, where it takes neither.
 */
@ApplicationScoped
class ApiKeyMechanism implements HttpAuthenticationMechanism {
  private static final String SCHEME = "Bearer";
  private static final String REFUSED = ApiKeyMechanism.class.getName();
  private static final Refused NO_KEY =
      new Refused(
          "missing",
          ProblemType.UNAUTHENTICATED,
          "this needs an API key, and none was sent; send Authorization: Bearer whk_..., with a key"
              + " that whence key create NAME --role ROLE has printed");
  private static final Refused NO_KEY_OF_OURS =
      new Refused(
          "malformed",
          ProblemType.UNAUTHENTICATED,
          "what Authorization has is no API key of Whence, or not a whole one; it is Bearer, a blank"
              + " and the 89 characters from whk_ on that whence key create has printed");
  private static final Refused NO_GOOD_KEY =
      new Refused(
          "rejected",
          ProblemType.UNAUTHENTICATED,
          "the API key is unknown, was revoked or has expired; whence key list tells, and whence key"
              + " create makes another");

  /**
   * Why a request goes no further.
   *
   * @param reason in the metric
   */
  private record Refused(String reason, ProblemType type, String detail) {}

  private final OutsideRest answers;
  private final MeterRegistry meters;
  private final FailedAttempts attempts = new FailedAttempts(System::nanoTime);
  private final boolean needed;

  ApiKeyMechanism(
      OutsideRest answers,
      MeterRegistry meters,
      @ConfigProperty(name = Authentication.SETTING, defaultValue = Authentication.DEFAULT)
          Authentication authentication,
      @ConfigProperty(name = "quarkus.http.host") String host) {
    this.answers = answers;
    this.meters = meters;
    this.needed = authentication.neededAt(host);
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      RoutingContext context, IdentityProviderManager identities) {
    HttpServerRequest request = context.request();
    String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (authorization == null) {
      return needed ? Uni.createFrom().nullItem() : atThisMachine(context);
    }
    ApiKey key = key(authorization).orElse(null);
    String address = address(request);
    OptionalLong wait = attempts.secondsToWait(address, key == null ? null : key.sha256());
    if (wait.isPresent()) {
      context.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(wait.getAsLong()));
      return refuse(
          context,
          new Refused(
              "limited",
              ProblemType.TOO_MANY_ATTEMPTS,
              "too many requests from "
                  + address
                  + " came with keys that are none; try again in "
                  + wait.getAsLong()
                  + " s with a good one"));
    }
    if (key == null) {
      attempts.failed(address);
      return refuse(context, NO_KEY_OF_OURS);
    }
    return identities
        .authenticate(new KeyIdentities.Presented(key))
        .invoke(() -> attempts.succeeded(key.sha256()))
        .onFailure(AuthenticationFailedException.class)
        .recoverWithUni(
            () -> {
              attempts.failed(address);
              return refuse(context, NO_GOOD_KEY);
            })
        .onFailure(StoreFailure.class)
        .recoverWithUni(
            failure ->
                refuse(
                    context,
                    new Refused("unavailable", ProblemType.STORE_UNAVAILABLE, failure.detail())));
  }

  private static Optional<ApiKey> key(String authorization) {
    int blank = authorization.indexOf(' ');
    return blank > 0 && authorization.substring(0, blank).equalsIgnoreCase(SCHEME)
        ? ApiKey.read(authorization.substring(blank + 1).strip())
        : Optional.empty();
  }

  private Uni<SecurityIdentity> atThisMachine(RoutingContext context) {
    return AtThisMachine.doubt(context.request())
        .map(doubt -> refuse(context, new Refused("foreign", ProblemType.FORBIDDEN, doubt)))
        .orElseGet(() -> Uni.createFrom().item(KeyIdentities.LOOPBACK));
  }

  private static Uni<SecurityIdentity> refuse(RoutingContext context, Refused refused) {
    context.put(REFUSED, refused);
    return Uni.createFrom().failure(new AuthenticationFailedException());
  }

  private static String address(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    return remote == null || remote.hostAddress() == null ? "here" : remote.hostAddress();
  }

  /** Says why, where {@link #authenticate} knew it; else there was no key at all. */
  @Override
  public Uni<Boolean> sendChallenge(RoutingContext context) {
    @Nullable Refused known = context.get(REFUSED);
    Refused refused = known == null ? NO_KEY : known;
    meters.counter("whence.authentication.failures", "reason", refused.reason).increment();
    if (refused.type == ProblemType.UNAUTHENTICATED) {
      context
          .response()
          .putHeader(
              HttpHeaders.WWW_AUTHENTICATE,
              SCHEME + " realm=\"whence\"" + (known == null ? "" : ", error=\"invalid_token\""));
    }
    answers.answer(context, refused.type, refused.detail);
    return Uni.createFrom().item(true);
  }

  @Override
  public Uni<ChallengeData> getChallenge(RoutingContext context) {
    return Uni.createFrom()
        .item(new ChallengeData(401, HttpHeaders.WWW_AUTHENTICATE, SCHEME + " realm=\"whence\""));
  }

  @Override
  public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
    return Set.of(KeyIdentities.Presented.class);
  }

  @Override
  public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext context) {
    return Uni.createFrom()
        .item(new HttpCredentialTransport(HttpCredentialTransport.Type.AUTHORIZATION, SCHEME));
  }
}
