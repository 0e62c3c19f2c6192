package io.whence.engine.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
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
        .containsExactly("not valid UTF-8");
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
        "{\"id\":\"w\",\"path\":\"a.png\",\"modality\":\"image\",\"licence\":\"CC0-1.0\"}\n"
            + "{\"id\":\"v\",\"text\":\"x\",\"modality\":\"image\"}\n");

    Corpus corpus = Corpus.readWithImages(List.of(directory));

    assertThat(corpus.works()).extracting(work -> work.id().value()).containsExactly("w", "b.PNG");
    Work first = corpus.works().get(0);
    assertThat(first.licence()).isEqualTo("CC0-1.0");
    assertThat(first.modality()).isEqualTo(Modality.IMAGE);
    assertThat(first.text())
        .isEqualTo("image of 9 x 9 pixels, SHA-256 of the file " + Sha256.of(good));
    assertThat(corpus.images()).containsEntry(first.id(), directory.resolve("a.png"));
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
            "no corpus at " + nowhere + "; give a JSON Lines file or a directory of text files");
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
