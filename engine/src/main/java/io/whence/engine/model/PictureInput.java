package io.whence.engine.model;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.corpus.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How a picture becomes what an embedding model takes.
 *
 * @param side pixels of each side; the whole picture is resized to it, whatever its shape
 * @param mean of red, green and blue, each 0 to 1, which is taken away
 * @param standardDeviation of red, green and blue, by which the rest is divided
 * @param channels {@code RGB} or {@code BGR}: which comes first
 */
record PictureInput(int side, List<Double> mean, List<Double> standardDeviation, String channels) {
  /** What most models trained on ImageNet take. */
  static final PictureInput IMAGENET =
      new PictureInput(224, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225), "RGB");

  private static final int SMALLEST_SIDE = 8;
  private static final int LARGEST_SIDE = 1024;
  private static final int MOST_BYTES = 1 << 16;
  private static final Set<String> FIELDS = Set.of("side", "mean", "standardDeviation", "channels");

  PictureInput {
    mean = List.copyOf(mean);
    standardDeviation = List.copyOf(standardDeviation);
  }

  /**
   * {@return what a file states, {@link #IMAGENET} where it states nothing or is not there}
   *
   * @throws EngineException.InvalidCheckpoint when it states anything else
   */
  static PictureInput read(Path file) {
    if (!Files.exists(file)) {
      return IMAGENET;
    }
    JsonObject json = parse(file);
    for (String field : json.keySet()) {
      if (!FIELDS.contains(field)) {
        throw refused(file, field, "is not known; use side, mean, standardDeviation and channels");
      }
    }
    int side = IMAGENET.side;
    if (json.has("side")) {
      double given = number(file, "side", json.get("side"));
      side = (int) given;
      if (side != given || side < SMALLEST_SIDE || side > LARGEST_SIDE) {
        throw refused(
            file,
            "side",
            "is a whole number from " + SMALLEST_SIDE + " to " + LARGEST_SIDE + "; got " + given);
      }
    }
    List<Double> deviation = three(file, "standardDeviation", json, IMAGENET.standardDeviation);
    if (deviation.stream().anyMatch(value -> value <= 0)) {
      throw refused(file, "standardDeviation", "is above 0; got " + deviation);
    }
    String channels = IMAGENET.channels;
    if (json.has("channels")) {
      channels = json.get("channels").isJsonPrimitive() ? json.get("channels").getAsString() : "";
      if (!channels.equals("RGB") && !channels.equals("BGR")) {
        throw refused(file, "channels", "is RGB or BGR; got " + json.get("channels"));
      }
    }
    return new PictureInput(side, three(file, "mean", json, IMAGENET.mean), deviation, channels);
  }

  private static JsonObject parse(Path file) {
    try {
      if (Files.size(file) <= MOST_BYTES
          && JsonParser.parseString(Files.readString(file)) instanceof JsonObject json) {
        return json;
      }
    } catch (IOException | JsonParseException e) {
      throw new EngineException.InvalidCheckpoint(
          file + " is no JSON that can be read: " + e.getMessage(), e);
    }
    throw new EngineException.InvalidCheckpoint(
        file + " is no JSON object of at most " + MOST_BYTES + " bytes");
  }

  private static List<Double> three(
      Path file, String field, JsonObject json, List<Double> otherwise) {
    if (!json.has(field)) {
      return otherwise;
    }
    if (!(json.get(field) instanceof JsonArray array) || array.size() != Picture.CHANNELS) {
      throw refused(
          file, field, "is three numbers, of red, green and blue; got " + json.get(field));
    }
    List<Double> values = new ArrayList<>();
    array.forEach(value -> values.add(number(file, field, value)));
    return values;
  }

  private static double number(Path file, String field, JsonElement value) {
    try {
      double number = value.getAsDouble();
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException | IllegalStateException | UnsupportedOperationException e) {
      // Said below, as of one that is not finite.
    }
    throw refused(file, field, "is no finite number: " + value);
  }

  private static EngineException.InvalidCheckpoint refused(Path file, String field, String what) {
    return new EngineException.InvalidCheckpoint(file + ": " + field + " " + what);
  }

  /** {@return all of it, as {@link #read} takes it} */
  String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("side", side);
    Gson gson = new Gson();
    json.add("mean", gson.toJsonTree(mean));
    json.add("standardDeviation", gson.toJsonTree(standardDeviation));
    json.addProperty("channels", channels);
    return json + "\n";
  }

  /** The pixels, from {@code first} on, that one of a resized row or column is made of. */
  private record Taps(int first, @SuppressWarnings("ArrayRecordComponent") double[] weights) {
    static List<Taps> all(int pixels, int side) {
      return IntStream.range(0, side)
          .mapToObj(number -> of(number, (double) pixels / side, pixels))
          .toList();
    }

    /** A triangle as wide as the step between two, so that nothing is left out in reducing. */
    private static Taps of(int number, double step, int pixels) {
      double reach = Math.max(1, step);
      double centre = (number + 0.5) * step;
      int first = Math.max(0, (int) Math.floor(centre - reach));
      int last = Math.min(pixels, (int) Math.ceil(centre + reach));
      double[] weights = new double[last - first];
      double sum = 0;
      for (int i = 0; i < weights.length; i++) {
        weights[i] = Math.max(0, 1 - Math.abs(first + i + 0.5 - centre) / reach);
        sum += weights[i];
      }
      for (int i = 0; i < weights.length; i++) {
        weights[i] /= sum;
      }
      return new Taps(first, weights);
    }
  }

  /**
   * {@return the input that a picture makes, shape {@code (3, side, side)}} Resized bilinearly,
   * antialiased, as Pillow does, but not rounded between.
   */
  float[] of(Picture picture) {
    float[] input = new float[Picture.CHANNELS * side * side];
    List<Taps> across = Taps.all(picture.width(), side);
    List<Taps> down = Taps.all(picture.height(), side);
    double[] line = new double[picture.width()];
    for (int channel = 0; channel < Picture.CHANNELS; channel++) {
      int colour = channels.equals("RGB") ? channel : Picture.CHANNELS - 1 - channel;
      for (int row = 0; row < side; row++) {
        Taps lines = down.get(row);
        Arrays.fill(line, 0);
        for (int i = 0; i < lines.weights.length; i++) {
          for (int x = 0; x < line.length; x++) {
            line[x] += lines.weights[i] * picture.channel(x, lines.first + i, colour);
          }
        }
        for (int column = 0; column < side; column++) {
          Taps pixels = across.get(column);
          double sum = 0;
          for (int i = 0; i < pixels.weights.length; i++) {
            sum += pixels.weights[i] * line[pixels.first + i];
          }
          input[(channel * side + row) * side + column] =
              (float) ((sum / 255 - mean.get(colour)) / standardDeviation.get(colour));
        }
      }
    }
    return input;
  }
}
