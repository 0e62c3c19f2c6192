package io.whence.engine.attribution;

import io.whence.engine.Sha256;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.model.Torch;
import io.whence.engine.retrieval.CandidateIndex;
import io.whence.engine.risk.FairUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Everything declared that an answer's bytes depend on beside the request: where two answers to one
 * request differ, one of these should. Nothing in it differs between two processes that would
 * answer alike, so no paths, times or memory sizes.
 */
final class Reproducibility {
  private static final String UNKNOWN = "unknown";

  private Reproducibility() {}

  /**
   * {@return the components by name}
   *
   * @param manifestSum SHA-256 of the index's manifest, which holds the sums of all its files
   * @param device {@code cpu} or {@code cuda}
   */
  static SortedMap<String, String> components(
      IndexManifest manifest, String manifestSum, String device) {
    SortedMap<String, String> components = new TreeMap<>();
    components.put("checkpoint", manifest.checkpoint());
    components.put("tokenizer", manifest.tokenizer());
    components.put("corpus", manifest.corpus());
    components.put("index", manifestSum);
    components.put("code", Code.SUM);
    components.put("java", Runtime.version().toString());
    components.put("jvm", System.getProperty("java.vm.name", UNKNOWN));
    components.put(
        "vectorModule",
        ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() ? "on" : "off");
    components.put("lucene", CandidateIndex.luceneVersion());
    components.put("djl", Torch.djlVersion());
    components.put("pytorch", Torch.version());
    components.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    components.put("cpu", firstValue(Path.of("/proc/cpuinfo"), "model name"));
    components.put("device", device.equals("cuda") ? "cuda: " + gpu() : device);
    components.put("sketchSeed", String.valueOf(manifest.sketch().seed()));
    components.put("candidates", Attributor.CANDIDATES);
    components.put("winnowing", "k=" + Winnowing.TEXT.k() + " w=" + Winnowing.TEXT.w());
    components.put("embedding", manifest.embedding());
    components.put("riskModel", FairUse.MODEL);
    return Collections.unmodifiableSortedMap(components);
  }

  private static String gpu() {
    Path gpus = Path.of("/proc/driver/nvidia/gpus");
    if (!Files.isDirectory(gpus)) {
      return UNKNOWN;
    }
    try (Stream<Path> cards = Files.list(gpus)) {
      return cards
          .sorted()
          .findFirst()
          .map(card -> firstValue(card.resolve("information"), "Model"))
          .orElse(UNKNOWN);
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  /** {@return the value of the first line "name : value"} */
  private static String firstValue(Path file, String name) {
    if (!Files.isReadable(file)) {
      return UNKNOWN;
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name) && line.indexOf(':') > 0)
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse(UNKNOWN);
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  /**
   * The engine's own class files and data, by content: the same source compiles to the same sum.
   */
  private static final class Code {
    static final String SUM = sum();

    private static String sum() {
      CodeSource source =
          Objects.requireNonNull(Attributor.class.getProtectionDomain().getCodeSource());
      try {
        Path place = Path.of(source.getLocation().toURI());
        if (Files.isDirectory(place)) {
          return sum(place);
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
          return sum(jar.getPath("/"));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the code from " + source.getLocation(), e);
      } catch (URISyntaxException e) {
        throw new IllegalStateException("the code is nowhere: " + source.getLocation(), e);
      }
    }

    private static String sum(Path root) throws IOException {
      Sha256 sum = new Sha256();
      try (Stream<Path> files = Files.walk(root.resolve("io"))) {
        List<Path> sorted =
            files.filter(Files::isRegularFile).sorted((a, b) -> name(root, a, b)).toList();
        for (Path file : sorted) {
          sum.add(root.relativize(file).toString()).add(new byte[1]).add(file);
        }
      }
      return sum.hex();
    }

    private static int name(Path root, Path a, Path b) {
      return root.relativize(a).toString().compareTo(root.relativize(b).toString());
    }
  }
}
