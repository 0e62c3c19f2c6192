package io.whence.engine.evidence;

/**
 * How an output may lie on a work: the whole of the one on an area of the other.
 *
 * @param done to the work as a whole; everything else is reckoned in the output as it was before
 * @param inWork whether the area is of the work, and the output a part cut from it; else the area
 *     is of the output, and the work a part of it
 */
record Pose(Symmetry done, boolean inWork, Area area) {
  private static final int UNKNOWNS = 6;

  /** A part is no smaller than what is looked for, but for what a step may take off. */
  private static final double SMALLEST = Appearance.SMALLEST_SIDE - 0.06;

  /** A step moves an edge by this part of the area's side at the most. */
  private static final double LONGEST_STEP = 0.15;

  private static final double LEAST_GAIN = 0.05;
  private static final double RIDGE = 1e-4;

  Area outputArea() {
    return inWork ? Area.WHOLE : area;
  }

  Area workArea() {
    return inWork ? area : Area.WHOLE;
  }

  Agreement agreement(Canvas output, Canvas work, int side) {
    return Agreement.of(
        output.window(outputArea(), side, side), work.window(workArea(), side, side), side);
  }

  /**
   * {@return nats a place of the whole output that the work saves, {@link Saving}}
   *
   * @param inside what a frame leaves of the output
   */
  double saved(Canvas output, Canvas work, Area inside, int side) {
    double saved =
        Saving.of(
            output.window(outputArea(), side, side),
            work.window(workArea(), side, side),
            side,
            outputArea().seen(inside));
    return saved * outputArea().width() * outputArea().height();
  }

  /**
   * {@return the pose near this one that agrees best, on a grid of {@code side} x {@code side}}
   *
   * <p>Registration by the gradient of brightness (Lucas and Kanade, 1981): what lies still is
   * fitted by what moves, its derivatives by shift and stretch in both directions, and a constant,
   * each tile weighed by how well it agrees; the solution says where to move. It ends where that
   * agrees no better.
   */
  Pose fitted(Canvas output, Canvas work, int side, int steps) {
    double[] still = (inWork ? output : work).window(Area.WHOLE, side, side);
    Canvas moving = inWork ? work : output;
    Pose best = this;
    Agreement most = best.agreement(still, moving, side);
    for (int step = 0; step < steps; step++) {
      Pose next = best.moved(still, moving.window(best.area, side, side), most, side);
      Agreement there = next.agreement(still, moving, side);
      if (there.score() <= most.score() + 1e-6) {
        return best;
      }
      best = next;
      most = there;
    }
    return best;
  }

  private Agreement agreement(double[] still, Canvas moving, int side) {
    return Agreement.of(still, moving.window(area, side, side), side);
  }

  private Pose moved(double[] still, double[] moving, Agreement agreement, int side) {
    double[][] normal = new double[UNKNOWNS][UNKNOWNS + 1];
    double[] row = new double[UNKNOWNS];
    int tiles = (int) Math.round(Math.sqrt(agreement.tiles().length));
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int at = y * side + x;
        double weight = agreement.weights()[y * tiles / side * tiles + x * tiles / side];
        double across = slope(moving, at, x, side, 1);
        double down = slope(moving, at, y, side, side);
        row[0] = moving[at];
        row[1] = 1;
        row[2] = across;
        row[3] = across * ((x + 0.5) / side - 0.5);
        row[4] = down;
        row[5] = down * ((y + 0.5) / side - 0.5);
        for (int i = 0; i < UNKNOWNS; i++) {
          double scaled = weight * row[i];
          for (int j = i; j < UNKNOWNS; j++) {
            normal[i][j] += scaled * row[j];
          }
          normal[i][UNKNOWNS] += scaled * still[at];
        }
      }
    }
    for (int i = 0; i < UNKNOWNS; i++) {
      for (int j = 0; j < i; j++) {
        normal[i][j] = normal[j][i];
      }
    }
    double[] solution = LinearFit.solved(normal, RIDGE);
    if (Math.abs(solution[0]) < LEAST_GAIN) {
      return this;
    }
    double cell = 1.0 / side / solution[0];
    return moved(
        (solution[2] - solution[3] / 2) * cell,
        (solution[4] - solution[5] / 2) * cell,
        (solution[2] + solution[3] / 2) * cell,
        (solution[4] + solution[5] / 2) * cell);
  }

  private static double slope(double[] values, int at, int place, int side, int stride) {
    int before = place > 0 ? at - stride : at;
    int after = place < side - 1 ? at + stride : at;
    return (values[after] - values[before]) * stride / (after - before);
  }

  /** The pose with its edges moved by parts of its area's sides, within the picture. */
  private Pose moved(double left, double top, double right, double bottom) {
    Area there =
        new Area(
            edge(area.left(), left, area.width()),
            edge(area.top(), top, area.height()),
            edge(area.right(), right, area.width()),
            edge(area.bottom(), bottom, area.height()));
    return there.width() < SMALLEST || there.height() < SMALLEST
        ? this
        : new Pose(done, inWork, there);
  }

  private static double edge(double from, double by, double side) {
    return Math.clamp(from + Math.clamp(by, -LONGEST_STEP, LONGEST_STEP) * side, 0, 1);
  }
}
