package io.whence.indexbuilder;

import io.whence.engine.EngineException;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.Passages;
import io.whence.engine.attribution.Passages.Passage;
import io.whence.engine.attribution.Passages.Place;
import io.whence.engine.attribution.PassagesJson;
import io.whence.engine.attribution.Tracer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the passages that several works of an index share, or the places of one. */
@Command(
    name = "passages",
    mixinStandardHelpOptions = true,
    description = "Lists the runs of words that several works of an index share.")
final class PassagesCommand implements Callable<Integer> {
  private static final int SHOWN = 60;

  @Option(names = "--index", required = true, paramLabel = "DIR", description = "Index.")
  Path index = Path.of("");

  @Option(names = "--passage", paramLabel = "N", description = "Where this one stands.")
  @Nullable Integer passage;

  @Option(names = "--work", paramLabel = "ID", description = "Only those that this work has.")
  @Nullable String work;

  @Option(
      names = "--least",
      paramLabel = "N",
      description = "Only those of N works or more, copies not counted; default ${DEFAULT-VALUE}.")
  int least = 2;

  @Option(
      names = "--after",
      paramLabel = "N",
      description = "Go on after this passage, or with --passage after so many places.")
  @Nullable Integer after;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "How many, 1 to " + PassagesJson.LARGEST_PAGE + "; default ${DEFAULT-VALUE}.")
  int limit = PassagesJson.USUAL_PAGE;

  @Option(names = "--json", description = "Print the page as JSON.")
  boolean json;

  @Override
  public Integer call() {
    within("--least", least, 2, Integer.MAX_VALUE);
    within("--limit", limit, 1, PassagesJson.LARGEST_PAGE);
    within("--after", after == null ? 0 : after, 0, Integer.MAX_VALUE - 1);
    within("--passage", passage == null ? 0 : passage, 0, Integer.MAX_VALUE);
    if (passage != null && work != null) {
      throw new EngineException.InvalidQuery(
          "--passage lists the places of one passage in all works; leave --work out");
    }
    try (Tracer tracer = Tracer.open(index)) {
      Main.print(passage == null ? page(tracer) : places(tracer, passage));
    }
    return Main.DONE;
  }

  private static void within(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new EngineException.InvalidQuery(
          option
              + " is "
              + (most >= Integer.MAX_VALUE - 1 ? least + " or more" : least + " to " + most)
              + "; got "
              + value);
    }
  }

  private String page(Tracer tracer) {
    int from = after == null ? -1 : after;
    if (json) {
      return PassagesJson.page(tracer, work, least, from, limit);
    }
    Passages passages = tracer.passages();
    Integer number = work == null ? null : tracer.number(new WorkId(work));
    List<String> lines = new ArrayList<>();
    lines.add(
        passages.size()
            + " passages of "
            + Passages.SHORTEST
            + " words or more"
            + (passages.leftOut() == 0 ? "" : "; some are missing, the index has too many"));
    for (Passage found : passages.page(number, least, from, limit)) {
      lines.add(line(passages, found));
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static String line(Passages passages, Passage passage) {
    Place first = passages.places(passage.number(), 0, 1).get(0);
    String text = PassagesJson.text(first).replaceAll("\\s+", " ");
    return String.format(
        Locale.ROOT,
        "%8d  %d words in %d works, %d places, %s: %s",
        passage.number(),
        passage.words(),
        passage.works(),
        passage.places(),
        passage.earliest() == null
            ? "none of them dated"
            : "earliest " + passage.earliest().title() + " (" + passage.earliest().year() + ")",
        text.codePointCount(0, text.length()) <= SHOWN
            ? text
            : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "...");
  }

  private String places(Tracer tracer, int number) {
    int from = after == null ? 0 : after;
    // First, as it knows whether there is such a passage.
    String document = PassagesJson.one(tracer, number, from, limit);
    if (json) {
      return document;
    }
    Passages passages = tracer.passages();
    List<String> lines = new ArrayList<>();
    lines.add(line(passages, passages.passage(number)));
    for (Place place : passages.places(number, from, limit)) {
      lines.add(
          String.format(
              Locale.ROOT,
              "    %s, %s: words %d-%d, characters %d-%d",
              place.work().id().value(),
              place.work().title(),
              place.words().start(),
              place.words().end(),
              place.characters().start(),
              place.characters().end()));
    }
    return String.join(System.lineSeparator(), lines);
  }
}
