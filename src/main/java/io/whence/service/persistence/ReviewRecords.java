package io.whence.service.persistence;

import io.whence.engine.Sha256;
import io.whence.engine.review.Label;
import io.whence.engine.review.Review;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reviewers and what they hold of outputs, each review entered in the log. A reviewer has one
 * review of an output, the latest version; the earlier ones stay.
 */
@ApplicationScoped
public class ReviewRecords {
  /** Kind of the event that a review makes. */
  public static final String GIVEN = "review.given";

  /** Kind of the event that an assessment by reviews makes, beside that of its record. */
  public static final String APPLIED = "review.applied";

  private static final String READING = "the reviews cannot be read now";
  private static final String REVIEW =
      "select v.sequence, v.id, v.created_at, v.attribution_id, v.reviewer_id, p.name, p.role,"
          + " v.version, v.label, v.reason, v.work, v.title, v.passage from review v join reviewer p on"
          + " p.id = v.reviewer_id";

  /** Holds of the latest review of each reviewer and output. */
  private static final String LATEST =
      " not exists (select 1 from review l where l.attribution_id = v.attribution_id and"
          + " l.reviewer_id = v.reviewer_id and l.version > v.version)";

  /** A person who labels. */
  public record Reviewer(UUID id, Instant createdAt, String name, String role) {
    /** {@return what others are shown in place of the name} */
    public String pseudonym() {
      return ReviewRecords.pseudonym(id);
    }
  }

  /**
   * A review as it is kept.
   *
   * @param sequence its number, 0 before it is kept
   * @param version from 1; the highest of a reviewer counts
   * @param work the closest work as the reviewer was shown it, its id; null where none was ranked
   * @param passage of that work; null where it was not at hand
   */
  public record Kept(
      long sequence,
      UUID id,
      Instant createdAt,
      UUID attribution,
      UUID reviewer,
      String name,
      String role,
      int version,
      Label label,
      String reason,
      @Nullable String work,
      @Nullable String title,
      @Nullable String passage) {
    /** {@return what is held, without what it is held of} */
    public Review review() {
      return new Review(pseudonym(reviewer), name, role, label, reason, createdAt);
    }
  }

  /** An output that waits for a reviewer, and how many have labelled it. */
  public record Waiting(UUID attribution, int labels) {}

  private final Sql sql;
  private final EventLog log;
  private final CurrentActor actor;

  ReviewRecords(Sql sql, EventLog log, CurrentActor actor) {
    this.sql = sql;
    this.log = log;
    this.actor = actor;
  }

  private static String pseudonym(UUID reviewer) {
    return "r-" + Sha256.of(reviewer.toString()).substring(0, 12);
  }

  /** Keeps a reviewer. */
  public void add(Reviewer reviewer) {
    sql.transaction(
        "the reviewer could not be stored",
        () ->
            sql.insert(
                "insert into reviewer (id, created_at, name, role) values (?, ?, ?, ?)",
                reviewer.id(),
                reviewer.createdAt(),
                reviewer.name(),
                reviewer.role()));
  }

  /** {@return the reviewer of a name} */
  public Optional<Reviewer> reviewer(UUID id) {
    return sql.transaction(
        READING,
        () ->
            sql.first(
                "select id, created_at, name, role from reviewer where id = ?",
                row ->
                    new Reviewer(
                        row.getObject(1, UUID.class),
                        Sql.instant(row, "created_at"),
                        row.getString(3),
                        row.getString(4)),
                id));
  }

  /**
   * {@return the review as it is kept}
   *
   * @param canonical the review in canonical JSON, to which the log commits
   * @throws Conflict when the reviewer has a review of this version already
   */
  public Kept add(Kept review, byte[] canonical) {
    return sql.transaction(
        "the review could not be stored",
        () -> {
          int added =
              sql.insert(
                  "insert into review (id, created_at, attribution_id, reviewer_id, version, label,"
                      + " reason, work, title, passage) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on"
                      + " conflict (attribution_id, reviewer_id, version) do nothing",
                  review.id(),
                  review.createdAt(),
                  review.attribution(),
                  review.reviewer(),
                  review.version(),
                  review.label().id(),
                  review.reason(),
                  review.work(),
                  review.title(),
                  review.passage());
          if (added == 0) {
            throw new Conflict(
                "attribution "
                    + review.attribution()
                    + " was labelled by this reviewer meanwhile; look at it again and correct that");
          }
          log.append(
              GIVEN, review.id().toString(), actor.name(pseudonym(review.reviewer())), canonical);
          return find(review.id()).orElseThrow();
        });
  }

