package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The Kronecker eigenbasis of each layer's second moments of gradients.
 *
 * <p>With inputs a and gradients delta at the outputs, {@code A = E[a a'] = Q_A L_A Q_A'} and
 * {@code S = E[delta delta'] = Q_S L_S Q_S'}; a layer's Fisher is then about {@code Q (L_S x L_A)
 * Q'} (K-FAC), or with the true second moments in that basis, {@code L = E[(Q_S' G Q_A)^2]}, the
 * closest one to it (EK-FAC; George et al., 2018). Eigenvectors are found in double precision. Of a
 * vocabulary none are sought: its tokens are the coordinates, as {@code diag(p) - p p'}, the second
 * moment at a softmax, is nearly diagonal. Immutable.
 */
public final class Eigenbasis {
  /** Which eigenvalues are used. */
  public enum Values {
    /** Products of the factors' eigenvalues: K-FAC. */
    KRONECKER,
    /** The second moments of the gradients in the basis: EK-FAC. */
    CORRECTED
  }

  private record Factors(
      Side in,
      Side out,
      @SuppressWarnings("ArrayRecordComponent") float[] kronecker,
      @SuppressWarnings("ArrayRecordComponent") float[] corrected) {}

  /** Eigenvalues, and eigenvectors as rows; none where the coordinates take their place. */
  private record Side(
      @SuppressWarnings("ArrayRecordComponent") float[] values,
      @SuppressWarnings("ArrayRecordComponent") float @Nullable [] vectors) {
    static Side of(Spectrum spectrum) {
      float[] values = new float[spectrum.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = spectrum.value(i);
      }
      return new Side(values, spectrum.vectors());
    }

    int size() {
      return values.length;
    }

    /** {@return x in these coordinates, along its last axis} */
    NDArray into(NDManager scope, NDArray x) {
      return vectors == null ? x : x.matMul(rows(scope).transpose());
    }

    /** {@return x out of these coordinates again} */
    NDArray outOf(NDManager scope, NDArray x) {
      return vectors == null ? x : x.matMul(rows(scope));
    }

    private NDArray rows(NDManager scope) {
      return Torch.owned(scope, java.util.Objects.requireNonNull(vectors), size(), size());
    }

    /** {@return the directions of the k largest eigenvalues, as rows, {@code [k, size]}} */
    float[] leading(int k) {
      int[] order =
          IntStream.range(0, size())
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -values[i]))
              .limit(k)
              .mapToInt(i -> i)
              .toArray();
      float[] rows = new float[order.length * size()];
      for (int i = 0; i < order.length; i++) {
        if (vectors == null) {
          rows[i * size() + order[i]] = 1;
        } else {
          System.arraycopy(vectors, order[i] * size(), rows, i * size(), size());
        }
      }
      return rows;
    }
  }

  private final List<Factors> layers;

  private Eigenbasis(List<Factors> layers) {
    this.layers = layers;
  }

  /**
   * {@return the eigenbasis of a model's gradients; two passes over them}
   *
   * @param pseudo whose gradients: {@link Target.SampledLoss} for the true Fisher, {@link
   *     Target#MARGIN} for a kernel of margins
   */
  public static Eigenbasis fit(Gradients training, Target pseudo) {
    return Torch.onAllCores(
        () -> {
          try (NDManager scope = Torch.newManager("cpu")) {
            return new Eigenbasis(fit(scope, training, pseudo));
          }
        });
  }

  private static List<Factors> fit(NDManager scope, Gradients training, Target pseudo) {
    List<Gradients.Layer> shapes = training.layers();
    List<NDArray> in = new ArrayList<>();
    List<NDArray> out = new ArrayList<>();
    for (Gradients.Layer layer : shapes) {
      in.add(scope.zeros(new Shape(layer.in(), layer.in())));
      out.add(
          scope.zeros(
              layer.vocabulary() ? new Shape(layer.out()) : new Shape(layer.out(), layer.out())));
    }
    training.each(
        pseudo,
        batch -> {
          for (int l = 0; l < shapes.size(); l++) {
            NDArray a = batch.input(l).reshape(-1, shapes.get(l).in());
            NDArray d = batch.delta(l).reshape(-1, shapes.get(l).out());
            in.get(l).addi(a.transpose().matMul(a));
            out.get(l)
                .addi(
                    shapes.get(l).vocabulary()
                        ? d.mul(d).sum(new int[] {0})
                        : d.transpose().matMul(d));
          }
        });
    long positions = training.positions();
    List<Side> ins = sides(in, positions);
    List<Side> outs = sides(out, positions);
    List<NDArray> moments = new ArrayList<>();
    for (Gradients.Layer shape : shapes) {
      moments.add(scope.zeros(new Shape(shape.out(), shape.in())));
    }
    training.each(
        pseudo,
        batch -> {
          for (int l = 0; l < shapes.size(); l++) {
            // Turned before they meet: cheaper than turning their product.
            NDArray a = ins.get(l).into(batch.manager(), batch.input(l));
            NDArray d = outs.get(l).into(batch.manager(), batch.delta(l));
            NDArray turned = d.transpose(0, 2, 1).matMul(a);
            moments.get(l).addi(turned.mul(turned).sum(new int[] {0}));
          }
        });
    List<Factors> layers = new ArrayList<>();
    // An example's loss is a sum over positions; the mean is over positions, as in the training
    // loss, so a sum of squares of examples is divided by their number of positions alone.
    for (int l = 0; l < shapes.size(); l++) {
      float[] corrected = Torch.floats(moments.get(l));
      for (int i = 0; i < corrected.length; i++) {
        corrected[i] /= positions;
      }
      layers.add(
          new Factors(ins.get(l), outs.get(l), kronecker(outs.get(l), ins.get(l)), corrected));
    }
    return List.copyOf(layers);
  }

  private static List<Side> sides(List<NDArray> sums, long count) {
    List<double[]> means = new ArrayList<>();
    for (NDArray sum : sums) {
      float[] values = Torch.floats(sum);
      double[] mean = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        mean[i] = values[i] / (double) count;
      }
      means.add(mean);
    }
    return IntStream.range(0, means.size())
        .parallel()
        .mapToObj(
            l ->
                sums.get(l).getShape().dimension() == 1
                    ? new Side(singles(means.get(l)), null)
                    : Side.of(Spectrum.of(means.get(l))))
        .toList();
  }

  private static float[] singles(double[] values) {
    float[] singles = new float[values.length];
    for (int i = 0; i < singles.length; i++) {
      singles[i] = (float) values[i];
    }
    return singles;
  }

  private static float[] kronecker(Side out, Side in) {
    float[] products = new float[out.size() * in.size()];
    for (int i = 0; i < out.size(); i++) {
      for (int j = 0; j < in.size(); j++) {
        products[i * in.size() + j] = (float) (out.values()[i] * (double) in.values()[j]);
      }
    }
    return products;
  }

  /** {@return the leading eigenvectors of a layer's inputs, as rows, {@code [k, in]}} */
  float[] leadingInputs(int layer, int k) {
    return layers.get(layer).in().leading(k);
  }

  /** {@return the leading eigenvectors of a layer's output gradients, as rows, {@code [k, out]}} */
  float[] leadingOutputs(int layer, int k) {
    return layers.get(layer).out().leading(k);
  }

  /**
   * {@return {@code Q f(L) Q'} of gradients}
   *
   * @param gradients for each layer {@code [q, out * in]}
   */
  List<NDArray> apply(NDManager scope, List<NDArray> gradients, Values values, Filter filter) {
    List<NDArray> applied = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      Factors factors = layers.get(l);
      int in = factors.in().size();
      int out = factors.out().size();
      float[] sigma = values == Values.CORRECTED ? factors.corrected() : factors.kronecker();
      double mean = 0;
      for (float value : sigma) {
        mean += value / (double) sigma.length;
      }
      float[] weights = new float[sigma.length];
      for (int i = 0; i < sigma.length; i++) {
        weights[i] = (float) filter.inverse(Math.max(0, sigma[i]), mean);
      }
      NDArray gradient = gradients.get(l).reshape(-1, out, in);
      NDArray turned =
          factors.out().into(scope, factors.in().into(scope, gradient).transpose(0, 2, 1));
      NDArray weighted = turned.mul(Torch.owned(scope, weights, out, in).transpose());
      NDArray back =
          factors.in().outOf(scope, factors.out().outOf(scope, weighted).transpose(0, 2, 1));
      applied.add(back.reshape(-1, (long) out * in));
    }
    return applied;
  }
}
