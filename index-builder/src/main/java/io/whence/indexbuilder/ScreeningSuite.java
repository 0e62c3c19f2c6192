package io.whence.indexbuilder;

import io.whence.engine.Progress;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.screening.Policy;
import io.whence.engine.screening.Screening;
import io.whence.engine.screening.Verdict;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Measures what the shipped policy lets through and stops, as if somebody had a right in every work
 * of the index.
 *
 * @param index that outputs are compared with
 * @param outside texts that owe nothing to the corpus
 * @param seed of every random choice
 */
record ScreeningSuite(Path index, List<String> outside, long seed, Progress progress) {
  private static final int COPIES = 300;
  private static final int UNRELATED = 1000;

  private static final Policy POLICY =
      new Policy(
          Policy.DEFAULT.name(),
          Policy.DEFAULT.description(),
          Policy.DEFAULT.rules().stream().map(ScreeningSuite::ofEveryWork).toList(),
          Policy.DEFAULT.sha256());

  private static Policy.Rule ofEveryWork(Policy.Rule rule) {
    return new Policy.Rule(
        rule.id(),
        rule.verdict(),
        rule.evidence(),
        rule.words(),
        rule.outputShare(),
        rule.workShare(),
        rule.percentile(),
        List.of(),
        rule.reason());
  }

  /** {@return the figures, by what they are} */
  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    try (Tracer tracer = Tracer.open(index)) {
      copies(tracer, "20 to 30 words as they are", 20, 30, 0, figures);
      copies(tracer, "50 to 100 words as they are", 50, 100, 0, figures);
      copies(tracer, "50 to 100 words, 10 % edited", 50, 100, 10, figures);
      copies(tracer, "50 to 100 words, 20 % edited", 50, 100, 20, figures);
      unrelated(tracer, figures);
      figures.put("works in the index", tracer.works().size());
    }
    figures.put("policy", POLICY.name() + " " + POLICY.sha256());
    figures.put("seed", seed);
    return figures;
  }

  /** Passages of works, each among 80 words from outside. */
  private void copies(
      Tracer tracer, String kind, int least, int most, int percent, Map<String, Object> figures) {
    SplittableRandom random = new SplittableRandom(seed + 100L * most + percent);
    List<Integer> longEnough = EvidenceSuite.atLeast(tracer, most);
    int stopped = 0;
    int blocked = 0;
    int named = 0;
    for (int i = 0; i < COPIES; i++) {
      int work = longEnough.get(random.nextInt(longEnough.size()));
      String passage =
          EvidenceSuite.passage(tracer.works().get(work).text(), least, most + 1, random);
      String output =
          String.join(
              "\n",
              outside(40, random),
              percent == 0 ? passage : EvidenceSuite.edited(passage, percent, tracer, random),
              outside(40, random));
      Screening screening = POLICY.screen(tracer, output, Exclusions.LISTED);
      String cluster = tracer.works().get(tracer.cluster(work)).id().value();
      stopped += screening.verdict() != Verdict.ALLOW ? 1 : 0;
      blocked += screening.verdict() == Verdict.BLOCK ? 1 : 0;
      named += any(screening, reason -> reason.cluster().equals(cluster)) ? 1 : 0;
      progress.report(kind, i + 1, COPIES, "outputs", "");
    }
    figures.put(kind + ": flagged or blocked", EvidenceSuite.share(stopped, COPIES));
    figures.put(kind + ": blocked", EvidenceSuite.share(blocked, COPIES));
    figures.put(kind + ": the work named", EvidenceSuite.share(named, COPIES));
  }

  private void unrelated(Tracer tracer, Map<String, Object> figures) {
    SplittableRandom random = new SplittableRandom(seed + 1);
    Predicate<Screening.Reason> byMeaning =
        reason -> reason.rule().evidence() == Policy.Kind.SEMANTIC;
    Map<String, Predicate<Screening>> told = new LinkedHashMap<>();
    told.put("flagged or blocked", one -> one.verdict() != Verdict.ALLOW);
    told.put("blocked", one -> one.verdict() == Verdict.BLOCK);
    told.put("by words", one -> any(one, byMeaning.negate()));
    told.put("by meaning", one -> any(one, byMeaning));
    int[] counts = new int[told.size()];
    for (int i = 0; i < UNRELATED; i++) {
      Screening screening = POLICY.screen(tracer, outside(60, random), Exclusions.LISTED);
      int at = 0;
      for (Predicate<Screening> is : told.values()) {
        counts[at++] += is.test(screening) ? 1 : 0;
      }
      progress.report("outside", i + 1, UNRELATED, "outputs", "");
    }
    int at = 0;
    for (String name : told.keySet()) {
      figures.put(
          "60 words from outside the corpus: " + name,
          EvidenceSuite.share(counts[at++], UNRELATED));
    }
  }

  private static boolean any(Screening screening, Predicate<Screening.Reason> is) {
    return screening.reasons().stream().anyMatch(is);
  }

  private String outside(int words, SplittableRandom random) {
    return EvidenceSuite.passage(
        outside.get(random.nextInt(outside.size())), words, words + 1, random);
  }
}
