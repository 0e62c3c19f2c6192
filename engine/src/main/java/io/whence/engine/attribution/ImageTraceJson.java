package io.whence.engine.attribution;

import com.google.gson.FormattingStyle;
import com.google.gson.stream.JsonWriter;
import io.whence.engine.attribution.ImageTrace.Embedded;
import io.whence.engine.attribution.ImageTrace.Extracted;
import io.whence.engine.attribution.ImageTrace.Nearness;
import io.whence.engine.attribution.ImageTrace.SimilarImage;
import io.whence.engine.attribution.ImageTrace.Source;
import io.whence.engine.attribution.ImageTrace.TracedImage;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.PictureFinding;
import io.whence.engine.evidence.Region;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The trace of an image as JSON, in the form of {@link TraceJson}: a span has rectangles where one
 * of a text has characters. Fields in one order, nothing that differs between two traces of an
 * output.
 */
public final class ImageTraceJson {
  /** Works are counted within these. */
  private static final List<Double> DELTAS = List.of(0.0, 0.05, 0.1, 0.15);

  private ImageTraceJson() {}

  /** {@return the document} */
  public static String write(ImageTrace trace) {
    return write(trace, null);
  }

  /** {@return the document, with the risk of a use where there is one} */
  public static String write(ImageTrace trace, @Nullable TraceRisk risk) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setFormattingStyle(FormattingStyle.COMPACT);
      json.setHtmlSafe(false);
      json.beginObject();
      AttributionJson.index(json, trace.index());
      json.name("output").beginObject();
      json.name("modality").value("image");
      json.name("width").value(trace.width());
      json.name("height").value(trace.height());
      json.name("sha256").value(trace.sha256());
      json.endObject();
      json.name("images").value(trace.images());
      json.name("unrelatedOutputs").value(trace.unrelatedOutputs());
      json.name("sources").beginArray();
      for (Source source : trace.sources()) {
        source(json, source);
      }
      json.endArray();
      json.name("spans").beginArray();
      for (Source source : trace.sources()) {
        for (TracedImage work : source.works()) {
          span(json, source, work);
        }
      }
      json.endArray();
      extraction(json, trace.extraction());
      embedding(json, trace.embedded());
      json.name("nothingFound").value(trace.nothingFound());
      if (risk != null) {
        AttributionJson.element(json, "risk", TraceRiskJson.of(risk));
      }
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void source(JsonWriter json, Source source) throws IOException {
    json.beginObject();
    json.name("cluster").value(source.cluster());
    json.name("copies").value(source.copies());
    json.name("earliest").value(source.earliest());
    json.name("works").beginArray();
    for (TracedImage traced : source.works()) {
      json.beginObject();
      work(json, traced.work(), traced.width(), traced.height());
      json.endObject();
    }
    json.endArray().endObject();
  }

  private static void work(JsonWriter json, Work work, int width, int height) throws IOException {
    json.name("id").value(work.id().value());
    json.name("title").value(work.title());
    json.name("rightsHolder").value(work.creditedTo());
    json.name("licence").value(work.licence());
    json.name("year").value(work.year());
    json.name("width").value(width);
    json.name("height").value(height);
  }

  private static void span(JsonWriter json, Source source, TracedImage traced) throws IOException {
    PictureFinding finding = traced.finding();
    json.beginObject();
    json.name("work").value(traced.work().id().value());
    region(json, "outputRegion", finding.match().output());
    region(json, "workRegion", finding.match().workRegion());
    json.name("cluster").value(source.cluster());
    json.name("licence").value(traced.work().licence());
    json.name("kind").value(finding.kind().id());
    json.name("symmetry").value(finding.match().done().id());
    json.name("changes").beginArray();
    for (String change : finding.changes()) {
      json.value(change);
    }
    json.endArray();
    json.name("agreement").value(finding.match().agreement());
    json.name("saved").value(finding.match().saved());
    json.name("l2").value(finding.l2());
    json.name("l2Tiles").value(finding.l2Tiles());
    json.name("l2Recoloured").value(finding.l2Recoloured());
    json.name("differenceHash").value(finding.differenceHash());
    json.name("frequencyHash").value(finding.frequencyHash());
    nearness(json, traced.nearness());
    json.name("pValue").value(finding.pValue());
    json.name("counts").value(finding.counts());
    json.name("tier").value(finding.tier().name());
    json.name("wording").value(finding.wording());
    json.endObject();
  }

  private static void region(JsonWriter json, String name, Region region) throws IOException {
    json.name(name).beginObject();
    json.name("left").value(region.left());
    json.name("top").value(region.top());
    json.name("width").value(region.width());
    json.name("height").value(region.height());
    json.endObject();
  }

  private static void extraction(JsonWriter json, @Nullable Extracted extraction)
      throws IOException {
    json.name("extraction");
    if (extraction == null) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("nearest").value(extraction.nearest().id().value());
    json.name("l2").value(extraction.measures().l2());
    json.name("relative").value(extraction.measures().relative());
    json.name("standsOut").value(extraction.measures().standsOut());
    json.name("compared").value(extraction.measures().compared());
    json.name("within").beginArray();
    for (double delta : DELTAS) {
      json.beginObject();
      json.name("delta").value(delta);
      json.name("works").value(extraction.measures().eidetic(delta));
      json.endObject();
    }
    json.endArray().endObject();
  }

  private static void nearness(JsonWriter json, @Nullable Nearness nearness) throws IOException {
    if (nearness == null) {
      json.name("cosine").nullValue();
      json.name("percentile").nullValue();
    } else {
      json.name("cosine").value(nearness.cosine());
      json.name("percentile").value(nearness.percentile());
    }
  }

  private static void embedding(JsonWriter json, @Nullable Embedded embedded) throws IOException {
    json.name("embedding");
    if (embedded == null) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("model").value(embedded.model());
    json.name("unrelatedImages").value(embedded.unrelatedImages());
    json.name("similar").beginArray();
    for (SimilarImage similar : embedded.similar()) {
      json.beginObject();
      work(json, similar.work(), similar.width(), similar.height());
      nearness(json, similar.nearness());
      json.name("tier").value(similar.tier().name());
      json.name("wording").value(similar.wording());
      json.endObject();
    }
    json.endArray().endObject();
  }
}
