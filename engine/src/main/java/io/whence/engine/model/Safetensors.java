package io.whence.engine.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The safetensors format: eight bytes of header length, a JSON header, raw little-endian values.
 * Unlike a pickle it can hold nothing but numbers. Reads float32, float16 and bfloat16.
 */
public final class Safetensors {
  private static final int LONGEST_HEADER = 16 << 20;

  private Safetensors() {}

  /** Numbers and their shape, row-major. */
  public static final class Tensor {
    private final long[] shape;
    private final float[] values;

    /** Holds {@code values} as they are, without a copy. */
    public Tensor(long[] shape, float[] values) {
      this.shape = shape.clone();
      this.values = values;
    }

    /** {@return the length along each axis} */
    public long[] shape() {
      return shape.clone();
    }

    /** {@return the numbers, not a copy} */
    public float[] values() {
      return values;
    }
  }

  /**
   * {@return the tensors of a file by name}
   *
   * @throws EngineException.InvalidCheckpoint when it is not a whole safetensors file
   */
  public static Map<String, Tensor> read(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      if (bytes.remaining() < 8) {
        throw new IllegalArgumentException("it has " + bytes.remaining() + " bytes");
      }
      long header = bytes.getLong();
      if (header < 2 || header > LONGEST_HEADER || header > bytes.remaining()) {
        throw new IllegalArgumentException("its header would be " + header + " bytes long");
      }
      byte[] text = new byte[(int) header];
      bytes.get(text);
      ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
      JsonObject json =
          JsonParser.parseString(new String(text, StandardCharsets.UTF_8)).getAsJsonObject();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, JsonElement> entry : json.entrySet()) {
        if (!entry.getKey().equals("__metadata__")) {
          tensors.put(
              entry.getKey(), tensor(entry.getKey(), entry.getValue().getAsJsonObject(), data));
        }
      }
      return tensors;
    } catch (IOException e) {
      throw new EngineException.InvalidCheckpoint("cannot read " + file, e);
    } catch (JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | ArithmeticException
        | NullPointerException e) {
      throw new EngineException.InvalidCheckpoint(
          file + " is not a whole safetensors file: " + e.getMessage(), e);
    }
  }

  private static Tensor tensor(String name, JsonObject json, ByteBuffer data) {
    JsonArray lengths = json.getAsJsonArray("shape");
    long[] shape = new long[lengths.size()];
    long size = 1;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = lengths.get(i).getAsLong();
      if (shape[i] < 0) {
        throw new IllegalArgumentException(name + " has a negative length");
      }
      size = Math.multiplyExact(size, shape[i]);
    }
    String type = json.get("dtype").getAsString();
    int width =
        switch (type) {
          case "F32" -> 4;
          case "F16", "BF16" -> 2;
          default ->
              throw new IllegalArgumentException(
                  name + " is of type " + type + "; F32, F16 and BF16 are read");
        };
    JsonArray offsets = json.getAsJsonArray("data_offsets");
    long begin = offsets.get(0).getAsLong();
    long end = offsets.get(1).getAsLong();
    if (begin < 0 || end > data.capacity() || end - begin != Math.multiplyExact(size, width)) {
      throw new IllegalArgumentException(
          name + " should lie at bytes " + begin + " to " + end + " of " + data.capacity());
    }
    float[] values = new float[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      int at = (int) begin + i * width;
      values[i] =
          switch (type) {
            case "F32" -> data.getFloat(at);
            case "F16" -> Float.float16ToFloat(data.getShort(at));
            default -> Float.intBitsToFloat(data.getShort(at) << 16);
          };
    }
    return new Tensor(shape, values);
  }

  /** {@return {@code values} as half precision would hold them} */
  static float[] roundedToHalf(float[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
    }
    return rounded;
  }

  /** Writes tensors in half precision, in the map's order. */
  static void writeHalf(Path file, Map<String, Tensor> tensors) throws IOException {
    write(file, tensors, true);
  }

  /** Writes tensors in single precision, in the map's order. */
  public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    write(file, tensors, false);
  }

  private static void write(Path file, Map<String, Tensor> tensors, boolean half)
      throws IOException {
    int width = half ? 2 : 4;
    JsonObject header = new JsonObject();
    JsonObject metadata = new JsonObject();
    metadata.addProperty("format", "pt");
    header.add("__metadata__", metadata);
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      JsonObject json = new JsonObject();
      json.addProperty("dtype", half ? "F16" : "F32");
      JsonArray shape = new JsonArray();
      Arrays.stream(entry.getValue().shape).forEach(shape::add);
      json.add("shape", shape);
      JsonArray offsets = new JsonArray();
      offsets.add(offset);
      offset += (long) entry.getValue().values.length * width;
      offsets.add(offset);
      json.add("data_offsets", offsets);
      header.add(entry.getKey(), json);
    }
    String text = header.toString();
    text += " ".repeat((8 - text.getBytes(StandardCharsets.UTF_8).length % 8) % 8);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.length).array());
      out.write(bytes);
      for (Tensor tensor : tensors.values()) {
        ByteBuffer data =
            ByteBuffer.allocate(tensor.values.length * width).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : tensor.values) {
          if (half) {
            data.putShort(Float.floatToFloat16(value));
          } else {
            data.putFloat(value);
          }
        }
        out.write(data.array());
      }
    }
  }
}
