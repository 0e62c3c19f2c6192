package io.whence.service.security;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a key may do. Whoever does more than label outputs may also look. */
public enum Role {
  /** Looks at answers, statements, registers, indexes and methods, and at the log. */
  READER,
  /** Has outputs attributed, screened and charged, metered use and experiments. */
  ANALYST,
  /** Labels outputs; sees nothing of what others hold before that. */
  REVIEWER,
  /** Registers rights holders, works and plug-ins; issues, contests and settles statements. */
  REGISTRAR,
  /** Erases, and places and releases legal holds. */
  ADMINISTRATOR;

  /** {@return its name in requests, in lists and at the resources} */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return the role of that name} */
  public static Optional<Role> of(String id) {
    return Arrays.stream(values()).filter(role -> role.id().equals(id)).findFirst();
  }

  /** {@return all names, for people} */
  public static String all() {
    return String.join(", ", Arrays.stream(values()).map(Role::id).toList());
  }

  private Set<Role> granted() {
    return this == REVIEWER ? EnumSet.of(this) : EnumSet.of(this, READER);
  }

  /** {@return the names of what a key with these roles may do} */
  public static Set<String> granted(List<String> ids) {
    Set<String> granted = new TreeSet<>();
    for (String id : ids) {
      of(id).ifPresent(role -> role.granted().forEach(one -> granted.add(one.id())));
    }
    return granted;
  }
}
