package io.whence.indexbuilder;

import io.whence.engine.EngineException;
import io.whence.engine.Progress;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.ImageTrace;
import io.whence.engine.attribution.ImageTrace.TracedImage;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.corpus.Picture;
import io.whence.engine.evidence.PerceptualHash;
import io.whence.engine.evidence.PictureFinding;
import io.whence.engine.model.PictureEmbedder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * Measures evidence in images: near copies of digits, icons and drawings, planted copies, and
 * images from outside.
 *
 * <p>Of each set the first image in five was used to choose what the search does, and is in no
 * figure; the second is kept out of the index, to ask with; the others are the index.
 *
 * @param data where {@code mnist}, {@code game-icons} and {@code omniglot} lie
 * @param imageModel that embeds them, too; null for none
 * @param outputs how many copies of each kind
 * @param seed of every random choice
 */
record ImageSuite(Path data, @Nullable Path imageModel, int outputs, long seed, Progress progress) {
  private static final int FOLDS = 5;
  private static final int PLANTED_AMONG = 300;
  private static final int[] PLANTED = {1, 2, 10, 100};
  private static final int LARGEST_FILE = 1 << 20;
  private static final int SMALL = 32;

  /** {@return the figures, by what they are} */
  Map<String, Object> figures() throws IOException {
    if (outputs < 1 || outputs > 10_000) {
      throw new EngineException.InvalidQuery(
          "--outputs is 1 to 10000 copies of each kind; got " + outputs);
    }
    Map<String, List<Picture>> sets = new LinkedHashMap<>();
    sets.put("mnist", Picture.readIdx(data("mnist/train5000-images-idx3-ubyte.gz")));
    sets.put("game-icons", Picture.readIdx(data("game-icons/icons32-images-idx3-ubyte.gz")));
    sets.put("omniglot", drawings(data("omniglot/images_background_small1.zip")));
    Map<String, Object> figures = new LinkedHashMap<>();
    for (Map.Entry<String, List<Picture>> set : sets.entrySet()) {
      Path directory = Files.createTempDirectory("whence-images");
      try {
        measure(set.getKey(), set.getValue(), directory, figures);
        planted(set.getKey(), set.getValue(), directory.resolve("planted"), figures);
      } finally {
        IndexBuild.deleteTree(directory);
      }
    }
    figures.put("seed", seed);
    return figures;
  }

