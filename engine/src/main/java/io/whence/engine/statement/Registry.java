package io.whence.engine.statement;

import io.whence.engine.credit.Ownership;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who owns what, as it was registered at one moment. What is registered later is no part of it, so
 * a statement that names the moment can be computed again.
 *
 * @param version number of the last registration that counts, 0 for none
 * @param works by the id that the corpus has for the work
 * @param holders names of the rights holders, by id
 */
public record Registry(long version, Map<String, Registered> works, Map<String, String> holders) {
  /** Nothing registered. */
  public static final Registry EMPTY = new Registry(0, Map.of(), Map.of());

  /** A work as registered. */
  public record Registered(Ownership ownership, @Nullable String title, @Nullable String licence) {}

  /** Copies the maps. */
  public Registry {
    works = Map.copyOf(works);
    holders = Map.copyOf(holders);
  }
}
