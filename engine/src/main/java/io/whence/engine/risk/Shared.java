package io.whence.engine.risk;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an output was measured to share with a work, by the medium that they share it in. */
public sealed interface Shared {
  /** {@return whether something that can be owned is shared, beyond what chance would give} */
  boolean beyondChance();

  /**
   * Words of a text.
   *
   * @param longestRun words in the longest shared run; 0 when none is shared
   * @param beyondChance whether one of the runs is rarer than chance would give
   */
  record Words(int longestRun, boolean beyondChance) implements Shared {
    /** Rejects a length that cannot be. */
    public Words {
      atLeastNothing(longestRun);
    }
  }

  /**
   * Code, after abstraction, filtration and comparison (Computer Associates v. Altai). How alike
   * the two are is shown beside it, the literal apart from the structure, and enters no score.
   *
   * @param longestRun words in the longest run that is left after filtering; 0 when none is
   * @param beyondChance whether a run that is rarer than chance would give is left
   * @param rawAmountOfWork copied characters over the work's before filtering, 0 to 1
   * @param rawAmountOfOutput the same over the output's
   * @param setAside names of the rules that set shared passages aside, in order
   * @param likeness of the two as wholes; null where they were not compared as such
   */
  record Code(
      int longestRun,
      boolean beyondChance,
      double rawAmountOfWork,
      double rawAmountOfOutput,
      List<String> setAside,
      @Nullable Likeness likeness)
      implements Shared {
    /** Copies the list; rejects measurements that cannot be. */
    public Code {
      atLeastNothing(longestRun);
      CopiedWork.share("rawAmountOfWork", rawAmountOfWork);
      CopiedWork.share("rawAmountOfOutput", rawAmountOfOutput);
      setAside = List.copyOf(setAside);
    }
  }

  /**
   * How alike two sources are as wholes. Two figures, which are never made one.
   *
   * @param literal of short runs of tokens as they are, 0 to 1
   * @param structure of what is left when names are made equal: structure, sequence and
   *     organisation; 0 to 1
   */
  record Likeness(double literal, double structure) {}

  /**
   * Pixels of a picture: the whole of a work or a region of it.
   *
   * @param beyondChance whether the two agree better than unrelated pictures do
   * @param wording what may be said of it
   */
  record Pixels(boolean beyondChance, String wording) implements Shared {}

  /**
   * Nearness by an embedding alone, of which the pixels confirm nothing: a style, a subject.
   *
   * @param wording what may be said of it
   */
  record Style(String wording) implements Shared {
    @Override
    public boolean beyondChance() {
      return false;
    }
  }

  private static void atLeastNothing(int longestRun) {
    if (longestRun < 0) {
      throw new IllegalArgumentException("longestRun is at least 0; got " + longestRun);
    }
  }
}
