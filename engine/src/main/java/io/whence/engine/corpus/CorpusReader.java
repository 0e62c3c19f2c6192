package io.whence.engine.corpus;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.whence.engine.EngineException;
import io.whence.engine.WorkId;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads works one by one and notes what could not become one. */
final class CorpusReader {
  private static final int LONGEST_LINE = 16 << 20;
  private static final Map<String, Modality> SUFFIXES =
      Map.ofEntries(
          Map.entry("txt", Modality.TEXT),
          Map.entry("text", Modality.TEXT),
          Map.entry("md", Modality.TEXT),
          Map.entry("rst", Modality.TEXT),
          Map.entry("java", Modality.CODE),
          Map.entry("py", Modality.CODE),
          Map.entry("js", Modality.CODE),
          Map.entry("ts", Modality.CODE),
          Map.entry("mjs", Modality.CODE),
          Map.entry("cjs", Modality.CODE),
          Map.entry("jsx", Modality.CODE),
          Map.entry("tsx", Modality.CODE),
          Map.entry("mts", Modality.CODE),
          Map.entry("cts", Modality.CODE),
          Map.entry("pyi", Modality.CODE),
          Map.entry("cxx", Modality.CODE),
          Map.entry("hh", Modality.CODE),
          Map.entry("hpp", Modality.CODE),
          Map.entry("c", Modality.CODE),
          Map.entry("h", Modality.CODE),
          Map.entry("cc", Modality.CODE),
          Map.entry("cpp", Modality.CODE),
          Map.entry("go", Modality.CODE),
          Map.entry("rs", Modality.CODE),
          Map.entry("png", Modality.IMAGE),
          Map.entry("jpg", Modality.IMAGE),
          Map.entry("jpeg", Modality.IMAGE),
          Map.entry("gif", Modality.IMAGE),
          Map.entry("bmp", Modality.IMAGE));

  /** What is known of a work; other fields are passed over. */
  private static final Set<String> FIELDS =
      Set.of(
          "id",
          "title",
          "text",
          "path",
          "author",
          "rightsHolder",
          "licence",
          "year",
          "url",
          "language",
          "modality",
          "published",
          "acquired");

  private static final TypeAdapter<JsonElement> ELEMENTS = new Gson().getAdapter(JsonElement.class);

  private final Images images;
  private final List<Work> works = new ArrayList<>();
  private final List<Rejection> rejections = new ArrayList<>();
  private final Map<WorkId, ImageFile> files = new HashMap<>();
  private final Set<WorkId> seen = new HashSet<>();
  private final Set<Path> named = new HashSet<>();

  /** What becomes of images. */
  enum Images {
    /** They are rejected: what reads the corpus has no use for them. */
    REJECTED,
    /** Their files are read, and become works when they can be. */
    READ,
    /** Works that an index holds; it keeps their files elsewhere. */
    KEPT
  }

  CorpusReader(Images images) {
    this.images = images;
  }

  Corpus corpus() {
    return new Corpus(works, rejections, files);
  }

  /**
   * Reads a file that the caller named: an idx file of pictures, a Parquet file, one work if its
   * suffix is that of a text, a source file or an image, else JSON Lines.
   *
   * @throws EngineException.InvalidCorpus when it is a bad idx or Parquet file
   */
  void readNamed(Path file) {
    if (Idx.isNamedPictures(file)) {
      readIdx(file, file.getFileName().toString());
    } else if (isParquet(file)) {
      readRows(file);
    } else if (images != Images.KEPT && SUFFIXES.containsKey(suffix(file))) {
      readFile(file, file.getFileName().toString());
    } else {
      readLines(file);
    }
  }

  /**
   * Reads the files of a directory: JSON Lines, Parquet and idx files by their names, anything else
   * as one work, but for what a line, a row or an idx file has to itself. Links are not followed:
   * they may lead out of the directory, or round in it.
   */
  void readDirectory(Path root, List<Path> found) {
    found.stream()
        .filter(Files::isSymbolicLink)
        .forEach(
            link ->
                reject(
                    link, 0, "a symbolic link, which is not followed; put the file itself there"));
    List<Path> below = found.stream().filter(file -> !Files.isSymbolicLink(file)).toList();
    below.stream().filter(file -> suffix(file).equals("jsonl")).forEach(this::readLines);
    for (Path file : below) {
      try {
        if (Idx.isNamedPictures(file)) {
          readIdx(file, id(root, file));
        } else if (isParquet(file)) {
          readRows(file);
        }
      } catch (EngineException.InvalidCorpus e) {
        reject(file, 0, e.detail());
      }
    }
    below.stream()
        .filter(file -> !suffix(file).equals("jsonl"))
        .filter(file -> !Idx.isNamedPictures(file) && !isParquet(file))
        .filter(file -> !named.contains(file.toAbsolutePath().normalize()))
        .forEach(file -> readFile(file, id(root, file)));
  }

