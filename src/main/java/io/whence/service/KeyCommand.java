package io.whence.service;

import io.whence.service.persistence.KeyRing;
import io.whence.service.persistence.StoredKey;
import io.whence.service.security.ApiKey;
import io.whence.service.security.Role;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code whence key}: makes, lists and revokes API keys in the database. Works beside a running
 * service and before its first start, which may need a key already.
 */
sealed interface KeyCommand {
  /** How it is asked for. */
  String USAGE =
      """
      Usage: whence key create NAME --role ROLE [--role ROLE]... [--expires 90d] [--reviewer ID]
             whence key list
             whence key revoke ID

      create   prints a new key, once; only its hash is kept
      list     says of each key what it may do, until when, and when it was last used, to the hour
      revoke   makes a key worthless at once

      NAME            1 to 64 letters, digits and . _ -; whoever does something stands by it in the log
      --role ROLE     reader looks; analyst has outputs attributed, screened and charged; registrar keeps
                      rights holders, works, plug-ins and statements; administrator erases and holds (each
                      of them looks, too); reviewer labels
      --expires 90d   days or hours (12h) from now; never where it is not given
      --reviewer ID   the one reviewer that the key labels as
      --home DIR      holds the database where none is configured (else WHENCE_HOME, else ~/.whence)
      """;

  /** Shapes of what is given. */
  Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** As {@code list} prints it. */
  Pattern ID = Pattern.compile("(?:whk_)?([0-9a-f]{12})");

  /** Days or hours. */
  Pattern LASTS = Pattern.compile("([1-9][0-9]{0,4})([dh])");

  /**
   * Makes a key.
   *
   * @param lasts null for ever
   * @param reviewer the one person that it labels as; null for any
   */
  record Create(String name, List<String> roles, @Nullable Duration lasts, @Nullable UUID reviewer)
      implements KeyCommand {
    /** Copies the list. */
    public Create {
      roles = List.copyOf(roles);
    }

    /** {@return the new key} */
    ApiKey on(KeyRing keys, Instant now) throws IOException {
      ApiKey key = ApiKey.generate();
      keys.add(
          new StoredKey(
              key.id(),
              name,
              roles,
              reviewer,
              key.sha256(),
              now,
              lasts == null ? null : now.plus(lasts),
              null,
              null),
          actor());
      return key;
    }
  }

  /** Lists all keys. */
  record Listing() implements KeyCommand {
    private static final String LINE = "%-16s  %-20s  %-28s  %-10s  %-10s  %-17s  %s%n";

    /** {@return a line for each key, oldest first} */
    String on(KeyRing keys, Instant now) throws IOException {
      StringBuilder lines = new StringBuilder();
      lines.append(LINE.formatted("id", "name", "roles", "made", "expires", "last used", "stands"));
      for (StoredKey key : keys.all()) {
        lines.append(
            LINE.formatted(
                "whk_" + key.id(),
                key.name(),
                String.join(",", key.roles()),
                day(key.createdAt(), ""),
                day(key.expiresAt(), "never"),
                key.lastUsedAt() == null ? "never" : key.lastUsedAt().toString(),
                standing(key, now)));
      }
      return lines.toString();
    }

    private static String standing(StoredKey key, Instant now) {
      String as = key.reviewer() == null ? "" : ", labels as " + key.reviewer();
      return key.revokedAt() != null
          ? "revoked " + day(key.revokedAt(), "")
          : (key.good(now) ? "good" : "expired") + as;
    }

    private static String day(@Nullable Instant at, String otherwise) {
      return at == null ? otherwise : at.toString().substring(0, 10);
    }
  }

  /** Revokes a key. */
  record Revoke(String id) implements KeyCommand {
    /** {@return what was revoked} */
    String on(KeyRing keys, Instant now) throws Refused, IOException {
      StoredKey key =
          keys.revoke(id, now, actor())
              .orElseThrow(
                  () -> new Refused("there is no key whk_" + id + "; see whence key list"));
      if (key.revokedAt() != null) {
        throw new Refused(key.actor() + " was revoked at " + key.revokedAt() + " already");
      }
      return "revoked " + key.actor();
    }
  }

