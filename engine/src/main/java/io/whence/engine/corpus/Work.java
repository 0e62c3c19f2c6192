package io.whence.engine.corpus;

import com.google.gson.stream.JsonWriter;
import io.whence.engine.Sha256;
import io.whence.engine.WorkId;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a rights holder owns, with what is known of the rights in it.
 *
 * @param id unique in its corpus
 * @param title shown to people; the id where none was given
 * @param author who made it
 * @param rightsHolder who is to be credited
 * @param licence an SPDX expression, or what the source says
 * @param year of publication
 * @param url where it stands
 * @param language BCP 47 tag
 * @param modality what kind of thing it is
 * @param published when, as its source writes it
 * @param acquired when and how the corpus came by it, as its source writes it
 * @param text never blank; of an image its size and the sum of its file
 */
public record Work(
    WorkId id,
    String title,
    @Nullable String author,
    @Nullable String rightsHolder,
    @Nullable String licence,
    @Nullable Integer year,
    @Nullable String url,
    @Nullable String language,
    Modality modality,
    @Nullable String published,
    @Nullable String acquired,
    String text) {
  /** The earliest-dated first: by year, those without one last, then as their sources write it. */
  public static final Comparator<Work> EARLIEST_FIRST =
      Comparator.comparingInt((Work work) -> work.year() == null ? Integer.MAX_VALUE : work.year())
          .thenComparing(work -> work.published() == null ? "9" : work.published());

  /** The rights holder of a work that names neither rights holder nor author. */
  public static final String UNKNOWN_HOLDER = "unknown rights holder";

  /** {@return SHA-256 of the text} */
  public String contentHash() {
    return Sha256.of(text);
  }

  /** {@return who a share of this work is credited to: rights holder, else author, else unknown} */
  public String creditedTo() {
    if (rightsHolder != null) {
      return rightsHolder;
    }
    return author != null ? author : UNKNOWN_HOLDER;
  }

  /** {@return the work as one line of JSON, which {@link Corpus#read} reads back as it was} */
  public String toJsonLine() {
    StringWriter line = new StringWriter();
    try (JsonWriter json = new JsonWriter(line)) {
      json.setSerializeNulls(false);
      json.setHtmlSafe(false);
      json.beginObject();
      json.name("id").value(id.value());
      json.name("title").value(title);
      json.name("author").value(author);
      json.name("rightsHolder").value(rightsHolder);
      json.name("licence").value(licence);
      json.name("year").value(year);
      json.name("url").value(url);
      json.name("language").value(language);
      json.name("modality").value(modality.name().toLowerCase(Locale.ROOT));
      json.name("published").value(published);
      json.name("acquired").value(acquired);
      json.name("text").value(text);
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return line.toString();
  }
}
