package io.whence.engine.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Small models of pictures, written byte by byte, which the real ONNX Runtime and PyTorch run: no
 * trained one may be shipped, and none is needed to know what becomes of its numbers.
 */
public final class TestImageModel {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int CHANNELS = 16;
  private static final int KERNEL = 5;

  private TestImageModel() {}

  /** {@return the means of 4 x 4 tiles of each channel, for pictures of {@code side}: d = 48} */
  public static byte[] tiles(int side) {
    return new Onnx(1, 3, side, side)
        .add("AveragePool", "x", "pooled", tiling(side / 4))
        .add("Flatten", "pooled", "y", Map.of())
        .bytes(FLOAT, "y");
  }

  /** {@return seeded filters, rectified, by tiles: d = 256} */
  public static byte[] filters(int side) {
    return filters(new Onnx(1, 3, side, side), side).bytes(FLOAT, "y");
  }

  private static Onnx filters(Onnx model, int side) {
    SplittableRandom random = new SplittableRandom(5);
    float[] weights = new float[CHANNELS * 3 * KERNEL * KERNEL];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return model
        .constant("w", weights, CHANNELS, 3, KERNEL, KERNEL)
        .add(
            "Conv",
            "x w",
            "convolved",
            Map.of("pads", new long[] {2, 2, 2, 2}, "strides", new long[] {2, 2}))
        .add("Relu", "convolved", "rectified", Map.of())
        .add("AveragePool", "rectified", "pooled", tiling(side / 8))
        .add("Flatten", "pooled", "y", Map.of());
  }

  private static Map<String, long[]> tiling(int side) {
    return Map.of("kernel_shape", new long[] {side, side}, "strides", new long[] {side, side});
  }

  /** {@return a model of pictures of {@code side} that is none, in one of several ways} */
  public static byte[] bad(String how, int side) {
    Onnx model = new Onnx(how.equals("batch of 8") ? 8 : 1, 3, side, side);
    return switch (how) {
      case "two outputs" -> filters(model, side).bytes(FLOAT, "y", "pooled");
      case "two inputs" ->
          filters(model.input("x2", 1, 3, side, side), side)
              .add("Flatten", "x2", "unused", Map.of())
              .bytes(FLOAT, "y");
      case "whole numbers" ->
          filters(model, side)
              .add("ArgMax", "pooled", "largest", Map.of("axis", new long[] {1}))
              .add("Flatten", "largest", "z", Map.of())
              .bytes(INT64, "z");
      case "no row" -> filters(model, side).bytes(FLOAT, "pooled");
      case "not a number" ->
          filters(model, side)
              .constant("below", new float[] {-1e6f}, 1)
              .add("Add", "y below", "negative", Map.of())
              .add("Sqrt", "negative", "z", Map.of())
              .bytes(FLOAT, "z");
      case "constant" ->
          filters(model, side)
              .constant("zero", new float[] {0}, 1)
              .add("Mul", "y zero", "z", Map.of())
              .bytes(FLOAT, "z");
      case "batch of 8" -> filters(model, side).bytes(FLOAT, "y");
      default -> throw new IllegalArgumentException("no model is bad in this way: " + how);
    };
  }

  /** {@return {@link #tiles} as TorchScript, for pictures of any size} */
  public static byte[] torchScript() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("data.pkl", pickledModule());
    files.put(
        "code/__torch__.py",
        """
        class Tiles(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def forward(self: __torch__.Tiles,
            x: Tensor) -> Tensor:
            pooled = torch.adaptive_avg_pool2d(x, [4, 4])
            return torch.flatten(pooled, 1)
        """
            .getBytes(StandardCharsets.UTF_8));
    // An empty tuple.
    files.put("constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
    files.put("version", "3\n".getBytes(StandardCharsets.UTF_8));
    return zip(files);
  }

  /** {@return what {@code torch.save} writes of anything: Python, pickled in an archive} */
  public static byte[] pickled() {
    return zip(
        Map.of(
            // Whoever unpickles this runs a command.
            "data.pkl", "cos\nsystem\n(S'exit 1'\ntR.".getBytes(StandardCharsets.UTF_8)));
  }

  /** An object of the class, whose state is its only attribute. */
  private static byte[] pickledModule() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 2});
    pickle.writeBytes("c__torch__\nTiles\n".getBytes(StandardCharsets.UTF_8));
    pickle.writeBytes(")\u0081}(X".getBytes(StandardCharsets.ISO_8859_1));
    pickle.writeBytes(new byte[] {8, 0, 0, 0});
    pickle.writeBytes("training\u0089ub.".getBytes(StandardCharsets.ISO_8859_1));
    return pickle.toByteArray();
  }

  private static byte[] zip(Map<String, byte[]> files) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        ZipEntry entry = new ZipEntry("tiles/" + file.getKey());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The protocol buffer of an ONNX model; field numbers are those of onnx.proto. */
  private static final class Onnx {
    private final List<byte[]> inputs = new ArrayList<>();
    private final List<byte[]> constants = new ArrayList<>();
    private final List<byte[]> nodes = new ArrayList<>();

    Onnx(long... shape) {
      input("x", shape);
    }

    Onnx input(String name, long... shape) {
      inputs.add(value(name, FLOAT, shape));
      return this;
    }

    Onnx constant(String name, float[] values, long... shape) {
      ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : values) {
        raw.putFloat(value);
      }
      Message tensor = new Message();
      for (long side : shape) {
        tensor.number(1, side);
      }
      constants.add(tensor.number(2, FLOAT).text(8, name).bytes(9, raw.array()).done());
      return this;
    }

    Onnx add(String operation, String from, String to, Map<String, long[]> attributes) {
      Message node = new Message();
      for (String name : from.split(" ", -1)) {
        node.text(1, name);
      }
      node.text(2, to).text(4, operation);
      attributes.forEach(
          (name, values) -> {
            Message attribute = new Message().text(1, name);
            if (name.equals("axis")) {
              node.bytes(5, attribute.number(3, values[0]).number(20, 2).done());
            } else {
              for (long value : values) {
                attribute.number(8, value);
              }
              node.bytes(5, attribute.number(20, 7).done());
            }
          });
      nodes.add(node.done());
      return this;
    }

    private static byte[] value(String name, int type, long... shape) {
      Message tensor = new Message().number(1, type);
      if (shape.length > 0) {
        Message sides = new Message();
        for (long side : shape) {
          sides.bytes(1, new Message().number(1, side).done());
        }
        tensor.bytes(2, sides.done());
      }
      return new Message()
          .text(1, name)
          .bytes(2, new Message().bytes(1, tensor.done()).done())
          .done();
    }

    byte[] bytes(int type, String... outputs) {
      Message graph = new Message();
      nodes.forEach(node -> graph.bytes(1, node));
      graph.text(2, "pictures");
      constants.forEach(constant -> graph.bytes(5, constant));
      inputs.forEach(input -> graph.bytes(11, input));
      for (String output : outputs) {
        graph.bytes(12, value(output, type));
      }
      return new Message()
          .number(1, 8)
          .bytes(7, graph.done())
          .bytes(8, new Message().text(1, "").number(2, 13).done())
          .done();
    }
  }

  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private void varint(long value) {
      long left = value;
      while ((left & ~0x7fL) != 0) {
        bytes.write((int) ((left & 0x7f) | 0x80));
        left >>>= 7;
      }
      bytes.write((int) left);
    }

    Message number(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    Message bytes(int field, byte[] value) {
      varint(((long) field << 3) | 2);
      varint(value.length);
      bytes.writeBytes(value);
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    byte[] done() {
      return bytes.toByteArray();
    }
  }
}
