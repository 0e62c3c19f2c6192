package io.whence.engine.statement;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.whence.engine.Sha256;
import io.whence.engine.record.CanonicalJson;
import io.whence.engine.statement.Statement.Delta;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement as it is issued: never changed after that. A correction is another document, which
 * names the one it supersedes and every allocation that moved.
 *
 * @param id of the document
 * @param version from 1 within an account
 * @param supersedes id of the document that this one corrects; null for the first
 * @param reason why it was corrected; null for the first
 * @param issuedAt when
 * @param objectionsUntil the last day, UTC, on which it can be contested
 * @param deltas what moved since the document before; empty for the first
 */
public record StatementDocument(
    String id,
    int version,
    @Nullable String supersedes,
    @Nullable String reason,
    Instant issuedAt,
    LocalDate objectionsUntil,
    Statement statement,
    List<Delta> deltas) {
  /** Name and version of the format; docs/formats/statement.md describes it. */
  public static final String SCHEMA = "whence.statement.v1";

  private static final String NOTICE =
      "Credit follows an estimate of influence and what was declared; it says nothing of who owes"
          + " what in law. Not legal advice.";

  /** Copies the list. */
  public StatementDocument {
    deltas = List.copyOf(deltas);
  }

  /** {@return the document in canonical JSON (RFC 8785), UTF-8} */
  public byte[] write() {
    byte[] canonical = statement.canonical();
    JsonObject json = new JsonObject();
    json.addProperty("schema", SCHEMA);
    json.addProperty("statementId", id);
    json.addProperty("version", version);
    if (supersedes != null) {
      json.addProperty("supersedes", supersedes);
      json.addProperty("reason", reason);
    }
    json.addProperty("issuedAt", issuedAt.toString());
    json.addProperty("objectionsUntil", objectionsUntil.toString());
    json.add("statement", statement.json());
    json.addProperty("statementSha256", Sha256.of(canonical));
    JsonArray moved = new JsonArray();
    for (Delta delta : deltas) {
      JsonObject one = new JsonObject();
      one.addProperty("work", delta.work());
      one.addProperty("holder", delta.holder());
      one.addProperty("role", delta.role());
      one.addProperty("kind", delta.kind().id());
      one.addProperty("was", delta.was());
      one.addProperty("is", delta.is());
      one.addProperty("minor", delta.minor());
      moved.add(one);
    }
    json.add("deltas", moved);
    json.addProperty("summary", summary());
    json.addProperty("notice", NOTICE);
    return CanonicalJson.of(json.toString());
  }

  /** {@return the part of a document without ids and times, in canonical JSON} */
  public static byte[] statement(byte[] document) {
    return CanonicalJson.of(Statement.parsed(document).getAsJsonObject("statement").toString());
  }

  private String summary() {
    return statement.outputs()
        + " outputs of "
        + statement.account().index()
        + " in "
        + statement.account().period()
        + ": "
        + statement.works().size()
        + " lines of works, "
        + statement.unattributedPpm()
        + " ppm unattributed; "
        + statement.payout().totalMinor()
        + " minor units of "
        + statement.terms().currency()
        + " in "
        + statement.payout().lines().size()
        + " lines";
  }
}
