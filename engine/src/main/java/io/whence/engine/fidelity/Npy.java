package io.whence.engine.fidelity;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** NumPy's array files, format 1.0 and 2.0: numbers in row-major order, never pickled objects. */
final class Npy {
  private static final Pattern HEADER =
      Pattern.compile(
          "'descr'\\s*:\\s*'([<|])([fiub])(\\d)'.*'fortran_order'\\s*:\\s*False.*'shape'\\s*:\\s*\\(([^)]*)\\)",
          Pattern.DOTALL);

  private Npy() {}

  /**
   * {@return a matrix; a vector is one row}
   *
   * @throws EngineException.InvalidCorpus when the file is no such array of numbers
   */
  static float[][] read(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length < 12 || bytes[0] != (byte) 0x93 || bytes[1] != 'N') {
        throw new EngineException.InvalidCorpus(file + " is no .npy file");
      }
      ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int length = bytes[6] == 1 ? Short.toUnsignedInt(in.getShort(8)) : in.getInt(8);
      int begin = bytes[6] == 1 ? 10 : 12;
      if (length < 0 || begin + length > bytes.length) {
        throw new EngineException.InvalidCorpus(file + " ends inside its header");
      }
      String header = new String(bytes, begin, length, StandardCharsets.ISO_8859_1);
      Matcher matcher = HEADER.matcher(header);
      if (!matcher.find()) {
        throw new EngineException.InvalidCorpus(
            file + " should hold numbers in C order; its header is " + header.strip());
      }
      String[] shape = matcher.group(4).replace(" ", "").split(",", 0);
      int rows = shape.length > 1 ? Integer.parseInt(shape[0]) : 1;
      int columns = Integer.parseInt(shape[shape.length - 1]);
      if (shape.length > 2 || shape[0].isEmpty()) {
        throw new EngineException.InvalidCorpus(
            file + " should hold a matrix; its shape is (" + matcher.group(4) + ")");
      }
      int size = Integer.parseInt(matcher.group(3));
      if (begin + length + (long) rows * columns * size != bytes.length) {
        throw new EngineException.InvalidCorpus(
            file + " should hold " + rows + " x " + columns + " numbers; its size does not fit");
      }
      in.position(begin + length);
      float[][] values = new float[rows][columns];
      for (float[] row : values) {
        for (int j = 0; j < columns; j++) {
          row[j] = value(in, matcher.group(2) + size, file);
        }
      }
      return values;
    } catch (IOException | NumberFormatException e) {
      throw new EngineException.InvalidCorpus("cannot read " + file + ": " + e);
    }
  }

  private static float value(ByteBuffer in, String type, Path file) {
    return switch (type) {
      case "f4" -> in.getFloat();
      case "f8" -> (float) in.getDouble();
      case "i1", "b1", "u1" -> in.get();
      case "i4" -> in.getInt();
      case "i8" -> in.getLong();
      default -> throw new EngineException.InvalidCorpus(file + ": numbers of type " + type);
    };
  }

  /** Writes a matrix of float32, whole or not at all. */
  static void write(Path file, float[][] rows) throws IOException {
    int columns = rows.length == 0 ? 0 : rows[0].length;
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }"
            .formatted(rows.length, columns);
    int padded = (10 + header.length() + 1 + 63) / 64 * 64;
    ByteBuffer out =
        ByteBuffer.allocate(padded + 4 * rows.length * columns).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.putShort((short) (padded - 10));
    out.put(header.getBytes(StandardCharsets.ISO_8859_1));
    while (out.position() < padded - 1) {
      out.put((byte) ' ');
    }
    out.put((byte) '\n');
    for (float[] row : rows) {
      for (float value : row) {
        out.putFloat(value);
      }
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    Files.write(partial, out.array());
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
