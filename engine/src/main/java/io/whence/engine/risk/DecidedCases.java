package io.whence.engine.risk;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.corpus.Rejection;
import io.whence.engine.risk.DecidedCase.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Coded rulings on US fair use, read from a table of comma-separated values (RFC 4180, UTF-8).
 *
 * <p>A row that cannot be read is rejected with its line and the reason, and the others are read
 * all the same. An empty field is not known, never 0. Columns that no figure rests on may be
 * missing or be others.
 */
public final class DecidedCases {
  /** The most bytes a table may have. */
  static final int LARGEST = 32 << 20;

  private static final int LONGEST_QUOTE_LINES = 50;
  private static final Pattern NUMBER =
      Pattern.compile("(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?");

  /** Columns of numbers between 0 and 1 that the model reads, and its name for each. */
  private static final Map<String, String> INPUTS = inputs();

  /** The table that the served model was fitted on. */
  static final DecidedCases SHIPPED = shipped();

  private final String file;
  private final String sha256;
  private final List<DecidedCase> cases = new ArrayList<>();
  private final List<Rejection> rejections = new ArrayList<>();

  private DecidedCases(String file, String sha256) {
    this.file = file;
    this.sha256 = sha256;
  }

  /**
   * {@return the cases of a table}
   *
   * @throws EngineException.InvalidCorpus when the table cannot be read at all, or no row of it can
   */
  public static DecidedCases read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new EngineException.InvalidCorpus(
            "no file " + file + "; name a table of decided cases (CSV)");
      }
      if (Files.size(file) > LARGEST) {
        throw new EngineException.InvalidCorpus(
            file + " has " + Files.size(file) + " bytes; a table of cases has at most " + LARGEST);
      }
      return parse(file.toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new EngineException.InvalidCorpus(file + " cannot be read: " + e.getMessage());
    }
  }

  private static DecidedCases shipped() {
    try (InputStream in = DecidedCases.class.getResourceAsStream("cases.csv")) {
      if (in == null) {
        throw new IllegalStateException("the engine's jar lacks cases.csv");
      }
      return parse("cases.csv", in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static DecidedCases parse(String file, byte[] bytes) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new EngineException.InvalidCorpus(file + " is not valid UTF-8; convert it first");
    }
    DecidedCases read = new DecidedCases(file, Sha256.of(bytes));
    read.readRows(text.startsWith("\uFEFF") ? text.substring(1) : text);
    if (read.cases.isEmpty()) {
      throw new EngineException.InvalidCorpus(
          file
              + " holds no case"
              + (read.rejections.isEmpty()
                  ? "; it has no row below its header"
                  : "; the first row was rejected: " + read.rejections.get(0).reason()));
    }
    return read;
  }

  private static Map<String, String> inputs() {
    Map<String, String> inputs = new LinkedHashMap<>();
    inputs.put("transformative", "transformative");
    inputs.put("commercial", "commercial");
    inputs.put("nature_creative", "creative");
    inputs.put("unpublished", "unpublished");
    inputs.put("amount_fraction", "amount");
    inputs.put("market_harm", "marketHarm");
    return inputs;
  }

  private void readRows(String text) {
    String[] lines = text.split("\r\n|\n|\r", -1);
    List<String> header;
    try {
      header = fields(lines[0]);
    } catch (BadRow e) {
      throw new EngineException.InvalidCorpus(file + ":1: " + e.reason);
    }
    Set<String> needed = new HashSet<>(INPUTS.keySet());
    needed.addAll(List.of("id", "case_group", "year", "outcome", "use_in_auc", "purpose_category"));
    for (String column : needed.stream().sorted().toList()) {
      if (!header.contains(column)) {
        throw new EngineException.InvalidCorpus(
            file
                + ":1: the header has no column "
                + column
                + "; it needs the columns of cases.csv");
      }
      if (Collections.frequency(header, column) > 1) {
        throw new EngineException.InvalidCorpus(
            file + ":1: the header has the column " + column + " twice; take one of them out");
      }
    }
    Set<String> ids = new HashSet<>();
    for (int i = 1; i < lines.length; i++) {
      if (lines[i].isBlank()) {
        continue;
      }
      int line = i + 1;
      try {
        int end = endOfRow(lines, i, header.size());
        String row = String.join("\n", Arrays.asList(lines).subList(i, end + 1));
        i = end;
        DecidedCase read = read(header, fields(row));
        if (!ids.add(read.id())) {
          throw new BadRow("the id " + read.id() + " stands in an earlier row");
        }
        cases.add(read);
      } catch (BadRow e) {
        rejections.add(new Rejection(file, line, e.reason));
      }
    }
  }

  /** {@return the last line of the row that begins at {@code from}} */
  private static int endOfRow(String[] lines, int from, int columns) throws BadRow {
    long quotes = 0;
    for (int i = from; i < Math.min(lines.length, from + LONGEST_QUOTE_LINES); i++) {
      quotes += lines[i].chars().filter(c -> c == '"').count();
      if (quotes % 2 == 0) {
        String row = String.join("\n", Arrays.asList(lines).subList(from, i + 1));
        // A quote that is open by mistake would swallow the good rows after it.
        if (i > from && (!wellFormed(row) || fields(row).size() != columns)) {
          break;
        }
        return i;
      }
    }
    throw new BadRow("a quotation mark is never closed");
  }

  private static boolean wellFormed(String row) {
    try {
      fields(row);
      return true;
    } catch (BadRow e) {
      return false;
    }
  }

  private static List<String> fields(String row) throws BadRow {
    try (CsvReader<CsvRecord> reader = CsvReader.builder().ofCsvRecord(row)) {
      return reader.stream().findFirst().map(CsvRecord::getFields).orElse(List.of());
    } catch (CsvParseException e) {
      throw new BadRow("a quotation mark stands inside a field");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is wrong with one row. */
  private static final class BadRow extends Exception {
    private static final long serialVersionUID = 1;
    private final String reason;

    BadRow(String reason) {
      super(reason);
      this.reason = reason;
    }
  }

  private static DecidedCase read(List<String> header, List<String> fields) throws BadRow {
    if (fields.size() != header.size()) {
      throw new BadRow(fields.size() + " fields, and the header has " + header.size());
    }
    Map<String, String> row = new HashMap<>();
    for (int i = 0; i < fields.size(); i++) {
      row.put(header.get(i), fields.get(i).strip());
    }
    String id = stated(row, "id");
    String outcomeName = stated(row, "outcome");
    Outcome outcome = Outcome.of(outcomeName);
    if (outcome == null) {
      throw new BadRow("outcome is " + outcomeName + "; it is fair, not_fair, mixed or undecided");
    }
    String use = stated(row, "use_in_auc");
    if (!use.equals("0") && !use.equals("1")) {
      throw new BadRow("use_in_auc is " + use + "; it is 0 or 1");
    }
    boolean usable = use.equals("1");
    if (usable && outcome != Outcome.FAIR && outcome != Outcome.NOT_FAIR) {
      throw new BadRow("use_in_auc is 1, and the outcome is " + outcomeName);
    }
    Map<String, Double> known = new HashMap<>();
    for (Map.Entry<String, String> input : INPUTS.entrySet()) {
      Double value = unit(row, input.getKey());
      if (value != null) {
        known.put(input.getValue(), value);
      }
    }
    String purpose = optional(row, "purpose_category");
    return new DecidedCase(
        id,
        optional(row, "case_name"),
        stated(row, "case_group"),
        optional(row, "court"),
        year(row),
        optional(row, "citation"),
        outcome,
        usable,
        purpose.isEmpty() ? null : purpose,
        Map.copyOf(known),
        optional(row, "source"));
  }

  private static String optional(Map<String, String> row, String column) {
    return row.getOrDefault(column, "");
  }

  private static String stated(Map<String, String> row, String column) throws BadRow {
    String value = optional(row, column);
    if (value.isEmpty()) {
      throw new BadRow(column + " is empty");
    }
    return value;
  }

  private static int year(Map<String, String> row) throws BadRow {
    String year = stated(row, "year");
    if (!year.matches("[12][0-9]{3}")) {
      throw new BadRow("year is " + year + "; it has four digits");
    }
    return Integer.parseInt(year);
  }

  private static @Nullable Double unit(Map<String, String> row, String column) throws BadRow {
    String text = optional(row, column);
    if (text.isEmpty()) {
      return null;
    }
    double value = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
    if (!(value >= 0 && value <= 1)) {
      throw new BadRow(column + " is " + text + "; it is between 0 and 1, or empty");
    }
    return value;
  }

  /** {@return rows that could not be read, in the file's order} */
  public List<Rejection> rejections() {
    return List.copyOf(rejections);
  }

  /** {@return how many rows were read} */
  public int size() {
    return cases.size();
  }

  /** {@return purposes that no class of the model has, and that weigh 0 therefore} */
  public List<String> unknownPurposes() {
    return cases.stream()
        .map(DecidedCase::purpose)
        .filter(purpose -> purpose != null && !FairUseModel.V0.purposes().contains(purpose))
        .distinct()
        .sorted()
        .toList();
  }

  String sha256() {
    return sha256;
  }

  List<DecidedCase> all() {
    return List.copyOf(cases);
  }

  /** {@return those that may be fitted on and scored} */
  List<DecidedCase> usable() {
    return cases.stream().filter(DecidedCase::usable).toList();
  }
}
