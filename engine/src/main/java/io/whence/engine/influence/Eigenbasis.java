package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The Kronecker eigenbasis of each layer's second moments of gradients.
 *
 * <p>With inputs a and gradients delta at the outputs, {@code A = E[a a'] = Q_A L_A Q_A'} and
 * {@code S = E[delta delta'] = Q_S L_S Q_S'}; a layer's Fisher is then about {@code Q (L_S x L_A)
 * Q'} (K-FAC), or with the true second moments in that basis, {@code L = E[(Q_S' G Q_A)^2]}, the
 * closest one to it (EK-FAC; George et al., 2018). Eigenvectors are found in double precision and
 * stand in columns. Immutable.
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
      Spectrum in,
      Spectrum out,
      @SuppressWarnings("ArrayRecordComponent") float[] kronecker,
      @SuppressWarnings("ArrayRecordComponent") float[] corrected) {}

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
      out.add(scope.zeros(new Shape(layer.out(), layer.out())));
    }
    training.each(
        pseudo,
        batch -> {
          for (int l = 0; l < shapes.size(); l++) {
            NDArray a = batch.input(l).reshape(-1, shapes.get(l).in());
            NDArray d = batch.delta(l).reshape(-1, shapes.get(l).out());
            in.get(l).addi(a.transpose().matMul(a));
            out.get(l).addi(d.transpose().matMul(d));
          }
        });
    long positions = training.positions();
    List<Spectrum> ins = spectra(in, positions);
    List<Spectrum> outs = spectra(out, positions);
    List<NDArray> moments = new ArrayList<>();
    List<NDArray> inVectors = new ArrayList<>();
    List<NDArray> outVectors = new ArrayList<>();
    for (int l = 0; l < shapes.size(); l++) {
      moments.add(scope.zeros(new Shape(shapes.get(l).out(), shapes.get(l).in())));
      inVectors.add(rows(scope, ins.get(l)));
      outVectors.add(rows(scope, outs.get(l)));
    }
    training.each(
        pseudo,
        batch -> {
          for (int l = 0; l < shapes.size(); l++) {
            NDArray turned = rotated(batch, l, outVectors.get(l), inVectors.get(l));
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

  /** Turns delta and input before they meet: cheaper than turning their product. */
  private static NDArray rotated(Gradients.Batch batch, int l, NDArray outRows, NDArray inRows) {
    NDArray a = batch.input(l).matMul(inRows.transpose());
    NDArray d = batch.delta(l).matMul(outRows.transpose());
    return d.transpose(0, 2, 1).matMul(a);
  }

  private static List<Spectrum> spectra(List<NDArray> sums, long count) {
    List<double[]> matrices = new ArrayList<>();
    for (NDArray sum : sums) {
      float[] values = Torch.floats(sum);
      double[] matrix = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        matrix[i] = values[i] / (double) count;
      }
      matrices.add(matrix);
    }
    return IntStream.range(0, matrices.size())
        .parallel()
        .mapToObj(l -> Spectrum.of(matrices.get(l)))
        .toList();
  }

  private static float[] kronecker(Spectrum out, Spectrum in) {
    float[] products = new float[out.size() * in.size()];
    for (int i = 0; i < out.size(); i++) {
      for (int j = 0; j < in.size(); j++) {
        products[i * in.size() + j] = (float) (out.value(i) * (double) in.value(j));
      }
    }
    return products;
  }

  private static NDArray rows(NDManager scope, Spectrum spectrum) {
    return Torch.owned(scope, spectrum.vectors(), spectrum.size(), spectrum.size());
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
      NDArray outRows = rows(scope, factors.out());
      NDArray inRows = rows(scope, factors.in());
      NDArray gradient = gradients.get(l).reshape(-1, out, in);
      NDArray turned = outRows.matMul(gradient).matMul(inRows.transpose());
      NDArray weighted = turned.mul(Torch.owned(scope, weights, out, in));
      applied.add(outRows.transpose().matMul(weighted).matMul(inRows).reshape(-1, (long) out * in));
    }
    return applied;
  }
}
