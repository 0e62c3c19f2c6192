package io.whence.engine.evidence;

import io.whence.engine.evidence.Edit.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Aligns two sequences step by step, from left to right; every stretch is aligned in full, so
 * stretches should be short.
 */
final class Alignment {
  private final int[] output;
  private final int[] work;
  private final int equal;
  private final int edit;
  private final List<Kind> steps = new ArrayList<>();
  private int outputStart;
  private int workStart;

  /**
   * Starts an alignment.
   *
   * @param equal what an equal pair scores, above 0
   * @param edit what any other step scores, below 0
   */
  Alignment(int[] output, int[] work, int equal, int edit) {
    this.output = output;
    this.work = work;
    this.equal = equal;
    this.edit = edit;
  }

  /**
   * Starts the alignment at or before the given places, where it scores most.
   *
   * @param most words to go back
   */
  void extendLeft(int i, int j, int most) {
    int[] here = reversed(output, Math.max(0, i - most), i);
    int[] there = reversed(work, Math.max(0, j - most), j);
    Table table = new Table(here, 0, here.length, there, 0, there.length, true);
    List<Kind> best = table.best();
    outputStart = i - table.bestOutput;
    workStart = j - table.bestWork;
    steps.addAll(best.reversed());
  }

  /** Goes on where it scores most, {@code most} words at the most. */
  void extendRight(int i, int j, int most) {
    steps.addAll(
        new Table(
                output,
                i,
                Math.min(output.length, i + most),
                work,
                j,
                Math.min(work.length, j + most),
                true)
            .best());
  }

  /** Aligns two stretches from end to end. */
  void between(int outputFrom, int outputTo, int workFrom, int workTo) {
    steps.addAll(
        new Table(output, outputFrom, outputTo, work, workFrom, workTo, false)
            .path(outputTo - outputFrom, workTo - workFrom));
  }

  /** Goes on over equal words. */
  void equal(int count) {
    for (int i = 0; i < count; i++) {
      steps.add(Kind.EQUAL);
    }
  }

  /** {@return the steps so far, each over a word of one side or of both} */
  List<Kind> steps() {
    return steps;
  }

  /** {@return the steps, neighbours of one kind as one} */
  List<Edit> edits(WordTokens outputWords, WordTokens workWords) {
    List<Edit> edits = new ArrayList<>();
    int i = outputStart;
    int j = workStart;
    for (int from = 0; from < steps.size(); ) {
      Kind kind = steps.get(from);
      int to = from;
      while (to < steps.size() && steps.get(to) == kind) {
        to++;
      }
      int outputEnd = kind == Kind.DELETE ? i : i + to - from;
      int workEnd = kind == Kind.INSERT ? j : j + to - from;
      edits.add(
          new Edit(
              kind, Edit.Side.of(outputWords, i, outputEnd), Edit.Side.of(workWords, j, workEnd)));
      i = outputEnd;
      j = workEnd;
      from = to;
    }
    return edits;
  }

  private static int[] reversed(int[] sequence, int from, int to) {
    int[] reversed = new int[to - from];
    for (int i = 0; i < reversed.length; i++) {
      reversed[i] = sequence[to - 1 - i];
    }
    return reversed;
  }

  /** The scores of all pairs of prefixes of two stretches. */
  private final class Table {
    private final int[][] score;
    private final boolean[][] same;
    private int bestOutput;
    private int bestWork;

    /** {@code toTheBest}: no further than the best can still be bettered, else to both ends. */
    Table(
        int[] left,
        int leftFrom,
        int leftTo,
        int[] right,
        int rightFrom,
        int rightTo,
        boolean toTheBest) {
      int rows = leftTo - leftFrom;
      int columns = rightTo - rightFrom;
      score = new int[rows + 1][columns + 1];
      same = new boolean[rows + 1][columns + 1];
      for (int i = 0; i <= rows; i++) {
        int bestOfRow = edit * i;
        for (int j = 0; j <= columns; j++) {
          if (i == 0 || j == 0) {
            score[i][j] = edit * (i + j);
            continue;
          }
          same[i][j] = left[leftFrom + i - 1] == right[rightFrom + j - 1];
          score[i][j] =
              Math.max(
                  score[i - 1][j - 1] + (same[i][j] ? equal : edit),
                  edit + Math.max(score[i - 1][j], score[i][j - 1]));
          bestOfRow = Math.max(bestOfRow, score[i][j]);
          // The first of the best is the shortest.
          if (score[i][j] > score[bestOutput][bestWork]) {
            bestOutput = i;
            bestWork = j;
          }
        }
        if (toTheBest && bestOfRow + equal * (rows - i) <= score[bestOutput][bestWork]) {
          break;
        }
      }
    }

    List<Kind> best() {
      return path(bestOutput, bestWork);
    }

    List<Kind> path(int i, int j) {
      Deque<Kind> path = new ArrayDeque<>();
      while (i > 0 || j > 0) {
        if (i > 0 && j > 0 && score[i][j] == score[i - 1][j - 1] + (same[i][j] ? equal : edit)) {
          path.addFirst(same[i][j] ? Kind.EQUAL : Kind.SUBSTITUTE);
          i--;
          j--;
        } else if (i > 0 && (j == 0 || score[i][j] == score[i - 1][j] + edit)) {
          path.addFirst(Kind.INSERT);
          i--;
        } else {
          path.addFirst(Kind.DELETE);
          j--;
        }
      }
      return List.copyOf(path);
    }
  }
}
