package io.whence.service.api;

import java.util.Optional;
import java.util.UUID;

/** Names of records as they stand in a path. */
final class PathId {
  private static final int SHOWN = 64;

  private PathId() {}

  /** {@return the id, where it is one, written as we write it} */
  static Optional<UUID> of(String id) {
    try {
      return Optional.of(UUID.fromString(id)).filter(uuid -> uuid.toString().equals(id));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no id of ours
    }
  }

  /** {@return what was given, short enough to be said again} */
  static String shown(String id) {
    return id.length() <= SHOWN ? id : id.substring(0, SHOWN) + "...";
  }
}
