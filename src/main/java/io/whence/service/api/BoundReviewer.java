package io.whence.service.api;

import io.quarkus.security.identity.SecurityIdentity;
import io.whence.service.security.KeyIdentities;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The one person that the key of a request labels as, where it is bound to one. */
@ApplicationScoped
class BoundReviewer {
  private final SecurityIdentity identity;

  BoundReviewer(SecurityIdentity identity) {
    this.identity = identity;
  }

  /**
   * {@return the reviewer that a request is of: whom the key is bound to, else whom it names}
   *
   * @param named in the request; null where it names none
   * @throws Refusal when it names another than the key is bound to
   */
  @Nullable String or(@Nullable String named) {
    UUID bound = identity.getAttribute(KeyIdentities.REVIEWER);
    if (bound == null) {
      return named;
    }
    if (named == null || named.isEmpty() || named.equals(bound.toString())) {
      return bound.toString();
    }
    throw new Refusal(
        ProblemType.FORBIDDEN,
        identity.getPrincipal().getName()
            + " labels as the one reviewer that it was made for, and not as "
            + PathId.shown(named)
            + "; leave reviewer out, or use a key of that person");
  }

  /**
   * Passes where the request may register another person.
   *
   * @throws Refusal when its key is bound to one
   */
  void refuseAnother() {
    if (identity.getAttribute(KeyIdentities.REVIEWER) != null) {
      throw new Refusal(
          ProblemType.FORBIDDEN,
          identity.getPrincipal().getName()
              + " labels as the one reviewer that it was made for, and registers nobody");
    }
  }
}
