package io.whence.service.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.qute.Engine;
import io.quarkus.qute.HtmlEscaper;
import io.quarkus.qute.RawString;
import io.quarkus.qute.ReflectionValueResolver;
import io.quarkus.qute.Template;
import io.quarkus.qute.Variant;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.record.Custody;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A stored attribution as a report that a person reads and files: one text, as an HTML page that
 * loads nothing from anywhere, and as PDF/A-3b with the record inside. The same record and history
 * give the same bytes.
 */
public final class AttributionReport {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Template TEMPLATE = template("/report/attribution.html");
  private static final DateTimeFormatter MADE =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final byte[] record;
  private final Instant made;
  private final String id;
  private final String style;
  private final String html;

  private AttributionReport(byte[] record, JsonNode answer, @Nullable Custody custody) {
    this.record = record;
    this.id = Json.text(answer, "id");
    this.made = made(answer);
    Style places = new Style();
    String sum = Sha256.of(record);
    View.Page page =
        new View.Page(
            id,
            MADE.format(made),
            Json.text(answer.path("index"), "id"),
            sum,
            Claim.of(answer),
            WorksChapter.parties(answer),
            WorksChapter.works(answer),
            PassagesChapter.of(answer),
            InfluenceChapter.of(answer, places),
            RiskChapter.of(answer, places),
            AnnexChapter.credit(answer),
            AnnexChapter.methods(answer),
            AnnexChapter.errors(answer),
            Json.texts(answer.path("limits")),
            AnnexChapter.custody(custody),
            AnnexChapter.hashes(answer, sum),
            Json.entries(answer.path("reproducibility").path("components")),
            Json.entries(answer.path("provenance")));
    this.style = places.sheet();
    this.html = xml(TEMPLATE.data("page", page, "style", new RawString(style)).render());
  }

  /**
   * {@return the report of a record}
   *
   * @param record its bytes
   * @param custody what the log holds of it; null where it is in no log
   * @throws EngineException.InvalidQuery when the bytes are no record, or say more than their
   *     evidence carries
   */
  public static AttributionReport of(byte[] record, @Nullable Custody custody) {
    JsonNode answer;
    try {
      answer = MAPPER.readTree(record);
    } catch (JsonProcessingException e) {
      throw new EngineException.InvalidQuery(
          "the record is not JSON: "
              + e.getOriginalMessage()
              + "; give an attribution as it was"
              + " answered");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String field : List.of("id", "createdAt", "index", "output", "attributions", "risk")) {
      if (!answer.has(field)) {
        throw new EngineException.InvalidQuery(
            "the record has no field " + field + "; give an attribution as it was answered");
      }
    }
    return new AttributionReport(record.clone(), answer, custody);
  }

  /** {@return the report as HTML in the syntax of XML} */
  public String html() {
    return html;
  }

  /** {@return the policy that lets the page have its own style and nothing else} */
  public String contentSecurityPolicy() {
    return "default-src 'none'; style-src 'sha256-"
        + base64Sum(style)
        + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  /** {@return the report as PDF/A-3b; the record's bytes are attached to it} */
  public byte[] pdf() {
    return PdfDocument.of(html, id, made, record);
  }

  private static Instant made(JsonNode answer) {
    String text = Json.text(answer, "createdAt");
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new EngineException.InvalidQuery(
          "the record's createdAt is " + text + ", which is no time in UTC");
    }
  }

  /** {@return the template in a file of this build, whose texts are escaped} */
  static Template template(String file) {
    return Engine.builder()
        .addDefaults()
        .addValueResolver(new ReflectionValueResolver())
        .addResultMapper(new HtmlEscaper(List.of(Variant.TEXT_HTML)))
        .build()
        .parse(Style.resource(file), Variant.forContentType(Variant.TEXT_HTML));
  }

  /** What XML cannot hold is shown in its place: control characters by their pictures. */
  private static String xml(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().forEach(point -> clean.appendCodePoint(shown(point)));
    return clean.toString();
  }

  private static int shown(int point) {
    if (point < 0x20) {
      return point == '\n' || point == '\t' || point == '\r' ? point : 0x2400 + point;
    }
    boolean none =
        (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)
            || (point & 0xfffe) == 0xfffe;
    return none ? 0xfffd : point == 0x7f ? 0x2421 : point;
  }

  /** {@return SHA-256 of a text, as a content security policy has it} */
  static String base64Sum(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
