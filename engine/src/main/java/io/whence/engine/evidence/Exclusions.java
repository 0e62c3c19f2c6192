package io.whence.engine.evidence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Common property that is set aside before matches count: licence headers, boilerplate, well-known
 * quotations and phrases, each by a rule that is listed. A match that is set aside stays in the
 * answer with the rule's name, and without the rule it counts.
 */
public final class Exclusions {
  /** Sets nothing aside. */
  public static final Exclusions NONE = new Exclusions(List.of());

  /** The rules that stand in {@code exclusions.tsv}. */
  public static final Exclusions LISTED = read("exclusions.tsv");

  /** Fewer agreeing words are no occurrence of a phrase. */
  private static final int SHORTEST = 4;

  /** A match is set aside when this part of its equal words stands in listed phrases. */
  private static final double MOST = 0.8;

  private final List<Rule> rules;

  private Exclusions(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * One rule.
   *
   * @param name unique
   * @param reason why the words are common property
   * @param phrase the words
   */
  public record Rule(String name, String reason, String phrase) {}

  /** {@return the rules, in order} */
  public List<Rule> rules() {
    return rules;
  }

  private static Exclusions read(String resource) {
    try (InputStream in = Exclusions.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not in this build");
      }
      List<Rule> rules = new ArrayList<>();
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] fields = line.split("\t", -1);
          if (fields.length != 3) {
            throw new IllegalStateException(
                resource + " has a line of other than 3 fields: " + line);
          }
          rules.add(new Rule(fields[0], fields[1], fields[2]));
        }
      }
      return new Exclusions(rules);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return the rules as they apply to one output} */
  public InOutput in(OutputWords output) {
    @Nullable Rule[] listed = new Rule[output.words().size()];
    for (Rule rule : rules) {
      int[] there = output.work(WordTokens.of(rule.phrase()), rule.phrase()).numbers();
      long steps = 64 * ((long) listed.length + there.length);
      for (Seeds.Seed seed : Seeds.common(output, there, SHORTEST, steps)) {
        for (int i = seed.output(); i < seed.outputEnd(); i++) {
          if (listed[i] == null) {
            listed[i] = rule;
          }
        }
      }
    }
    return new InOutput(listed);
  }

  /** Where an output has listed phrases. */
  public static final class InOutput {
    private final @Nullable Rule[] listed;

    private InOutput(@Nullable Rule[] listed) {
      this.listed = listed;
    }

    /** {@return the name of the rule that sets {@code match} aside, or null} */
    public @Nullable String excludes(Evidence match) {
      int words = 0;
      String name = null;
      for (var span : match.equalOutputWords()) {
        for (int i = span.start(); i < span.end(); i++) {
          Rule rule = listed[i];
          if (rule != null) {
            words++;
            name = name == null ? rule.name() : name;
          }
        }
      }
      return words >= MOST * match.equalWords() ? name : null;
    }
  }
}
