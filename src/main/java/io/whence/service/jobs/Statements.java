package io.whence.service.jobs;

import io.whence.engine.Sha256;
import io.whence.engine.credit.Payout;
import io.whence.engine.statement.Registry;
import io.whence.engine.statement.Statement;
import io.whence.engine.statement.StatementDocument;
import io.whence.engine.statement.StatementExport;
import io.whence.engine.statement.Tally;
import io.whence.service.persistence.BatchRecords;
import io.whence.service.persistence.Conflict;
import io.whence.service.persistence.Registrations;
import io.whence.service.persistence.StatementRecords;
import io.whence.service.persistence.StatementRecords.Event;
import io.whence.service.persistence.StatementRecords.Kept;
import io.whence.service.persistence.TimeOrderedId;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Issues statements of an index's months, and follows what becomes of them. */
@ApplicationScoped
public class Statements {
  private final BatchRecords batches;
  private final Registrations registrations;
  private final StatementRecords records;

  Statements(BatchRecords batches, Registrations registrations, StatementRecords records) {
    this.batches = batches;
    this.registrations = registrations;
    this.records = records;
  }

  /**
   * What is asked of a statement.
   *
   * <p>What is carried in comes from the statement before.
   *
   * @param poolMinor what is paid out, minor units
   * @param leastMinor the least sum that is paid, minor units
   * @param objectionDays how many days after the day of issue it can be contested
   */
  public record Order(
      String index,
      YearMonth period,
      String currency,
      long poolMinor,
      Payout.RemainderRule rule,
      long leastMinor,
      int objectionDays) {}

  /**
   * {@return the first statement of a month; it is on disk and in the log}
   *
   * @throws Conflict when the month has a statement, or outputs of it still wait
   */
  public Kept issue(Order order) {
    return records.holding(
        order.index,
        order.period,
        () -> {
          List<UUID> open = batches.open(order.index, order.period);
          if (!open.isEmpty()) {
            throw new Conflict(
                "outputs charged to "
                    + order.period
                    + " of index "
                    + order.index
                    + " wait in job "
                    + open.get(0)
                    + "; ask again when it has ended");
          }
          Map<String, Long> carriedIn =
              records
                  .before(order.index, order.period)
                  .map(earlier -> carried(earlier, order.currency))
                  .orElse(Map.of());
          Statement statement =
              computed(
                  new Statement.Account(order.index, order.period),
                  new Statement.Terms(
                      order.currency,
                      new Payout.Terms(order.poolMinor, order.rule, order.leastMinor, carriedIn)),
                  registrations.version());
          return keep(statement, 1, null, null, List.of(), order.objectionDays);
        });
  }

  private static Map<String, Long> carried(Kept earlier, String currency) {
    byte[] statement = StatementDocument.statement(earlier.document());
    Map<String, Long> carried = Statement.carriedForward(statement);
    String before = Statement.terms(statement).currency();
    if (!carried.isEmpty() && !before.equals(currency)) {
      throw new Conflict(
          "statement "
              + earlier.id()
              + " carries sums forward in "
              + before
              + "; the next statement is in "
              + before
              + ", too");
    }
    return carried;
  }

  private Statement computed(Statement.Account account, Statement.Terms terms, long version) {
    Tally tally = new Tally();
    batches.usages(account.index(), account.period(), tally::add);
    Registry registry = registrations.registry(tally.works(), version);
    return tally.close(account, terms, registry);
  }

  private Kept keep(
      Statement statement,
      int version,
      @Nullable UUID supersedes,
      @Nullable String reason,
      List<Statement.Delta> deltas,
      int objectionDays) {
    Instant now = now();
    UUID id = TimeOrderedId.at(now);
    records.add(
        new StatementDocument(
            id.toString(),
            version,
            supersedes == null ? null : supersedes.toString(),
            reason,
            now,
            LocalDate.ofInstant(now, ZoneOffset.UTC).plusDays(objectionDays),
            statement,
            deltas));
    return records.find(id).orElseThrow();
  }

  /**
   * {@return the statement that takes the place of a contested one: of the same outputs and terms,
   * by the register as it is now, with what moved}
   *
   * @throws Conflict when nobody objects to it
   */
  public Kept recompute(Kept contested, String by, String reason) {
    return records.holding(
        contested.index(),
        contested.period(),
        () -> {
          StatementState state = state(contested);
          Statement.Account account = new Statement.Account(contested.index(), contested.period());
          byte[] was = StatementDocument.statement(contested.document());
          Statement.Terms terms = Statement.terms(was);
          Statement before = computed(account, terms, Statement.registryVersion(was));
          Statement after = computed(account, terms, registrations.version());
          int days =
              (int)
                  ChronoUnit.DAYS.between(
                      LocalDate.ofInstant(contested.createdAt(), ZoneOffset.UTC),
                      contested.objectionsUntil());
          // Refused before anything is kept, where nobody objects.
          state.recompute(now(), by, reason, contested.id());
          Kept successor =
              keep(
                  after,
                  contested.version() + 1,
                  contested.id(),
                  reason,
                  after.corrects(before),
                  days);
          records.add(contested.id(), state.recompute(now(), by, reason, successor.id()));
          return successor;
        });
  }

  /**
   * Contests a statement.
   *
   * @throws Conflict when it cannot be contested any more, or is already
   */
  public void contest(Kept statement, String by, String reason) {
    records.add(statement.id(), state(statement).contest(now(), by, reason));
  }

  /**
   * Settles a statement.
   *
   * @throws Conflict when it cannot be settled yet, or is settled already
   */
  public void settle(Kept statement, String by, String reason) {
    records.add(statement.id(), state(statement).settle(now(), by, reason));
  }

  /** {@return how a statement stands} */
  public StatementState state(Kept statement) {
    return StatementState.after(statement.objectionsUntil(), events(statement));
  }

  /** {@return what became of a statement, in order} */
  public List<Event> events(Kept statement) {
    return records.events(statement.id());
  }

  /**
   * {@return SHA-256 of the statement computed again from the stored outputs, its terms and the
   * register as it was}
   */
  public String computedAgain(Kept kept) {
    byte[] statement = StatementDocument.statement(kept.document());
    return Sha256.of(
        computed(
                new Statement.Account(kept.index(), kept.period()),
                Statement.terms(statement),
                Statement.registryVersion(statement))
            .canonical());
  }

  /** Hands over a receipt of every output of a statement, one line each, by key. */
  public void receipts(Kept kept, Consumer<String> lines) {
    Objects.requireNonNull(lines);
    batches.usages(
        kept.index(),
        kept.period(),
        usage -> lines.accept(StatementExport.receipt(kept.document(), usage)));
  }

  /** {@return the statement of a name} */
  public Optional<Kept> find(UUID id) {
    return records.find(id);
  }

  /** {@return statements, newest first, of one index or all} */
  public List<Kept> list(@Nullable String index, int most) {
    return records.list(index, most);
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }
}
