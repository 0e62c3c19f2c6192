package io.whence.engine.screening;

import com.google.gson.FormattingStyle;
import com.google.gson.stream.JsonWriter;
import io.whence.engine.Sha256;
import io.whence.engine.Span;
import io.whence.engine.attribution.AttributionJson;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.Finding;
import io.whence.engine.evidence.Resemblance;
import io.whence.engine.screening.Screening.Reason;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * A screening as the JSON that the command line and REST both answer with: fields in one order,
 * nothing that differs between two answers to the same request but {@code id} and {@code
 * createdAt}.
 */
public final class ScreeningJson {
  private ScreeningJson() {}

  /**
   * {@return the document as UTF-8}
   *
   * @param id names this answer
   * @param createdAt when it was given
   */
  public static byte[] write(Screening screening, String id, Instant createdAt) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setFormattingStyle(FormattingStyle.COMPACT);
      json.setHtmlSafe(false);
      json.beginObject();
      json.name("id").value(id);
      json.name("createdAt").value(createdAt.toString());
      json.name("verdict").value(screening.verdict().id());
      AttributionJson.index(json, screening.trace().index());
      json.name("output").beginObject();
      json.name("modality").value("text");
      json.name("characters").value(screening.trace().output().length());
      json.name("words").value(screening.trace().outputWords());
      json.name("sha256").value(Sha256.of(screening.trace().output()));
      json.endObject();
      json.name("policy").beginObject();
      json.name("name").value(screening.policy().name());
      json.name("sha256").value(screening.policy().sha256());
      json.name("rules").value(screening.policy().rules().size());
      json.endObject();
      json.name("reasons").beginArray();
      for (Reason reason : screening.reasons()) {
        reason(json, reason);
      }
      json.endArray();
      json.name("nearestInMeaning").beginArray();
      for (Resemblance near : screening.resemblances()) {
        json.beginObject();
        json.name("work").value(near.work().value());
        resemblance(json, near);
        json.endObject();
      }
      json.endArray();
      AttributionJson.negativeCertificate(json, screening.trace().negativeCertificate());
      AttributionJson.exclusions(json, screening.trace().exclusions());
      texts(json, "notTested", screening.notTested());
      texts(json, "wouldMiss", screening.wouldMiss());
      json.name("disclaimer")
          .value(
              "A verdict says which rules of a policy apply. A match is shared text, not proof of"
                  + " copying, and no verdict is legal advice.");
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void reason(JsonWriter json, Reason reason) throws IOException {
    json.beginObject();
    json.name("rule").value(reason.rule().id());
    json.name("verdict").value(reason.rule().verdict().id());
    json.name("evidence").value(reason.rule().evidence().id());
    json.name("why").value(reason.rule().reason());
    json.name("found").value(reason.sentence());
    Work work = reason.work();
    json.name("work").beginObject();
    json.name("id").value(work.id().value());
    json.name("title").value(work.title());
    json.name("rightsHolder").value(work.creditedTo());
    json.name("licence").value(work.licence());
    json.name("year").value(work.year());
    json.name("cluster").value(reason.cluster());
    json.name("copies").value(reason.copies());
    json.name("earliest").value(reason.earliest());
    json.endObject();
    json.name("matches").beginArray();
    for (Finding finding : reason.findings()) {
      json.beginObject();
      AttributionJson.matchFields(json, finding);
      json.endObject();
    }
    json.endArray();
    json.name("resemblance");
    Resemblance near = reason.resemblance();
    if (near == null) {
      json.nullValue();
    } else {
      json.beginObject();
      resemblance(json, near);
      json.endObject();
    }
    json.endObject();
  }

  private static void resemblance(JsonWriter json, Resemblance near) throws IOException {
    span(json, "outputCharacters", near.outputCharacters());
    span(json, "workCharacters", near.workCharacters());
    json.name("cosine").value(near.cosine());
    json.name("percentile").value(near.percentile());
  }

  private static void span(JsonWriter json, String name, Span span) throws IOException {
    json.name(name).beginObject();
    json.name("start").value(span.start());
    json.name("end").value(span.end());
    json.endObject();
  }

  private static void texts(JsonWriter json, String name, List<String> texts) throws IOException {
    json.name(name).beginArray();
    for (String text : texts) {
      json.value(text);
    }
    json.endArray();
  }
}
