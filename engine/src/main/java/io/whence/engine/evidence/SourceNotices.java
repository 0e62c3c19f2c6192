package io.whence.engine.evidence;

import io.whence.engine.Span;
import io.whence.engine.corpus.Work;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the comments at the head of a source say of rights: by which licence it is offered, and
 * whose it is.
 *
 * @param licence an SPDX expression; null where none was recognised, which is no proof that there
 *     is none
 * @param licenceAt the comments it was read from, in UTF-16 code units; null where there is none
 * @param copyrights lines that claim a copyright, in order
 */
public record SourceNotices(
    @Nullable String licence, @Nullable Span licenceAt, List<Copyright> copyrights) {
  /** Copies the list. */
  public SourceNotices {
    copyrights = List.copyOf(copyrights);
  }

  /**
   * A copyright line.
   *
   * @param text without the marks of the comment
   * @param at where it stands, in UTF-16 code units
   */
  public record Copyright(String text, Span at) {
    /** {@return whether {@code output} names the holder, in these words} */
    boolean standsIn(WordTokens output) {
      List<String> holder =
          WordTokens.of(text).words().stream().filter(word -> !COMMON.contains(word)).toList();
      return holder.isEmpty()
          || java.util.Collections.indexOfSubList(filtered(output), holder) >= 0;
    }

    private static List<String> filtered(WordTokens words) {
      return words.words().stream().filter(word -> !COMMON.contains(word)).toList();
    }
  }

  /**
   * Licence headers by what they say.
   *
   * @param family of two rules of one family the first that applies counts
   * @param phrases normalised; all must stand in the header
   */
  private record Rule(String licence, String family, List<String> phrases) {}

  private static final List<Rule> RULES = rules("licence-headers.tsv");

  /** No header goes on for longer. */
  private static final int LONGEST_HEADER = 8192;

  private static final Pattern TAG =
      Pattern.compile(
          "SPDX-License-Identifier:\\s*([^\\r\\n*]+?)\\s*(?:\\*/|-->|$)", Pattern.MULTILINE);
  private static final Pattern COPYRIGHT =
      Pattern.compile(
          "(?:copyright|\\u00A9|\\(c\\)(?=\\s*\\d{4}))[^\\r\\n]*", Pattern.CASE_INSENSITIVE);
  private static final Pattern YEAR = Pattern.compile("(?:19|20)\\d\\d");
  private static final Set<String> COMMON =
      new TreeSet<>(
          List.of("copyright", "c", "all", "rights", "reserved", "present", "and", "by", "the"));

  private static List<Rule> rules(String resource) {
    try (InputStream in = SourceNotices.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not in this build");
      }
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .map(
              fields ->
                  new Rule(
                      fields[0],
                      fields[1],
                      Arrays.stream(fields[2].split("&", -1)).map(SourceNotices::words).toList()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String words(String text) {
    return " " + String.join(" ", WordTokens.of(text).words()) + " ";
  }

  /**
   * {@return the notices of a work} Of code, those at its head; of anything else the copyright
   * lines near its beginning and its end, where books have them, and no licence.
   */
  public static SourceNotices of(Work work) {
    String text = work.text();
    return CodeLanguage.of(work)
        .map(language -> of(text, CodeTokens.of(text, language)))
        .orElseGet(() -> new SourceNotices(null, null, copyrights(text, edges(text.length()))));
  }

  private static List<Span> edges(int length) {
    if (length == 0) {
      return List.of();
    }
    return length <= 2 * LONGEST_HEADER
        ? List.of(new Span(0, length))
        : List.of(new Span(0, LONGEST_HEADER), new Span(length - LONGEST_HEADER, length));
  }

  /** {@return the notices at the head of a source} */
  public static SourceNotices of(String text, CodeTokens source) {
    List<Span> header = header(source);
    if (header.isEmpty()) {
      return new SourceNotices(null, null, List.of());
    }
    String comments =
        header.stream()
            .map(span -> text.substring(span.start(), span.end()))
            .collect(Collectors.joining("\n"));
    String licence = licence(comments);
    return new SourceNotices(
        licence,
        licence == null
            ? null
            : new Span(header.get(0).start(), header.get(header.size() - 1).end()),
        copyrights(text, header));
  }

  /** The comments that begin before the first body, or in Python before the code is well begun. */
  private static List<Span> header(CodeTokens source) {
    int end =
        source.tokens().stream()
            .filter(token -> token.text().equals("{") || token.text().equals("def"))
            .mapToInt(CodeTokens.Token::start)
            .findFirst()
            .orElse(Integer.MAX_VALUE);
    return source.comments().stream()
        .filter(comment -> comment.start() < Math.min(end, LONGEST_HEADER))
        .toList();
  }

  private static @Nullable String licence(String header) {
    Matcher tag = TAG.matcher(header);
    if (tag.find()) {
      return tag.group(1);
    }
    String words = words(header);
    Set<String> found = new LinkedHashSet<>();
    Set<String> families = new LinkedHashSet<>();
    for (Rule rule : RULES) {
      if (!families.contains(rule.family()) && rule.phrases().stream().allMatch(words::contains)) {
        families.add(rule.family());
        found.add(rule.licence());
      }
    }
    return found.isEmpty() ? null : String.join(" OR ", found);
  }

  private static List<Copyright> copyrights(String text, List<Span> header) {
    List<Copyright> copyrights = new ArrayList<>();
    for (Span comment : header) {
      Matcher line = COPYRIGHT.matcher(text).region(comment.start(), comment.end());
      while (line.find()) {
        String claim = line.group().replaceAll("\\s*\\*+/?\\s*$", "").strip();
        // Without a year it is a sentence about copyright: "retain the above copyright notice".
        if (YEAR.matcher(claim).find()) {
          copyrights.add(
              new Copyright(claim, new Span(line.start(), line.start() + claim.length())));
        }
      }
    }
    return copyrights;
  }

  /** {@return the copyright lines that {@code output} has left out} */
  public List<Copyright> lostIn(WordTokens output) {
    return copyrights.stream().filter(copyright -> !copyright.standsIn(output)).toList();
  }

  /**
   * {@return whether the header offers another licence than {@code declared}, the project's} Where
   * either says nothing, or they have one licence in common, there is no conflict. Versions that
   * may be later, and exceptions, which only ever permit more, do not count.
   */
  public boolean conflictsWith(@Nullable String declared) {
    return licence != null && declared != null && !declared.isBlank() && !agree(licence, declared);
  }

  /** {@return whether two expressions have a licence in common} */
  static boolean agree(String one, String other) {
    Set<String> names = names(one);
    names.retainAll(names(other));
    return !names.isEmpty();
  }

  private static Set<String> names(String expression) {
    Set<String> names = new TreeSet<>();
    for (String name :
        expression
            .toUpperCase(Locale.ROOT)
            .replaceAll("\\bWITH\\s+\\S+", "")
            .split("\\s+(?:OR|AND)\\s+|[()/,\\s]+", -1)) {
      String plain = name.replaceAll("(?:-ONLY|-OR-LATER|\\+)$", "").replace("LICENSEREF-", "");
      if (!plain.isEmpty()) {
        names.add(plain);
      }
    }
    return names;
  }
}
