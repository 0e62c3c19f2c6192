package io.whence.engine.influence;

/**
 * What stands in for the inverse of an eigenvalue sigma of the curvature.
 *
 * <p>T steps of gradient descent of size eta move a direction of curvature sigma by {@code (1 -
 * exp(-eta T sigma)) / sigma}, which is about {@code 1 / (sigma + 1 / (eta T))}: directions that
 * training has not reached are not moved by a removal either (Bae et al., "Training data
 * attribution via approximate unrolling", 2024, section 3).
 */
public sealed interface Filter {
  /**
   * {@return the weight of a direction}
   *
   * @param sigma its eigenvalue, at least 0
   * @param mean of all eigenvalues of its layer
   */
  double inverse(double sigma, double mean);

  /** {@code 1 / (sigma + lambda)}. */
  record Damped(double lambda) implements Filter {
    @Override
    public double inverse(double sigma, double mean) {
      return 1 / (sigma + lambda);
    }
  }

  /** {@code 1 / (sigma + share x mean)}: a damping in units of each layer's mean eigenvalue. */
  record OfMean(double share) implements Filter {
    @Override
    public double inverse(double sigma, double mean) {
      return 1 / (sigma + Math.max(share * mean, Float.MIN_NORMAL));
    }
  }

  /** {@code (1 - exp(-horizon sigma)) / sigma}, horizon = eta T. */
  record Unrolled(double horizon) implements Filter {
    @Override
    public double inverse(double sigma, double mean) {
      double x = horizon * sigma;
      return x < 1e-12 ? horizon : -Math.expm1(-x) / sigma;
    }
  }

  /** {@code exp(-horizon sigma)}: what later training leaves of an earlier move. */
  record Decayed(double horizon) implements Filter {
    @Override
    public double inverse(double sigma, double mean) {
      return Math.exp(-horizon * sigma);
    }
  }
}
