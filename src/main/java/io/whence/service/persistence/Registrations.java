package io.whence.service.persistence;

import io.whence.engine.EngineException;
import io.whence.engine.credit.Identifier;
import io.whence.engine.credit.Ownership;
import io.whence.engine.statement.Registry;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The register of rights holders and works. A work that is registered again has its latest
 * registration; the earlier ones stay, so what was registered at any moment can be read.
 */
@ApplicationScoped
public class Registrations {
  private static final String READING = "the register cannot be read now";
  private static final String WORK =
      "select sequence, id, created_at, work, title, licence, public_domain from work_registration";

  /** A person or body that can be credited. */
  public record Holder(UUID id, Instant createdAt, String name, List<Identifier> identifiers) {
    /** Copies the list. */
    public Holder {
      identifiers = List.copyOf(identifiers);
    }
  }

  /**
   * A work as registered.
   *
   * @param version number of the registration, 0 before it is kept
   * @param ownership whose holders are ids of {@link Holder}s
   */
  public record WorkEntry(
      UUID id,
      long version,
      Instant createdAt,
      @Nullable String title,
      @Nullable String licence,
      Ownership ownership,
      List<Identifier> identifiers) {
    /** Copies the list. */
    public WorkEntry {
      identifiers = List.copyOf(identifiers);
    }
  }

  private final Sql sql;

  Registrations(Sql sql) {
    this.sql = sql;
  }

  /**
   * Keeps a holder.
   *
   * @throws Conflict when another holder has one of the identifiers
   */
  public void add(Holder holder) {
    sql.transaction(
        "the rights holder could not be stored",
        () -> {
          sql.insert(
              "insert into rights_holder (id, created_at, name) values (?, ?, ?)",
              holder.id(),
              holder.createdAt(),
              holder.name());
          for (Identifier identifier : holder.identifiers()) {
            int added =
                sql.insert(
                    "insert into rights_holder_identifier (scheme, value, holder_id) values (?, ?, ?)"
                        + " on conflict do nothing",
                    identifier.scheme().id(),
                    identifier.value(),
                    holder.id());
            if (added == 0) {
              throw new Conflict(
                  identifier
                      + " is another rights holder's already: "
                      + sql.query(
                          "select holder_id from rights_holder_identifier where scheme = ? and value"
                              + " = ?",
                          row -> row.getObject(1, UUID.class),
                          identifier.scheme().id(),
                          identifier.value()));
            }
          }
          return null;
        });
  }

  /** {@return the holder of a name} */
  public Optional<Holder> holder(UUID id) {
    return sql.transaction(
        READING,
        () ->
            sql.first(
                "select id, created_at, name from rights_holder where id = ?", this::holder, id));
  }

