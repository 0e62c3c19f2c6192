package io.whence.engine.attribution;

import com.google.gson.FormattingStyle;
import com.google.gson.stream.JsonWriter;
import io.whence.engine.Sha256;
import io.whence.engine.attribution.Trace.Source;
import io.whence.engine.attribution.Trace.TracedWork;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Finding;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A trace as JSON: fields in one order, nothing that differs between two traces of the same output.
 * Each span has everything that a match of an attribution has, and the work it is in.
 */
public final class TraceJson {
  private TraceJson() {}

  /** {@return the document} */
  public static String write(Trace trace) {
    return write(trace, null);
  }

  /** {@return the document, with the risk of a use where there is one} */
  public static String write(Trace trace, @Nullable TraceRisk risk) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setFormattingStyle(FormattingStyle.COMPACT);
      json.setHtmlSafe(false);
      json.beginObject();
      AttributionJson.index(json, trace.index());
      json.name("output").beginObject();
      json.name("characters").value(trace.output().length());
      json.name("words").value(trace.outputWords());
      json.name("sha256").value(Sha256.of(trace.output()));
      json.endObject();
      json.name("sources").beginArray();
      for (Source source : trace.sources()) {
        source(json, source);
      }
      json.endArray();
      json.name("spans").beginArray();
      for (Source source : trace.sources()) {
        for (TracedWork work : source.works()) {
          String licence = work.licence();
          for (Finding finding : work.findings()) {
            span(json, source, work.work(), licence, finding);
          }
        }
      }
      json.endArray();
      json.name("passages").beginArray();
      for (SharedPassage passage : trace.passages()) {
        passage(json, passage);
      }
      json.endArray();
      AttributionJson.negativeCertificate(json, trace.negativeCertificate());
      AttributionJson.exclusions(json, trace.exclusions());
      CodeTraceJson.write(json, trace.code());
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
    json.name("words").value(source.words());
    json.name("works").beginArray();
    for (TracedWork traced : source.works()) {
      Work work = traced.work();
      json.beginObject();
      json.name("id").value(work.id().value());
      json.name("title").value(work.title());
      json.name("rightsHolder").value(work.creditedTo());
      json.name("licence").value(traced.licence());
      json.name("year").value(work.year());
      json.endObject();
    }
    json.endArray().endObject();
  }

  private static void passage(JsonWriter json, SharedPassage passage) throws IOException {
    json.beginObject();
    json.name("start").value(passage.characters().start());
    json.name("end").value(passage.characters().end());
    json.name("words").value(passage.words());
    Work earliest = passage.earliest();
    json.name("earliest").value(earliest == null ? null : earliest.id().value());
    known(json, passage.known());
    json.name("works").beginArray();
    for (SharedPassage.Place place : passage.places()) {
      json.beginObject();
      json.name("id").value(place.work().id().value());
      json.name("year").value(place.work().year());
      json.name("workStart").value(place.match().workCharacters().start());
      json.name("workEnd").value(place.match().workCharacters().end());
      json.name("tokens").value(place.match().equalWords());
      json.endObject();
    }
    json.endArray().endObject();
  }

  private static void known(JsonWriter json, SharedPassage.@Nullable Known known)
      throws IOException {
    json.name("inIndex");
    if (known == null) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("passage").value(known.passage().number());
    json.name("words").value(known.passage().words());
    json.name("common").value(known.common());
    json.name("works").value(known.passage().works());
    json.name("places").value(known.passage().places());
    json.endObject();
  }

  private static void span(
      JsonWriter json, Source source, Work work, @Nullable String licence, Finding finding)
      throws IOException {
    json.beginObject();
    json.name("work").value(work.id().value());
    json.name("start").value(finding.match().outputCharacters().start());
    json.name("end").value(finding.match().outputCharacters().end());
    json.name("workStart").value(finding.match().workCharacters().start());
    json.name("workEnd").value(finding.match().workCharacters().end());
    json.name("cluster").value(source.cluster());
    json.name("licence").value(licence);
    AttributionJson.matchFields(json, finding);
    json.endObject();
  }
}
