package io.whence.engine.risk;

import io.whence.engine.WorkId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one work in an output. Only expression counts as copied: runs that are
 * common phrases, code that a filter sets aside and what covers a picture stay out of the two
 * amounts.
 *
 * @param title shown to people
 * @param licence SPDX, or what the source says
 * @param year of publication
 * @param amountOfWork copied characters over the work's, of a picture the area; 0 to 1
 * @param amountOfOutput the same over the output's: what passes through unchanged; 0 to 1
 * @param copies how many other works of the corpus have the same words or the same picture
 * @param lostNotices copyright lines of the work that the output does not have
 * @param shared what the amounts are of
 */
public record CopiedWork(
    WorkId work,
    String title,
    @Nullable String licence,
    @Nullable Integer year,
    double amountOfWork,
    double amountOfOutput,
    int copies,
    List<String> lostNotices,
    Shared shared) {

  /** Copies the list; rejects measurements that cannot be. */
  public CopiedWork {
    lostNotices = List.copyOf(lostNotices);
    share("amountOfWork", amountOfWork);
    share("amountOfOutput", amountOfOutput);
    if (copies < 0) {
      throw new IllegalArgumentException("copies is at least 0; got " + copies);
    }
  }

  static void share(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " is between 0 and 1; got " + value);
    }
  }
}
