package io.whence.engine.screening;

import io.whence.engine.EngineException;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.Trace.Source;
import io.whence.engine.attribution.Trace.TracedWork;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Evidence;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.Resemblance;
import io.whence.engine.evidence.Tier;
import io.whence.engine.evidence.VerbatimMatcher;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.risk.FairUse;
import io.whence.engine.screening.Screening.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What is let through, flagged for a person, or blocked: rules in a file of {@code
 * docs/formats/policy.md}. The same output, index and policy always have the same verdict.
 *
 * @param name for people
 * @param description what the policy is for
 * @param rules at least one, with different ids
 * @param sha256 of the file it was read from
 */
public record Policy(String name, String description, List<Rule> rules, String sha256) {
  /** What applies unless told otherwise: {@code default.json} of this package. */
  public static final Policy DEFAULT = shipped("default.json");

  /** Most bytes of a policy's file. */
  public static final int LARGEST = 65_536;

  /** Stands among the exempt licences for all works in the public domain. */
  private static final String PUBLIC_DOMAIN = "publicDomain";

  /** Copies the list. */
  public Policy {
    rules = List.copyOf(rules);
  }

  /** What kind of evidence a rule looks at. */
  public enum Kind {
    /** Runs of the same words. */
    VERBATIM("verbatim"),
    /** Passages of mostly the same words, runs of the same among them. */
    NEAR_VERBATIM("nearVerbatim"),
    /** Nearness in meaning: it may flag and never block. */
    SEMANTIC("semantic");

    private final String id;

    Kind(String id) {
      this.id = id;
    }

    /** {@return its name in policies and answers} */
    public String id() {
      return id;
    }
  }

  /**
   * One rule. It applies to a work when all that it asks holds; what is 0 is not asked. Only
   * matches that count are looked at: rare, beyond chance, and not set aside.
   *
   * @param words equal words in one match, at least so many
   * @param outputShare of the output's words equal in the work, at least so much, 0 to 1
   * @param workShare of the work's characters equal in the output, at least so much, 0 to 1
   * @param percentile of the nearness in meaning, at least so much, 0 to 100
   * @param exempt licences, as the corpus states them, of works that the rule does not concern;
   *     {@code publicDomain} is all works that nobody has a right in
   * @param reason why the rule is there, for people
   */
  public record Rule(
      String id,
      Verdict verdict,
      Kind evidence,
      int words,
      double outputShare,
      double workShare,
      double percentile,
      List<String> exempt,
      String reason) {
    /** Copies the list. */
    public Rule {
      exempt = List.copyOf(exempt);
    }

    private boolean concerns(Work work) {
      return exempt.stream()
          .noneMatch(
              licence ->
                  licence.equals(PUBLIC_DOMAIN)
                      ? FairUse.inPublicDomain(work.licence(), work.year())
                      : licence.equalsIgnoreCase(work.licence()));
    }

    private List<Finding> basis(TracedWork traced, int outputWords) {
      List<Finding> counting =
          traced.findings().stream()
              .filter(Finding::counts)
              .filter(found -> evidence != Kind.VERBATIM || found.match() instanceof VerbatimMatch)
              .toList();
      List<Evidence> matches = counting.stream().map(Finding::match).toList();
      double ofOutput = VerbatimMatcher.wordsCovered(matches) / (double) Math.max(1, outputWords);
      double ofWork =
          VerbatimMatcher.covered(
                  matches.stream().flatMap(m -> m.equalWorkCharacters().stream()).toList())
              / (double) traced.work().text().length();
      return concerns(traced.work()) && ofOutput >= outputShare && ofWork >= workShare
          ? counting.stream().filter(found -> found.match().equalWords() >= words).toList()
          : List.of();
    }
  }

  /**
   * {@return the policy in a file's bytes}
   *
   * @param from what to call the file in a refusal
   * @throws EngineException.InvalidQuery naming what is wrong with it
   */
  public static Policy of(byte[] file, String from) {
    return new PolicyReader(from).read(file);
  }

