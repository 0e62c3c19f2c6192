package io.whence.engine.fidelity;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A picture of figures, drawn as SVG by hand: without AWT, which needs fonts on the machine, and to
 * the same bytes everywhere. Black, grey and one blue; every mark also differs in shape.
 */
public sealed interface Plot {
  /** {@return the picture, 720 units wide} */
  String svg();

  /** {@return one metric of all methods, best first} */
  static Plot bars(String title, String metric, List<Report.Result> results) {
    return new Bars(
        title,
        metric,
        results.stream()
            .filter(result -> result.metric().equals(metric))
            .sorted(Comparator.comparingDouble(result -> -result.value()))
            .map(
                result ->
                    new Bar(
                        result.method() + (result.models() > 1 ? " x" + result.models() : ""),
                        result.value(),
                        orNaN(result.low()),
                        orNaN(result.high()),
                        orNaN(result.ceiling()),
                        orNaN(result.published())))
            .toList());
  }

  private static double orNaN(@Nullable Double value) {
    return value == null ? Double.NaN : value;
  }

  /**
   * One bar with its interval.
   *
   * @param ceiling where noise puts an end, or NaN
   * @param published to compare with, or NaN
   */
  record Bar(
      String label, double value, double low, double high, double ceiling, double published) {}

  /** Methods beside each other: a bar each, with its 95 % interval. */
  record Bars(String title, String unit, List<Bar> bars) implements Plot {
    @Override
    public String svg() {
      int row = 24;
      int height = 70 + row * bars.size();
      double most = 0.05;
      double least = 0;
      for (Bar bar : bars) {
        for (double x : new double[] {bar.value, bar.high, bar.ceiling, bar.published}) {
          most = Double.isFinite(x) ? Math.max(most, x) : most;
        }
        for (double x : new double[] {bar.value, bar.low}) {
          least = Double.isFinite(x) ? Math.min(least, x) : least;
        }
      }
      Axis x = new Axis(least, most, 220, 690);
      Canvas canvas = new Canvas(height, title);
      for (double tick : x.ticks()) {
        canvas.line(x.at(tick), 40, x.at(tick), height - 28, "#ddd", 1, "");
        canvas.text(x.at(tick), height - 12, "middle", label(tick));
      }
      canvas.text(690, 30, "end", unit + "; line: 95 % interval, ◇ published, ┆ noise ceiling");
      for (int i = 0; i < bars.size(); i++) {
        Bar bar = bars.get(i);
        double y = 46 + row * i;
        canvas.text(212, y + 13, "end", bar.label);
        double zero = x.at(0);
        double end = x.at(bar.value);
        canvas.rectangle(Math.min(zero, end), y + 3, Math.abs(end - zero), 13);
        if (Double.isFinite(bar.low) && Double.isFinite(bar.high)) {
          canvas.line(x.at(bar.low), y + 9.5, x.at(bar.high), y + 9.5, "#000", 1.5, "");
        }
        if (Double.isFinite(bar.published)) {
          canvas.diamond(x.at(bar.published), y + 9.5);
        }
        if (Double.isFinite(bar.ceiling)) {
          canvas.line(x.at(bar.ceiling), y, x.at(bar.ceiling), y + 19, "#000", 1, "2 2");
        }
      }
      return canvas.end();
    }
  }

  /**
   * True against predicted, a dot each, with the line of equality. The axes hold all but one number
   * in two hundred; dots beyond stand at the rim, or a few outliers would hide all others.
   */
  record Scatter(
      String title,
      String xName,
      String yName,
      @SuppressWarnings("ArrayRecordComponent") double[] xs,
      @SuppressWarnings("ArrayRecordComponent") double[] ys)
      implements Plot {
    /** More dots than this only make the file large. */
    private static final int MOST = 2000;

    @Override
    public String svg() {
      double most = Math.max(1e-12, Math.max(extent(xs), extent(ys)));
      double least = -most;
      Canvas canvas = new Canvas(520, title);
      Axis x = new Axis(least, most, 90, 690);
      Axis y = new Axis(least, most, 470, 50);
      for (double tick : x.ticks()) {
        canvas.line(x.at(tick), 50, x.at(tick), 470, "#ddd", 1, "");
        canvas.line(90, y.at(tick), 690, y.at(tick), "#ddd", 1, "");
        canvas.text(x.at(tick), 488, "middle", label(tick));
        canvas.text(84, y.at(tick) + 4, "end", label(tick));
      }
      canvas.line(x.at(least), y.at(least), x.at(most), y.at(most), "#000", 1, "4 3");
      int stride = Math.max(1, xs.length / MOST);
      for (int i = 0; i < xs.length; i += stride) {
        canvas.dot(x.at(clamped(xs[i], most)), y.at(clamped(ys[i], most)));
      }
      canvas.text(390, 508, "middle", xName);
      canvas.text(90, 42, "start", yName);
      return canvas.end();
    }

    private static double extent(double[] values) {
      double[] sizes = Arrays.stream(values).map(Math::abs).sorted().toArray();
      return sizes.length == 0 ? 0 : sizes[(int) Math.floor(0.995 * (sizes.length - 1))];
    }

    private static double clamped(double value, double most) {
      return Math.max(-most, Math.min(most, value));
    }
  }

