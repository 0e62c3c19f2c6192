package io.whence.service.report;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What stands in the report, ready to print, as {@code report/attribution.html} names it. */
final class View {
  private View() {}

  /** A name and what it stands for. */
  @RegisterForReflection
  record Entry(String name, String value) {}

  /** The page with its head. */
  @RegisterForReflection
  record Page(
      String id,
      String made,
      String index,
      String recordSum,
      Finding finding,
      List<Entry> parties,
      Works works,
      Passages passages,
      Influences influences,
      Risk risk,
      Credit credit,
      List<Method> methods,
      Errors errors,
      List<String> limits,
      @Nullable CustodyLog custody,
      List<Entry> hashes,
      List<Entry> components,
      List<Entry> provenance) {}

  /**
   * The claim, and the three numbers beside each other.
   *
   * @param claim one sentence, in the words that the evidence tier permits
   * @param basis of the tier
   */
  @RegisterForReflection
  record Finding(
      String claim,
      String tier,
      String basis,
      String influence,
      String copying,
      String risk,
      String more) {}

  /** The ranked works; {@code left} of them are in the record alone. */
  @RegisterForReflection
  record Works(List<Work> shown, int left) {}

  /** One work, and by what right it may be used. */
  @RegisterForReflection
  record Work(
      int rank,
      String title,
      String author,
      String rightsHolder,
      String licence,
      String year,
      String url,
      String id,
      String membership,
      String copies,
      String tier,
      String wording) {}

  /** The output, and what it has in common with works. */
  @RegisterForReflection
  record Passages(
      String prompt,
      List<Segment> output,
      String outputSum,
      String measurement,
      List<Pair> pairs,
      int left,
      String certificate) {}

  /** A piece of the output, with the ranks of the works that share it; empty where none does. */
  @RegisterForReflection
  record Segment(String text, String ranks) {}

  /** Shared words on both sides. */
  @RegisterForReflection
  record Pair(
      int number,
      int rank,
      String title,
      String found,
      String byChance,
      String pValue,
      String control,
      String setAside,
      Side output,
      Side work) {}

  /**
   * One side of a match.
   *
   * @param characters where, in UTF-16 code units
   * @param sum SHA-256 of all of the side's text in UTF-8
   * @param left characters that are not printed
   */
  @RegisterForReflection
  record Side(String characters, String sum, List<Piece> pieces, int left) {}

  /** A piece of one side; {@code alone} where the other side does not have its words. */
  @RegisterForReflection
  record Piece(String text, boolean alone) {}

  /** What each work did to the output's loss. */
  @RegisterForReflection
  record Influences(
      List<Influence> shown,
      String method,
      String axisLow,
      String axisHigh,
      String zero,
      List<Explained> explained) {}

  /** One work's influence; {@code bar} and {@code dot} are classes that place them. */
  @RegisterForReflection
  record Influence(
      int rank,
      String title,
      String deltaLoss,
      String interval,
      String percentile,
      String shift,
      String share,
      String bar,
      String dot) {}

  /** What one work did to each token of the output. */
  @RegisterForReflection
  record Explained(int rank, String title, String most, List<Shade> tokens) {}

  /**
   * A token of the output.
   *
   * @param style how much the work did to it: {@code up1} to {@code up3} where it made the token
   *     likelier, {@code down1} to {@code down3} where less likely, empty where next to nothing
   */
  @RegisterForReflection
  record Shade(String text, String style) {}

  /** The fair-use score and everything it rests on. */
  @RegisterForReflection
  record Risk(
      String headline,
      String reason,
      String about,
      boolean scored,
      String interval,
      String bar,
      String dot,
      List<Entry> uncertainty,
      List<Factor> factors,
      List<Swing> swings,
      String point,
      List<Missing> missing,
      List<Entry> proposals,
      List<Entry> gates,
      List<Flag> flags,
      List<Case> against,
      List<Case> infavour,
      List<Authority> authorities,
      List<Other> others,
      String bound,
      String model,
      String lawPack,
      List<String> disclaimers) {}

  /** One of the four factors. */
  @RegisterForReflection
  record Factor(String id, String name, String logOdds, String note, List<Input> inputs) {}

  /** One input of a factor. */
  @RegisterForReflection
  record Input(
      String name,
      String value,
      String asserted,
      String weight,
      String centre,
      String contribution,
      String basis) {}

  /** A bar of the tornado chart: {@code down} and {@code up} are classes that place its halves. */
  @RegisterForReflection
  record Swing(String label, String origin, String low, String high, String down, String up) {}

  /** A fact nobody stated. */
  @RegisterForReflection
  record Missing(String label, String shrinks, String band, List<String> questions) {}

  /** A matter beside fair use. */
  @RegisterForReflection
  record Flag(String id, String work, String text, String origin) {}

  /** A decided case. */
  @RegisterForReflection
  record Case(String decision, String where, String point, String distance, String source) {}

  /** A decision or another authority. */
  @RegisterForReflection
  record Authority(String decision, String where, String point, String status) {}

  /** The score of another work or act. */
  @RegisterForReflection
  record Other(String work, String act, String outcome, String reason) {}

  /** Who is credited. */
  @RegisterForReflection
  record Credit(List<CreditLine> lines, String unattributed, String reason, String rule) {}

  /** One rights holder's share. */
  @RegisterForReflection
  record CreditLine(String rightsHolder, String share, String interval, String note) {}

  /** How a number of the report is made. */
  @RegisterForReflection
  record Method(String name, String text) {}

  /** What is measured of the methods' own error. */
  @RegisterForReflection
  record Errors(
      List<Entry> index,
      List<String> notMeasured,
      String evidence,
      List<ModelError> model,
      String modelSource,
      List<String> modelLimits) {}

  /** One row of the fair-use model's validation. */
  @RegisterForReflection
  record ModelError(
      String weights, String inputs, String n, String auc, String brier, String ece) {}

  /** The record's history. */
  @RegisterForReflection
  record CustodyLog(
      List<Event> events,
      List<String> checkpoint,
      String fingerprint,
      String leaf,
      List<String> proof) {}

  /** One event of the log. */
  @RegisterForReflection
  record Event(String sequence, String at, String kind, String actor, String commitment) {}
}