  private Path data(String name) {
    Path file = data.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new EngineException.InvalidQuery(
          "no file " + file + "; run it with the whence script of the repository");
    }
    return file;
  }

  private static List<Picture> drawings(Path zip) throws IOException {
    Map<String, Picture> drawings = new TreeMap<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (entry.getName().endsWith(".png")) {
          drawings.put(entry.getName(), Picture.read(in.readNBytes(LARGEST_FILE), entry.getName()));
        }
      }
    }
    return List.copyOf(drawings.values());
  }

  private static List<Picture> fold(List<Picture> all, int number) {
    return IntStream.range(0, all.size())
        .filter(i -> i % FOLDS == number)
        .mapToObj(all::get)
        .toList();
  }

  private static byte[] png(Picture picture) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(PictureEdit.image(picture), "png", out);
    return out.toByteArray();
  }

  private BuildSummary build(List<Picture> works, Path corpus, Path index) throws IOException {
    Files.createDirectories(corpus);
    for (int i = 0; i < works.size(); i++) {
      Files.write(corpus.resolve(id(i)), png(works.get(i)));
    }
    return new EvidenceBuild(
            List.of(corpus), imageModel, index, false, BuildSettings.on("cpu"), progress)
        .run();
  }

  private static String id(int work) {
    return "%05d.png".formatted(work);
  }

  private static int number(WorkId id) {
    return Integer.parseInt(id.value().substring(0, 5));
  }

  private void measure(String set, List<Picture> all, Path directory, Map<String, Object> figures)
      throws IOException {
    List<Picture> works =
        IntStream.range(0, all.size()).filter(i -> i % FOLDS > 1).mapToObj(all::get).toList();
    Path index = directory.resolve("index");
    BuildSummary built = build(works, directory.resolve("corpus"), index);
    figures.put(set + ": images in the index", works.size());
    figures.put(
        set + ": seconds to build",
        String.format(
            Locale.ROOT,
            "%.0f, of which the null %.0f",
            built.stageSeconds().values().stream().mapToDouble(x -> x).sum(),
            built.stageSeconds().getOrDefault("control", 0.0)));
    List<Double> seconds = new ArrayList<>();
    try (Tracer tracer = Tracer.open(index);
        PictureEmbedder embedder = imageModel == null ? null : PictureEmbedder.open(imageModel)) {
      Controls controls = Controls.of(works, embedder);
      for (PictureEdit edit : PictureEdit.values()) {
        edited(set, works, controls, edit, tracer, figures, seconds);
      }
      outside(set, fold(all, 1), tracer, figures);
    }
    double[] sorted = seconds.stream().mapToDouble(x -> x).sorted().toArray();
    figures.put(
        set + ": milliseconds a trace, p50 and p95",
        String.format(
            Locale.ROOT,
            "%.0f and %.0f",
            1000 * sorted[sorted.length / 2],
            1000 * sorted[sorted.length * 95 / 100]));
  }

  private void edited(
      String set,
      List<Picture> works,
      Controls controls,
      PictureEdit edit,
      Tracer tracer,
      Map<String, Object> figures,
      List<Double> seconds)
      throws IOException {
    SplittableRandom random = new SplittableRandom(seed + edit.name().hashCode());
    int first = 0;
    int counted = 0;
    List<Picture> asked = new ArrayList<>();
    List<Integer> truth = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      int work = random.nextInt(works.size());
      Picture output = edit.of(works.get(work), random);
      asked.add(output);
      truth.add(work);
      long begin = System.nanoTime();
      ImageTrace trace = tracer.traceImage(png(output), "an output");
      seconds.add((System.nanoTime() - begin) / 1e9);
      if (!trace.sources().isEmpty()) {
        TracedImage found = trace.sources().get(0).works().get(0);
        boolean right = samePixels(works, number(found.work().id()), work);
        first += right ? 1 : 0;
        counted += right && found.finding().counts() ? 1 : 0;
      }
      progress.report(set, i + 1, outputs, "outputs", edit.what());
    }
    String name = set + ", " + edit.what() + ": ";
    figures.put(name + "R@1", EvidenceSuite.share(first, outputs));
    figures.put(name + "and beyond chance", EvidenceSuite.share(counted, outputs));
    int byHash = 0;
    int byL2 = 0;
    for (int i = 0; i < outputs; i++) {
      PerceptualHash hash = PerceptualHash.of(asked.get(i));
      int nearest = nearest(controls.hashes(), other -> hash.distance(other));
      byHash += samePixels(works, nearest, truth.get(i)) ? 1 : 0;
      Picture small = small(asked.get(i));
      nearest = nearest(controls.small(), other -> small.l2(other));
      byL2 += samePixels(works, nearest, truth.get(i)) ? 1 : 0;
    }
    figures.put(name + "R@1 of plain pHash and dHash", EvidenceSuite.share(byHash, outputs));
    figures.put(name + "R@1 of plain l2 at 32 x 32", EvidenceSuite.share(byL2, outputs));
    PictureEmbedder embedder = controls.embedder();
    if (embedder != null) {
      int byEmbedding = 0;
      for (int i = 0; i < outputs; i++) {
        float[] embedding = embedder.embed(asked.get(i));
        int nearest = nearest(controls.embeddings(), other -> -product(embedding, other));
        byEmbedding += samePixels(works, nearest, truth.get(i)) ? 1 : 0;
      }
      figures.put(name + "R@1 of the embedding alone", EvidenceSuite.share(byEmbedding, outputs));
    }
  }

  /** Two works with the same pixels are the same answer. */
  private static boolean samePixels(List<Picture> works, int found, int work) {
    return found == work || works.get(found).sha256().equals(works.get(work).sha256());
  }

  /** What the works are for those who do no more than compare. */
  private record Controls(
      List<PerceptualHash> hashes,
      List<Picture> small,
      @Nullable PictureEmbedder embedder,
      List<float[]> embeddings) {
    static Controls of(List<Picture> works, @Nullable PictureEmbedder embedder) {
      return new Controls(
          works.stream().map(PerceptualHash::of).toList(),
          works.stream().map(ImageSuite::small).toList(),
          embedder,
          embedder == null ? List.of() : works.stream().map(embedder::embed).toList());
    }
  }

  private static double product(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (double) one[i] * other[i];
    }
    return sum;
  }

  private static <T> int nearest(List<T> works, ToDoubleFunction<T> distance) {
    double[] distances = works.stream().mapToDouble(distance).toArray();
    return IntStream.range(0, distances.length)
        .boxed()
        .min(Comparator.comparingDouble(i -> distances[i]))
        .orElseThrow();
  }

  /** A picture at one size, each value that of the nearest pixel. */
  private static Picture small(Picture picture) {
    return PictureEdit.drawn(
        SMALL,
        SMALL,
        (x, y, channel) ->
            picture.channel(x * picture.width() / SMALL, y * picture.height() / SMALL, channel));
  }

  private void outside(String set, List<Picture> others, Tracer tracer, Map<String, Object> figures)
      throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    int counted = 0;
    for (int i = 0; i < outputs; i++) {
      Picture output = others.get(random.nextInt(others.size()));
      ImageTrace trace = tracer.traceImage(png(output), "an output");
      counted +=
          trace.sources().stream()
                  .flatMap(source -> source.works().stream())
                  .map(TracedImage::finding)
                  .anyMatch(PictureFinding::counts)
              ? 1
              : 0;
      progress.report(set, i + 1, outputs, "outputs", "from outside");
    }
    figures.put(
        set + ", images of the set that are not in the index: p < .01",
        EvidenceSuite.share(counted, outputs));
  }

  /** Copies of a work, as it is and with a little noise, counted in an index. */
  private void planted(String set, List<Picture> all, Path directory, Map<String, Object> figures)
      throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    List<Picture> works = new ArrayList<>(fold(all, 2).subList(0, PLANTED_AMONG));
    List<Picture> copied = new ArrayList<>();
    for (int k : PLANTED) {
      Picture work = works.get(random.nextInt(PLANTED_AMONG));
      copied.add(work);
      for (int copy = 1; copy < k; copy++) {
        works.add(work);
      }
    }
    build(works, directory.resolve("corpus"), directory.resolve("index"));
    int[] exact = new int[PLANTED.length];
    int[] clusters = new int[PLANTED.length];
    try (Tracer tracer = Tracer.open(directory.resolve("index"))) {
      for (int i = 0; i < PLANTED.length; i++) {
        ImageTrace trace = tracer.traceImage(png(copied.get(i)), "an output");
        ImageTrace.Extracted extraction = trace.extraction();
        exact[i] = extraction == null ? 0 : extraction.measures().eidetic(0);
        clusters[i] = trace.sources().get(0).copies();
      }
    }
    figures.put(
        set + ": copies planted, counted at l2 0, size of the cluster",
        Arrays.toString(PLANTED)
            + ", "
            + Arrays.toString(exact)
            + ", "
            + Arrays.toString(clusters));
  }
}
