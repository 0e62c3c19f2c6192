package io.whence.engine.sketch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of the embedding table come back as they were written, or not at all. */
class TableStoreTest {
  private static final List<TableRows> ROWS =
      List.of(
          new TableRows(new int[] {2, 5, 9}, new float[] {1, 2, 3, 4, 5, 6}),
          TableRows.NONE,
          new TableRows(new int[] {5}, new float[] {-7, 0.5f}));

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("shard.rows");
    try (TableStore.Writer writer = new TableStore.Writer(file, new int[] {3, 0, 1}, 2)) {
      for (int i : new int[] {2, 0, 1}) {
        writer.write(i, ROWS.get(i));
      }
    }
  }

  @Test
  void gives_back_each_instances_rows_in_whatever_order_they_were_written() {
    TableStore store = TableStore.open(file, 3, 2);

    for (int i = 0; i < 3; i++) {
      assertThat(store.rows(i).tokens()).isEqualTo(ROWS.get(i).tokens());
      assertThat(store.rows(i).values()).isEqualTo(ROWS.get(i).values());
    }
  }

  @Test
  void refuses_a_file_that_was_cut_or_is_of_another_shape() throws IOException {
    assertThatThrownBy(() -> TableStore.open(file, 4, 2))
        .isInstanceOf(EngineException.IndexDamaged.class)
        .hasMessageContaining("should hold rows of 4 instances, 2 numbers each");
    assertThatThrownBy(() -> TableStore.open(file, 3, 3))
        .isInstanceOf(EngineException.IndexDamaged.class);

    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 4));

    assertThatThrownBy(() -> TableStore.open(file, 3, 2))
        .isInstanceOf(EngineException.IndexDamaged.class);
  }

  @Test
  void refuses_to_write_rows_of_other_tokens_than_were_announced() throws IOException {
    try (TableStore.Writer writer =
        new TableStore.Writer(directory.resolve("other.rows"), new int[] {2}, 2)) {
      assertThatThrownBy(() -> writer.write(0, ROWS.get(0)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void a_sum_has_every_token_that_any_has() {
    TableRows sum = TableRows.sum(ROWS);

    assertThat(sum.tokens()).containsExactly(2, 5, 9);
    assertThat(sum.values()).containsExactly(1, 2, -4, 4.5f, 5, 6);
  }
}
