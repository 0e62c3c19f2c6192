package io.whence.engine.influence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.whence.engine.model.Checkpoint;
import io.whence.engine.model.GptConfig;
import io.whence.engine.model.LinearTap;
import io.whence.engine.model.TokenWindow;
import io.whence.engine.model.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The gradients of a language model, an example a window: a leaf of zeros added to each linear
 * layer's output collects the gradient there, at every position.
 */
final class WindowGradients implements Gradients {
  /** Padded tokens in a batch, and numbers of a layer's gradients that one may hold. */
  private static final int TOKENS = 1024;

  private static final long ROOM = 1L << 24;

  private final Checkpoint checkpoint;
  private final List<TokenWindow> windows;
  private final List<Layer> layers = new ArrayList<>();

  WindowGradients(Checkpoint checkpoint, List<TokenWindow> windows) {
    this.checkpoint = checkpoint;
    this.windows = List.copyOf(windows);
    for (GptConfig.LinearLayer layer : checkpoint.config().linearLayers()) {
      layers.add(new Layer(layer.name(), layer.in() + 1, layer.out()));
    }
  }

  @Override
  public List<Layer> layers() {
    return List.copyOf(layers);
  }

  @Override
  public int size() {
    return windows.size();
  }

  @Override
  public long positions() {
    return windows.stream().mapToLong(TokenWindow::scored).sum();
  }

  @Override
  public int classes() {
    return 0;
  }

  @Override
  public float[] probabilities() {
    throw new IllegalArgumentException(
        "a language model has no few classes; use a method that needs none, such as EK-FAC");
  }

  @Override
  public void each(Target target, Consumer<Batch> body) {
    int largest = layers.stream().mapToInt(Layer::size).max().orElseThrow();
    int most = (int) Math.max(1, ROOM / largest);
    for (int from = 0; from < windows.size(); ) {
      int to = from + 1;
      int longest = windows.get(from).inputs();
      while (to < windows.size() && to - from < most) {
        int next = Math.max(longest, windows.get(to).inputs());
        if ((to + 1 - from) * next > TOKENS) {
          break;
        }
        longest = next;
        to++;
      }
      batch(target, from, to, body);
      from = to;
    }
  }

  private void batch(Target target, int from, int to, Consumer<Batch> body) {
    try (NDManager scope = checkpoint.newBatch()) {
      int size = to - from;
      NDArray[] inputs = new NDArray[layers.size()];
      NDArray[] leaves = new NDArray[layers.size()];
      Torch.withGradients(
          () -> {
            LinearTap tap =
                (layer, input, output) -> {
                  inputs[layer] = input.stopGradient();
                  leaves[layer] = Torch.leaf(scope, output.getShape().getShape());
                  return output.add(leaves[layer]);
                };
            List<TokenWindow> part = windows.subList(from, to);
            NDArray scalars =
                switch (target) {
                  case Target.Loss loss -> checkpoint.losses(scope, part, tap);
                  case Target.SampledLoss(long seed) ->
                      checkpoint.sampledLosses(scope, part, seed + from, tap);
                  case Target.Margin margin -> checkpoint.margins(scope, part, tap);
                  case Target.Logit logit ->
                      throw new IllegalArgumentException("a language model has no few classes");
                };
            Torch.backward(scalars.sum(), scope);
            return true;
          });
      Torch.onAllCores(
          () -> {
            List<NDArray> a = new ArrayList<>();
            List<NDArray> d = new ArrayList<>();
            int positions = Math.toIntExact(inputs[0].getShape().get(0) / size);
            NDArray read = Torch.owned(scope, read(from, to, positions), size, positions, 1);
            for (int l = 0; l < layers.size(); l++) {
              NDArray input = inputs[l].reshape(size, positions, layers.get(l).in() - 1);
              a.add(input.mul(read).concat(read, 2));
              float[] gradient = Torch.gradient(leaves[l]);
              d.add(Torch.owned(scope, gradient, size, positions, layers.get(l).out()));
            }
            body.accept(new Batch(scope, from, size, a, d));
            return true;
          });
    }
  }

  /** 1 where a window has a token, 0 where it is padded: what is not read is in no moment. */
  private float[] read(int from, int to, int positions) {
    float[] read = new float[(to - from) * positions];
    for (int i = 0; i < to - from; i++) {
      int inputs = windows.get(from + i).inputs();
      java.util.Arrays.fill(read, i * positions, i * positions + inputs, 1);
    }
    return read;
  }

  @Override
  public double[] residuals() {
    double[] losses = losses();
    double[] residuals = new double[losses.length];
    for (int i = 0; i < residuals.length; i++) {
      residuals[i] = -Math.expm1(-losses[i] / windows.get(i).scored());
    }
    return residuals;
  }

  @Override
  public double[] losses() {
    double[] losses = new double[windows.size()];
    int slice = 8;
    for (int from = 0; from < losses.length; from += slice) {
      int to = Math.min(from + slice, losses.length);
      double[] part = checkpoint.losses(windows.subList(from, to));
      System.arraycopy(part, 0, losses, from, part.length);
    }
    return losses;
  }
}
