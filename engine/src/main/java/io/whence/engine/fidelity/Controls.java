package io.whence.engine.fidelity;

import io.whence.engine.corpus.LabelledExamples;
import io.whence.engine.influence.Gradients;
import io.whence.engine.influence.Scorer;

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
}
