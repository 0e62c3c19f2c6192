package io.whence.engine.risk;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a stated licence grants: an SPDX expression, a Creative Commons name or address, or the
 * words "public domain". Whatever else it says is {@code NOASSERTION}: nobody may rely on it.
 *
 * @param conditions that come with the grant
 * @param stated the licence as it was stated; blank where none was
 */
public record Licence(Grant grant, Set<Condition> conditions, String stated) {
  /** From the least to the most free. */
  public enum Grant {
    /** Nobody may rely on it. */
    NOT_KNOWN,
    /** Everybody may use the work, on conditions. */
    LICENSED,
    /** Nobody has a right in the work. */
    NO_RIGHT
  }

  /** What a licensee must do, in the words shown to people. */
  public enum Condition {
    /** Name the author. */
    ATTRIBUTION("attribution"),
    /** Pass it on under the same licence. */
    SHARE_ALIKE("share-alike"),
    /** No commercial use. */
    NON_COMMERCIAL("non-commercial"),
    /** No changed versions. */
    NO_DERIVATIVES("no derivatives");

    private final String words;

    Condition(String words) {
      this.words = words;
    }
  }

  private record Known(
      List<String> publicDomain,
      List<String> withoutConditions,
      List<String> attribution,
      List<String> shareAlike) {}

  private static final Map<String, Licence> BY_ID =
      byId(Resources.read("licences.json", Known.class));

  /** What is longer is the text of a licence or no licence at all. */
  private static final int LONGEST = 512;

  private static final Pattern PUBLIC_DOMAIN =
      Pattern.compile(
          "(?:(?:the )?work is )?(?:in the )?public[- ]?domain"
              + "(?:$|\\s*[(\\[;,.:/-].*|\\s+(?:mark|dedication|worldwide|work|text)\\b.*"
              + "|\\s+(?:in|within) (?:the )?(?:us|usa|u\\.s\\.|u\\.s\\.a\\.|united states)\\b.*)");
  private static final Pattern DENIAL =
      Pattern.compile("\\b(?:not|no longer|except|outside|formerly|unless|unclear|maybe)\\b");
  private static final Pattern CREATIVE_COMMONS =
      Pattern.compile("CC-BY((?:-(?:NC|SA|ND)){0,2})(?:-\\d(?:\\.\\d)?(?:-[A-Z]+)*)?");
  private static final Pattern ADDRESS =
      Pattern.compile(
          "HTTPS?://(?:WWW\\.)?CREATIVECOMMONS\\.ORG/"
              + "(?:LICENSES/([A-Z-]+)|PUBLICDOMAIN/(ZERO|MARK))(?:/.*)?");

  /** {@return the licence that is stated} */
  public static Licence of(@Nullable String text) {
    String stated = text == null ? "" : text.strip();
    Licence read =
        stated.length() > LONGEST
            ? notKnown()
            : saysPublicDomain(stated) ? free() : expression(stated);
    return new Licence(read.grant, read.conditions, stated);
  }

  /** {@return the conditions in words, in a fixed order} */
  public String asks() {
    return conditions.isEmpty()
        ? "nothing"
        : Arrays.stream(Condition.values())
            .filter(conditions::contains)
            .map(condition -> condition.words)
            .collect(Collectors.joining(", "));
  }

  private static boolean saysPublicDomain(String stated) {
    String words = stated.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
    return PUBLIC_DOMAIN.matcher(words).matches() && !DENIAL.matcher(words).find();
  }

  private static Licence free() {
    return new Licence(Grant.NO_RIGHT, Set.of(), "");
  }

  private static Licence notKnown() {
    return new Licence(Grant.NOT_KNOWN, Set.of(), "");
  }

  private static Licence licensed(Set<Condition> conditions) {
    return new Licence(Grant.LICENSED, Collections.unmodifiableSet(conditions), "");
  }

