package io.whence.service.persistence;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs are this service's. However many services share the database, a job is one's, for as
 * long as that one's session with the database lives: a service that is killed leaves its jobs at
 * once, without anybody's clock.
 *
 * <p>A lease is an advisory lock of one connection, which is held for that alone.
 */
@ApplicationScoped
public class JobLeases {
  private static final int VALID_SECONDS = 5;

  private final DataSource database;
  private final Set<UUID> held = new LinkedHashSet<>();

  /** Of those that are held, what the session has locked: none where it is new. */
  private final Set<UUID> locked = new LinkedHashSet<>();

  private @Nullable Connection session;

  JobLeases(DataSource database) {
    this.database = database;
  }

  /**
   * {@return whether a job is this service's from now on; false where another has it, or this one
   * already}
   *
   * @throws StoreFailure when the database does not say
   */
  public synchronized boolean take(UUID job) {
    if (held.contains(job)) {
      return false;
    }
    try {
      return lock(job, "pg_try_advisory_lock") && held.add(job) && locked.add(job);
    } catch (SQLException e) {
      end(); // the next one has a new session
      throw new StoreFailure("whose the job is cannot be found out now", e);
    }
  }

  /** Leaves a job to whoever wants it. */
  public synchronized void release(UUID job) {
    held.remove(job);
    if (locked.remove(job)) {
      try {
        lock(job, "pg_advisory_unlock");
      } catch (SQLException e) {
        end(); // and with the session every lock; lost() takes the others again
      }
    }
  }

  /**
   * {@return jobs that were this service's until the database ended its session, and that another
   * service has taken meanwhile}
   */
  public synchronized List<UUID> lost() {
    try {
      if (session != null && !session.isValid(VALID_SECONDS)) {
        end();
      }
      List<UUID> lost = new ArrayList<>();
      for (UUID job : held) {
        if (!locked.contains(job)) {
          if (lock(job, "pg_try_advisory_lock")) {
            locked.add(job);
          } else {
            lost.add(job);
          }
        }
      }
      lost.forEach(held::remove);
      return lost;
    } catch (SQLException e) {
      end();
      return List.of(); // nobody takes anything while the database is away
    }
  }

  /** Leaves every job. */
  public synchronized void releaseAll() {
    held.clear();
    end();
  }

  private void end() {
    locked.clear();
    if (session != null) {
      try (Connection ended = session) {
        try (PreparedStatement all = ended.prepareStatement("select pg_advisory_unlock_all()")) {
          all.execute();
        }
      } catch (SQLException e) {
        // The session is gone, and its locks with it.
      }
      session = null;
    }
  }

  private boolean lock(UUID job, String function) throws SQLException {
    Connection open = session;
    if (open == null) {
      open = database.getConnection();
      session = open;
    }
    try (PreparedStatement statement =
        open.prepareStatement("select " + function + "(hashtextextended(?, 7210004))")) {
      statement.setString(1, job.toString());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }
}
