package io.whence.engine.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a file with a low-rank adapter (LoRA: Hu et al., 2021) is, told from its bytes: its sum, and
 * the pairs of matrices that its header lists. Only safetensors is read, which can hold nothing but
 * numbers, and the numbers themselves are passed over.
 *
 * @param sha256 of the whole file, 64 hexadecimal digits
 * @param bytes of the file
 * @param parameters how many numbers it holds
 * @param rank the largest inner dimension of a pair, at least 1
 * @param layers names of the layers that have a pair, sorted, at least one
 */
public record Adapter(String sha256, long bytes, long parameters, int rank, List<String> layers) {
  private static final int LONGEST_HEADER = 4 << 20;

  /** The sides of a pair, as PEFT and as kohya's scripts name them. */
  private static final Pattern SIDE =
      Pattern.compile(
          "(.+)\\.(lora_A|lora_B|lora_down|lora_up|lora_embedding_A|lora_embedding_B)"
              + "(?:\\.[A-Za-z0-9_-]+)*");

  private static final Map<String, Integer> WIDTHS =
      Map.ofEntries(
          Map.entry("F64", 8),
          Map.entry("I64", 8),
          Map.entry("U64", 8),
          Map.entry("F32", 4),
          Map.entry("I32", 4),
          Map.entry("U32", 4),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("I16", 2),
          Map.entry("U16", 2),
          Map.entry("F8_E4M3", 1),
          Map.entry("F8_E5M2", 1),
          Map.entry("I8", 1),
          Map.entry("U8", 1),
          Map.entry("BOOL", 1));

  /** Copies the list. */
  public Adapter {
    layers = List.copyOf(layers);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Place(String name, long[] shape, long begin, long end) {}

  /**
   * {@return the adapter that a stream holds} Reads it once, to its end, in constant memory beside
   * the header; the caller closes it.
   *
   * @param most bytes that are read
   * @throws EngineException.InvalidQuery when it is longer, no whole safetensors file, or holds no
   *     pair
   * @throws IOException as the stream does
   */
  public static Adapter read(InputStream in, long most) throws IOException {
    byte[] length = in.readNBytes(8);
    if (length.length < 8) {
      throw refused("has " + length.length + " bytes; send a safetensors file");
    }
    if ((length[0] == 'P' && length[1] == 'K') || (length[0] == (byte) 0x80 && length[1] <= 5)) {
      throw refused(
          "is a pickle, which can run code when it is read, and is not opened; convert it to"
              + " safetensors");
    }
    long header = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (header < 2 || header > LONGEST_HEADER) {
      throw refused(
          "is no safetensors file: its header would be "
              + Long.toUnsignedString(header)
              + " bytes long, and 2 to "
              + LONGEST_HEADER
              + " are read");
    }
    byte[] text = in.readNBytes((int) header);
    if (text.length < header) {
      throw refused("ends within its header; send the whole file");
    }
    Sha256 sum = new Sha256().add(length).add(text);
    long bytes = 8 + header;
    byte[] buffer = new byte[1 << 16];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      bytes += n;
      if (bytes > most) {
        throw refused("has more than the " + most + " bytes that are read");
      }
      sum.add(n == buffer.length ? buffer : Arrays.copyOf(buffer, n));
    }
    List<Place> places = places(text);
    check(places, bytes - 8 - header);
    return described(sum.hex(), bytes, places);
  }

  private static List<Place> places(byte[] header) {
    try {
      JsonObject json =
          JsonParser.parseString(new String(header, StandardCharsets.UTF_8)).getAsJsonObject();
      List<Place> places = new ArrayList<>();
      for (Map.Entry<String, JsonElement> entry : json.entrySet()) {
        if (!entry.getKey().equals("__metadata__")) {
          places.add(place(entry.getKey(), entry.getValue().getAsJsonObject()));
        }
      }
      places.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
      return places;
    } catch (JsonParseException
        | IllegalStateException
        | ArithmeticException
        | NumberFormatException
        | UnsupportedOperationException
        | NullPointerException e) {
      throw refused("is no safetensors file: its header cannot be read");
    }
  }

  private static Place place(String name, JsonObject json) {
    JsonArray lengths = json.getAsJsonArray("shape");
    long[] shape = new long[lengths.size()];
    long size = 1;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = lengths.get(i).getAsLong();
      if (shape[i] < 0) {
        throw refused(name + " has a negative length");
      }
      size = Math.multiplyExact(size, shape[i]);
    }
    String type = json.get("dtype").getAsString();
    Integer width = WIDTHS.get(type);
    if (width == null) {
      throw refused(name + " is of type " + type + ", which safetensors does not have");
    }
    JsonArray offsets = json.getAsJsonArray("data_offsets");
    if (offsets.size() != 2) {
      throw refused(name + " has " + offsets.size() + " offsets; there are two");
    }
    long begin = offsets.get(0).getAsLong();
    long end = offsets.get(1).getAsLong();
    if (begin < 0 || Math.subtractExact(end, begin) != Math.multiplyExact(size, (long) width)) {
      throw refused(name + " is not as long as its shape and type say");
    }
    return new Place(name, shape, begin, end);
  }

  /** The tensors lie one after the other and fill the file: nothing is hidden between them. */
  private static void check(List<Place> places, long data) {
    long reached = 0;
    for (Place place : places) {
      if (place.begin != reached) {
        throw refused(
            place.name + " begins at byte " + place.begin + " of the data and not at " + reached);
      }
      reached = place.end;
    }
    if (reached != data) {
      throw refused(
          "has " + data + " bytes of data where its header lists " + reached + "; send it whole");
    }
  }

  private static Adapter described(String sha256, long bytes, List<Place> places) {
    TreeMap<String, Place> down = new TreeMap<>();
    TreeMap<String, Place> up = new TreeMap<>();
    long parameters = 0;
    for (Place place : places) {
      parameters += Arrays.stream(place.shape).reduce(1, (a, b) -> a * b);
      Matcher side = SIDE.matcher(place.name);
      if (side.matches()) {
        boolean first = side.group(2).endsWith("A") || side.group(2).equals("lora_down");
        (first ? down : up).put(side.group(1), place);
      }
    }
    if (down.isEmpty() && up.isEmpty()) {
      throw refused(
          "holds no pair of low-rank matrices (lora_A with lora_B, or lora_down with lora_up); it"
              + " is no LoRA adapter");
    }
    int rank = 0;
    for (String layer : down.keySet()) {
      rank = Math.max(rank, rank(layer, down.get(layer), up.get(layer)));
    }
    for (String layer : up.keySet()) {
      rank(layer, down.get(layer), up.get(layer));
    }
    return new Adapter(sha256, bytes, parameters, rank, List.copyOf(down.keySet()));
  }

  private static int rank(String layer, @Nullable Place down, @Nullable Place up) {
    if (down == null || up == null) {
      throw refused("has one side alone of the pair of layer " + layer);
    }
    if (down.shape.length < 2
        || up.shape.length < 2
        || down.shape[0] < 1
        || down.shape[0] > Integer.MAX_VALUE
        || down.shape[0] != up.shape[1]) {
      throw refused(
          "has a pair for layer "
              + layer
              + " that does not fit: "
              + Arrays.toString(down.shape)
              + " and "
              + Arrays.toString(up.shape));
    }
    return (int) down.shape[0];
  }

  private static EngineException.InvalidQuery refused(String why) {
    return new EngineException.InvalidQuery("the adapter " + why);
  }
}