  private static boolean isParquet(Path file) {
    return suffix(file).equals("parquet");
  }

  private static String suffix(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static String id(Path root, Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }

  /** Reads the pictures of an idx file, each a work, with the labels that lie beside it. */
  private void readIdx(Path file, String id) {
    if (images != Images.READ) {
      throw new EngineException.InvalidCorpus(
          file + " is an idx file of images, which only an index for evidence alone can hold");
    }
    Optional<Path> beside = Idx.labelsBeside(file);
    beside.ifPresent(labels -> named.add(labels.toAbsolutePath().normalize()));
    Idx pictures = Idx.readPictures(file);
    Optional<Idx> labels = beside.map(there -> Idx.readLabels(there, pictures.size(), file));
    for (int i = 0; i < pictures.size(); i++) {
      int number = i;
      IdxImage image = new IdxImage(pictures, i);
      String name = id + "/" + i;
      try {
        add(
            unattributed(
                name,
                name + labels.map(known -> ", label " + known.label(number)).orElse(""),
                Modality.IMAGE,
                image.description()),
            image);
      } catch (Unfit e) {
        reject(file, 0, e.getMessage());
      }
    }
  }

  /** Reads the rows of a Parquet file, each as a line would be. */
  private void readRows(Path file) {
    try (ParquetRows rows = ParquetRows.open(file, FIELDS)) {
      for (long number = 1; rows.hasNext(); number++) {
        try {
          read(file, rows.next());
        } catch (CharacterCodingException e) {
          reject(file, number, "not valid UTF-8");
        } catch (Unfit e) {
          reject(file, number, e.getMessage());
        }
      }
    }
  }

  private void readFile(Path file, String id) {
    String name = file.getFileName().toString();
    try {
      Modality modality = SUFFIXES.get(suffix(file));
      if (modality == null) {
        throw new Unfit(
            images == Images.READ
                ? "not a text, a source file or an image by its suffix"
                : "not a text or source file by its suffix");
      }
      if (modality == Modality.IMAGE) {
        SingleImage image = image(file);
        add(unattributed(id, name, modality, image.description()), image);
      } else {
        add(unattributed(id, name, modality, text(file)), null);
      }
    } catch (Unfit e) {
      reject(file, 0, e.getMessage());
    }
  }

  /** A work of which nothing is known but what it is. */
  private static Work unattributed(String id, String title, Modality modality, String text) {
    return new Work(
        new WorkId(id), title, null, null, null, null, null, null, modality, null, null, text);
  }

  /** Reads a JSON Lines file. */
  void readLines(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      long number = 0;
      boolean overlong = false;
      int next;
      do {
        next = in.read();
        if (next == '\n' || next < 0) {
          number++;
          if (overlong) {
            reject(file, number, "the line is longer than " + LONGEST_LINE + " bytes");
          } else if (line.size() > 0) {
            readLine(file, number, line.toByteArray());
          }
          line.reset();
          overlong = false;
        } else if (line.size() < LONGEST_LINE) {
          line.write(next);
        } else {
          overlong = true;
        }
      } while (next >= 0);
    } catch (IOException e) {
      reject(file, 0, "cannot be read: " + e.getMessage());
    }
  }

  private void readLine(Path file, long number, byte[] bytes) {
    try {
      String line = (number == 1 ? withoutMark(decode(bytes)) : decode(bytes)).strip();
      if (!line.isEmpty()) {
        read(file, parse(line));
      }
    } catch (Unfit e) {
      reject(file, number, e.getMessage());
    }
  }

  private static JsonObject parse(String line) throws Unfit {
    try (JsonReader reader = new JsonReader(new StringReader(line))) {
      reader.setStrictness(Strictness.STRICT);
      JsonElement element = ELEMENTS.read(reader);
      // A second value on the line is malformed too; a strict reader says so when it looks there.
      if (reader.peek() != JsonToken.END_DOCUMENT || !element.isJsonObject()) {
        throw new Unfit("not a JSON object");
      }
      return element.getAsJsonObject();
    } catch (IOException | JsonParseException | IllegalStateException e) {
      throw new Unfit("not valid JSON");
    } catch (StackOverflowError e) {
      throw new Unfit("JSON nested too deeply");
    }
  }

