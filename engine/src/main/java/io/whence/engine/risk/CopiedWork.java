package io.whence.engine.risk;

import io.whence.engine.WorkId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one work in an output. Only expression counts as copied: runs that are
 * common phrases stay out of the two amounts.
 *
 * @param title shown to people
 * @param licence SPDX, or what the source says
 * @param year of publication
 * @param amountOfWork copied characters over the work's, 0 to 1
 * @param amountOfOutput copied characters over the output's, 0 to 1: what passes through unchanged
 * @param longestRun words in the longest shared run; 0 when none is shared
 * @param rare whether one of the runs is rarer than chance would give
 * @param copies how many other works of the corpus have the same words
 * @param styleOnly whether nothing but a style is shared
 * @param lostNotices copyright lines of the work that the output does not have
 */
public record CopiedWork(
    WorkId work,
    String title,
    @Nullable String licence,
    @Nullable Integer year,
    double amountOfWork,
    double amountOfOutput,
    int longestRun,
    boolean rare,
    int copies,
    boolean styleOnly,
    List<String> lostNotices) {

  /** Copies the list; rejects measurements that cannot be. */
  public CopiedWork {
    lostNotices = List.copyOf(lostNotices);
    share("amountOfWork", amountOfWork);
    share("amountOfOutput", amountOfOutput);
    if (longestRun < 0 || copies < 0) {
      throw new IllegalArgumentException(
          "longestRun and copies are at least 0; got " + longestRun + " and " + copies);
    }
  }

  private static void share(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " is between 0 and 1; got " + value);
    }
  }
}