  /** {@return holders by part of a name or a whole identifier, in the order of their names} */
  public List<Holder> holders(String text, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                "select id, created_at, name from rights_holder h where name ilike ? escape '\\' or"
                    + " exists (select 1 from rights_holder_identifier i where i.holder_id = h.id and"
                    + " i.value = ?) order by name, id limit ?",
                this::holder,
                like(text),
                text,
                most));
  }

  private Holder holder(ResultSet row) throws SQLException {
    UUID id = row.getObject("id", UUID.class);
    return new Holder(
        id,
        Sql.instant(row, "created_at"),
        row.getString("name"),
        sql.query(
            "select scheme, value from rights_holder_identifier where holder_id = ? order by scheme,"
                + " value",
            Registrations::identifier,
            id));
  }

  static Identifier identifier(ResultSet row) throws SQLException {
    return new Identifier(Identifier.Scheme.of(row.getString("scheme")), row.getString("value"));
  }

  static String like(String text) {
    return "%" + text.replaceAll("([\\\\%_])", "\\\\$1") + "%";
  }

  /**
   * {@return the registration as it is kept, with its number}
   *
   * @throws EngineException.InvalidQuery when a holder is not registered
   */
  public WorkEntry register(WorkEntry work) {
    return sql.transaction(
        "the work could not be registered",
        () -> {
          // One at a time: a number that was given out is committed before the next is.
          sql.query("select pg_advisory_xact_lock(7210001)", row -> 0);
          for (Ownership.Part part : work.ownership().parts()) {
            if (holder(UUID.fromString(part.holder())).isEmpty()) {
              throw new EngineException.InvalidQuery(
                  "there is no rights holder " + part.holder() + "; register the holder first");
            }
          }
          long version =
              sql.query(
                      "insert into work_registration (id, created_at, work, title, licence,"
                          + " public_domain) values (?, ?, ?, ?, ?, ?) returning sequence",
                      row -> row.getLong(1),
                      work.id(),
                      work.createdAt(),
                      work.ownership().work(),
                      work.title(),
                      work.licence(),
                      work.ownership().publicDomain())
                  .get(0);
          for (Ownership.Part part : work.ownership().parts()) {
            sql.insert(
                "insert into work_part (registration, holder_id, role, ppm, disputed) values (?, ?, ?,"
                    + " ?, ?)",
                version,
                UUID.fromString(part.holder()),
                part.role(),
                part.ppm(),
                part.disputed());
          }
          for (Identifier identifier : work.identifiers()) {
            sql.insert(
                "insert into work_identifier (registration, scheme, value) values (?, ?, ?) on conflict"
                    + " do nothing",
                version,
                identifier.scheme().id(),
                identifier.value());
          }
          return new WorkEntry(
              work.id(),
              version,
              work.createdAt(),
              work.title(),
              work.licence(),
              work.ownership(),
              work.identifiers());
        });
  }

  /** {@return the registration of a name} */
  public Optional<WorkEntry> work(UUID id) {
    return sql.transaction(READING, () -> sql.first(WORK + " where id = ?", this::work, id));
  }

  /** {@return latest registrations, by part of an id or title or a whole identifier, by id} */
  public List<WorkEntry> works(String text, int most) {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                WORK
                    + " w where sequence = (select max(sequence) from work_registration l where l.work"
                    + " = w.work) and (work ilike ? escape '\\' or title ilike ? escape '\\' or exists"
                    + " (select 1 from work_identifier i where i.registration = w.sequence and i.value"
                    + " = ?)) order by work limit ?",
                this::work,
                like(text),
                like(text),
                text,
                most));
  }

  private WorkEntry work(ResultSet row) throws SQLException {
    long version = row.getLong("sequence");
    return new WorkEntry(
        row.getObject("id", UUID.class),
        version,
        Sql.instant(row, "created_at"),
        row.getString("title"),
        row.getString("licence"),
        new Ownership(row.getString("work"), row.getBoolean("public_domain"), parts(version)),
        sql.query(
            "select scheme, value from work_identifier where registration = ? order by scheme, value",
            Registrations::identifier,
            version));
  }

  private List<Ownership.Part> parts(long version) {
    return sql.query(
        "select holder_id, role, ppm, disputed from work_part where registration = ?",
        row ->
            new Ownership.Part(
                row.getString("holder_id"),
                row.getString("role"),
                row.getInt("ppm"),
                row.getBoolean("disputed")),
        version);
  }

  /** {@return the number of the last registration, 0 for none} */
  public long version() {
    return sql.transaction(
        READING,
        () ->
            sql.query(
                    "select coalesce(max(sequence), 0) from work_registration",
                    row -> row.getLong(1))
                .get(0));
  }

  /**
   * {@return the register of some works as it was}
   *
   * @param version number of the last registration that counts
   */
  public Registry registry(List<String> works, long version) {
    return sql.transaction(
        READING,
        () -> {
          Map<String, Registry.Registered> registered = new HashMap<>();
          List<String> holders = new ArrayList<>();
          for (String work : works) {
            sql.first(
                    WORK + " where work = ? and sequence <= ? order by sequence desc limit 1",
                    this::work,
                    work,
                    version)
                .ifPresent(
                    entry -> {
                      registered.put(
                          work,
                          new Registry.Registered(
                              entry.ownership(), entry.title(), entry.licence()));
                      entry.ownership().parts().forEach(part -> holders.add(part.holder()));
                    });
          }
          Map<String, String> names = new HashMap<>();
          for (String holder : holders) {
            holder(UUID.fromString(holder)).ifPresent(known -> names.put(holder, known.name()));
          }
          return new Registry(version, registered, names);
        });
  }
}
