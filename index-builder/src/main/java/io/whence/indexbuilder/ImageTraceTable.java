package io.whence.indexbuilder;

import io.whence.engine.attribution.ImageTrace;
import io.whence.engine.attribution.ImageTrace.Embedded;
import io.whence.engine.attribution.ImageTrace.Extracted;
import io.whence.engine.attribution.ImageTrace.Nearness;
import io.whence.engine.attribution.ImageTrace.SimilarImage;
import io.whence.engine.attribution.ImageTrace.Source;
import io.whence.engine.attribution.ImageTrace.TracedImage;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.PictureFinding;
import io.whence.engine.evidence.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The trace of an image laid out for a person at a terminal. */
final class ImageTraceTable {
  private static final int SHOWN = 8;

  private ImageTraceTable() {}

  static String of(ImageTrace trace) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%d x %d pixels; of %,d images, %d sources agree with it or with a part of it, %d more"
                + " than chance would give",
            trace.width(),
            trace.height(),
            trace.images(),
            trace.sources().size(),
            trace.sources().stream()
                .filter(source -> source.works().stream().anyMatch(work -> work.finding().counts()))
                .count()));
    for (Source source : trace.sources().subList(0, Math.min(SHOWN, trace.sources().size()))) {
      lines.add("");
      lines.add(
          source.cluster()
              + (source.copies() > 1 ? ", " + source.copies() + " copies" : "")
              + (source.earliest() == null ? "" : ", earliest " + source.earliest()));
      List<TracedImage> works = source.works();
      works.subList(0, Math.min(SHOWN, works.size())).forEach(work -> lines.add(line(work)));
      if (works.size() > SHOWN) {
        lines.add("    and " + (works.size() - SHOWN) + " more");
      }
    }
    Extracted extraction = trace.extraction();
    if (extraction != null) {
      lines.add("");
      lines.add(
          String.format(
              Locale.ROOT,
              "nearest by l2 as a whole: %s, %.4f; of %,d works of this size %d within 0.05, %d"
                  + " within 0.10, %d within 0.15",
              extraction.nearest().title(),
              extraction.measures().l2(),
              extraction.measures().compared(),
              extraction.measures().eidetic(0.05),
              extraction.measures().eidetic(0.1),
              extraction.measures().eidetic(0.15)));
    }
    Embedded embedded = trace.embedded();
    if (embedded != null && !embedded.similar().isEmpty()) {
      lines.add("");
      lines.add("similar by embedding, not shown to be copies:");
      for (SimilarImage similar : embedded.similar()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "    %s: %s, licence %s",
                similar.work().title(),
                nearness(similar.nearness()),
                licence(similar.work())));
      }
    }
    String nothing = trace.nothingFound();
    if (nothing != null) {
      lines.add("");
      lines.add(nothing);
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static String line(TracedImage traced) {
    PictureFinding finding = traced.finding();
    return String.format(
        Locale.ROOT,
        "    %s: %s%s, output %s, work %s, l2 %.4f, agreement %.3f, %slicence %s, p %.2g%s",
        traced.work().title(),
        finding.kind().id(),
        finding.changes().isEmpty() ? "" : " (" + String.join(", ", finding.changes()) + ")",
        place(finding.match().output()),
        place(finding.match().workRegion()),
        finding.l2(),
        finding.match().agreement(),
        traced.nearness() == null ? "" : nearness(traced.nearness()) + ", ",
        licence(traced.work()),
        finding.pValue(),
        finding.counts() ? "" : " (chance would do)");
  }

  private static String nearness(Nearness nearness) {
    return String.format(
        Locale.ROOT, "cosine %.3f (percentile %.1f)", nearness.cosine(), nearness.percentile());
  }

  private static String licence(Work work) {
    return work.licence() == null ? "not known" : work.licence();
  }

  private static String place(Region region) {
    return region.width() + "x" + region.height() + "+" + region.left() + "+" + region.top();
  }
}
