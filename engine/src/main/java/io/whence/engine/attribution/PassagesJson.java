package io.whence.engine.attribution;

import com.google.gson.FormattingStyle;
import com.google.gson.stream.JsonWriter;
import io.whence.engine.EngineException;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Passages.Passage;
import io.whence.engine.attribution.Passages.Place;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The passages of an index as JSON: fields in one order, the same for the same question. */
public final class PassagesJson {
  /** Passages on a page where nothing else is said, and places of one passage. */
  public static final int USUAL_PAGE = 20;

  /** Most passages on a page, and most places of one passage. */
  public static final int LARGEST_PAGE = 100;

  /** How many places of each passage stand on a page of passages. */
  private static final int SHOWN = 10;

  /** Longer passages are cut. */
  private static final int LONGEST_TEXT = 1000;

  private PassagesJson() {}

  /**
   * {@return a page of passages, ascending by number}
   *
   * @param work id of a work that has them; null for all
   * @param least how many works have them at least
   * @param after the number that they are above; -1 for all
   * @param limit how many, 1 to {@value #LARGEST_PAGE}
   * @throws EngineException.InvalidQuery when the index has no passages, or no such work
   */
  public static String page(Tracer tracer, @Nullable String work, int least, int after, int limit) {
    Passages passages = tracer.passages();
    Integer number = work == null ? null : tracer.number(new WorkId(work));
    List<Passage> found = passages.page(number, least, after, limit + 1);
    List<Passage> shown = found.subList(0, Math.min(limit, found.size()));
    return written(
        json -> {
          json.name("index").value(tracer.id());
          json.name("shortest").value(Passages.SHORTEST);
          json.name("total").value(passages.size());
          json.name("leftOut").value(passages.leftOut());
          json.name("passages").beginArray();
          for (Passage passage : shown) {
            json.beginObject();
            passage(
                json,
                passage,
                number == null
                    ? passages.places(passage.number(), 0, SHOWN)
                    : passages.placesFrom(passage.number(), number, SHOWN));
            json.endObject();
          }
          json.endArray();
          json.name("next")
              .value(found.size() > limit ? shown.get(shown.size() - 1).number() : null);
        });
  }

  /**
   * {@return one passage with its places, by the numbers of the works}
   *
   * @param number of the passage, at least 0
   * @param after how many places are passed over, at least 0
   * @param limit how many places, 1 to {@value #LARGEST_PAGE}
   * @throws EngineException.InvalidQuery when the index has no passages, or none of the number
   */
  public static String one(Tracer tracer, int number, int after, int limit) {
    Passages passages = tracer.passages();
    if (number >= passages.size()) {
      throw new EngineException.InvalidQuery(
          "the index "
              + tracer.id()
              + " has "
              + passages.size()
              + " passages, numbered from 0; there is no passage "
              + number);
    }
    Passage passage = passages.passage(number);
    return written(
        json -> {
          json.name("index").value(tracer.id());
          passage(json, passage, passages.places(number, after, limit));
          json.name("next").value(passage.places() - after > limit ? after + limit : null);
        });
  }

  /** What may fail as writing does. */
  private interface Fields {
    void write(JsonWriter json) throws IOException;
  }

  private static String written(Fields fields) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setFormattingStyle(FormattingStyle.COMPACT);
      json.setHtmlSafe(false);
      json.beginObject();
      fields.write(json);
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void passage(JsonWriter json, Passage passage, List<Place> places)
      throws IOException {
    json.name("passage").value(passage.number());
    json.name("words").value(passage.words());
    json.name("works").value(passage.works());
    json.name("places").value(passage.places());
    json.name("earliest")
        .value(passage.earliest() == null ? null : passage.earliest().id().value());
    json.name("text").value(places.isEmpty() ? "" : text(places.get(0)));
    json.name("found").beginArray();
    for (Place place : places) {
      json.beginObject();
      json.name("work").value(place.work().id().value());
      json.name("title").value(place.work().title());
      json.name("year").value(place.work().year());
      json.name("wordStart").value(place.words().start());
      json.name("wordEnd").value(place.words().end());
      json.name("start").value(place.characters().start());
      json.name("end").value(place.characters().end());
      json.endObject();
    }
    json.endArray();
  }

  /** {@return a passage as it stands in a work; cut where it is long} */
  public static String text(Place place) {
    String text = place.work().text();
    int start = place.characters().start();
    int end = place.characters().end();
    if (end - start <= LONGEST_TEXT) {
      return text.substring(start, end);
    }
    int cut = start + LONGEST_TEXT;
    // Not between the halves of a character.
    return text.substring(start, Character.isLowSurrogate(text.charAt(cut)) ? cut - 1 : cut)
        + "...";
  }
}
