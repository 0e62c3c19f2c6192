package io.whence.engine.fidelity;

import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.influence.Gradients;
import io.whence.engine.influence.Scorer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What any method must beat: scores that know nothing of the training. */
final class Controls {
  private Controls() {}

  /** The score of training example j for query i. */
  interface Score {
    double of(LabelledExamples queries, int i, int j);
  }

  static float[][] scores(LabelledExamples queries, int n, Score score) {
    float[][] scores = new float[queries.size()][n];
    for (int i = 0; i < scores.length; i++) {
      for (int j = 0; j < n; j++) {
        scores[i][j] = (float) score.of(queries, i, j);
      }
    }
    return scores;
  }

  /** {@return the cosine of two examples' features} */
  static double cosine(LabelledExamples a, int i, LabelledExamples b, int j) {
    float[] x = new float[a.width()];
    float[] y = new float[b.width()];
    a.copy(i, x, 0);
    b.copy(j, y, 0);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int k = 0; k < x.length; k++) {
      xy += (double) x[k] * y[k];
      xx += (double) x[k] * x[k];
      yy += (double) y[k] * y[k];
    }
    return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
  }

  /** {@return the norm of each training example's gradient} */
  static double[] gradientNorms(Gradients training) {
    return Scorer.gradientNorms(training);
  }

  /**
   * {@return Okapi BM25 (k1 = 1.2, b = 0.75; Robertson and Zaragoza, 2009) of every document for
   * every query, {@code [queries][documents]}, words in lower case}
   */
  static float[][] bm25(List<String> queries, List<String> documents) {
    List<Map<String, Integer>> counts = documents.stream().map(Controls::words).toList();
    Map<String, Integer> holding = new HashMap<>();
    double[] lengths = new double[documents.size()];
    for (int d = 0; d < lengths.length; d++) {
      for (Map.Entry<String, Integer> word : counts.get(d).entrySet()) {
        holding.merge(word.getKey(), 1, Integer::sum);
        lengths[d] += word.getValue();
      }
    }
    double mean = Estimate.mean(lengths);
    float[][] scores = new float[queries.size()][lengths.length];
    for (int q = 0; q < scores.length; q++) {
      for (Map.Entry<String, Integer> word : new TreeMap<>(words(queries.get(q))).entrySet()) {
        int with = holding.getOrDefault(word.getKey(), 0);
        double weight = Math.log(1 + (lengths.length - with + 0.5) / (with + 0.5));
        for (int d = 0; d < lengths.length; d++) {
          int count = counts.get(d).getOrDefault(word.getKey(), 0);
          double saturated = count * 2.2 / (count + 1.2 * (0.25 + 0.75 * lengths[d] / mean));
          scores[q][d] += (float) (word.getValue() * weight * saturated);
        }
      }
    }
    return scores;
  }

  private static Map<String, Integer> words(String text) {
    Map<String, Integer> counts = new HashMap<>();
    for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+", -1)) {
      if (!word.isEmpty()) {
        counts.merge(word, 1, Integer::sum);
      }
    }
    return counts;
  }
}
