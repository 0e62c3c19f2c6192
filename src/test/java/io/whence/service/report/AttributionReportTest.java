package io.whence.service.report;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.whence.engine.EngineException;
import io.whence.engine.evidence.Tier;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.Custody;
import io.whence.engine.record.LogEvent;
import io.whence.engine.record.LogKey;
import io.whence.engine.record.MerkleTree;
import io.whence.service.PdfA;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.common.filespecification.PDComplexFileSpecification;
import org.apache.pdfbox.pdmodel.interactive.documentnavigation.outline.PDOutlineItem;
import org.apache.pdfbox.text.PDFTextStripper;
import org.apache.pdfbox.text.TextPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The report of records as the engine answered them: {@code scored.json} with every fact of the use
 * stated, {@code undetermined.json} with none, {@code nothing.json} of an output that shares
 * nothing with any work; each cut to its first four works.
 */
class AttributionReportTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Half an inch: nothing is printed nearer to the edge of a page. */
  private static final float LEAST_MARGIN = 36;

  @Test
  void an_ordinary_answer_is_a_pdf_for_the_archive_with_the_record_attached() throws Exception {
    byte[] record = record("scored");

    byte[] pdf = AttributionReport.of(record, custody()).pdf();

    assertThat(PdfA.failures(pdf)).isEmpty();
    try (PDDocument document = Loader.loadPDF(pdf)) {
      assertThat(document.getDocumentInformation().getTitle())
          .isEqualTo("Attribution report 019ad0c2-3f5a-7b1c-9d2e-4f6a8b0c1d2e");
      assertThat(document.getDocumentCatalog().getLanguage()).isEqualTo("en");
      PDComplexFileSpecification attached =
          requireNonNull(
              document
                  .getDocumentCatalog()
                  .getNames()
                  .getEmbeddedFiles()
                  .getNames()
                  .get("019ad0c2-3f5a-7b1c-9d2e-4f6a8b0c1d2e.json"));
      assertThat(attached.getEmbeddedFile().toByteArray()).isEqualTo(record);
      assertThat(bookmarks(document))
          .startsWith("1. Finding", "2. Parties and works")
          .endsWith("Annex C. Hashes and what the report was made with", "Sign-off");
      String text = new PDFTextStripper().getText(document);
      assertThat(text)
          .contains("Page 1 of " + document.getNumberOfPages())
          .contains("Page " + document.getNumberOfPages() + " of " + document.getNumberOfPages());
      assertThat(outside(document)).isEmpty();
    }
  }

  @Test
  void long_titles_addresses_and_forty_passages_stay_on_the_page() throws Exception {
    ObjectNode answer = (ObjectNode) JSON.readTree(record("scored"));
    String title = "An inordinately long title, ".repeat(30) + "x".repeat(400);
    for (JsonNode ranked : answer.path("attributions")) {
      ((ObjectNode) ranked.path("work"))
          .put("title", title)
          .put("id", "corpus/" + "y".repeat(300))
          .put("rightsHolder", "z".repeat(300))
          .put("url", "https://example.org/" + "path".repeat(200));
    }
    ArrayNode evidence = (ArrayNode) answer.path("attributions").path(0).path("evidence");
    JsonNode one = evidence.path(0);
    while (evidence.size() < 40) {
      evidence.add(one.deepCopy());
    }

    byte[] pdf = AttributionReport.of(JSON.writeValueAsBytes(answer), custody()).pdf();

    assertThat(PdfA.failures(pdf)).isEmpty();
    try (PDDocument document = Loader.loadPDF(pdf)) {
      assertThat(new PDFTextStripper().getText(document)).contains("Passage 40: rank 1");
      assertThat(outside(document)).isEmpty();
    }
  }

  @Test
  void an_undetermined_risk_without_evidence_has_no_band_and_no_figure_at_its_head()
      throws Exception {
    ObjectNode answer = (ObjectNode) JSON.readTree(record("undetermined"));
    for (JsonNode ranked : answer.path("attributions")) {
      ((ObjectNode) ranked).putArray("evidence");
      ((ObjectNode) ranked).put("tier", "E0").put("wording", "the output resembles this work");
    }

    AttributionReport report = AttributionReport.of(JSON.writeValueAsBytes(answer), null);

    assertThat(PdfA.failures(report.pdf())).isEmpty();
    assertThat(report.html())
        .contains("No run of words is shared with a work shown above.")
        .containsPattern("<p class=\"headline\">undetermined; interval \\d+ to \\d+ of 100</p>")
        .contains("undetermined - needs: ", "no log was asked")
        .doesNotContain("class=\"dot p0 tall\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scored", "undetermined", "nothing"})
  void the_same_record_and_history_give_the_same_bytes(String name) throws Exception {
    Custody history = custody();

    byte[] pdf = AttributionReport.of(record(name), history).pdf();

    assertThat(AttributionReport.of(record(name), history).pdf()).isEqualTo(pdf);
    assertThat(AttributionReport.of(record(name), null).pdf()).isNotEqualTo(pdf);
  }

  @Test
  void characters_that_no_font_has_are_shown_as_such_and_counted() throws Exception {
    ObjectNode answer = (ObjectNode) JSON.readTree(record("nothing"));
    ((ObjectNode) answer.path("output"))
        .put(
            "text",
            "\u5e8a\u524d\u660e\u6708\u5149 \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627"
                + " \u0928\u092e \ud83c\udf39 \u0001 \ud800");

    AttributionReport report = AttributionReport.of(JSON.writeValueAsBytes(answer), null);
    byte[] pdf = report.pdf();

    assertThat(report.html()).contains("\u5e8a\u524d", "\ud83c\udf39", "\u2401");
    assertThat(PdfA.failures(pdf)).isEmpty();
    try (PDDocument document = Loader.loadPDF(pdf)) {
      assertThat(new PDFTextStripper().getText(document))
          .contains("\u5e8a\u524d\u660e\u6708\u5149", "\ufffd\ufffd")
          .containsPattern("\\d characters are of a script that this document's fonts do not have");
    }
  }

  @Test
  void the_claim_stands_in_the_words_that_its_tier_permits() throws IOException {
    String html = AttributionReport.of(record("scored"), null).html();

    assertThat(html)
        .contains(
            "Evidence tier E1: a rare exact or near-exact run of words",
            "The output matches ",
            " words of the work \u201cIntroduction\u201d by Alfred Tennyson in one ",
            "This does not establish infringement, ownership or lack of licence.");
    assertThat(AttributionReport.of(record("nothing"), null).html())
        .contains("The output resembles the work \u201c", "Certified: the output of 7 words");
  }

  @Test
  void a_record_that_says_more_than_its_evidence_carries_makes_no_report() throws IOException {
    ObjectNode answer = (ObjectNode) JSON.readTree(record("scored"));
    ((ObjectNode) answer.path("attributions").path(1))
        .put("wording", "the model was trained on this work");
    byte[] overstated = JSON.writeValueAsBytes(answer);

    assertThatThrownBy(() -> AttributionReport.of(overstated, null))
        .isInstanceOf(EngineException.InvalidQuery.class)
        .hasMessage(
            "the record says \"was trained on\" of the work of rank 2, which evidence of tier E0"
                + " does not carry; no report is made of it");
  }

  @Test
  void its_own_prose_claims_nothing_beyond_the_tiers_that_are_reached() {
    String prose = Style.resource("/report/attribution.html").replaceAll("<[^>]*>", " ");

    assertThat(Tier.E1.overstatements(prose)).isEmpty();
  }

  @Test
  void says_who_asserted_what_when_and_what_would_move_the_score() throws IOException {
    String html = AttributionReport.of(record("scored"), null).html();

    assertThat(html)
        .contains("judged by J. Doe, counsel for A. Publisher, 2026-11-20")
        .contains("declared by B. Clerk, 2026-11-19")
        .contains("comments on nothing in it")
        .contains("6.2 What moves the score", "market facts", "(Elevated)")
        .contains("Decided against fair use", "Decided for fair use", "126 F.3d 70")
        .contains("notice removal", "unlawful acquisition", "publicity")
        .contains("A. Publisher Inc.")
        .contains("0.993 [0.982 to 0.999]", "Not blind: the coders knew the outcomes")
        .contains("No court has adopted this score.");
  }

  @Test
  void shows_the_custody_with_its_checkpoint_and_proof() throws IOException {
    Custody custody = custody();

    String html = AttributionReport.of(record("nothing"), custody).html();

    assertThat(html)
        .contains("attribution.answered", "attribution.reported", custody.fingerprint())
        .contains(custody.events().get(0).commitment(), custody.leaf());
    assertThat(custody.proof()).isNotEmpty().allSatisfy(hash -> assertThat(html).contains(hash));
    assertThat(custody.checkpoint().lines().filter(line -> !line.isEmpty()))
        .allSatisfy(line -> assertThat(html).contains(line));
  }

  @Test
  void the_page_has_no_style_but_the_one_that_its_policy_names() throws Exception {
    AttributionReport report = AttributionReport.of(record("scored"), custody());

    Matcher style = Pattern.compile("(?s)<style>(.*)</style>").matcher(report.html());
    assertThat(style.find()).isTrue();
    byte[] sum =
        MessageDigest.getInstance("SHA-256")
            .digest(style.group(1).getBytes(StandardCharsets.UTF_8));
    assertThat(report.contentSecurityPolicy())
        .startsWith("default-src 'none'; style-src 'sha256-")
        .contains(Base64.getEncoder().encodeToString(sum));
    assertThat(report.html()).doesNotContain("<script", "<link", "<img", " style=", "NOT_FOUND");
  }

  private static byte[] record(String name) throws IOException {
    try (InputStream in =
        AttributionReportTest.class.getResourceAsStream("/report/" + name + ".json")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  /** A record's three events, among others in a log. */
  private static Custody custody() {
    LogKey key = Key.ONE;
    MerkleTree tree = new MerkleTree();
    List<byte[]> events = new ArrayList<>();
    String[] kinds = {"attribution.answered", "attribution.viewed", "attribution.reported"};
    for (int i = 0; i < 9; i++) {
      byte[] event =
          new LogEvent(
                  i,
                  Instant.parse("2026-11-28T22:15:30.123Z").plusSeconds(i),
                  kinds[i % kinds.length],
                  "019ad0c2-3f5a-7b1c-9d2e-4f6a8b0c1d2e",
                  "royalty-engine (whk_0123456789ab)",
                  LogEvent.commitment(new byte[LogEvent.SALT], new byte[] {(byte) i}),
                  1)
              .canonical();
      tree.append(MerkleTree.leaf(event));
      events.add(event);
    }
    return Custody.of(
        events.subList(3, 6),
        Bundle.checkpoint(tree.size(), tree.root(), key),
        key,
        tree.inclusion(3, tree.size()));
  }

  /** One key, so that histories are equal. */
  private static final class Key {
    static final LogKey ONE = LogKey.generate("whence.example/log");
  }

  private static List<String> bookmarks(PDDocument document) {
    List<String> titles = new ArrayList<>();
    for (PDOutlineItem item : document.getDocumentCatalog().getDocumentOutline().children()) {
      titles.add(item.getTitle());
    }
    return titles;
  }

  /** {@return characters that leave the page or its margins} */
  private static List<String> outside(PDDocument document) throws IOException {
    List<String> outside = new ArrayList<>();
    new PDFTextStripper() {
      @Override
      protected void processTextPosition(TextPosition text) {
        if (text.getXDirAdj() < LEAST_MARGIN
            || text.getXDirAdj() + text.getWidthDirAdj() > text.getPageWidth() - LEAST_MARGIN
            || text.getYDirAdj() < LEAST_MARGIN
            || text.getYDirAdj() > text.getPageHeight() - LEAST_MARGIN) {
          outside.add(
              text.getUnicode()
                  + " on page "
                  + getCurrentPageNo()
                  + " at "
                  + text.getXDirAdj()
                  + ", "
                  + text.getYDirAdj());
        }
        super.processTextPosition(text);
      }
    }.getText(document);
    return outside;
  }
}
