package io.whence.indexbuilder;

import io.whence.engine.Progress;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Shows progress on a stream: a bar that redraws itself on a terminal, a line now and then
 * elsewhere. The estimate of what is left assumes the stage goes on as fast as it has so far.
 */
public final class ProgressBar implements Progress {
  private static final int WIDTH = 24;
  private static final long REDRAW_NANOS = 200_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private String stage = "";
  private long stageBegan;
  private long stageFirst;
  private long drawn;

  /** Draws on {@code out}, in place when it is a terminal. */
  public ProgressBar(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** {@return a bar on standard error; the launcher says whether that is a terminal} */
  public static ProgressBar onStandardError() {
    return new ProgressBar(System.err, Boolean.getBoolean("whence.terminal"));
  }

  @Override
  public synchronized void report(String stage, long done, long total, String unit, String note) {
    long now = System.nanoTime();
    if (!stage.equals(this.stage)) {
      this.stage = stage;
      stageBegan = now;
      stageFirst = done;
      drawn = 0;
    }
    boolean last = done >= total;
    if (!last && drawn != 0 && now - drawn < (terminal ? REDRAW_NANOS : LINE_NANOS)) {
      return;
    }
    drawn = now;
    String line = line(done, total, unit, note, (now - stageBegan) / 1e9);
    if (terminal) {
      out.print("\r\u001B[K" + line + (last ? "\n" : ""));
    } else {
      out.println(line);
    }
    out.flush();
  }

  private String line(long done, long total, String unit, String note, double seconds) {
    double share = total == 0 ? 1 : Math.min(1, done / (double) total);
    int filled = (int) Math.round(share * WIDTH);
    double rate = seconds > 0 ? (done - stageFirst) / seconds : 0;
    String left =
        done >= total
            ? "took " + clock(seconds)
            : rate > 0 ? "left " + clock((total - done) / rate) : "";
    return String.format(
            Locale.ROOT,
            "%-10s [%s%s] %3.0f%%  %,d/%,d %s  %s/s  %s  %s",
            stage,
            "#".repeat(filled),
            "-".repeat(WIDTH - filled),
            100 * share,
            done,
            total,
            unit,
            rate >= 100
                ? String.format(Locale.ROOT, "%,.0f", rate)
                : String.format(Locale.ROOT, "%.1f", rate),
            left,
            note)
        .stripTrailing();
  }

  private static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60)
        : "%d:%02d".formatted(whole / 60, whole % 60);
  }
}
