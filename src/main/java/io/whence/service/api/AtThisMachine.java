package io.whence.service.api;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.whence.service.security.Authentication;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request without a key comes from whoever sits at this machine. That it came in at the
 * loopback address is not enough: a browser there sends what pages of other sites have it send, and
 * a proxy there what other machines do.
 *
 * <p>A page can point a name of its own at 127.0.0.1 and then read the answers (DNS rebinding); its
 * name is in {@code Host}. It can post forms to any address; a browser says so in {@code
 * Sec-Fetch-Site}, older ones in {@code Origin}.
 */
final class AtThisMachine {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]|::1", Pattern.CASE_INSENSITIVE);
  private static final Set<HttpMethod> SAFE =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
  private static final Set<String> OWN_PAGES = Set.of("same-origin", "none");
  private static final List<String> OF_PROXIES =
      List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host");
  private static final String REMEDY =
      "; send an API key, or set "
          + Authentication.SETTING
          + "="
          + Authentication.REQUIRED.id()
          + " to have all be asked for one";

  private AtThisMachine() {}

  /** {@return why it may come from elsewhere, one sentence; empty where nothing says so} */
  static Optional<String> doubt(HttpServerRequest request) {
    HostAndPort asked = request.authority();
    if (asked == null || !LOOPBACK.matcher(asked.host()).matches()) {
      return Optional.of(
          "without a key this service is asked by a name of this machine, 127.0.0.1 or localhost,"
              + " and Host is "
              + (asked == null ? "none" : PathId.shown(asked.host()))
              + REMEDY);
    }
    for (String header : OF_PROXIES) {
      if (request.getHeader(header) != null) {
        return Optional.of(
            "without a key this service answers requests of this machine, and "
                + header
                + " says that a proxy passed this one on"
                + REMEDY);
      }
    }
    return SAFE.contains(request.method()) ? Optional.empty() : otherPage(request);
  }

  private static Optional<String> otherPage(HttpServerRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    String origin = request.getHeader("Origin");
    if (site == null ? isOwn(origin, request) : OWN_PAGES.contains(site)) {
      return Optional.empty();
    }
    return Optional.of(
        "a page of another site had the browser send this (" + named(site, origin) + ")" + REMEDY);
  }

  private static boolean isOwn(@Nullable String origin, HttpServerRequest request) {
    return origin == null
        || origin.equalsIgnoreCase(request.scheme() + "://" + request.authority());
  }

  private static String named(@Nullable String site, @Nullable String origin) {
    return site == null
        ? "Origin: " + PathId.shown(String.valueOf(origin))
        : "Sec-Fetch-Site: " + PathId.shown(site);
  }
}
