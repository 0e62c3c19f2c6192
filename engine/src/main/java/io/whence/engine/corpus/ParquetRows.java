package io.whence.engine.corpus;

import com.google.gson.JsonObject;
import dev.hardwood.InputFile;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.ColumnSchema;
import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The rows of a Parquet file as the objects that lines of JSON would be: columns of strings and,
 * for the year, of numbers. Pages may be plain or compressed by gzip, Snappy or Zstandard.
 */
final class ParquetRows implements AutoCloseable {
  private static final Set<PhysicalType> NUMBERS =
      Set.of(PhysicalType.INT32, PhysicalType.INT64, PhysicalType.FLOAT, PhysicalType.DOUBLE);

  /** Of a wide table's columns. */
  private static final int MOST_NAMED = 20;

  private final Path file;
  private final ParquetFileReader reader;
  private final List<ColumnSchema> columns;
  private final RowReader rows;

  private ParquetRows(
      Path file, ParquetFileReader reader, List<ColumnSchema> columns, RowReader rows) {
    this.file = file;
    this.reader = reader;
    this.columns = columns;
    this.rows = rows;
  }

  /**
   * Opens a file.
   *
   * @param fields the columns that are read, of those there are
   * @throws EngineException.InvalidCorpus when it is no Parquet file, or a column is of a type that
   *     its field cannot be
   */
  static ParquetRows open(Path file, Set<String> fields) {
    try {
      ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file));
      try {
        List<ColumnSchema> columns = columns(file, reader, fields);
        RowReader rows =
            reader
                .buildRowReader()
                .projection(
                    ColumnProjection.columns(
                        columns.stream().map(ColumnSchema::name).toArray(String[]::new)))
                .build();
        return new ParquetRows(file, reader, columns, rows);
      } catch (RuntimeException e) {
        reader.close();
        throw e;
      }
    } catch (EngineException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  private static List<ColumnSchema> columns(
      Path file, ParquetFileReader reader, Set<String> fields) {
    List<ColumnSchema> there = reader.getFileSchema().getColumns();
    List<ColumnSchema> columns =
        there.stream()
            .filter(column -> fields.contains(column.fieldPath().topLevelName()))
            .toList();
    for (ColumnSchema column : columns) {
      boolean flat = column.fieldPath().elements().size() == 1 && column.maxRepetitionLevel() == 0;
      boolean fits =
          column.type() == PhysicalType.BYTE_ARRAY
              || (column.name().equals("year") && NUMBERS.contains(column.type()));
      if (!flat || !fits) {
        throw new EngineException.InvalidCorpus(
            file
                + ": the column "
                + column.fieldPath().topLevelName()
                + " is not of strings"
                + (column.name().equals("year") ? " or numbers" : "")
                + "; write it as such");
      }
    }
    Set<String> found = columns.stream().map(ColumnSchema::name).collect(Collectors.toSet());
    if (!found.contains("id") || (!found.contains("text") && !found.contains("path"))) {
      throw new EngineException.InvalidCorpus(
          file
              + " has no column "
              + (found.contains("id") ? "text or path" : "id")
              + " but "
              + there.stream()
                  .map(column -> column.fieldPath().topLevelName())
                  .distinct()
                  .limit(MOST_NAMED)
                  .toList()
              + "; rename one");
    }
    return columns;
  }

  boolean hasNext() {
    return read(rows::hasNext);
  }

  /**
   * {@return the next row, without what is null in it}
   *
   * @throws CharacterCodingException when a string of the row is not UTF-8
   */
  JsonObject next() throws CharacterCodingException {
    read(
        () -> {
          rows.next();
          return true;
        });
    JsonObject row = new JsonObject();
    for (ColumnSchema column : columns) {
      String name = column.name();
      if (!rows.isNull(name)) {
        if (column.type() == PhysicalType.BYTE_ARRAY) {
          row.addProperty(name, string(rows.getBinary(name)));
        } else {
          number(row, name);
        }
      }
    }
    return row;
  }

  private void number(JsonObject row, String name) {
    Number value = (Number) rows.getRawValue(name);
    // What has no number is NaN where a table of numbers has no nulls.
    if (!Double.isNaN(value.doubleValue())) {
      row.addProperty(name, value);
    }
  }

  private static String string(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private <T> T read(Supplier<T> what) {
    try {
      return what.get();
    } catch (RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  /** Whatever a reader of a foreign file may throw, the file is what is wrong. */
  private static EngineException.InvalidCorpus unreadable(Path file, Exception thrown) {
    Throwable why = thrown;
    while (why.getCause() != null) {
      why = why.getCause();
    }
    return new EngineException.InvalidCorpus(
        file
            + " cannot be read as a Parquet file ("
            + why.getMessage()
            + "); write it anew, plain or with gzip, Snappy or Zstandard",
        thrown);
  }

  @Override
  public void close() {
    try {
      rows.close();
      reader.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }
}
