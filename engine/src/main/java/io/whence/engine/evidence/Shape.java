package io.whence.engine.evidence;

/**
 * The shape of a window: the lowest {@value #WAVES} x {@value #WAVES} frequencies of the cosine
 * transform of {@value #SIDE} x {@value #SIDE} values of brightness but for the mean, brought to
 * norm 127. The inner product of two shapes is the correlation of the windows, blurred; with the
 * sign changed that of a negative. A picture that is mirrored changes the signs of odd frequencies,
 * and one that is transposed has rows for columns, so eight inner products cost hardly more than
 * two.
 */
final class Shape {
  static final int SIDE = 8;
  static final int LENGTH = 24;

  private static final int WAVES = 5;
  private static final double NORM = 127;

  /** Windows that vary less (square of brightness) have no shape. */
  private static final double FLAT = 1e-4;

  private static final double[] COSINES = cosines();

  /**
   * The frequencies {@code {across, down}} as they stand in a shape: first those that are even both
   * ways, then odd across, odd down, odd both ways.
   */
  private static final int[][] ORDER = new int[LENGTH][];

  /** Where each kind begins. */
  private static final int[] KINDS = {0, 8, 14, 20, LENGTH};

  /** Where a coefficient stands when rows are columns. */
  private static final int[] TRANSPOSED = new int[LENGTH];

  static {
    int at = 0;
    for (int kind = 0; kind < 4; kind++) {
      for (int v = kind / 2; v < WAVES; v += 2) {
        for (int u = kind % 2; u < WAVES; u += 2) {
          if (u + v > 0) {
            ORDER[at++] = new int[] {u, v};
          }
        }
      }
    }
    for (int i = 0; i < LENGTH; i++) {
      for (int j = 0; j < LENGTH; j++) {
        if (ORDER[i][0] == ORDER[j][1] && ORDER[i][1] == ORDER[j][0]) {
          TRANSPOSED[i] = j;
        }
      }
    }
  }

  private Shape() {}

  private static double[] cosines() {
    double[] cosines = new double[WAVES * SIDE];
    for (int i = 0; i < cosines.length; i++) {
      int wave = i / SIDE;
      // The first wave is half as strong in an orthonormal transform.
      cosines[i] =
          StrictMath.cos(Math.PI * wave * (i % SIDE + 0.5) / SIDE)
              * (i < SIDE ? StrictMath.sqrt(0.5) : 1);
    }
    return cosines;
  }

  /** Writes the shape of a window into {@code shapes} from {@code at}: nothing but 0 where flat. */
  static void write(double[] window, byte[] shapes, int at) {
    double[] across = new double[SIDE * WAVES];
    for (int y = 0; y < SIDE; y++) {
      for (int u = 0; u < WAVES; u++) {
        double sum = 0;
        for (int x = 0; x < SIDE; x++) {
          sum += window[y * SIDE + x] * COSINES[u * SIDE + x];
        }
        across[y * WAVES + u] = sum;
      }
    }
    double[] waves = new double[LENGTH];
    double squares = 0;
    for (int i = 0; i < LENGTH; i++) {
      int u = ORDER[i][0];
      int v = ORDER[i][1];
      for (int y = 0; y < SIDE; y++) {
        waves[i] += across[y * WAVES + u] * COSINES[v * SIDE + y];
      }
      squares += waves[i] * waves[i];
    }
    // The transform is orthonormal but for a factor of 4 a coefficient, on 64 values.
    if (squares / 16 / (SIDE * SIDE) < FLAT) {
      return;
    }
    double scale = NORM / Math.sqrt(squares);
    for (int i = 0; i < LENGTH; i++) {
      shapes[at + i] = (byte) Math.round(waves[i] * scale);
    }
  }

  /**
   * Gives the correlation of an output's shape with a work's, for each {@link Symmetry} that may
   * have been done to the work: 0 to 1, without its sign.
   */
  static void correlations(byte[] output, int from, byte[] work, int at, double[] into) {
    int even = 0;
    int evenTurned = 0;
    for (int i = 0; i < KINDS[1]; i++) {
      even += output[from + i] * work[at + i];
      evenTurned += output[from + i] * work[at + TRANSPOSED[i]];
    }
    int across = 0;
    int acrossTurned = 0;
    for (int i = KINDS[1]; i < KINDS[2]; i++) {
      across += output[from + i] * work[at + i];
      acrossTurned += output[from + i] * work[at + TRANSPOSED[i]];
    }
    int down = 0;
    int downTurned = 0;
    for (int i = KINDS[2]; i < KINDS[3]; i++) {
      down += output[from + i] * work[at + i];
      downTurned += output[from + i] * work[at + TRANSPOSED[i]];
    }
    int both = 0;
    int bothTurned = 0;
    for (int i = KINDS[3]; i < KINDS[4]; i++) {
      both += output[from + i] * work[at + i];
      bothTurned += output[from + i] * work[at + TRANSPOSED[i]];
    }
    for (Symmetry done : SYMMETRIES) {
      int mirrored = done.mirrored() ? -1 : 1;
      int flipped = done.flipped() ? -1 : 1;
      int sum =
          done.transposed()
              ? evenTurned
                  + mirrored * acrossTurned
                  + flipped * downTurned
                  + mirrored * flipped * bothTurned
              : even + mirrored * across + flipped * down + mirrored * flipped * both;
      into[done.number()] = Math.abs(sum) / (NORM * NORM);
    }
  }

  private static final Symmetry[] SYMMETRIES = Symmetry.values();
}
