package io.whence.service.jobs;

import io.micrometer.core.instrument.MeterRegistry;
import io.whence.engine.attribution.ImageTrace;
import io.whence.engine.attribution.ImageTraceJson;
import io.whence.engine.attribution.Trace;
import io.whence.engine.attribution.TraceJson;
import io.whence.engine.attribution.Tracer;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.Exclusions;
import io.whence.engine.risk.UseFacts;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Traces outputs of any medium to the works of an index. Nothing of it is kept. */
@ApplicationScoped
public class Traces {
  private final Indexes indexes;
  private final MeterRegistry meters;
  private final Turns turns;

  Traces(Indexes indexes, MeterRegistry meters, AttributionsConfig config) {
    this.indexes = indexes;
    this.meters = meters;
    this.turns = Turns.of(config);
    meters.gauge("whence.traces.pending", turns, Turns::inside);
  }

  /** What is traced. */
  public sealed interface Output {
    /**
     * Text, or code.
     *
     * @param text within the limits of an attribution
     * @param language that it is code of; null where it may be none
     */
    record Words(String text, @Nullable CodeLanguage language) implements Output {}

    /**
     * An image.
     *
     * @param file its bytes
     * @param name of it, for people
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Image(byte[] file, String name) implements Output {}
  }

  /**
   * What is asked.
   *
   * @param index name of the index that answers
   * @param use what is stated of the use; null where no risk is asked for
   */
  public record Asked(String index, Output output, @Nullable UseFacts use) {}

  /**
   * {@return the trace as the command line prints it}
   *
   * @param request read when its turn has come, so that few images are in memory at once
   * @throws Busy when too much is asked at once
   */
  public String trace(Supplier<Asked> request) {
    String outcome = "refused";
    try {
      String answer =
          turns.take(
              () -> {
                Asked asked = request.get();
                Tracer tracer = indexes.tracer(asked.index());
                return meters.timer("whence.trace").record(() -> traced(tracer, asked));
              });
      outcome = "answered";
      return answer;
    } finally {
      meters.counter("whence.traces", "outcome", outcome).increment();
    }
  }

  private static String traced(Tracer tracer, Asked asked) {
    UseFacts use = asked.use();
    return switch (asked.output()) {
      case Output.Words words -> {
        Trace trace = tracer.trace(words.text(), words.language(), Exclusions.LISTED);
        yield TraceJson.write(trace, use == null ? null : tracer.risk(trace, use));
      }
      case Output.Image image -> {
        ImageTrace trace = tracer.traceImage(image.file(), image.name());
        yield ImageTraceJson.write(trace, use == null ? null : tracer.risk(trace, use));
      }
    };
  }
}