  /** {@return the exit code of the command} */
  static int run(String... args) throws Refused {
    Deque<String> left = new ArrayDeque<>(Arrays.asList(args).subList(1, args.length));
    if (left.isEmpty() || left.contains("--help") || left.contains("-h")) {
      Console.OUT.print(USAGE);
      return 0;
    }
    String home = taken("--home", left);
    KeyCommand command = of(left);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    try (CommandDatabase database = CommandDatabase.open(home, StartConfig.read());
        KeyRing keys = KeyRing.open(database.url(), database.user(), database.password())) {
      switch (command) {
        case Create create -> {
          Console.OUT.println(create.on(keys, now).text());
          Console.ERR.println(
              "whence: made "
                  + create.name()
                  + "; it is shown this once, so put it where your secrets are");
        }
        case Listing listing -> Console.OUT.print(listing.on(keys, now));
        case Revoke revoke -> Console.OUT.println(revoke.on(keys, now));
      }
      return 0;
    } catch (IOException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
  }

  /** {@return the command that the words after {@code key} are} */
  static KeyCommand of(Deque<String> words) throws Refused {
    String verb = words.isEmpty() ? "" : words.removeFirst();
    return switch (verb) {
      case "create" -> create(words);
      case "list" -> {
        nothingMore(verb, words);
        yield new Listing();
      }
      case "revoke" -> {
        String id = words.isEmpty() ? "" : words.removeFirst();
        Matcher form = ID.matcher(id);
        if (!form.matches()) {
          throw new Refused(
              "revoke needs the id of a key, as key list prints it; got " + shown(id));
        }
        nothingMore(verb, words);
        yield new Revoke(form.group(1));
      }
      default -> throw new Refused("key is create, list or revoke; got " + shown(verb));
    };
  }

  private static Create create(Deque<String> words) throws Refused {
    String expires = taken("--expires", words);
    String reviewer = taken("--reviewer", words);
    TreeSet<String> roles = new TreeSet<>();
    for (String role = taken("--role", words); role != null; role = taken("--role", words)) {
      String id = role;
      roles.add(
          Role.of(id)
              .orElseThrow(() -> new Refused("there is no role " + id + "; there is " + Role.all()))
              .id());
    }
    String name = words.isEmpty() ? "" : words.removeFirst();
    if (!NAME.matcher(name).matches()) {
      throw new Refused(
          "a key's name has 1 to 64 letters, digits and . _ -, a letter or digit first; got "
              + shown(name));
    }
    nothingMore("create", words);
    if (roles.isEmpty()) {
      throw new Refused("a key needs a --role; there is " + Role.all());
    }
    if (reviewer != null && !roles.contains(Role.REVIEWER.id())) {
      throw new Refused("--reviewer belongs to --role reviewer; the key has " + roles);
    }
    return new Create(name, new ArrayList<>(roles), lasts(expires), person(reviewer));
  }

  private static @Nullable Duration lasts(@Nullable String expires) throws Refused {
    if (expires == null) {
      return null;
    }
    Matcher form = LASTS.matcher(expires);
    if (!form.matches()) {
      throw new Refused("--expires is a number of days or hours, as 90d or 12h; got " + expires);
    }
    long many = Long.parseLong(form.group(1));
    return form.group(2).equals("d") ? Duration.ofDays(many) : Duration.ofHours(many);
  }

  private static @Nullable UUID person(@Nullable String reviewer) throws Refused {
    try {
      return reviewer == null ? null : UUID.fromString(reviewer);
    } catch (IllegalArgumentException e) {
      throw new Refused("--reviewer is the id that /v1/reviewers answered with; got " + reviewer);
    }
  }

  /** {@return the value of an option, which is taken out; null where it does not stand there} */
  private static @Nullable String taken(String option, Deque<String> words) throws Refused {
    List<String> all = new ArrayList<>(words);
    for (int i = 0; i < all.size(); i++) {
      String word = all.get(i);
      boolean joined = word.startsWith(option + "=");
      if (joined || word.equals(option)) {
        all.remove(i);
        String value =
            joined ? word.substring(option.length() + 1) : i < all.size() ? all.remove(i) : "";
        if (value.isBlank()) {
          throw new Refused(option + " needs a value");
        }
        words.clear();
        words.addAll(all);
        return value;
      }
    }
    return null;
  }

  private static void nothingMore(String verb, Deque<String> words) throws Refused {
    if (!words.isEmpty()) {
      throw new Refused(
          "key " + verb + " does not take " + words.getFirst() + "; see whence key --help");
    }
  }

  private static String shown(String word) {
    // A whole key may have been pasted: it is not to be printed again.
    return word.isEmpty() ? "nothing" : word.length() <= 64 ? word : "a word that is too long";
  }

  private static String actor() {
    return "command line (" + System.getProperty("user.name", "?") + ")";
  }
}