  /** One curve over a logarithmic axis, a ring at each point, the chosen one filled. */
  record Curve(
      String title,
      String xName,
      String yName,
      @SuppressWarnings("ArrayRecordComponent") double[] xs,
      @SuppressWarnings("ArrayRecordComponent") double[] ys,
      double chosen)
      implements Plot {
    @Override
    public String svg() {
      double least = 0;
      double most = 0.05;
      for (double value : ys) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      Canvas canvas = new Canvas(360, title);
      Axis x = new Axis(Math.log10(xs[0]), Math.log10(xs[xs.length - 1]), 90, 680);
      Axis y = new Axis(least, most, 310, 50);
      for (double tick : y.ticks()) {
        canvas.line(90, y.at(tick), 680, y.at(tick), "#ddd", 1, "");
        canvas.text(84, y.at(tick) + 4, "end", label(tick));
      }
      for (int i = 0; i < xs.length; i++) {
        double at = x.at(Math.log10(xs[i]));
        if (i > 0) {
          canvas.line(
              x.at(Math.log10(xs[i - 1])), y.at(ys[i - 1]), at, y.at(ys[i]), "#2a5d8f", 1.5, "");
        }
        canvas.ring(at, y.at(ys[i]), xs[i] == chosen);
        canvas.text(at, 328, "middle", label(xs[i]));
      }
      canvas.text(385, 350, "middle", xName);
      canvas.text(90, 42, "start", yName);
      return canvas.end();
    }
  }

  private static String label(double value) {
    return value != 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e4)
        ? String.format(Locale.ROOT, "%.0e", value)
        : String.format(Locale.ROOT, "%s", Math.round(value * 1e4) / 1e4);
  }

  /** A linear axis from one place to another. */
  record Axis(double least, double most, double from, double to) {
    double at(double value) {
      double span = most > least ? most - least : 1;
      return from + (value - least) / span * (to - from);
    }

    /** Round numbers, about five. */
    double[] ticks() {
      double span = Math.max(most - least, 1e-12);
      double step = Math.pow(10, Math.floor(Math.log10(span / 4)));
      step *= span / step > 20 ? 5 : span / step > 8 ? 2 : 1;
      double first = Math.ceil(least / step) * step;
      int count = (int) Math.floor((most - first) / step + 1e-9) + 1;
      double[] ticks = new double[Math.max(0, count)];
      for (int i = 0; i < ticks.length; i++) {
        ticks[i] = first + i * step;
      }
      return ticks;
    }
  }

  /** Marks of a picture, as they are added. */
  final class Canvas {
    private final StringBuilder svg = new StringBuilder();

    Canvas(int height, String title) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 %d\" width=\"720\""
                  + " height=\"%d\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">%n"
                  + "<title>%s</title>%n<rect width=\"720\" height=\"%d\" fill=\"#fff\"/>%n",
              height,
              height,
              escaped(title),
              height));
      svg.append(
          "<text x=\"14\" y=\"18\" font-size=\"14\" font-weight=\"bold\">"
              + escaped(title)
              + "</text>\n");
    }

    void line(
        double x1, double y1, double x2, double y2, String colour, double width, String dash) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                  + " stroke-width=\"%.1f\"%s/>\n",
              x1,
              y1,
              x2,
              y2,
              colour,
              width,
              dash.isEmpty() ? "" : " stroke-dasharray=\"" + dash + "\""));
    }

    void rectangle(double x, double y, double width, double height) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#7fa8cc\"/>\n",
              x,
              y,
              width,
              height));
    }

    void dot(double x, double y) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.8\" fill=\"#2a5d8f\" fill-opacity=\"0.5\"/>\n",
              x,
              y));
    }

    void ring(double x, double y, boolean filled) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" stroke=\"#2a5d8f\" fill=\"%s\"/>\n",
              x,
              y,
              filled ? "#2a5d8f" : "#fff"));
    }

    void diamond(double x, double y) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%.1f %.1fl5 5l-5 5l-5 -5z\" fill=\"#fff\" stroke=\"#000\"/>\n",
              x,
              y - 5));
    }

    void text(double x, double y, String anchor, String text) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
              x,
              y,
              anchor,
              escaped(text)));
    }

    String end() {
      return svg.append("</svg>\n").toString();
    }

    private static String escaped(String text) {
      return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
  }
}
