package io.whence.engine.attribution;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.influence.Damping;
import io.whence.engine.sketch.SketchSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an index is, field by field ({@code manifest.json}): written last and read first. Without it
 * a directory is no index.
 *
 * @param format {@code whence-index}
 * @param formatVersion {@value #VERSION}
 * @param createdAt when it was published, ISO 8601, UTC
 * @param checkpoint SHA-256 of the checkpoint's configuration and weights; empty, as are tokenizer,
 *     sketch, damping and embedding, in an index for evidence alone
 * @param tokenizer SHA-256 of its tokenizer
 * @param corpus hash of the works, in order
 * @param trainingCorpus hash of the corpus the checkpoint was trained on, where that is recorded
 * @param window longest instance, in tokens
 * @param stride between instances, in tokens
 * @param sketch the projection of the gradients
 * @param damping what was added to each layer's curvature, and by which rule
 * @param tokens predicted by the instances that count as trained on
 * @param deduplicatedTokens the same with each cluster of copies once
 * @param counts of everything
 * @param shards in the order of their numbers
 * @param fingerprintWords k of the winnowing
 * @param fingerprintWindow w of the winnowing
 * @param shortestMatch words in the shortest reported run
 * @param embedding model of the text embeddings
 * @param madeWith versions and machine
 * @param files every other file, with its size and checksum
 */
public record IndexManifest(
    String format,
    int formatVersion,
    String createdAt,
    String checkpoint,
    String tokenizer,
    String corpus,
    @Nullable String trainingCorpus,
    int window,
    int stride,
    SketchSpec sketch,
    Damping damping,
    long tokens,
    long deduplicatedTokens,
    Counts counts,
    List<Shard> shards,
    int fingerprintWords,
    int fingerprintWindow,
    int shortestMatch,
    String embedding,
    SortedMap<String, String> madeWith,
    SortedMap<String, FileSum> files) {
  /** Name of the file. */
  public static final String FILE = "manifest.json";

  /** What {@code format} says. */
  public static final String FORMAT = "whence-index";

  /** The version this code writes, and the only one it reads. */
  public static final int VERSION = 3;

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /**
   * How much there is.
   *
   * @param heldOutWorks works that the checkpoint was validated on and never trained on
   * @param rejected entries of the corpus that could not become works
   */
  public record Counts(int works, int instances, long tokens, int heldOutWorks, int rejected) {}

  /** A slice of the corpus with everything built from it. */
  public record Shard(String name, int firstWork, int works, int firstInstance, int instances) {}

  /** A file's size and SHA-256. */
  public record FileSum(long bytes, String sha256) {
    static FileSum of(Path file) throws IOException {
      return new FileSum(Files.size(file), Sha256.of(file));
    }
  }

  /** {@return the sums of all files below a directory but the manifest, by path with slashes} */
  public static SortedMap<String, FileSum> sums(Path directory) throws IOException {
    SortedMap<String, FileSum> sums = new TreeMap<>();
    for (String name : filesOf(directory)) {
      sums.put(name, FileSum.of(directory.resolve(name)));
    }
    return sums;
  }

  private static TreeSet<String> filesOf(Path directory) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        String name = directory.relativize(path).toString().replace('\\', '/');
        // Lucene leaves its lock behind; it holds nothing.
        if (!name.equals(FILE) && !name.endsWith("/write.lock")) {
          names.add(name);
        }
      }
    }
    return names;
  }

  /**
   * {@return the manifest of the index in {@code directory}; its files are not looked at}
   *
   * @throws EngineException.NoIndex when there is none
   * @throws EngineException.IndexMismatch when it is of another format or version
   * @throws EngineException.IndexDamaged when it cannot be read
   */
  public static IndexManifest read(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new EngineException.NoIndex(
          "no index at "
              + directory
              + ": it has no "
              + FILE
              + "; build one with whence index build --out "
              + directory);
    }
    try {
      JsonElement json = JsonParser.parseString(Files.readString(file));
      JsonElement format = json.getAsJsonObject().get("format");
      JsonElement version = json.getAsJsonObject().get("formatVersion");
      if (format == null || !format.getAsString().equals(FORMAT)) {
        throw new EngineException.IndexMismatch(file + " is not the manifest of an index");
      }
      if (version == null || version.getAsInt() != VERSION) {
        throw new EngineException.IndexMismatch(
            file
                + " is of format version "
                + version
                + "; this build reads version "
                + VERSION
                + ", so build the index again");
      }
      IndexManifest manifest = GSON.fromJson(json, IndexManifest.class);
      if (manifest.files == null
          || manifest.shards == null
          || manifest.sketch == null
          || manifest.sketch.table() == null) {
        throw new JsonParseException("fields are missing");
      }
      return manifest;
    } catch (IOException e) {
      throw new EngineException.IndexDamaged("cannot read " + file + ": " + e, e);
    } catch (JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | NullPointerException e) {
      throw new EngineException.IndexDamaged(file + " is damaged: " + e.getMessage(), e);
    }
  }

  /** {@return whether the index was built without a model: it knows of shared words alone} */
  public boolean evidenceAlone() {
    return sketch.modules().isEmpty();
  }

  /** Writes the manifest, whole or not at all. */
  public void write(Path directory) throws IOException {
    Path partial = directory.resolve(FILE + ".partial");
    Files.writeString(partial, GSON.toJson(this) + "\n");
    Files.move(partial, directory.resolve(FILE), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** {@return the manifest as JSON} */
  public String toJson() {
    return GSON.toJson(this);
  }

  /**
   * {@return what is wrong with the files in {@code directory}: changed, cut, missing or too many;
   * empty when it is whole}
   */
  public List<String> damage(Path directory) {
    List<String> damage = new ArrayList<>();
    try {
      TreeSet<String> there = filesOf(directory);
      for (String name : files.keySet()) {
        FileSum wanted = files.get(name);
        Path file = directory.resolve(name);
        if (wanted == null || !there.remove(name)) {
          damage.add(name + " is missing");
        } else if (Files.size(file) != wanted.bytes()) {
          damage.add(
              name + " should have " + wanted.bytes() + " bytes and has " + Files.size(file));
        } else {
          String sum = Sha256.of(file);
          if (!sum.equals(wanted.sha256())) {
            damage.add(
                name
                    + " should have checksum "
                    + wanted.sha256().substring(0, 12)
                    + "... and has "
                    + sum.substring(0, 12)
                    + "...");
          }
        }
      }
      there.forEach(name -> damage.add(name + " does not belong to the index"));
    } catch (IOException e) {
      damage.add("cannot be read: " + e);
    }
    return damage;
  }
}
