package io.whence.engine.evidence;

import java.util.Arrays;

/** Hashes of runs of words and where each run starts, ascending by place. */
public final class Fingerprints {
  private final long[] hashes;
  private final int[] positions;

  Fingerprints(long[] hashes, int[] positions) {
    this.hashes = hashes;
    this.positions = positions;
  }

  /** {@return how many there are} */
  public int size() {
    return hashes.length;
  }

  /** {@return a copy of the hashes} */
  public long[] hashes() {
    return hashes.clone();
  }

  /** {@return a copy of the positions: the first word of each run} */
  public int[] positions() {
    return positions.clone();
  }

  @Override
  public String toString() {
    return "fingerprints at " + Arrays.toString(positions);
  }
}
