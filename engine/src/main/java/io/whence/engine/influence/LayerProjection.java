package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.SeededNormal;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Two-sided projections of each layer's gradient, {@code P_out G P_in'}, {@code [kOut, kIn]} (Choe
 * et al., 2024).
 */
public final class LayerProjection {
  private final List<float[]> in = new ArrayList<>();
  private final List<float[]> out = new ArrayList<>();
  private final List<Integer> kIn = new ArrayList<>();
  private final List<Integer> kOut = new ArrayList<>();

  private LayerProjection() {}

  /**
   * {@return random directions of N(0, 1/k): inner products keep their expectation, layer by layer}
   *
   * @param k width on each side; a side narrower than that is kept as it is
   */
  public static LayerProjection random(List<Gradients.Layer> layers, int k, long seed) {
    LayerProjection projection = new LayerProjection();
    SplittableRandom seeds = new SplittableRandom(seed);
    for (Gradients.Layer layer : layers) {
      projection.add(
          side(seeds.nextLong(), k, layer.in()),
          side(seeds.nextLong(), k, layer.out()),
          Math.min(k, layer.in()),
          Math.min(k, layer.out()));
    }
    return projection;
  }

  private static float[] side(long seed, int k, int width) {
    if (k < width) {
      return new SeededNormal(seed).floats(k * width, 1 / StrictMath.sqrt(k));
    }
    float[] identity = new float[width * width];
    for (int i = 0; i < width; i++) {
      identity[i * width + i] = 1;
    }
    return identity;
  }

  /** {@return the leading eigenvectors of each layer's Kronecker factors} */
  public static LayerProjection principal(
      List<Gradients.Layer> layers, Eigenbasis eigenbasis, int k) {
    LayerProjection projection = new LayerProjection();
    for (int l = 0; l < layers.size(); l++) {
      int kIn = Math.min(k, layers.get(l).in());
      int kOut = Math.min(k, layers.get(l).out());
      projection.add(
          eigenbasis.leadingInputs(l, kIn), eigenbasis.leadingOutputs(l, kOut), kIn, kOut);
    }
    return projection;
  }

  private void add(float[] inRows, float[] outRows, int kInOf, int kOutOf) {
    in.add(inRows);
    out.add(outRows);
    kIn.add(kInOf);
    kOut.add(kOutOf);
  }

  /** {@return numbers in the sketch of a layer} */
  int size(int layer) {
    return kIn.get(layer) * kOut.get(layer);
  }

  /** {@return numbers in the sketch of all layers} */
  public int size() {
    int sum = 0;
    for (int l = 0; l < in.size(); l++) {
      sum += size(l);
    }
    return sum;
  }

  /** {@return the sketches of all gradients, for each layer {@code [n * size]} row-major} */
  List<float[]> sketch(Gradients gradients, Target target) {
    List<float[]> sketches = new ArrayList<>();
    for (int l = 0; l < in.size(); l++) {
      sketches.add(new float[Math.multiplyExact(gradients.size(), size(l))]);
    }
    Torch.onAllCores(
        () -> {
          try (NDManager scope = Torch.newManager("cpu")) {
            List<NDArray> ins = new ArrayList<>();
            List<NDArray> outs = new ArrayList<>();
            for (int l = 0; l < in.size(); l++) {
              Gradients.Layer layer = gradients.layers().get(l);
              ins.add(Torch.owned(scope, in.get(l), kIn.get(l), layer.in()).transpose());
              outs.add(Torch.owned(scope, out.get(l), kOut.get(l), layer.out()).transpose());
            }
            gradients.each(
                target,
                batch -> {
                  for (int l = 0; l < in.size(); l++) {
                    NDArray a = batch.input(l).matMul(ins.get(l));
                    NDArray d = batch.delta(l).matMul(outs.get(l));
                    float[] rows = Torch.floats(d.transpose(0, 2, 1).matMul(a));
                    System.arraycopy(
                        rows, 0, sketches.get(l), batch.first() * size(l), rows.length);
                  }
                });
            return true;
          }
        });
    return sketches;
  }
}
