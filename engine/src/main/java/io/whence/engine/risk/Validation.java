package io.whence.engine.risk;

import io.whence.engine.EngineException;
import io.whence.engine.risk.FairUseModel.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * How the served model does on decided cases.
 *
 * <p>Three kinds of figures, never to be confused: of the served weights on the table as it is; of
 * weights fitted without the dispute that is scored ({@link #leftOut}); of weights fitted on
 * earlier cases alone ({@link #from}). Each comes with all inputs, and with the two judged ones
 * masked, for these mostly decide the outcome. {@link #limits} belongs beside any of them.
 */
public final class Validation {
  /** Seed of the resamples behind an interval. */
  public static final long SEED = 1;

  /** Resamples of {@code case_group} behind an interval. */
  public static final int RESAMPLES = 1_000;

  /** The time split: fitted on disputes that ended before, scored on cases from then on. */
  public static final int SPLIT_YEAR = 2012;

  /** Figures are published to so many parts of 1. */
  private static final double PUBLISHED_TO = 10_000;

  private static final int BINS = 10;
  private static final Set<String> JUDGED = Set.of("transformative", "marketHarm");

  private final DecidedCases table;

  private Validation(DecidedCases table) {
    this.table = table;
  }

  /**
   * {@return the validation on a table}
   *
   * @throws EngineException.InvalidCorpus when the table lacks usable cases of either outcome
   */
  public static Validation on(DecidedCases table) {
    long notFair = table.usable().stream().filter(DecidedCase::notFair).count();
    if (notFair == 0 || notFair == table.usable().size()) {
      throw new EngineException.InvalidCorpus(
          "the table has "
              + (table.usable().size() - notFair)
              + " fair and "
              + notFair
              + " not fair cases with use_in_auc = 1; a validation needs both");
    }
    return new Validation(table);
  }

  /**
   * The score of one case.
   *
   * @param point 0 to 100
   * @param low of the displayed interval, 0 to 100
   * @param high of the displayed interval, 0 to 100
   * @param band of the point; {@code undetermined} where the interval holds two borders or more
   */
  public record ScoredCase(String id, double point, double low, double high, String band) {}

  /**
   * Figures on a set of cases.
   *
   * @param cases that are usable
   * @param notFair among them
   * @param auc area under the ROC curve, 0 to 1
   * @param low 2.5th percentile of it over resamples of {@code case_group}
   * @param high 97.5th percentile
   * @param brier mean squared error of the risk as a chance
   * @param ece expected calibration error over ten bins of equal width, 0 to 1
   * @param eceLow 2.5th percentile of it over the same resamples; few cases in a bin raise it
   * @param eceHigh 97.5th percentile
   */
  public record Figures(
      int cases,
      int notFair,
      double auc,
      double low,
      double high,
      double brier,
      double ece,
      double eceLow,
      double eceHigh) {
    private Figures rounded() {
      return new Figures(
          cases,
          notFair,
          rounded(auc),
          rounded(low),
          rounded(high),
          rounded(brier),
          rounded(ece),
          rounded(eceLow),
          rounded(eceHigh));
    }

    private static double rounded(double share) {
      return Math.rint(share * PUBLISHED_TO) / PUBLISHED_TO;
    }
  }

  /**
   * One row of published figures.
   *
   * @param weights which weights scored
   * @param judgedMasked whether the two judged inputs were hidden
   */
  public record Row(String weights, boolean judgedMasked, Figures figures) {}

  /**
   * What is printed of the model's error wherever a score is filed.
   *
   * @param model id of the served model
   * @param command that prints the figures
   * @param dataSha256 of the table they are of
   * @param resamples of {@code case_group} behind each interval
   * @param seed of the resamples
   * @param rows to be read together: the first are in sample
   * @param limits to be printed beside them, word for word
   */
  public record Published(
      String model,
      String command,
      String dataSha256,
      int resamples,
      long seed,
      List<Row> rows,
      List<String> limits) {}

  /** How many of a band's cases were not fair. */
  public record BandCount(String band, int notFair, int cases) {}

  /**
   * A published scenario.
   *
   * @param published the point the reference gives for the cross-check's weights
   * @param crossCheck the point of those weights
   * @param served the point of the served weights
   */
  public record Scenario(String name, double published, double crossCheck, double served) {}

  /** One scenario as it is kept. */
  private record Inputs(
      String name,
      String purpose,
      @Nullable Double commercial,
      @Nullable Double creative,
      @Nullable Double amount,
      @Nullable Double transformative,
      @Nullable Double marketHarm,
      double published) {
    Map<String, Range> known() {
      Map<String, Range> known = new HashMap<>();
      known.put("unpublished", Range.exact(0));
      put(known, "commercial", commercial);
      put(known, "creative", creative);
      put(known, "amount", amount);
      put(known, "transformative", transformative);
      put(known, "marketHarm", marketHarm);
      return known;
    }

    private static void put(Map<String, Range> known, String name, @Nullable Double value) {
      if (value != null) {
        known.put(name, Range.exact(value));
      }
    }
  }

  /** {@return every case of the table, scored by the served model} */
  public List<ScoredCase> cases(boolean masked) {
    FairUseModel model = FittedModel.SERVED.model();
    List<ScoredCase> scored = new ArrayList<>();
    for (DecidedCase one : table.all()) {
      FittedModel.Result result = FittedModel.SERVED.score(one.purpose(), ranges(one, masked), 0);
      scored.add(
          new ScoredCase(
              one.id(),
              result.point(),
              result.low(),
              result.high(),
              model.undetermined(result.low(), result.high())
                  ? "undetermined"
                  : model.band(result.point())));
    }
    return scored;
  }

  /** {@return the served weights on the usable cases} */
  public Figures served(boolean masked) {
    return figures(FittedModel.SERVED.model(), masked);
  }

  /** {@return the weights of the cross-check on the usable cases} */
  public Figures crossCheck(boolean masked) {
    return figures(FairUseModel.V0, masked);
  }

  /** {@return the usable cases, each by weights fitted on the shipped cases of other groups} */
  public Figures leftOut(boolean masked) {
    List<DecidedCase> shipped = DecidedCases.SHIPPED.usable();
    WeightFit fit = new WeightFit(FairUseModel.V0);
    Map<String, FairUseModel> without = new HashMap<>();
    List<Point> points = new ArrayList<>();
    for (DecidedCase one : table.usable()) {
      FairUseModel model =
          without.computeIfAbsent(
              one.group(),
              group -> {
                List<DecidedCase> others =
                    shipped.stream().filter(other -> !other.group().equals(group)).toList();
                return others.size() == shipped.size()
                    ? FittedModel.SERVED.model()
                    : FairUseModel.V0.with(fit.fit(others, WeightFit.once(others.size())));
              });
      points.add(point(model, one, masked));
    }
    return figures(points);
  }

  /**
   * {@return usable cases from {@code year} on, by weights fitted on the shipped cases of disputes
   * that ended before; null where there are too few on either side}
   */
  public @Nullable Figures from(int year, boolean masked) {
    Set<String> later = new HashSet<>();
    for (DecidedCases cases : List.of(DecidedCases.SHIPPED, table)) {
      cases.usable().stream()
          .filter(one -> one.year() >= year)
          .forEach(one -> later.add(one.group()));
    }
    List<DecidedCase> before =
        DecidedCases.SHIPPED.usable().stream().filter(one -> !later.contains(one.group())).toList();
    List<DecidedCase> after = table.usable().stream().filter(one -> one.year() >= year).toList();
    long notFair = after.stream().filter(DecidedCase::notFair).count();
    if (before.isEmpty() || notFair == 0 || notFair == after.size()) {
      return null;
    }
    WeightFit fit = new WeightFit(FairUseModel.V0);
    FairUseModel model = FairUseModel.V0.with(fit.fit(before, WeightFit.once(before.size())));
    return figures(after.stream().map(one -> point(model, one, masked)).toList());
  }

  /** {@return usable cases by the band of the served point, whatever the interval} */
  public List<BandCount> bands(boolean masked) {
    FairUseModel model = FittedModel.SERVED.model();
    Map<String, int[]> counts = new LinkedHashMap<>();
    model.bands().forEach(band -> counts.put(band.name(), new int[2]));
    for (DecidedCase one : table.usable()) {
      int[] count = counts.get(model.band(point(model, one, masked).risk));
      if (count != null) {
        count[0] += one.notFair() ? 1 : 0;
        count[1]++;
      }
    }
    return counts.entrySet().stream()
        .map(entry -> new BandCount(entry.getKey(), entry.getValue()[0], entry.getValue()[1]))
        .toList();
  }

  /** {@return whether the table is the one that the served model was fitted on} */
  public boolean inSample() {
    return table.sha256().equals(FittedModel.SERVED.fit().provenance().dataSha256());
  }

  /** {@return what must stand beside any of these figures} */
  public List<String> limits() {
    Set<String> fitted = new HashSet<>();
    DecidedCases.SHIPPED.usable().forEach(one -> fitted.add(one.group()));
    long overlap = table.usable().stream().filter(one -> fitted.contains(one.group())).count();
    long training =
        table.usable().stream().filter(one -> "ai_training".equals(one.purpose())).count();
    long memory = table.all().stream().filter(DecidedCase::fromMemory).count();
    return List.of(
        "Not blind: the coders knew the outcomes, and market harm and transformativeness follow what"
            + " the court found; with them, the figures test a rule of combination, not a"
            + " prediction.",
        overlap
            + " of "
            + table.usable().size()
            + " scored cases are of disputes that the served weights were fitted on; only the rows"
            + " without the dispute and the time split tell how well the model generalises.",
        "The class of purpose partly reflects the court's view.",
        "Selection: the index of cases is curated, and litigated cases are not a random sample.",
        training + " scored cases are about training generative models.",
        memory + " of " + table.size() + " rows name memory as a source of their coding.",
        "No court has adopted this score. Not legal advice.");
  }

  /** {@return the figures on this table that are to be published with the model} */
  public Published publish() {
    List<Row> rows = new ArrayList<>();
    for (boolean masked : new boolean[] {false, true}) {
      rows.add(new Row("served, on the cases they were fitted on", masked, served(masked)));
      rows.add(new Row("fitted without the dispute that is scored", masked, leftOut(masked)));
      Figures later = from(SPLIT_YEAR, masked);
      if (later != null) {
        rows.add(new Row("fitted before " + SPLIT_YEAR + ", tried from then on", masked, later));
      }
    }
    return new Published(
        FittedModel.SERVED.model().id(),
        "whence risk validate data/fair-use-cases/cases.csv",
        table.sha256(),
        RESAMPLES,
        SEED,
        rows.stream()
            .map(row -> new Row(row.weights, row.judgedMasked, row.figures.rounded()))
            .toList(),
        limits());
  }

  /** {@return the figures that are published with the served model} */
  public static Published published() {
    return Resources.read("fu-us-v1-validation.json", Published.class);
  }

  /** {@return the published scenarios} */
  public static List<Scenario> scenarios() {
    List<Scenario> scenarios = new ArrayList<>();
    for (Inputs one : Resources.read("scenarios.json", Inputs[].class)) {
      scenarios.add(
          new Scenario(
              one.name,
              one.published,
              FairUseModel.V0.score(one.purpose, one.known(), 0).point(),
              FittedModel.SERVED.model().score(one.purpose, one.known(), 0).point()));
    }
    return scenarios;
  }

  /**
   * {@return how many of random pairs of uses, alike but for one input, the served model orders
   * against that input's sign}
   */
  public static int monotonicityViolations(int pairs, long seed) {
    FairUseModel model = FittedModel.SERVED.model();
    List<String> purposes = List.copyOf(model.purposes());
    SplittableRandom random = new SplittableRandom(seed);
    int violations = 0;
    for (int pair = 0; pair < pairs; pair++) {
      String purpose = purposes.get(random.nextInt(purposes.size()));
      double passes = random.nextInt(3) == 0 ? random.nextDouble() : 0;
      Map<String, Range> known = new HashMap<>();
      for (FairUseModel.Term term : model.terms()) {
        if (random.nextInt(3) > 0) {
          known.put(term.id(), Range.exact(random.nextDouble()));
        }
      }
      int changed = random.nextInt(model.terms().size() + 1);
      double less = random.nextDouble();
      double more = less + random.nextDouble() * (1 - less);
      double lessRisk;
      double moreRisk;
      int sign = 1;
      if (changed == model.terms().size()) {
        lessRisk = model.score(purpose, known, less).point();
        moreRisk = model.score(purpose, known, more).point();
      } else {
        FairUseModel.Term term = model.terms().get(changed);
        sign = (int) Math.signum(FairUseModel.V0.terms().get(changed).weight());
        known.put(term.id(), Range.exact(less));
        lessRisk = model.score(purpose, known, passes).point();
        known.put(term.id(), Range.exact(more));
        moreRisk = model.score(purpose, known, passes).point();
      }
      violations += sign * (moreRisk - lessRisk) < 0 ? 1 : 0;
    }
    return violations;
  }

  /** A usable case with its risk, 0 to 100. */
  private record Point(double risk, boolean notFair, String group) {}

  private static Map<String, Range> ranges(DecidedCase one, boolean masked) {
    Map<String, Range> known = new HashMap<>();
    one.known()
        .forEach(
            (name, value) -> {
              if (!masked || !JUDGED.contains(name)) {
                known.put(name, Range.exact(value));
              }
            });
    return known;
  }

  private static Point point(FairUseModel model, DecidedCase one, boolean masked) {
    double risk = model.score(one.purpose(), ranges(one, masked), 0).point();
    return new Point(risk, one.notFair(), one.group());
  }

  private Figures figures(FairUseModel model, boolean masked) {
    return figures(table.usable().stream().map(one -> point(model, one, masked)).toList());
  }

  private static Figures figures(List<Point> points) {
    List<Point> ascending =
        points.stream().sorted(Comparator.comparingDouble(Point::risk)).toList();
    int[] once = WeightFit.once(points.size());
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < ascending.size(); i++) {
      groups.computeIfAbsent(ascending.get(i).group, name -> new ArrayList<>()).add(i);
    }
    SplittableRandom random = new SplittableRandom(SEED);
    double auc = auc(ascending, once);
    double ece = ece(ascending, once);
    double[] aucs = new double[RESAMPLES];
    double[] eces = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      int[] times = ModelFit.resample(groups, points.size(), random);
      double drawn = auc(ascending, times);
      // A resample of one outcome alone says nothing of how the two are told apart.
      aucs[i] = Double.isNaN(drawn) ? auc : drawn;
      eces[i] = ece(ascending, times);
    }
    double brier = 0;
    for (Point point : ascending) {
      double wrong = point.risk / 100 - (point.notFair ? 1 : 0);
      brier += wrong * wrong / points.size();
    }
    return new Figures(
        points.size(),
        (int) points.stream().filter(Point::notFair).count(),
        auc,
        ModelFit.percentile(aucs, 0.025),
        ModelFit.percentile(aucs, 0.975),
        brier,
        ece,
        ModelFit.percentile(eces, 0.025),
        ModelFit.percentile(eces, 0.975));
  }

  private static double ece(List<Point> points, int[] times) {
    double[] apart = new double[BINS];
    double n = 0;
    for (int i = 0; i < times.length; i++) {
      double chance = points.get(i).risk / 100;
      int bin = Math.min(BINS - 1, (int) (chance * BINS));
      apart[bin] += times[i] * (chance - (points.get(i).notFair ? 1 : 0));
      n += times[i];
    }
    double ece = 0;
    for (double bin : apart) {
      // n / N x |mean risk - share not fair|, with n cancelled.
      ece += Math.abs(bin) / n;
    }
    return ece;
  }

  /** {@return the area under the curve, ties counting half; not a number without both outcomes} */
  private static double auc(List<Point> ascending, int[] times) {
    double fairBelow = 0;
    double unfair = 0;
    double won = 0;
    int i = 0;
    while (i < ascending.size()) {
      double fairHere = 0;
      double unfairHere = 0;
      int j = i;
      while (j < ascending.size() && ascending.get(j).risk == ascending.get(i).risk) {
        if (ascending.get(j).notFair) {
          unfairHere += times[j];
        } else {
          fairHere += times[j];
        }
        j++;
      }
      won += unfairHere * (fairBelow + fairHere / 2);
      fairBelow += fairHere;
      unfair += unfairHere;
      i = j;
    }
    return won / (fairBelow * unfair);
  }
}
