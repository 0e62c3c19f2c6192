package io.whence.engine.corpus;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.WorkId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The works a model was trained on, and what could not be read of them.
 *
 * @param works in the order they were read
 * @param rejections in the same order; nothing is dropped without one
 * @param images of each work that is one, its file
 */
public record Corpus(List<Work> works, List<Rejection> rejections, Map<WorkId, ImageFile> images) {
  /** Copies the lists and the map. */
  public Corpus {
    works = List.copyOf(works);
    rejections = List.copyOf(rejections);
    images = Map.copyOf(images);
  }

  /**
   * {@return what stands in {@code paths}: JSON Lines and Parquet files, text and source files,
   * each a work by its suffix, and directories of such files}
   *
   * <p>A line of a JSON Lines file is an object with {@code id}, {@code text} (or a path, a file
   * beside it) and as known {@code title, author, rightsHolder, licence, year, url, language,
   * modality, published, acquired}; other fields are passed over, because most corpora have some. A
   * malformed line is rejected and the next is read; so is an image. What a line names is not read
   * again as a file of its directory. A row of a Parquet file is as a line, with columns for fields
   * and its number for the line's; they are strings, and {@code year} may be a number.
   *
   * @throws EngineException.InvalidCorpus when a path does not exist, no good work is found, or one
   *     of {@code paths} is a Parquet file that cannot be read
   */
  public static Corpus read(List<Path> paths) {
    return read(paths, CorpusReader.Images.REJECTED);
  }

  /**
   * {@return the same with images: files of a directory by their suffix, files that a line with the
   * modality {@code image} names, and the pictures of idx files} What cannot be read as a still
   * picture is rejected; an idx file is read as a whole or not at all.
   *
   * @throws EngineException.InvalidCorpus as {@link #read} does, and when one of {@code paths} is
   *     an idx file that is cut short or whose header is not true
   */
  public static Corpus readWithImages(List<Path> paths) {
    return read(paths, CorpusReader.Images.READ);
  }

  /** {@return the works that an index keeps in {@code file}; it holds images' files elsewhere} */
  public static Corpus kept(Path file) {
    return read(List.of(file), CorpusReader.Images.KEPT);
  }

  private static Corpus read(List<Path> paths, CorpusReader.Images images) {
    CorpusReader reader = new CorpusReader(images);
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        reader.readDirectory(path, filesBelow(path));
      } else if (Files.isRegularFile(path)) {
        reader.readNamed(path);
      } else {
        throw new EngineException.InvalidCorpus(
            "no corpus at "
                + path
                + "; give a JSON Lines or Parquet file, or a directory of text files");
      }
    }
    Corpus corpus = reader.corpus();
    if (corpus.works().isEmpty()) {
      throw new EngineException.InvalidCorpus(
          "no work could be read from "
              + paths
              + (corpus.rejections().isEmpty() ? "" : "; first: " + corpus.rejections().get(0)));
    }
    return corpus;
  }

  /** Files and links in sorted order: a directory is the same corpus wherever it lies. */
  private static List<Path> filesBelow(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths
          .filter(
              path ->
                  Files.isSymbolicLink(path)
                      || Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new EngineException.InvalidCorpus("cannot list " + directory + ": " + e);
    }
  }

  /** {@return SHA-256 over every work's line, in order: texts, ids and rights alike} */
  public String hash() {
    Sha256 sum = new Sha256();
    for (Work work : works) {
      sum.add(work.toJsonLine()).add("\n");
    }
    return sum.hex();
  }
}
