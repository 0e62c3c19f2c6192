package io.whence.engine.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.whence.engine.EngineException;
import java.nio.FloatBuffer;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * The one way to PyTorch: everything that can go silently wrong in DJL 0.35.1 is made impossible
 * here, and architecture tests keep the rest of the engine from going round it.
 *
 * <ul>
 *   <li><b>Constants.</b> An operand of type {@link Number} lives in a Java buffer that autograd
 *       reads after it was freed: wrong gradients without an error. {@link #constant} makes native
 *       memory; no other code may use the {@code Number} overloads.
 *   <li><b>Types.</b> {@link #owned} and {@link #floats} know float32 only. A cast inside a graph
 *       cuts it, so there is none.
 *   <li><b>Memory.</b> {@link #owned} copies into native memory, {@link #floats} reads any layout
 *       without leaving a copy behind. Intermediate results belong to the manager of the
 *       <em>first</em> operand, which is always one of the batch.
 *   <li><b>Sharing.</b> An array finds out its shape and type when first asked and keeps them
 *       without a barrier: of two threads that ask at once, one may see a shape half made. What is
 *       made here is asked before it is handed out, so that batches side by side may share it.
 *   <li><b>Grad mode</b> belongs to the operating system's thread: {@link #withGradients} and
 *       {@link #withoutGradients} set and restore it around each task, with one intra-op thread.
 *       Never call them from a virtual thread.
 * </ul>
 */
public final class Torch {
  private static final Set<DataType> ALLOWED = Set.of(DataType.FLOAT32, DataType.INT64);

  private Torch() {}

  /**
   * {@return a new root of native memory on a device; the caller closes it}
   *
   * @param device {@code cpu} or {@code cuda}
   * @throws EngineException.NoDevice when there is no such device here
   */
  public static NDManager newManager(String device) {
    return NDManager.newBaseManager(device(device), "PyTorch");
  }

  private static Device device(String name) {
    Engine engine = engine();
    return switch (name) {
      case "cpu" -> Device.cpu();
      case "cuda" -> {
        // DJL falls back to the CPU with a mere warning: whoever asked for CUDA must get it or
        // know.
        if (engine.getGpuCount() == 0) {
          throw new EngineException.NoDevice(
              "device cuda was asked for, but PyTorch sees no CUDA device here; use --device cpu");
        }
        yield Device.gpu();
      }
      default ->
          throw new EngineException.NoDevice(
              "device " + name + " is not known; use --device cpu or --device cuda");
    };
  }

  private static Engine engine() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // DJL looks its engines up through the context class loader, which in a server is not ours.
    thread.setContextClassLoader(Torch.class.getClassLoader());
    try {
      return Engine.getEngine("PyTorch");
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** {@return the version of PyTorch in use, such as {@code 2.7.1}} */
  public static String version() {
    return engine().getVersion();
  }

  /** {@return the version of DJL, which reaches PyTorch, such as {@code 0.35.1}} */
  public static String djlVersion() {
    return Engine.getDjlVersion();
  }

  /** Runs {@code body} on this thread with autograd recording. */
  public static <V> V withGradients(Callable<V> body) {
    return inMode(true, 1, body);
  }

  /** Runs {@code body} on this thread with autograd off. */
  public static <V> V withoutGradients(Callable<V> body) {
    return inMode(false, 1, body);
  }

  /**
   * Runs a TorchScript module in {@code body} on this thread, with autograd off, as it stands:
   * PyTorch would rewrite it after a run or two, and the last bits of its results with it.
   */
  static <V> V scripted(Callable<V> body) {
    return withoutGradients(
        () -> {
          JniUtils.setGraphExecutorOptimize(false);
          try {
            return body.call();
          } finally {
            JniUtils.setGraphExecutorOptimize(true);
          }
        });
  }

  /**
   * Runs {@code body} on this thread with autograd off and every core at work on each product: for
   * a few large products, where {@link #withoutGradients} is for many small ones side by side.
   */
  public static <V> V onAllCores(Callable<V> body) {
    return inMode(false, Runtime.getRuntime().availableProcessors(), body);
  }

  private static <V> V inMode(boolean gradients, int threads, Callable<V> body) {
    engine();
    boolean before = JniUtils.isGradMode();
    int threadsBefore = JniUtils.getNumThreads();
    JniUtils.setGradMode(gradients);
    JniUtils.setNumThreads(threads);
    try {
      return body.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a task on tensors failed: " + e.getMessage(), e);
    } finally {
      JniUtils.setNumThreads(threadsBefore);
      JniUtils.setGradMode(before);
    }
  }

  /** {@return {@code values} copied to native memory of {@code manager}, float32} */
  public static NDArray owned(NDManager manager, float[] values, long... shape) {
    // The array made by create() wraps Java memory; only its duplicate owns its own.
    try (NDArray javaBacked = manager.create(values, new Shape(shape))) {
      return settled(javaBacked.duplicate());
    }
  }

  /** {@return {@code values} copied to native memory of {@code manager}, int64} */
  public static NDArray owned(NDManager manager, long[] values, long... shape) {
    try (NDArray javaBacked = manager.create(values, new Shape(shape))) {
      return settled(javaBacked.duplicate());
    }
  }

  /** {@return a scalar in native memory, safe as an operand of a graph} */
  public static NDArray constant(NDManager manager, double value) {
    return settled(manager.full(new Shape(), (float) value));
  }

  /** {@return a zero array that collects a gradient in {@link #backward}} */
  public static NDArray leaf(NDManager manager, long... shape) {
    NDArray leaf = manager.zeros(new Shape(shape));
    leaf.setRequiresGradient(true);
    return settled(leaf);
  }

  private static NDArray settled(NDArray array) {
    array.getShape();
    array.getDataType();
    array.getDevice();
    array.getSparseFormat();
    return array;
  }

  /** Makes an owned array collect a gradient in {@link #backward}. */
  static void requireGradient(NDArray parameter) {
    parameter.setRequiresGradient(true);
  }

  /** {@return the values of a float32 array in row-major order, whatever its strides} */
  public static float[] floats(NDArray array) {
    if (array.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException("expected float32; got " + array.getDataType());
    }
    float[] values = new float[Math.toIntExact(array.size())];
    array.toByteBuffer().asFloatBuffer().get(values);
    return values;
  }

  /** Writes {@code values} over an owned float32 array, in row-major order. */
  static void overwrite(NDArray array, float[] values) {
    array.set(FloatBuffer.wrap(values));
  }

  /**
   * Computes the gradients of {@code loss} at every leaf of its graph.
   *
   * @param loss shape {@code ()}
   * @param batch the manager of this batch
   */
  public static void backward(NDArray loss, NDManager batch) {
    JniUtils.backward((PtNDArray) loss, (PtNDArray) batch.ones(new Shape()), false, false);
  }

  /** {@return the gradient that the last {@link #backward} left at {@code leaf}, as floats} */
  public static float[] gradient(NDArray leaf) {
    try (NDArray gradient = leaf.getGradient()) {
      return floats(gradient);
    }
  }

  /** Forgets the gradient at {@code leaf}; gradients add up otherwise. */
  static void zeroGradient(NDArray leaf) {
    JniUtils.zeroGrad((PtNDArray) leaf);
  }

  /** {@return {@code x weight' + bias}} x {@code [.., in]}, weight {@code [out, in]}. */
  static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return Linear.linear(x, weight, bias).singletonOrThrow();
  }

  /** {@return {@code x weight'}} x {@code [.., in]}, weight {@code [out, in]}. */
  static NDArray linear(NDArray x, NDArray weight) {
    return Linear.linear(x, weight).singletonOrThrow();
  }

  /** {@return x normalised over its last axis, scaled and shifted} */
  static NDArray layerNorm(NDArray x, NDArray scale, NDArray shift, double epsilon) {
    return LayerNorm.layerNorm(x, new Shape(scale.getShape().get(0)), scale, shift, (float) epsilon)
        .singletonOrThrow();
  }

  /** {@return row {@code ids[i]} of {@code table} for each i} */
  static NDArray embedding(NDArray ids, NDArray table) {
    if (!ALLOWED.contains(ids.getDataType())) {
      throw new IllegalArgumentException("ids are int64; got " + ids.getDataType());
    }
    return Embedding.embedding(ids, table, ai.djl.ndarray.types.SparseFormat.DENSE)
        .singletonOrThrow();
  }

  /** {@return x Phi(x), by the error function} */
  static NDArray gelu(NDArray x) {
    return Activation.gelu(x);
  }

  /** {@return max(x, 0)} */
  static NDArray relu(NDArray x) {
    return Activation.relu(x);
  }

  /** {@return x {@code [rows, columns]} without its last column, in {@code scope}} */
  static NDArray withoutLastColumn(NDManager scope, NDArray x) {
    return x.get(scope, new NDIndex(":, :" + (x.getShape().get(1) - 1)));
  }
}