  private static Policy shipped(String resource) {
    try (InputStream in = Policy.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not in this build");
      }
      return of(in.readAllBytes(), resource);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@return what this policy says of {@code output}}
   *
   * @param tracer of the index that it is compared with
   * @param exclusions what is set aside as common property
   */
  public Screening screen(Tracer tracer, String output, Exclusions exclusions) {
    Trace trace = tracer.trace(output, exclusions);
    boolean askedForMeaning = rules.stream().anyMatch(rule -> rule.evidence() == Kind.SEMANTIC);
    Optional<List<Resemblance>> resemblances =
        askedForMeaning ? tracer.resemblances(output) : Optional.empty();
    List<Resemblance> nearest = resemblances.orElse(List.of());
    List<Reason> reasons = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.evidence() == Kind.SEMANTIC) {
        nearest.forEach(one -> semantic(rule, one, tracer).ifPresent(reasons::add));
      } else {
        trace.sources().stream()
            .flatMap(source -> shared(rule, source, trace.outputWords()).stream())
            .forEach(reasons::add);
      }
    }
    // Of equal verdicts the order is that of the rules, and within a rule that of the sources.
    reasons.sort(Comparator.comparing((Reason reason) -> reason.rule().verdict()).reversed());
    List<String> notTested = new ArrayList<>();
    if (askedForMeaning && resemblances.isEmpty()) {
      notTested.add(
          "rules on meaning: the index has no embeddings, or was built before they were calibrated");
    }
    int compared = tracer.comparedInMeaning(output);
    if (resemblances.isPresent() && compared < output.strip().length()) {
      notTested.add("rules on meaning: beyond the first " + compared + " characters of the output");
    }
    return new Screening(
        reasons.isEmpty() ? Verdict.ALLOW : reasons.get(0).rule().verdict(),
        List.copyOf(reasons),
        this,
        trace,
        nearest,
        List.copyOf(notTested),
        wouldMiss(tracer, askedForMeaning));
  }

  private static Optional<Reason> shared(Rule rule, Source source, int outputWords) {
    record Shared(Work work, List<Finding> all, List<Finding> basis) {
      int most() {
        return basis.stream().mapToInt(found -> found.match().equalWords()).max().orElse(0);
      }
    }
    return source.works().stream()
        .map(work -> new Shared(work.work(), work.findings(), rule.basis(work, outputWords)))
        .filter(shared -> !shared.basis().isEmpty())
        .max(Comparator.comparingInt(Shared::most))
        .map(
            shared ->
                new Reason(
                    rule,
                    shared.work(),
                    source.cluster(),
                    source.copies(),
                    source.earliest(),
                    shared.basis(),
                    null,
                    Tier.of(shared.all()).wording(shared.all())));
  }

  private static Optional<Reason> semantic(Rule rule, Resemblance near, Tracer tracer) {
    if (near.percentile() < rule.percentile()) {
      return Optional.empty();
    }
    return tracer
        .source(near.work())
        .filter(source -> rule.concerns(source.works().get(0).work()))
        .map(
            source ->
                new Reason(
                    rule,
                    source.works().get(0).work(),
                    source.cluster(),
                    source.copies(),
                    source.earliest(),
                    List.of(),
                    near,
                    String.format(
                        Locale.ROOT,
                        "the output resembles this work in meaning: of unrelated outputs %.1f in"
                            + " 100 come nowhere as near to any work; this is no sign of copying",
                        near.percentile())));
  }

  private List<String> wouldMiss(Tracer tracer, boolean meaning) {
    List<String> missed = new ArrayList<>();
    int least =
        rules.stream()
            .filter(rule -> rule.evidence() != Kind.SEMANTIC)
            .mapToInt(Rule::words)
            .min()
            .orElse(Integer.MAX_VALUE);
    missed.add(
        least == Integer.MAX_VALUE
            ? "shared words of any number: no rule asks for them"
            : "passages with fewer than "
                + Math.max(least, VerbatimMatcher.TEXT.shortest())
                + " equal words, unless a rule on shares concerns them");
    missed.add(
        "edited passages in works that neither a run of "
            + Winnowing.TEXT.k()
            + " words nor telling words point to, and those with more than two words in five"
            + " edited");
    missed.add(
        meaning
            ? "paraphrase and translation that are no nearer in meaning than unrelated texts are"
            : "paraphrase and translation: no rule asks for meaning");
    missed.add(
        "works that are not among the " + tracer.works().size() + " of this index, and images");
    return List.copyOf(missed);
  }
}