  /** An SPDX expression; words that are none are tried as one name. */
  private static Licence expression(String stated) {
    Deque<String> tokens =
        new ArrayDeque<>(
            Stream.of(stated.replace("(", " ( ").replace(")", " ) ").split("\\s+"))
                .filter(token -> !token.isEmpty())
                .toList());
    Licence read = anyOf(tokens);
    return tokens.isEmpty() ? read : named(stated);
  }

  /** The licensee may choose: the freest alternative counts. */
  private static Licence anyOf(Deque<String> tokens) {
    Licence best = allOf(tokens);
    while (isNext(tokens, "OR")) {
      Licence other = allOf(tokens);
      if (other.grant.compareTo(best.grant) > 0
          || (other.grant == best.grant && other.conditions.size() < best.conditions.size())) {
        best = other;
      }
    }
    return best;
  }

  /** All bind: the least free part counts, with everybody's conditions. */
  private static Licence allOf(Deque<String> tokens) {
    Licence all = one(tokens);
    while (isNext(tokens, "AND")) {
      Licence other = one(tokens);
      Set<Condition> conditions = EnumSet.noneOf(Condition.class);
      conditions.addAll(all.conditions);
      conditions.addAll(other.conditions);
      Grant least = all.grant.compareTo(other.grant) < 0 ? all.grant : other.grant;
      all = new Licence(least, conditions, "");
    }
    return all;
  }

  private static Licence one(Deque<String> tokens) {
    if (isNext(tokens, "(")) {
      Licence inner = anyOf(tokens);
      return isNext(tokens, ")") ? inner : notKnown();
    }
    String name = tokens.poll();
    if (name == null) {
      return notKnown();
    }
    if (isNext(tokens, "WITH")) {
      // An exception only ever permits more.
      tokens.poll();
    }
    return named(name);
  }

  private static boolean isNext(Deque<String> tokens, String token) {
    if (!token.equalsIgnoreCase(tokens.peek())) {
      return false;
    }
    tokens.poll();
    return true;
  }

  private static Licence named(String stated) {
    String name = stated.toUpperCase(Locale.ROOT);
    Matcher address = ADDRESS.matcher(name);
    if (address.matches()) {
      if (address.group(2) != null) {
        return free();
      }
      name = "CC-" + address.group(1);
    }
    name =
        name.replaceAll("\\b(?:THE|LICEN[SC]E|VERSION)\\b|,", " ")
            .strip()
            .replaceAll("[\\s_]+", "-")
            .replaceAll("(?:\\+|-ONLY|-OR-LATER)$", "");
    Licence known = BY_ID.get(name);
    if (known != null) {
      return known;
    }
    Matcher commons = CREATIVE_COMMONS.matcher(name);
    if (!commons.matches()) {
      return notKnown();
    }
    Set<Condition> conditions = EnumSet.of(Condition.ATTRIBUTION);
    String elements = String.valueOf(commons.group(1));
    if (elements.contains("-NC")) {
      conditions.add(Condition.NON_COMMERCIAL);
    }
    if (elements.contains("-SA")) {
      conditions.add(Condition.SHARE_ALIKE);
    }
    if (elements.contains("-ND")) {
      conditions.add(Condition.NO_DERIVATIVES);
    }
    return licensed(conditions);
  }

  private static Map<String, Licence> byId(Known known) {
    List<Map.Entry<List<String>, Licence>> classes = new ArrayList<>();
    classes.add(Map.entry(known.publicDomain, free()));
    classes.add(Map.entry(known.withoutConditions, licensed(EnumSet.noneOf(Condition.class))));
    classes.add(Map.entry(known.attribution, licensed(EnumSet.of(Condition.ATTRIBUTION))));
    classes.add(
        Map.entry(
            known.shareAlike, licensed(EnumSet.of(Condition.ATTRIBUTION, Condition.SHARE_ALIKE))));
    return classes.stream()
        .flatMap(
            entry ->
                entry.getKey().stream()
                    .map(id -> Map.entry(id.toUpperCase(Locale.ROOT), entry.getValue())))
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
