package io.whence.service.jobs;

import io.whence.service.persistence.Conflict;
import io.whence.service.persistence.StatementRecords.Event;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

/**
 * How a statement stands; each state offers only what may come next, and an ended one nothing. The
 * statement itself never changes.
 */
public sealed interface StatementState {
  /** {@return the state's name in answers} */
  default String id() {
    return switch (this) {
      case Issued issued -> "issued";
      case Contested contested -> "contested";
      case Recomputed recomputed -> "recomputed";
      case Settled settled -> "settled";
    };
  }

  /**
   * It can be contested.
   *
   * @param objectionsUntil the last day, UTC
   */
  record Issued(LocalDate objectionsUntil) implements StatementState {}

  /** Somebody objects. */
  record Contested(Event objection) implements StatementState {}

  /** Another statement has taken its place. */
  record Recomputed(UUID successor) implements StatementState {}

  /** It stands for good. */
  record Settled(Event settlement) implements StatementState {}

  /** {@return the state after all that became of a statement} */
  static StatementState after(LocalDate objectionsUntil, List<Event> events) {
    if (events.isEmpty()) {
      return new Issued(objectionsUntil);
    }
    Event last = events.get(events.size() - 1);
    return switch (last.kind()) {
      case "contested" -> new Contested(last);
      case "recomputed" -> new Recomputed(java.util.Objects.requireNonNull(last.successor()));
      case "settled" -> new Settled(last);
      default -> throw new IllegalStateException("no statement is " + last.kind());
    };
  }

  /**
   * {@return the event that contests it}
   *
   * @throws Conflict when it cannot be contested any more, or is already
   */
  default Event contest(Instant now, String by, String reason) {
    if (this instanceof Issued issued) {
      if (day(now).isAfter(issued.objectionsUntil)) {
        throw new Conflict(
            "objections were taken until "
                + issued.objectionsUntil
                + "; the statement can only be settled");
      }
      return new Event(1, now, "contested", by, reason, null);
    }
    throw new Conflict("the statement is " + id() + " already; only an issued one is contested");
  }

  /**
   * {@return the event that settles it: once nobody objected in time, or because the objection is
   * rejected}
   *
   * @throws Conflict when it cannot be settled yet, or is settled already
   */
  default Event settle(Instant now, String by, String reason) {
    return switch (this) {
      case Issued issued -> {
        if (!day(now).isAfter(issued.objectionsUntil)) {
          throw new Conflict(
              "objections are taken until "
                  + issued.objectionsUntil
                  + "; the statement can be settled from the day after");
        }
        yield new Event(1, now, "settled", by, reason, null);
      }
      case Contested contested ->
          new Event(contested.objection.place() + 1, now, "settled", by, reason, null);
      case Recomputed recomputed -> throw ended();
      case Settled settled -> throw ended();
    };
  }

  /**
   * {@return the event that lets another take its place}
   *
   * @throws Conflict when nobody objects to it
   */
  default Event recompute(Instant now, String by, String reason, UUID successor) {
    if (this instanceof Contested contested) {
      return new Event(contested.objection.place() + 1, now, "recomputed", by, reason, successor);
    }
    throw new Conflict(
        "the statement is " + id() + "; only a contested one is recomputed, so object first");
  }

  private Conflict ended() {
    return new Conflict("the statement is " + id() + " already; nothing more becomes of it");
  }

  private static LocalDate day(Instant now) {
    return LocalDate.ofInstant(now, ZoneOffset.UTC);
  }
}
