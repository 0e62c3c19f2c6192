package io.whence.service.report;

import io.quarkus.qute.TemplateData;
import java.util.List;

/** What stands in the page, ready to print. */
final class Lines {
  private Lines() {}

  /** A ranked work. */
  @TemplateData
  record Row(
      int rank,
      String title,
      String author,
      String rightsHolder,
      String licence,
      String deltaLoss,
      String interval,
      String percentile,
      String words,
      String share,
      String tier,
      String wording) {}

  /** Shared words on both sides. */
  @TemplateData
  record Pair(
      int rank,
      String title,
      String found,
      String outputCharacters,
      String workCharacters,
      List<Piece> output,
      List<Piece> work,
      String byChance,
      String pValue,
      String setAside) {}

  /** A piece of one side; {@code alone} where the other side does not have its words. */
  @TemplateData
  record Piece(String text, boolean alone) {}

  /** A piece of the output, with the ranks of the works that share it; empty where none does. */
  @TemplateData
  record Segment(String text, String ranks) {}

  /** What one work did to each token of the output. */
  @TemplateData
  record Explained(int rank, String title, String most, List<Shade> tokens) {}

  /**
   * A token of the output.
   *
   * @param style how much the work did to it: {@code up1} to {@code up3} where it made the token
   *     likelier, {@code down1} to {@code down3} where less likely, empty where next to nothing
   */
  @TemplateData
  record Shade(String text, String style) {}

  /** A name and what it stands for. */
  @TemplateData
  record Entry(String name, String value) {}
}