  /** {@return the review of a name} */
  public Optional<Kept> find(UUID id) {
    return sql.transaction(
        READING, () -> sql.first(REVIEW + " where v.id = ?", ReviewRecords::kept, id));
  }

  /** {@return the latest reviews of an output, in the order they were given} */
  public List<Kept> of(UUID attribution) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                REVIEW + " where v.attribution_id = ? and" + LATEST + " order by v.sequence",
                ReviewRecords::kept,
                attribution));
  }

  /** {@return the latest reviews of outputs of one index or all, from after a number on} */
  public List<Kept> after(long sequence, @Nullable String index, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                REVIEW
                    + " join attribution_record a on a.id = v.attribution_id where v.sequence > ? and (?"
                    + " or a.index_id = ?) and"
                    + LATEST
                    + " order by v.sequence limit ?",
                ReviewRecords::kept,
                sequence,
                index == null,
                index == null ? "" : index,
                most));
  }

  /** {@return outputs that others have labelled and this reviewer has not, fewest labels first} */
  public List<Waiting> waiting(UUID reviewer, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                "select attribution_id, count(distinct reviewer_id) from review v join"
                    + " attribution_record a on a.id = v.attribution_id where a.body is not null and"
                    + " not exists (select 1 from review o where o.attribution_id = v.attribution_id and"
                    + " o.reviewer_id = ?) group by attribution_id order by 2, min(sequence) limit ?",
                row -> new Waiting(row.getObject(1, UUID.class), row.getInt(2)),
                reviewer,
                most));
  }

  private static Kept kept(ResultSet row) throws SQLException {
    return new Kept(
        row.getLong("sequence"),
        row.getObject("id", UUID.class),
        Sql.instant(row, "created_at"),
        row.getObject("attribution_id", UUID.class),
        row.getObject("reviewer_id", UUID.class),
        row.getString("name"),
        row.getString("role"),
        row.getInt("version"),
        Label.of(row.getString("label")),
        row.getString("reason"),
        row.getString("work"),
        row.getString("title"),
        row.getString("passage"));
  }

  /**
   * Keeps that a record is another's with the risk assessed again, in the transaction that keeps
   * the record.
   *
   * @param reviews that it rests on
   * @throws Conflict when these reviews have a record already
   */
  public void reassessed(UUID attribution, UUID earlier, List<UUID> reviews, Instant now) {
    String[] ids = ids(reviews);
    String named = String.join(" ", ids);
    int added =
        sql.insert(
            "insert into reassessment (attribution_id, created_at, earlier, reviews, reviews_sha256)"
                + " values (?, ?, ?, cast(? as uuid[]), ?) on conflict (earlier, reviews_sha256) do"
                + " nothing",
            attribution,
            now,
            earlier,
            ids,
            Sha256.of(named));
    if (added == 0) {
      throw new Conflict("attribution " + earlier + " was assessed by these reviews meanwhile");
    }
    log.append(
        APPLIED,
        "reassessment of " + earlier,
        actor.name(),
        (attribution + " " + named).getBytes(StandardCharsets.UTF_8));
  }

  /** {@return the record with the risk by these reviews} */
  public Optional<UUID> reassessment(UUID earlier, List<UUID> reviews) {
    return sql.transaction(
        READING,
        () ->
            sql.first(
                "select attribution_id from reassessment where earlier = ? and reviews_sha256 = ?",
                row -> row.getObject(1, UUID.class),
                earlier,
                Sha256.of(String.join(" ", ids(reviews)))));
  }

  private static String[] ids(List<UUID> reviews) {
    return reviews.stream().map(UUID::toString).sorted().toArray(String[]::new);
  }
}
