package io.whence.service.persistence;

import io.quarkus.arc.Arc;
import io.quarkus.security.identity.CurrentIdentityAssociation;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Who does what is entered in the log: the key of the request, by name and id, {@code loopback} for
 * whoever sits at this machine where no key is needed, and {@code service} outside of requests.
 */
@ApplicationScoped
public class CurrentActor {
  /** The service by itself. */
  public static final String SERVICE = "service";

  private final CurrentIdentityAssociation association;

  CurrentActor(CurrentIdentityAssociation association) {
    this.association = association;
  }

  /** {@return who does it} */
  public String name() {
    if (!Arc.container().requestContext().isActive()) {
      return SERVICE;
    }
    SecurityIdentity identity = association.getIdentity();
    return identity.isAnonymous() ? SERVICE : identity.getPrincipal().getName();
  }

  /**
   * {@return who does it, after whom the request names} What the request says comes first and may
   * be anything; what stands after the last comma was found out.
   */
  String name(String by) {
    return by + ", by " + name();
  }
}
