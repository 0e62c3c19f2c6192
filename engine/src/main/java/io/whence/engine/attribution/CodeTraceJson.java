package io.whence.engine.attribution;

import com.google.gson.stream.JsonWriter;
import io.whence.engine.Span;
import io.whence.engine.evidence.CodeFiltration;
import io.whence.engine.evidence.CodeTokens;
import io.whence.engine.evidence.PersonalData;
import io.whence.engine.evidence.SourceNotices;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The code of a trace as JSON. */
final class CodeTraceJson {
  private CodeTraceJson() {}

  static void write(JsonWriter json, @Nullable CodeTrace code) throws IOException {
    json.name("code");
    if (code == null) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("language").value(code.output().language().id());
    json.name("tokens").value(code.output().size());
    json.name("faults").beginArray();
    for (CodeTokens.Fault fault : code.output().faults()) {
      json.beginObject();
      json.name("line").value(fault.line());
      json.name("reason").value(fault.reason());
      json.endObject();
    }
    json.endArray();
    filtered(json, code.output(), code.filtered());
    json.name("personalData").beginArray();
    for (PersonalData data : code.personalData()) {
      json.beginObject();
      json.name("kind").value(data.kind().id());
      json.name("text").value(data.text());
      at(json, data.at());
      json.endObject();
    }
    json.endArray();
    json.name("sources").beginArray();
    for (CodeTrace.Source source : code.sources()) {
      source(json, source);
    }
    json.endArray();
    json.name("licenceConflicts").beginArray();
    for (String conflict : code.licenceConflicts()) {
      json.value(conflict);
    }
    json.endArray().endObject();
  }

  private static void source(JsonWriter json, CodeTrace.Source source) throws IOException {
    json.beginObject();
    json.name("work").value(source.work().id().value());
    json.name("counts").value(source.counts());
    json.name("similarity").beginObject();
    json.name("literal").value(source.similarity().literal());
    json.name("structure").value(source.similarity().structure());
    json.name("constants");
    if (Double.isNaN(source.similarity().constants())) {
      json.nullValue();
    } else {
      json.value(source.similarity().constants());
    }
    json.name("nonLiteral").value(source.similarity().nonLiteral());
    json.endObject();
    filtered(json, source.code(), source.filtered());
    json.name("licence").value(source.licence());
    json.name("headerLicence").value(source.notices().licence());
    json.name("licenceConflict").value(source.notices().conflictsWith(source.work().licence()));
    json.name("lostNotices").beginArray();
    for (SourceNotices.Copyright lost : source.lost()) {
      json.beginObject();
      json.name("text").value(lost.text());
      at(json, lost.at());
      json.endObject();
    }
    json.endArray().endObject();
  }

  private static void filtered(JsonWriter json, CodeTokens code, CodeFiltration filtration)
      throws IOException {
    json.name("filtered").beginArray();
    for (CodeFiltration.Passage passage : filtration.passages()) {
      json.beginObject();
      json.name("rule").value(passage.rule().id());
      json.name("reason").value(passage.rule().reason());
      at(json, code.characters(passage.tokens()));
      json.endObject();
    }
    json.endArray();
  }

  private static void at(JsonWriter json, Span characters) throws IOException {
    json.name("start").value(characters.start());
    json.name("end").value(characters.end());
  }
}
