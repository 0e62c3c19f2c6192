package io.whence.service.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.whence.service.TestHome;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two services on one database, and whose a job is. */
@QuarkusTest
@WithTestResource(TestHome.class)
class JobLeasesTest {
  private final DataSource database;
  private final JobLeases one;
  private final JobLeases other;
  private final UUID job = UUID.randomUUID();

  JobLeasesTest(DataSource database) {
    this.database = database;
    this.one = new JobLeases(database);
    this.other = new JobLeases(database);
  }

  @AfterEach
  void leave() {
    one.releaseAll();
    other.releaseAll();
  }

  @Test
  void a_job_is_one_services_until_it_is_released() {
    assertThat(one.take(job)).isTrue();

    assertThat(one.take(job)).isFalse();
    assertThat(other.take(job)).isFalse();
    one.release(job);
    assertThat(other.take(job)).isTrue();
  }

  @Test
  void whoever_ends_leaves_every_job() {
    one.take(job);
    UUID second = UUID.randomUUID();
    one.take(second);

    one.releaseAll();

    assertThat(other.take(job)).isTrue();
    assertThat(other.take(second)).isTrue();
  }

  @Test
  void a_job_whose_session_was_ended_is_free_and_its_service_learns_of_it() throws SQLException {
    one.take(job);
    UUID kept = UUID.randomUUID();
    one.take(kept);

    endSession(job);

    assertThat(other.take(job)).isTrue();
    assertThat(one.lost()).containsExactly(job);
    assertThat(other.take(kept)).isFalse();
    assertThat(one.lost()).isEmpty();
  }

  /** Of whoever holds the lock of a job. */
  private void endSession(UUID job) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and"
              + " (classid::bigint << 32 | objid::bigint) = hashtextextended('"
              + job
              + "', 7210004)");
    }
  }
}
