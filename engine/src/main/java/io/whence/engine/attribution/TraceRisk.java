package io.whence.engine.attribution;

import io.whence.engine.Span;
import io.whence.engine.WorkId;
import io.whence.engine.attribution.ImageTrace.SimilarImage;
import io.whence.engine.attribution.ImageTrace.TracedImage;
import io.whence.engine.corpus.Modality;
import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.PersonalData;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.risk.CharacterClaim;
import io.whence.engine.risk.CopiedWork;
import io.whence.engine.risk.FairUse;
import io.whence.engine.risk.ImageFacts;
import io.whence.engine.risk.RiskAssessment;
import io.whence.engine.risk.RiskAssessment.Origin;
import io.whence.engine.risk.Shared;
import io.whence.engine.risk.UseFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The fair-use risk of a traced output, on its evidence alone.
 *
 * @param works what was measured of each work, in the order of the trace
 * @param character what is stated of a character; null where nothing is
 * @param rightHolders whose rights an image touches; empty for text and code, whose works name them
 */
public record TraceRisk(
    RiskAssessment assessment,
    List<CopiedWork> works,
    @Nullable CharacterClaim character,
    List<RightHolder> rightHolders) {
  /** Copies the lists. */
  public TraceRisk {
    works = List.copyOf(works);
    rightHolders = List.copyOf(rightHolders);
  }

  /** Why somebody may have a right in an image. */
  public enum Slot {
    /** The image that was copied, or whose character is stated to be shown. */
    ORIGINAL_IMAGE("originalImage"),
    /** Whose style it has. That is no right of copyright. */
    ARTIST_OF_STYLE("artistOfStyle"),
    /** Who is shown. */
    PERSON("person"),
    /** Which mark or logo is shown. */
    MARK("mark");

    private final String id;

    Slot(String id) {
      this.id = id;
    }

    /** {@return its name in answers} */
    public String id() {
      return id;
    }
  }

  /**
   * One of them.
   *
   * @param name of a person, a company or a mark
   * @param work that it is known from; null where the request names it
   * @param origin measured, or stated in the request
   */
  public record RightHolder(Slot slot, String name, @Nullable WorkId work, Origin origin) {}

  /** {@return the risk of a use of a text or of code} */
  static TraceRisk of(Trace trace, UseFacts use) {
    WordTokens words = WordTokens.of(trace.output());
    CodeTrace code = trace.code();
    List<Span> aside = code == null ? List.of() : code.filtered().characters(code.output());
    Map<WorkId, CodeTrace.Source> compared = new LinkedHashMap<>();
    if (code != null) {
      code.sources().forEach(source -> compared.put(source.work().id(), source));
    }
    List<CopiedWork> copied = new ArrayList<>();
    for (Trace.Source source : trace.sources()) {
      for (Trace.TracedWork traced : source.works()) {
        Optional<CodeLanguage> language = CodeLanguage.of(traced.work());
        copied.add(
            language.isEmpty()
                ? Copying.ofWords(
                    trace.output(),
                    words,
                    traced.work(),
                    traced.licence(),
                    source.copies() - 1,
                    traced.findings())
                : Copying.ofCode(
                    trace.output(),
                    words,
                    aside,
                    traced.work(),
                    language.get(),
                    traced.licence(),
                    source.copies() - 1,
                    traced.findings(),
                    compared.get(traced.work().id())));
      }
    }
    return new TraceRisk(
        FairUse.assess(
            use.ofNoImage(),
            code == null ? Modality.TEXT : Modality.CODE,
            copied,
            PersonalData.in(trace.output())),
        copied,
        null,
        List.of());
  }

  /**
   * {@return the risk of a use of an image}
   *
   * @param work of the index, by its id; refuses an id that it has not
   * @param copies how many works are copies of one, itself included
   */
  static TraceRisk of(
      ImageTrace trace, UseFacts use, Function<WorkId, Work> work, ToIntFunction<WorkId> copies) {
    Map<WorkId, SimilarImage> similar = new LinkedHashMap<>();
    if (trace.embedded() != null) {
      trace.embedded().similar().forEach(one -> similar.put(one.work().id(), one));
    }
    ImageFacts stated = use.image();
    List<RightHolder> holders = new ArrayList<>();
    Map<WorkId, CopiedWork> copied = new LinkedHashMap<>();
    for (ImageTrace.Source source : trace.sources()) {
      for (TracedImage traced : source.works()) {
        if (traced.finding().counts()) {
          holders.add(holder(Slot.ORIGINAL_IMAGE, traced.work(), Origin.MEASURED));
        }
        // What the pixels do not confirm may still be near by an embedding.
        if (traced.finding().counts() || !similar.containsKey(traced.work().id())) {
          copied.put(traced.work().id(), Copying.ofPixels(trace, traced, source.copies() - 1));
        }
      }
    }
    similar.forEach(
        (id, near) -> {
          copied.put(id, Copying.ofStyle(near, copies.applyAsInt(id) - 1));
          holders.add(holder(Slot.ARTIST_OF_STYLE, near.work(), Origin.MEASURED));
        });
    CharacterClaim character = stated == null ? null : stated.character();
    if (character != null) {
      WorkId id = character.work();
      Work of = work.apply(id);
      CopiedWork measured =
          copied.computeIfAbsent(id, none -> Copying.ofNothing(of, copies.applyAsInt(id) - 1));
      if (character.met() && !measured.shared().beyondChance()) {
        holders.add(holder(Slot.ORIGINAL_IMAGE, of, Origin.DECLARED));
      }
    }
    if (stated != null) {
      if (stated.artistOfStyle() != null) {
        holders.add(declared(Slot.ARTIST_OF_STYLE, stated.artistOfStyle()));
      }
      stated.persons().forEach(name -> holders.add(declared(Slot.PERSON, name)));
      stated.marks().forEach(name -> holders.add(declared(Slot.MARK, name)));
    }
    List<CopiedWork> works = List.copyOf(copied.values());
    return new TraceRisk(
        FairUse.assess(use, Modality.IMAGE, works, List.of()), works, character, holders);
  }

  private static RightHolder holder(Slot slot, Work work, Origin origin) {
    String artist = slot == Slot.ARTIST_OF_STYLE ? work.author() : null;
    return new RightHolder(slot, artist == null ? work.creditedTo() : artist, work.id(), origin);
  }

  private static RightHolder declared(Slot slot, String name) {
    return new RightHolder(slot, name, null, Origin.DECLARED);
  }

  /** {@return what is stated of the character of one of the works; null where nothing is} */
  @Nullable CharacterClaim characterOf(CopiedWork work) {
    return character != null && character.work().equals(work.work()) ? character : null;
  }

  /** {@return the medium in which a work was compared} */
  static Modality medium(CopiedWork work) {
    return switch (work.shared()) {
      case Shared.Words words -> Modality.TEXT;
      case Shared.Code code -> Modality.CODE;
      case Shared.Pixels pixels -> Modality.IMAGE;
      case Shared.Style style -> Modality.IMAGE;
    };
  }
}
