package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.EngineException;
import io.whence.engine.attribution.AttributionRequest;
import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Picture;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.risk.StatedUse;
import io.whence.engine.risk.UseFacts;
import io.whence.service.jobs.Traces;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/traces} as it is sent; any field may be missing until it is checked.
 *
 * @param index name of the index that the output is compared with
 * @param output what a model produced
 * @param use what is known of the use; no risk is given where it is left out
 */
@RegisterForReflection
record TraceRequest(@Nullable String index, @Nullable Output output, @Nullable StatedUse use) {
  /** Longest body: an image of the largest size in base64, and room for the use. */
  static final int LONGEST_BODY = 16 << 20;

  /** An image file in base64 has no more characters than this. */
  private static final int LONGEST_IMAGE = (Picture.MOST_BYTES + 2) / 3 * 4;

  /** What the image is called in a refusal. */
  private static final String IMAGE = "in output.image";

  /**
   * What a model produced.
   *
   * @param text of text and code
   * @param language of code
   * @param image a file in base64
   */
  @RegisterForReflection
  record Output(
      @Nullable String modality,
      @Nullable String text,
      @Nullable String language,
      @Nullable String image) {}

  /**
   * {@return the request as the engine takes it}
   *
   * @throws Refusal naming every field that is wrong
   */
  Traces.Asked checked() {
    Violations wrong = new Violations();
    if (index == null || index.isBlank()) {
      wrong.add("index", "index is missing; name the index that answers");
    }
    UseFacts facts = use == null ? null : wrong.of("use", use::facts);
    Traces.Output asked = null;
    if (output == null) {
      wrong.add("output", "output is missing; it has modality, and text or image");
    } else {
      asked = output(output, wrong);
    }
    if (facts != null && facts.image() != null && asked instanceof Traces.Output.Words) {
      wrong.of("use.image", facts::ofNoImage);
    }
    wrong.refuse();
    return new Traces.Asked(Objects.requireNonNull(index), Objects.requireNonNull(asked), facts);
  }

  private static Traces.@Nullable Output output(Output output, Violations wrong) {
    Modality modality = modality(output.modality(), wrong);
    return switch (modality) {
      case null -> null;
      case TEXT, CODE -> words(output, modality, wrong);
      case IMAGE -> image(output, wrong);
    };
  }

  private static @Nullable Modality modality(@Nullable String modality, Violations wrong) {
    return switch (modality) {
      case "text" -> Modality.TEXT;
      case "code" -> Modality.CODE;
      case "image" -> Modality.IMAGE;
      case null -> {
        wrong.add("output.modality", "the output's modality is missing; say text, code or image");
        yield null;
      }
      default -> {
        String detail =
            "modality " + PathId.shown(modality) + " is not traced here; text, code and image are";
        throw new Refusal(
            ProblemType.UNSUPPORTED_MODALITY,
            detail,
            List.of(new Problem.Violation("output.modality", detail)));
      }
    };
  }

  private static Traces.@Nullable Output words(Output output, Modality modality, Violations wrong) {
    if (output.image() != null) {
      wrong.add("output.image", "output.image is of modality image; text and code have text");
    }
    CodeLanguage language = null;
    String named = output.language();
    if (named != null) {
      language =
          wrong.of(
              "output.language",
              () -> modality == Modality.CODE ? language(named) : noLanguage(modality));
    }
    String text = output.text();
    if (text == null) {
      wrong.add("output.text", "the output has no text");
      return null;
    }
    String within =
        wrong.of(
            "output.text",
            () ->
                new AttributionRequest(
                        text,
                        null,
                        AttributionRequest.DEFAULT_TOP_K,
                        false,
                        false,
                        AttributionRequest.DEFAULT_METHODS,
                        UseFacts.NONE)
                    .output());
    if (within == null) {
      return null;
    }
    if (modality == Modality.CODE && named == null) {
      language = wrong.of("output.language", () -> detected(within));
    }
    return new Traces.Output.Words(within, language);
  }

  private static CodeLanguage noLanguage(Modality modality) {
    throw new EngineException.InvalidQuery(
        "output.language is of modality code; leave it out for modality "
            + modality.name().toLowerCase(Locale.ROOT));
  }

  private static CodeLanguage language(String name) {
    return CodeLanguage.named(name)
        .orElseThrow(
            () ->
                new EngineException.InvalidQuery(
                    "language "
                        + PathId.shown(name)
                        + " is not read; give java, javascript, typescript, python or c"));
  }

  private static CodeLanguage detected(String text) {
    return CodeLanguage.detect(text)
        .orElseThrow(
            () ->
                new EngineException.InvalidQuery(
                    "the output does not look like code that is read; say in output.language"
                        + " whether it is java, javascript, typescript, python or c, or send it as"
                        + " text"));
  }

  private static Traces.@Nullable Output image(Output output, Violations wrong) {
    if (output.text() != null) {
      wrong.add("output.text", "output.text is of text and code; an image has image");
    }
    if (output.language() != null) {
      wrong.of("output.language", () -> noLanguage(Modality.IMAGE));
    }
    String image = output.image();
    if (image == null) {
      wrong.add("output.image", "the output has no image; send its file in base64");
      return null;
    }
    byte[] file = wrong.of("output.image", () -> decoded(image));
    return file == null ? null : new Traces.Output.Image(file, IMAGE);
  }

  private static byte[] decoded(String image) {
    if (image.length() > LONGEST_IMAGE) {
      throw new EngineException.InvalidQuery(
          "the image "
              + IMAGE
              + " has "
              + image.length()
              + " characters of base64; at most "
              + LONGEST_IMAGE
              + " are read, which are "
              + Picture.MOST_BYTES
              + " bytes, so make it smaller");
    }
    try {
      return Base64.getDecoder().decode(image);
    } catch (IllegalArgumentException e) {
      throw new EngineException.InvalidQuery(
          "output.image is no base64 of the standard alphabet without line breaks: "
              + e.getMessage());
    }
  }
}
