package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** Influence with a filter of the curvature in its Kronecker eigenbasis. */
final class KroneckerInfluence extends Preconditioned {
  private final Eigenbasis eigenbasis;
  private final Eigenbasis.Values values;
  private final Filter filter;

  KroneckerInfluence(
      Gradients training,
      Eigenbasis eigenbasis,
      Eigenbasis.Values values,
      Filter filter,
      Target target) {
    super(training, target);
    this.eigenbasis = eigenbasis;
    this.values = values;
    this.filter = filter;
  }

  @Override
  List<NDArray> precondition(NDManager scope, List<NDArray> queries) {
    return eigenbasis.apply(scope, queries, values, filter);
  }
}