  private void read(Path file, JsonObject json) throws Unfit {
    String id = string(json, "id");
    if (id == null || id.isBlank()) {
      throw new Unfit("id is missing or blank");
    }
    if (id.length() > 512) {
      throw new Unfit("id is longer than 512 characters");
    }
    String text = string(json, "text");
    String path = string(json, "path");
    if ((text == null) == (path == null)) {
      throw new Unfit(
          "work "
              + id
              + " has "
              + (text == null ? "neither" : "both")
              + " of text and path; give one");
    }
    Modality modality = modality(json);
    SingleImage image = null;
    if (path != null) {
      Path beside = beside(file, path);
      named.add(beside);
      if (modality == Modality.IMAGE) {
        image = image(beside);
        text = image.description();
      } else {
        text = text(beside);
      }
    } else if (modality == Modality.IMAGE && images != Images.KEPT) {
      throw new Unfit("work " + id + " is an image; give the path of its file, not text");
    }
    if (text == null || text.isBlank()) {
      throw new Unfit("the text of work " + id + " is blank");
    }
    if (text.length() > LONGEST_LINE) {
      throw new Unfit("the text of work " + id + " is longer than " + LONGEST_LINE + " characters");
    }
    String title = string(json, "title");
    add(
        new Work(
            new WorkId(id),
            title == null || title.isBlank() ? id : title,
            string(json, "author"),
            string(json, "rightsHolder"),
            string(json, "licence"),
            year(json),
            string(json, "url"),
            string(json, "language"),
            modality,
            string(json, "published"),
            string(json, "acquired"),
            text),
        image);
  }

  private static Path beside(Path file, String path) throws Unfit {
    try {
      Path directory = file.toAbsolutePath().resolveSibling("").normalize();
      Path target = directory.resolve(path).normalize();
      if (!target.startsWith(directory)) {
        throw new Unfit("path " + path + " leads out of the corpus's directory");
      }
      return target;
    } catch (InvalidPathException e) {
      throw new Unfit("path " + path + " is not a path");
    }
  }

  private static String text(Path file) throws Unfit {
    try {
      if (Files.size(file) > LONGEST_LINE) {
        throw new Unfit(file.getFileName() + " is longer than " + LONGEST_LINE + " bytes");
      }
      String text = withoutMark(decode(Files.readAllBytes(file)));
      if (text.isBlank()) {
        throw new Unfit(file.getFileName() + " is blank");
      }
      return text;
    } catch (IOException e) {
      throw new Unfit(file.getFileName() + " cannot be read");
    }
  }

  private SingleImage image(Path file) throws Unfit {
    if (images != Images.READ) {
      throw new Unfit(
          file.getFileName() + " is an image, which only an index for evidence alone can hold");
    }
    try {
      if (Files.size(file) > Picture.MOST_BYTES) {
        throw new Unfit(file.getFileName() + " is longer than " + Picture.MOST_BYTES + " bytes");
      }
      return SingleImage.read(file);
    } catch (IOException e) {
      throw new Unfit(file.getFileName() + " cannot be read");
    } catch (EngineException.InvalidQuery e) {
      throw new Unfit(e.detail());
    }
  }

  /** A byte order mark says how a file is written; it is no part of what is written. */
  private static String withoutMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static String decode(byte[] bytes) throws Unfit {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException e) {
      throw new Unfit("not valid UTF-8; convert it first");
    }
  }

  private static @Nullable String string(JsonObject json, String field) throws Unfit {
    JsonElement value = json.get(field);
    if (value == null || value.isJsonNull()) {
      return null;
    }
    if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
      throw new Unfit(field + " is not a string");
    }
    String text = value.getAsString();
    // JSON can escape half of a pair alone; no file can hold it, and no tokenizer reads it.
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new Unfit(field + " has half of a surrogate pair; it is not text");
    }
    return text;
  }

  private static @Nullable Integer year(JsonObject json) throws Unfit {
    JsonElement value = json.get("year");
    if (value == null || value.isJsonNull()) {
      return null;
    }
    try {
      return value.getAsBigDecimal().intValueExact();
    } catch (ArithmeticException
        | NumberFormatException
        | IllegalStateException
        | UnsupportedOperationException e) {
      throw new Unfit("year is not a whole number");
    }
  }

  private static Modality modality(JsonObject json) throws Unfit {
    String name = string(json, "modality");
    if (name == null) {
      return Modality.TEXT;
    }
    return switch (name) {
      case "text" -> Modality.TEXT;
      case "code" -> Modality.CODE;
      case "image" -> Modality.IMAGE;
      default -> throw new Unfit("modality " + name + " is not text, code or image");
    };
  }

  private void add(Work work, @Nullable ImageFile image) throws Unfit {
    int nul = work.text().indexOf('\0');
    if (nul >= 0 && images != Images.KEPT) {
      throw new Unfit(
          "the text of work "
              + work.id()
              + " has a NUL at character "
              + nul
              + "; it is not text, or in UTF-16: convert it first");
    }
    if (!seen.add(work.id())) {
      throw new Unfit("id " + work.id() + " was used before");
    }
    works.add(work);
    if (image != null) {
      files.put(work.id(), image);
    }
  }

  private void reject(Path file, long line, String reason) {
    rejections.add(new Rejection(file.toString(), line, reason));
  }

  /** What keeps a line or file from being a work. */
  private static final class Unfit extends Exception {
    Unfit(String reason) {
      super(reason, null, false, false);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }
}
