package io.whence.engine.corpus;

import io.whence.engine.EngineException;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An idx file of unsigned bytes, gzipped or not (LeCun's format, big-endian).
 *
 * @param dimensions the slowest first
 * @param bytes all of them
 */
record Idx(
    @SuppressWarnings("ArrayRecordComponent") int[] dimensions,
    @SuppressWarnings("ArrayRecordComponent") byte[] bytes) {
  /** Most numbers one file may hold: 1 GiB of floats. */
  private static final long MOST = 1L << 28;

  static Idx read(Path file) {
    try (DataInputStream in = new DataInputStream(LabelledExamples.open(file))) {
      int magic = in.readInt();
      int rank = magic & 0xff;
      if ((magic & 0xffffff00) != 0x800 || rank < 1 || rank > 4) {
        throw new EngineException.InvalidCorpus(
            file + " is no idx file of unsigned bytes: it begins with " + magic);
      }
      int[] dimensions = new int[rank];
      long size = 1;
      for (int i = 0; i < rank; i++) {
        dimensions[i] = in.readInt();
        size *= Math.max(0, dimensions[i]);
        if (dimensions[i] < 1 || size > MOST) {
          throw new EngineException.InvalidCorpus(
              file + " says that it holds an array of shape " + Arrays.toString(dimensions));
        }
      }
      byte[] bytes = in.readNBytes((int) size);
      if (bytes.length < size) {
        throw new EngineException.InvalidCorpus(
            file + " should hold " + size + " numbers and ends after " + bytes.length);
      }
      return new Idx(dimensions, bytes);
    } catch (IOException e) {
      throw new EngineException.InvalidCorpus("cannot read " + file + ": " + e);
    }
  }
}
