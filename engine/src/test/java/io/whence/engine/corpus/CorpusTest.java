package io.whence.engine.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Everything in a corpus becomes a work or a rejection that says where and why. */
class CorpusTest {
  private static final String GOOD = "{\"id\":\"a\",\"text\":\"some words\"}";

  @TempDir Path directory;

  private Corpus read(byte[] bytes) throws IOException {
    Path file = directory.resolve("corpus.jsonl");
    Files.write(file, bytes);
    return Corpus.read(List.of(file));
  }

  private Corpus read(String... lines) throws IOException {
    return read(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void rights_metadata_is_kept_and_written_back_as_it_was() throws IOException {
    Corpus corpus =
        read(
            "{\"id\":\"w\",\"title\":\"T\",\"author\":\"A\",\"rightsHolder\":\"R\",\"licence\":\"MIT\","
                + "\"year\":1999,\"url\":\"u\",\"language\":\"en\",\"modality\":\"code\",\"published\":\"p\",\"acquired\":\"q\",\"text\":\"x"
                + " \\u00e9 \\ud83d\\ude00\",\"other\":3}");

    Work work = corpus.works().get(0);
    assertThat(work.creditedTo()).isEqualTo("R");
    assertThat(work.modality()).isEqualTo(Modality.CODE);
    assertThat(work.text()).isEqualTo("x é 😀");
    assertThat(read(work.toJsonLine()).works()).containsExactly(work);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id":"b"}                              | work b has neither of text and path; give one
          {"id":"b","text":"x","path":"y"}        | work b has both of text and path; give one
          {"text":"x"}                            | id is missing or blank
          {"id":"  ","text":"x"}                  | id is missing or blank
          {"id":7,"text":"x"}                     | id is not a string
          {"id":"b","text":" "}                   | the text of work b is blank
          {"id":"b","text":"x","year":"soon"}     | year is not a whole number
          {"id":"b","text":"x","modality":"song"} | modality song is not text, code or image
          {"id":"b","path":"../outside.txt"}      | path ../outside.txt leads out of the corpus's directory
          {"id":"b","path":"nowhere.txt"}         | nowhere.txt cannot be read
          {"id":"a","text":"again"}               | id a was used before
          {"id":"b","text":"half \\ud800 a pair"} | text has half of a surrogate pair; it is not text
          {"id":"b","text":"a\\u0000b"}            | the text of work b has a NUL at character 1; it is not text, or in UTF-16: convert it first
          {"id":"b\\udc00","text":"x"}            | id has half of a surrogate pair; it is not text
          {"id":"b","text":"x"} {}                | not valid JSON
          {"id":"b","text":"x"                    | not valid JSON
          {id:'b'}                                | not valid JSON
          [1]                                     | not a JSON object
          """)
  void a_bad_line_is_rejected_by_place_and_reason_and_the_rest_is_read(String line, String reason)
      throws IOException {
    Corpus corpus = read(GOOD, "", line, "{\"id\":\"z\",\"text\":\"last\"}");

    assertThat(corpus.works()).extracting(work -> work.id().value()).containsExactly("a", "z");
    assertThat(corpus.rejections())
        .containsExactly(new Rejection(directory.resolve("corpus.jsonl").toString(), 3, reason));
  }

  @Test
  void a_line_that_is_not_utf8_is_rejected_alone() throws IOException {
    byte[] good = (GOOD + "\r\n").getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[good.length + 3];
    System.arraycopy(good, 0, bytes, 0, good.length);
    bytes[good.length] = (byte) 0xA1;

    Corpus corpus = read(bytes);

    assertThat(corpus.works()).hasSize(1);
    assertThat(corpus.rejections())
        .extracting(Rejection::reason)
        .containsExactly("not valid UTF-8; convert it first");
  }

  @Test
  void a_byte_order_mark_is_no_part_of_the_first_line() throws IOException {
    assertThat(read("\uFEFF" + GOOD).works()).hasSize(1);
  }

  @Test
  void a_byte_order_mark_is_no_part_of_a_text_file() throws IOException {
    Files.writeString(directory.resolve("beside.txt"), "\uFEFFwords");

    Corpus corpus = read("{\"id\":\"b\",\"path\":\"beside.txt\"}");

    assertThat(corpus.works()).extracting(Work::text).containsExactly("words");
  }

  @Test
  void a_directory_is_a_work_a_file_in_sorted_order() throws IOException {
    Files.createDirectories(directory.resolve("sub"));
    Files.writeString(directory.resolve("sub/B.java"), "class B {}");
    Files.writeString(directory.resolve("a.txt"), "words");
    Files.writeString(directory.resolve("empty.txt"), "");
    Files.writeString(directory.resolve("picture.bin"), "?");

    Corpus corpus = Corpus.read(List.of(directory));

    assertThat(corpus.works())
        .extracting(work -> work.id().value())
        .containsExactly("a.txt", "sub/B.java");
    assertThat(corpus.rejections())
        .extracting(Rejection::reason)
        .containsExactly("empty.txt is blank", "not a text or source file by its suffix");
  }

  @Test
  void a_file_that_is_named_by_itself_is_a_work_by_its_suffix() throws IOException {
    Path text = Files.writeString(directory.resolve("poem.txt"), "Tyger, tyger");
    Path source = Files.writeString(directory.resolve("B.java"), "class B {}");
    Path picture = Files.write(directory.resolve("a.png"), png(9, 1));

    Corpus corpus = Corpus.readWithImages(List.of(text, source, picture));

    assertThat(corpus.works())
        .extracting(work -> work.id() + " " + work.modality())
        .containsExactly("poem.txt TEXT", "B.java CODE", "a.png IMAGE");
  }

  @Test
  void links_in_a_directory_are_rejected_not_passed_over() throws IOException {
    Files.writeString(directory.resolve("a.txt"), "words");
    Path link = Files.createSymbolicLink(directory.resolve("b.txt"), Path.of("a.txt"));
    Path round = Files.createSymbolicLink(directory.resolve("round"), Path.of("."));

    Corpus corpus = Corpus.read(List.of(directory));

    assertThat(corpus.works()).extracting(work -> work.id().value()).containsExactly("a.txt");
    String reason = "a symbolic link, which is not followed; put the file itself there";
    assertThat(corpus.rejections())
        .containsExactly(
            new Rejection(link.toString(), 0, reason), new Rejection(round.toString(), 0, reason));
  }

  private static byte[] png(int side, int seed) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, random.nextInt(1 << 24));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  @Test
  void images_are_works_with_their_rights_and_what_is_none_is_rejected_with_a_reason()
      throws IOException {
    byte[] good = png(9, 1);
    Files.write(directory.resolve("a.png"), good);
    Files.write(directory.resolve("b.PNG"), png(9, 2));
    Files.write(directory.resolve("cut.png"), Arrays.copyOf(good, good.length / 2));
    Files.writeString(directory.resolve("no.png"), "words");
    try (RandomAccessFile large = new RandomAccessFile(directory.resolve("z.bmp").toFile(), "rw")) {
      large.setLength(Picture.MOST_BYTES + 1L);
    }
    Files.writeString(
        directory.resolve("works.jsonl"),
        """
        {"id":"w","path":"a.png","modality":"image","licence":"CC0-1.0"}
        {"id":"v","text":"x","modality":"image"}
        """);

    Corpus corpus = Corpus.readWithImages(List.of(directory));

    assertThat(corpus.works()).extracting(work -> work.id().value()).containsExactly("w", "b.PNG");
    Work first = corpus.works().get(0);
    assertThat(first.licence()).isEqualTo("CC0-1.0");
    assertThat(first.modality()).isEqualTo(Modality.IMAGE);
    assertThat(first.text())
        .isEqualTo("image of 9 x 9 pixels, SHA-256 of the file " + Sha256.of(good));
    assertThat(file(corpus, first)).isEqualTo(good);
    assertThat(corpus.rejections())
        .extracting(Rejection::reason)
        .satisfiesExactly(
            reason ->
                assertThat(reason)
                    .isEqualTo("work v is an image; give the path of its file, not text"),
            reason -> assertThat(reason).startsWith("the image cut.png is cut short or damaged"),
            reason ->
                assertThat(reason)
                    .isEqualTo(
                        "the image no.png is no image that is read here; convert it to PNG or"
                            + " JPEG"),
            reason -> assertThat(reason).isEqualTo("z.bmp is longer than 10485760 bytes"));
  }

  private static byte[] file(Corpus corpus, Work work) {
    return Objects.requireNonNull(corpus.images().get(work.id())).bytes();
  }

  @Test
  void an_image_that_was_changed_after_it_was_read_is_refused() throws IOException {
    Path file = Files.write(directory.resolve("a.png"), png(9, 1));
    ImageFile image = Corpus.readWithImages(List.of(directory)).images().values().iterator().next();
    Files.write(file, png(9, 2));

    assertThatThrownBy(image::bytes)
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessage(file + " was changed while the index was built; build it again");
  }

  /** Pictures of 2 x 3 pixels, each of its own number. */
  private static byte[] pictures(int count) {
    ByteBuffer idx = ByteBuffer.allocate(16 + 6 * count);
    idx.putInt(0x803).putInt(count).putInt(3).putInt(2);
    for (int i = 0; i < 6 * count; i++) {
      idx.put((byte) (40 * (i / 6) + i % 6));
    }
    return idx.array();
  }

  private static byte[] labels(int... labels) {
    ByteBuffer idx = ByteBuffer.allocate(8 + labels.length);
    idx.putInt(0x801).putInt(labels.length);
    for (int label : labels) {
      idx.put((byte) label);
    }
    return idx.array();
  }

  private static byte[] gzipped(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void each_picture_of_an_idx_file_is_a_work_with_the_label_beside_it() throws IOException {
    Path file = Files.write(directory.resolve("t-images-idx3-ubyte.gz"), gzipped(pictures(3)));
    Files.write(directory.resolve("t-labels-idx1-ubyte"), labels(7, 0, 255));

    Corpus named = Corpus.readWithImages(List.of(file));
    Corpus inDirectory = Corpus.readWithImages(List.of(directory));

    assertThat(named.works())
        .extracting(work -> work.id().value(), Work::title)
        .containsExactly(
            tuple("t-images-idx3-ubyte.gz/0", "t-images-idx3-ubyte.gz/0, label 7"),
            tuple("t-images-idx3-ubyte.gz/1", "t-images-idx3-ubyte.gz/1, label 0"),
            tuple("t-images-idx3-ubyte.gz/2", "t-images-idx3-ubyte.gz/2, label 255"));
    Work last = named.works().get(2);
    Picture picture = Picture.ofGrey(2, 3, new byte[] {80, 81, 82, 83, 84, 85});
    assertThat(last.modality()).isEqualTo(Modality.IMAGE);
    assertThat(last.text())
        .isEqualTo("image of 2 x 3 pixels, SHA-256 of the pixels " + picture.sha256());
    assertThat(Picture.read(file(named, last), "it").sha256()).isEqualTo(picture.sha256());
    assertThat(inDirectory.works()).isEqualTo(named.works());
    assertThat(inDirectory.rejections()).isEmpty();
    assertThat(inDirectory.hash()).isEqualTo(named.hash());
  }

  @Test
  void pictures_without_labels_are_works_by_their_numbers() throws IOException {
    Path file = Files.write(directory.resolve("digits.idx"), pictures(2));

    assertThat(Corpus.readWithImages(List.of(file)).works())
        .extracting(Work::title)
        .containsExactly("digits.idx/0", "digits.idx/1");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cut     | should hold 12 numbers and ends after 11
          longer  | should hold 12 numbers by its header, and goes on after them
          huge    | says that it holds an array of shape [2147483647, 0, 0]
          wide    | holds pictures of 16777217 x 1 pixels; at most 16777216 are read
          none    | says that it holds an array of shape [0, 0, 0]
          floats  | is no idx file of unsigned bytes: it begins with 3331
          table   | should hold pictures, rows and columns; it holds an array of shape [2, 6]
          header  | is cut short; fetch it again
          """)
  void an_idx_file_whose_header_is_not_true_is_refused_whole(String what, String reason)
      throws IOException {
    byte[] good = pictures(2);
    ByteBuffer bad = ByteBuffer.wrap(good.clone());
    byte[] bytes =
        switch (what) {
          case "cut" -> Arrays.copyOf(good, good.length - 1);
          case "longer" -> Arrays.copyOf(good, good.length + 1);
          case "huge" -> bad.putInt(4, Integer.MAX_VALUE).array();
          case "wide" -> bad.putInt(4, 1).putInt(8, 1).putInt(12, (1 << 24) + 1).array();
          case "none" -> bad.putInt(4, 0).array();
          case "floats" -> bad.putInt(0, 0xd03).array();
          case "table" -> ByteBuffer.allocate(24).putInt(0x802).putInt(2).putInt(6).array();
          default -> Arrays.copyOf(good, 10);
        };
    Path file = Files.write(directory.resolve("bad.idx3"), bytes);
    if (what.equals("wide")) {
      // All of it is there.
      try (RandomAccessFile whole = new RandomAccessFile(file.toFile(), "rw")) {
        whole.setLength(16 + (1 << 24) + 1L);
      }
    }

    assertThatThrownBy(() -> Corpus.readWithImages(List.of(file)))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessage(file + " " + reason);

    Files.writeString(directory.resolve("a.txt"), "words");
    Corpus beside = Corpus.readWithImages(List.of(directory));
    assertThat(beside.works()).extracting(work -> work.id().value()).containsExactly("a.txt");
    assertThat(beside.rejections())
        .containsExactly(new Rejection(file.toString(), 0, file + " " + reason));
  }

  @Test
  void a_gzip_that_is_cut_short_labels_of_others_and_a_model_that_takes_no_images_are_refused()
      throws IOException {
    byte[] whole = gzipped(pictures(2));
    Path cut =
        Files.write(directory.resolve("cut.idx3.gz"), Arrays.copyOf(whole, whole.length - 9));
    assertThatThrownBy(() -> Corpus.readWithImages(List.of(cut)))
        .hasMessage(cut + " is cut short; fetch it again");

    Path file = Files.write(directory.resolve("u-images-idx3-ubyte"), pictures(2));
    assertThatThrownBy(() -> Corpus.read(List.of(file)))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessage(
            file + " is an idx file of images, which only an index for evidence alone can hold");

    Path labels = Files.write(directory.resolve("u-labels-idx1-ubyte"), labels(1, 2, 3));
    assertThatThrownBy(() -> Corpus.readWithImages(List.of(file)))
        .hasMessage(
            labels
                + " should hold the classes of the 2 examples of "
                + file
                + "; it holds an array of shape [3]");
  }

  @Test
  void an_index_reads_back_the_images_it_keeps_and_a_model_takes_none() throws IOException {
    Files.write(directory.resolve("a.png"), png(9, 1));
    Files.writeString(directory.resolve("b.txt"), "words");
    Work image = Corpus.readWithImages(List.of(directory)).works().get(0);
    Path kept = Files.writeString(directory.resolve("kept"), image.toJsonLine());

    assertThat(Corpus.kept(kept).works()).containsExactly(image);
    assertThat(Corpus.read(List.of(directory)).rejections())
        .extracting(Rejection::reason)
        .contains("a.png is an image, which only an index for evidence alone can hold");
  }

  @Test
  void a_missing_file_and_an_empty_corpus_are_refused() throws IOException {
    Path nowhere = directory.resolve("nowhere");
    assertThatThrownBy(() -> Corpus.read(List.of(nowhere)))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessage(
            "no corpus at "
                + nowhere
                + "; give a JSON Lines or Parquet file, or a directory of text files");
    assertThatThrownBy(() -> read("x"))
        .isInstanceOf(EngineException.InvalidCorpus.class)
        .hasMessageContaining("no work could be read")
        .hasMessageContaining(":1: not valid JSON");
  }

  @Test
  void the_hash_changes_with_any_text_right_or_order() throws IOException {
    String b = "{\"id\":\"b\",\"text\":\"other\"}";
    String hash = read(GOOD, b).hash();

    assertThat(read(GOOD, b).hash()).isEqualTo(hash);
    assertThat(read(b, GOOD).hash()).isNotEqualTo(hash);
    assertThat(read(GOOD, b.replace("other", "othes")).hash()).isNotEqualTo(hash);
    assertThat(read(GOOD, b.replace("}", ",\"licence\":\"MIT\"}")).hash()).isNotEqualTo(hash);
  }

  @ParameterizedTest(name = "{0} tokens, window {1}, stride {2}")
  @CsvSource({"1,8,8", "8,8,8", "9,8,8", "100,8,8", "100,8,3", "7,8,1", "1000,128,128"})
  void windows_cover_every_token_and_none_twice_without_overlap(
      int tokens, int window, int stride) {
    List<Instance> instances = new InstanceCutter(window, stride).cut(5, tokens);

    int[] covered = new int[tokens];
    for (int i = 0; i < instances.size(); i++) {
      assertThat(instances.get(i).work()).isEqualTo(5);
      assertThat(instances.get(i).ordinal()).isEqualTo(i);
      assertThat(instances.get(i).tokens().length()).isBetween(1, window);
      for (int t = instances.get(i).tokens().start(); t < instances.get(i).tokens().end(); t++) {
        covered[t]++;
      }
    }
    for (int count : covered) {
      assertThat(count).isBetween(1, stride == window ? 1 : window);
    }
  }
}
