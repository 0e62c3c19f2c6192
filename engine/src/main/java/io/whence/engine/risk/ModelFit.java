package io.whence.engine.risk;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.whence.engine.EngineException;
import io.whence.engine.risk.FittedModel.Bootstrap;
import io.whence.engine.risk.FittedModel.Provenance;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Fits the weights of the published model's form to decided cases and writes the model as the
 * resource that is served. The same table gives the same bytes on every machine.
 */
public final class ModelFit {
  /** Id of the model that the shipped table gives. */
  public static final String ID = "fu-us-v1";

  private static final int RESAMPLES = 400;
  private static final long SEED = 1;
  private static final int FEWEST_GROUPS = 20;
  private static final double DECIMALS = 10_000;
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private ModelFit() {}

  /**
   * {@return the fitted model as JSON, UTF-8}
   *
   * @param cases a table of decided cases
   * @param data its path from the project's root, for the record
   * @throws EngineException.InvalidCorpus when the table has too few decided cases to fit on
   */
  public static byte[] json(DecidedCases cases, String data) {
    List<DecidedCase> usable = cases.usable();
    Map<String, List<Integer>> groups = groups(usable);
    if (groups.size() < FEWEST_GROUPS) {
      throw new EngineException.InvalidCorpus(
          data
              + " has decided cases of "
              + groups.size()
              + " disputes; a fit needs at least "
              + FEWEST_GROUPS);
    }
    WeightFit fit = new WeightFit(FairUseModel.V0);
    double[] weights = rounded(fit.fit(usable, WeightFit.once(usable.size())));
    SplittableRandom random = new SplittableRandom(SEED);
    List<double[]> vectors = new ArrayList<>();
    for (int i = 0; i < RESAMPLES; i++) {
      vectors.add(rounded(fit.fit(usable, resample(groups, usable.size(), random))));
    }
    FairUseModel form = FairUseModel.V0.with(weights);
    JsonObject json = GSON.toJsonTree(form).getAsJsonObject();
    json.addProperty("id", ID);
    json.addProperty(
        "fittedOn",
        usable.size()
            + " usable of "
            + cases.size()
            + " coded rulings on US fair use, "
            + years(usable)
            + ", of "
            + groups.size()
            + " disputes");
    json.add(
        "provenance",
        GSON.toJsonTree(
            new Provenance(
                "./whence risk fit",
                data,
                cases.sha256(),
                cases.size(),
                usable.size(),
                groups.size(),
                "logistic loss + 1/2 x sum of squared weights, all but the intercept;"
                    + " unknown input: term 0; weights rounded to 4 decimals",
                "commercial, creative, unpublished, amount, marketHarm, competing >= 0;"
                    + " transformative, critical, learning, functional <= 0; news and intercept free",
                FairUseModel.V0.id())));
    json.add(
        "bootstrap",
        GSON.toJsonTree(
            new Bootstrap(
                "case_group, with replacement",
                SEED,
                form.weightNames(),
                ends(vectors, 0.05),
                ends(vectors, 0.95),
                List.of())));
    // One line for each vector; pretty printing would take one for each number.
    String lines =
        vectors.stream()
            .map(vector -> "      " + Arrays.toString(vector))
            .collect(Collectors.joining(",\n", "[\n", "\n    ]"));
    String text = GSON.toJson(json).replace("\"vectors\": []", "\"vectors\": " + lines) + "\n";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** {@return the rows of each group, groups in the order of the table} */
  static Map<String, List<Integer>> groups(List<DecidedCase> cases) {
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < cases.size(); i++) {
      groups.computeIfAbsent(cases.get(i).group(), name -> new ArrayList<>()).add(i);
    }
    return groups;
  }

  /** {@return how often each of {@code rows} rows is drawn when as many groups are as there are} */
  static int[] resample(Map<String, List<Integer>> groups, int rows, SplittableRandom random) {
    List<List<Integer>> each = List.copyOf(groups.values());
    int[] times = new int[rows];
    for (int draw = 0; draw < each.size(); draw++) {
      for (int row : each.get(random.nextInt(each.size()))) {
        times[row]++;
      }
    }
    return times;
  }

  private static List<Double> ends(List<double[]> vectors, double share) {
    List<Double> ends = new ArrayList<>();
    for (int k = 0; k < vectors.get(0).length; k++) {
      int weight = k;
      double end =
          percentile(vectors.stream().mapToDouble(vector -> vector[weight]).toArray(), share);
      ends.add(round(end));
    }
    return ends;
  }

  /** {@return the value below which a share of {@code values} lies, interpolated} */
  static double percentile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  private static double[] rounded(double[] weights) {
    return Arrays.stream(weights).map(ModelFit::round).toArray();
  }

  /** Without a negative 0, which prints otherwise. */
  private static double round(double weight) {
    return Math.rint(weight * DECIMALS) / DECIMALS + 0.0;
  }

  private static String years(List<DecidedCase> cases) {
    int first = cases.stream().mapToInt(DecidedCase::year).min().orElseThrow();
    int last = cases.stream().mapToInt(DecidedCase::year).max().orElseThrow();
    return first + "-" + last;
  }
}
