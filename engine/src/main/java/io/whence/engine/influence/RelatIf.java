package io.whence.engine.influence;

/** Another method's scores, relative to how much each training example moves its own loss. */
final class RelatIf implements Scorer {
  private final Scorer method;
  private final double[] self;

  RelatIf(Gradients training, Scorer method) {
    this.method = method;
    this.self = method.selfInfluence(training);
  }

  @Override
  public float[][] scores(Gradients queries) {
    float[][] scores = method.scores(queries);
    for (float[] row : scores) {
      for (int i = 0; i < row.length; i++) {
        row[i] = self[i] > 0 ? (float) (row[i] / Math.sqrt(self[i])) : 0;
      }
    }
    return scores;
  }
}
