package io.whence.indexbuilder;

import io.whence.engine.attribution.ImageTrace;
import io.whence.engine.attribution.ImageTrace.Embedded;
import io.whence.engine.attribution.ImageTrace.Extracted;
import io.whence.engine.attribution.ImageTrace.Nearness;
import io.whence.engine.attribution.ImageTrace.SimilarImage;
import io.whence.engine.attribution.ImageTrace.Source;
import io.whence.engine.attribution.ImageTrace.TracedImage;
import io.whence.engine.evidence.PictureFinding;
import io.whence.engine.evidence.Region;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The trace of an image as one HTML page without scripts, that loads nothing from anywhere: for
 * each work the output and the work beside each other, the region of the match drawn on both; then
 * works that are near by their embeddings alone.
 */
final class ImageExhibit {
  /** More works than these nobody looks at; the JSON has them all. */
  private static final int SHOWN = 12;

  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; color: #1c1c1c; background: #fff; margin: 2rem auto;
        max-width: 60rem; padding: 0 1rem; }
      h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin: 0 0 .3rem; }
      section { border-top: 1px solid #bbb; margin-top: 1.8rem; padding-top: 1.2rem;
        break-inside: avoid; }
      .panes { display: flex; gap: 1.5rem; margin: .8rem 0; }
      figure { flex: 1 1 0; margin: 0; min-width: 0; }
      figcaption { font-size: .85rem; color: #555; margin-top: .3rem; overflow-wrap: anywhere; }
      svg { width: 100%; height: 20rem; background: #ececec; display: block; overflow: visible; }
      image { image-rendering: pixelated; }
      rect.halo { fill: none; stroke: #fff; stroke-width: 6; vector-effect: non-scaling-stroke; }
      rect.match { fill: none; stroke: #c22; stroke-width: 3; vector-effect: non-scaling-stroke; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
      dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
      .chance { color: #777; }
      """;

  private final StringBuilder page = new StringBuilder();

  private ImageExhibit() {}

  /**
   * {@return the page}
   *
   * @param output the file that was traced
   * @param images the file of each image of the index, by number
   */
  static String of(ImageTrace trace, byte[] output, String name, IntFunction<byte[]> images) {
    ImageExhibit exhibit = new ImageExhibit();
    exhibit.head(trace, name);
    List<TracedImage> shown =
        trace.sources().stream().flatMap(source -> source.works().stream()).limit(SHOWN).toList();
    for (Source source : trace.sources()) {
      for (TracedImage work : source.works()) {
        if (shown.contains(work)) {
          exhibit.work(trace, source, work, output, images.apply(work.image()));
        }
      }
    }
    Embedded embedded = trace.embedded();
    if (embedded != null) {
      for (SimilarImage similar : embedded.similar()) {
        exhibit.similar(trace, similar, output, images.apply(similar.image()));
      }
    }
    exhibit.page.append("</body></html>\n");
    return exhibit.page.toString();
  }

  private void head(ImageTrace trace, String name) {
    page.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
        .append("style-src 'unsafe-inline'; img-src data:\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
        .append(escaped("Image evidence: " + name))
        .append("</title><style>")
        .append(STYLE)
        .append("</style></head><body><h1>")
        .append(escaped("Image evidence: " + name))
        .append("</h1><dl>");
    entry("Output", trace.width() + " x " + trace.height() + " pixels, SHA-256 " + trace.sha256());
    entry("Index", trace.index().id() + ", " + count(trace.images()) + " images");
    entry("Its manifest", "SHA-256 " + trace.index().manifest());
    Embedded embedded = trace.embedded();
    if (embedded != null) {
      entry(
          "Embeddings",
          "by the model of SHA-256 "
              + embedded.model()
              + ", against "
              + count(embedded.unrelatedImages())
              + " unrelated images");
    }
    Extracted extraction = trace.extraction();
    if (extraction != null) {
      entry(
          "Nearest by l2",
          String.format(
              Locale.ROOT,
              "%s, l2 %.4f as a whole; of %,d works of the output's size, %d within 0.05, %d within"
                  + " 0.10, %d within 0.15",
              extraction.nearest().title(),
              extraction.measures().l2(),
              extraction.measures().compared(),
              extraction.measures().eidetic(0.05),
              extraction.measures().eidetic(0.1),
              extraction.measures().eidetic(0.15)));
    }
    page.append("</dl>");
    String nothing = trace.nothingFound();
    if (nothing != null) {
      page.append("<p>").append(escaped(nothing)).append(".</p>");
    }
  }

  private void work(
      ImageTrace trace, Source source, TracedImage traced, byte[] output, byte[] file) {
    PictureFinding finding = traced.finding();
    page.append("<section><h2>").append(escaped(traced.work().title())).append("</h2><p");
    page.append(finding.counts() ? ">" : " class=\"chance\">")
        .append(escaped(finding.tier() + ": " + finding.wording()))
        .append(".</p><div class=\"panes\">");
    pane("The output", output, trace.width(), trace.height(), finding.match().output());
    pane(
        "The work, " + traced.work().id(),
        file,
        traced.width(),
        traced.height(),
        finding.match().workRegion());
    page.append("</div><dl>");
    entry("Rights holder", traced.work().creditedTo());
    entry("Licence", or(traced.work().licence(), "not known"));
    entry(
        "Copies",
        source.copies() == 1
            ? "none in the index"
            : source.copies()
                + " works in one cluster, "
                + (source.earliest() == null ? "none dated" : "earliest " + source.earliest()));
    entry(
        "Kind",
        finding.kind().id()
            + (finding.changes().isEmpty() ? "" : ": " + String.join(", ", finding.changes())));
    entry(
        "Agreement",
        String.format(
            Locale.ROOT,
            "%.3f of 1; p = %.2g, against %d unrelated outputs",
            finding.match().agreement(),
            finding.pValue(),
            trace.unrelatedOutputs()));
    entry(
        "Distance",
        String.format(
            Locale.ROOT,
            "l2 %.4f, worst of 16 tiles %.4f, %.4f after fitting the colours; dHash %d and pHash %d"
                + " of 64 bits",
            finding.l2(),
            finding.l2Tiles(),
            finding.l2Recoloured(),
            finding.differenceHash(),
            finding.frequencyHash()));
    if (traced.nearness() != null) {
      entry("Embedding", nearness(traced.nearness()));
    }
    page.append("</dl></section>");
  }

  /** A work that is near by its embedding: both whole, since no region was found. */
  private void similar(ImageTrace trace, SimilarImage similar, byte[] output, byte[] file) {
    page.append("<section><h2>")
        .append(escaped(similar.work().title()))
        .append("</h2><p class=\"chance\">")
        .append(escaped(similar.tier() + ": " + similar.wording()))
        .append(".</p><div class=\"panes\">");
    pane("The output", output, trace.width(), trace.height(), null);
    pane("The work, " + similar.work().id(), file, similar.width(), similar.height(), null);
    page.append("</div><dl>");
    entry("Rights holder", similar.work().creditedTo());
    entry("Licence", or(similar.work().licence(), "not known"));
    entry("Embedding", nearness(similar.nearness()));
    page.append("</dl></section>");
  }

  private static String nearness(Nearness nearness) {
    return String.format(
        Locale.ROOT,
        "cosine %.3f, nearer than %.1f in 100 unrelated images; no sign of copying by itself",
        nearness.cosine(),
        nearness.percentile());
  }

  private void pane(String title, byte[] file, int width, int height, @Nullable Region region) {
    page.append(
        String.format(
            Locale.ROOT,
            "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\"><image width=\"%d\""
                + " height=\"%d\" href=\"data:%s;base64,%s\"/>",
            width,
            height,
            escaped(title),
            width,
            height,
            mediaType(file),
            Base64.getEncoder().encodeToString(file)));
    String caption = title;
    if (region != null) {
      for (String layer : List.of("halo", "match")) {
        page.append(
            String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
                layer,
                region.left(),
                region.top(),
                region.width(),
                region.height()));
      }
      caption =
          String.format(
              Locale.ROOT,
              "%s: %d x %d pixels from %d, %d; %.0f %% of it",
              title,
              region.width(),
              region.height(),
              region.left(),
              region.top(),
              100.0 * region.pixels() / ((long) width * height));
    }
    page.append("</svg><figcaption>").append(escaped(caption)).append("</figcaption></figure>");
  }

  private void entry(String name, String value) {
    page.append("<dt>")
        .append(escaped(name))
        .append("</dt><dd>")
        .append(escaped(value))
        .append("</dd>");
  }

  private static String or(@Nullable String value, String otherwise) {
    return value == null ? otherwise : value;
  }

  private static String count(int number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String mediaType(byte[] file) {
    return switch (file[0]) {
      case (byte) 0x89 -> "image/png";
      case (byte) 0xFF -> "image/jpeg";
      case 'G' -> "image/gif";
      default -> "image/bmp";
    };
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
