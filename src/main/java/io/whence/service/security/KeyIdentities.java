package io.whence.service.security;

import io.quarkus.logging.Log;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.BaseAuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.whence.service.persistence.ApiKeyRecords;
import io.whence.service.persistence.StoredKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Says whose a key is. Each request looks the key up, so that it is worth nothing from the moment
 * it is revoked.
 */
@ApplicationScoped
public class KeyIdentities implements IdentityProvider<KeyIdentities.Presented> {
  /** Attribute of an identity: the one {@link UUID} that it labels as; none where it may choose. */
  public static final String REVIEWER = "reviewer";

  /** Who asks where nobody is asked who they are: somebody at this machine, who may do all. */
  public static final SecurityIdentity LOOPBACK =
      identity("loopback", Arrays.stream(Role.values()).map(Role::id).toList()).build();

  /** What no secret hashes to. */
  private static final String NONE = "0".repeat(64);

  private final ApiKeyRecords keys;

  KeyIdentities(ApiKeyRecords keys) {
    this.keys = keys;
  }

  /** A key that came with a request. */
  public static final class Presented extends BaseAuthenticationRequest {
    private final ApiKey key;

    /** Of a request. */
    public Presented(ApiKey key) {
      this.key = key;
    }
  }

  @Override
  public Class<Presented> getRequestType() {
    return Presented.class;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      Presented request, AuthenticationRequestContext context) {
    return context.runBlocking(() -> identity(request.key));
  }

  private SecurityIdentity identity(ApiKey key) {
    Optional<StoredKey> found = keys.find(key.id());
    // Compared where there is none, too: how long it takes does not say which ids there are.
    boolean same = key.is(found.map(StoredKey::secretSha256).orElse(NONE));
    Instant now = Instant.now();
    if (found.isEmpty() || !same || !found.get().good(now)) {
      Log.debugf("%s is unknown, revoked or has expired", key);
      throw new AuthenticationFailedException();
    }
    StoredKey stored = found.get();
    keys.used(stored, now);
    QuarkusSecurityIdentity.Builder identity = identity(stored.actor(), stored.roles());
    UUID reviewer = stored.reviewer();
    if (reviewer != null) {
      identity.addAttribute(REVIEWER, reviewer);
    }
    return identity.build();
  }

  private static QuarkusSecurityIdentity.Builder identity(String actor, List<String> roles) {
    return QuarkusSecurityIdentity.builder()
        .setPrincipal(new QuarkusPrincipal(actor))
        .addRoles(Role.granted(roles));
  }
}
