package io.whence.engine.risk;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A published additive model of decided cases, all of it data: weights, centres, purposes, bands.
 *
 * <pre>
 * z = intercept + purpose + sum of weight x (x - centre) over the known terms
 * risk = 100 / (1 + exp(-z))
 * </pre>
 *
 * <p>Monotone in every signed input. A term nobody knows adds nothing to the point and lies
 * anywhere between its ends in the interval, so that knowing less never makes the interval
 * narrower. A model never changes: other weights are a model with another id.
 *
 * @param id name and version
 * @param form the formula, for people
 * @param fittedOn where the weights come from
 * @param terms in the order in which they are added
 * @param purpose the term that is a class and not a number
 * @param factors the four of 17 U.S.C. 107, in order
 * @param bands from the lowest, each with its lower border, inclusive
 * @param substantial what is taken as similarity in substance; the project's own choice
 */
record FairUseModel(
    String id,
    String form,
    String fittedOn,
    double intercept,
    List<Term> terms,
    PurposeTerm purpose,
    List<FactorName> factors,
    List<Band> bands,
    Substantial substantial) {
  /** The first published version, rounded by hand: a check on what is served, not the answer. */
  static final FairUseModel V0 = Resources.read("fu-us-v0.json", FairUseModel.class);

  /** Id of {@link #purpose} among the inputs. */
  static final String PURPOSE = "purpose";

  /**
   * One numeric term.
   *
   * @param label what it is, in words
   * @param lowest of the values it can take
   * @param highest of the values it can take
   * @param log10 whether the term takes the logarithm of the value
   * @param cappedByPassThrough whether the value is at most what does not pass through unchanged
   * @param scale what its values mean
   * @param questions that tell it
   */
  record Term(
      String id,
      String factor,
      String label,
      double weight,
      double centre,
      double lowest,
      double highest,
      boolean log10,
      boolean cappedByPassThrough,
      String scale,
      List<String> questions) {
    double scaled(double value) {
      double clipped = Math.min(highest, Math.max(lowest, value));
      return log10 ? StrictMath.log10(clipped) : clipped;
    }

    Term with(double newWeight) {
      return new Term(
          id,
          factor,
          label,
          newWeight,
          centre,
          lowest,
          highest,
          log10,
          cappedByPassThrough,
          scale,
          questions);
    }
  }

  /** Purposes of use by class; one may be in several, and then all their weights count. */
  record PurposeTerm(
      String factor,
      String label,
      List<String> questions,
      List<PurposeClass> classes,
      List<String> unweighted) {}

  /**
   * Purposes that weigh the same.
   *
   * @param quotes whether such a use quotes the work to speak of it
   */
  record PurposeClass(String id, double weight, boolean quotes, List<String> purposes) {}

  /** One of the four factors. */
  record FactorName(String id, String name, String note) {}

  /** A name for points from a border on. */
  record Band(String name, double from) {}

  /** From either on, similarity is taken to be one of substance. */
  record Substantial(int words, double amountOfWork) {}

  /** A value with the ends between which it lies; both equal it where it is exact. */
  record Range(double low, double value, double high) {
    static Range exact(double value) {
      return new Range(value, value, value);
    }
  }

  /**
   * One summand of z.
   *
   * @param value what entered; null where nobody knows it, and for the purpose, which is no number
   * @param contribution to the point's z
   * @param lowest the least the contribution may turn out to be
   * @param highest the most it may turn out to be
   * @param missing whether nobody knows it
   * @param factors what the weight was multiplied with, for other weights; 0 for the purpose
   */
  record Part(
      Label label,
      @Nullable Double value,
      double contribution,
      double lowest,
      double highest,
      boolean missing,
      Range factors) {}

  /**
   * What a summand is called and weighs; no weight of its own for the purpose, which is a class.
   */
  record Label(
      String id,
      String factor,
      String words,
      @Nullable Double weight,
      @Nullable Double centre,
      List<String> questions) {}

  /**
   * What the model makes of its inputs.
   *
   * @param point 0 to 100
   * @param low all that is unknown at its favourable end
   * @param high all that is unknown at its unfavourable end
   * @param parts the summands, in order
   * @param missing those nobody knows: the first shrinks the interval most
   */
  record Score(double point, double low, double high, List<Part> parts, List<Missing> missing) {}

  /** A missing part, and how many points narrower the interval would be at its usual value. */
  record Missing(Part part, double shrinksBy) {}

  /**
   * How far one input moves the point.
   *
   * @param lowAt value of the input at {@code low}: a number, or a purpose
   * @param highAt value of the input at {@code high}
   */
  record Swing(Label label, double low, String lowAt, double high, String highAt) {}

  /** {@return every purpose, in alphabetical order} */
  SortedSet<String> purposes() {
    SortedSet<String> all = new TreeSet<>(purpose.unweighted);
    purpose.classes.forEach(one -> all.addAll(one.purposes));
    return all;
  }

  /** {@return whether a use of this purpose quotes the work to speak of it} */
  boolean quotes(@Nullable String named) {
    return purpose.classes.stream().anyMatch(one -> one.quotes && one.purposes.contains(named));
  }

  /**
   * {@return the score}
   *
   * @param named purpose of the use; null where nobody knows it
   * @param known values by term; a term that is not there is unknown
   * @param passThrough share of the output that stands in the work unchanged, 0 to 1
   */
  Score score(@Nullable String named, Map<String, Range> known, double passThrough) {
    List<Part> parts = parts(named, known, passThrough);
    Sums z = sums(parts);
    double low = Math.min(risk(z.point), risk(z.lowest));
    double high = Math.max(risk(z.point), risk(z.highest));
    return new Score(
        risk(z.point), low, high, List.copyOf(parts), missing(parts, z.lowest, z.highest));
  }

  /**
   * {@return for each of {@code inputs} the least and the most that the point becomes when this one
   * takes any value and the others stay as they are; the widest first}
   *
   * <p>The model is monotone in every term, so its ends are those of the scale. A purpose is tried
   * one by one, as it may lift the cap on another term, too.
   *
   * @param inputs terms, or {@link #PURPOSE}
   */
  List<Swing> swings(
      @Nullable String named,
      Map<String, Range> known,
      double passThrough,
      Collection<String> inputs) {
    List<Swing> swings = new ArrayList<>();
    for (Part part : parts(named, known, passThrough)) {
      String input = part.label.id;
      if (!inputs.contains(input)) {
        continue;
      }
      SortedMap<String, Double> points = new TreeMap<>();
      if (input.equals(PURPOSE)) {
        for (String one : purposes()) {
          points.put(one, score(one, known, passThrough).point);
        }
      } else {
        Term term = terms.stream().filter(one -> one.id.equals(input)).findFirst().orElseThrow();
        for (double end : new double[] {term.lowest, term.highest}) {
          Map<String, Range> moved = new HashMap<>(known);
          moved.put(input, Range.exact(end));
          points.put(
              BigDecimal.valueOf(end).stripTrailingZeros().toPlainString(),
              score(named, moved, passThrough).point);
        }
      }
      var least = Collections.min(points.entrySet(), Map.Entry.comparingByValue());
      var most = Collections.max(points.entrySet(), Map.Entry.comparingByValue());
      swings.add(
          new Swing(part.label, least.getValue(), least.getKey(), most.getValue(), most.getKey()));
    }
    swings.sort(Comparator.comparingDouble(swing -> swing.low - swing.high));
    return List.copyOf(swings);
  }

  /**
   * The intercept with all summands.
   *
   * @param point as they are known
   * @param lowest each at its favourable end
   * @param highest each at its unfavourable end
   */
  record Sums(double point, double lowest, double highest) {}

  private Sums sums(List<Part> parts) {
    double point = intercept;
    double lowest = intercept;
    double highest = intercept;
    for (Part part : parts) {
      point += part.contribution;
      lowest += part.lowest;
      highest += part.highest;
    }
    return new Sums(point, lowest, highest);
  }

  private List<Part> parts(@Nullable String named, Map<String, Range> known, double passThrough) {
    double cap = quotes(named) ? 1 : 1 - passThrough;
    // Nobody knows that an unknown purpose is not one that quotes.
    double mildestCap = named == null ? 1 : cap;
    List<Part> parts = new ArrayList<>();
    parts.add(purposePart(named));
    for (Term term : terms) {
      Range range = known.get(term.id);
      parts.add(
          term.cappedByPassThrough ? capped(term, range, cap, mildestCap) : part(term, range));
    }
    return parts;
  }

  /** {@return all weights in order: intercept, terms, classes of purpose} */
  double[] weights() {
    double[] weights = new double[1 + terms.size() + purpose.classes.size()];
    int k = 0;
    weights[k++] = intercept;
    for (Term term : terms) {
      weights[k++] = term.weight;
    }
    for (PurposeClass one : purpose.classes) {
      weights[k++] = one.weight;
    }
    return weights;
  }

  /** {@return the names of {@link #weights}} */
  List<String> weightNames() {
    List<String> names = new ArrayList<>();
    names.add("intercept");
    terms.forEach(term -> names.add(term.id));
    purpose.classes.forEach(one -> names.add(PURPOSE + ":" + one.id));
    return List.copyOf(names);
  }

  /** {@return what {@link #weights} are multiplied with to give z; 0 where nothing is known} */
  double[] row(@Nullable String named, Map<String, Double> known) {
    double[] row = new double[1 + terms.size() + purpose.classes.size()];
    int k = 0;
    row[k++] = 1;
    for (Term term : terms) {
      Double value = known.get(term.id);
      row[k++] = value == null ? 0 : term.scaled(value) - term.centre;
    }
    for (PurposeClass one : purpose.classes) {
      row[k++] = named != null && one.purposes.contains(named) ? 1 : 0;
    }
    return row;
  }

  /** {@return the same model with other weights, in the order of {@link #weights}} */
  FairUseModel with(double[] weights) {
    int k = 0;
    double newIntercept = weights[k++];
    List<Term> newTerms = new ArrayList<>();
    for (Term term : terms) {
      newTerms.add(term.with(weights[k++]));
    }
    List<PurposeClass> classes = new ArrayList<>();
    for (PurposeClass one : purpose.classes) {
      classes.add(new PurposeClass(one.id, weights[k++], one.quotes, one.purposes));
    }
    return new FairUseModel(
        id,
        form,
        fittedOn,
        newIntercept,
        List.copyOf(newTerms),
        new PurposeTerm(
            purpose.factor, purpose.label, purpose.questions, classes, purpose.unweighted),
        factors,
        bands,
        substantial);
  }

  /** {@return the band of a point} */
  String band(double point) {
    String name = bands.get(0).name;
    for (Band band : bands) {
      if (point >= band.from) {
        name = band.name;
      }
    }
    return name;
  }

  /** {@return the lower border of a band} */
  double startOf(String band) {
    return bands.stream().filter(one -> one.name.equals(band)).findFirst().orElseThrow().from;
  }

  /** {@return the lower border of the next band, or 100} */
  double endOf(String band) {
    double start = startOf(band);
    return bands.stream().mapToDouble(Band::from).filter(from -> from > start).min().orElse(100);
  }

  /** {@return whether an interval holds so many borders that no band can be named} */
  boolean undetermined(double low, double high) {
    return bands.stream().skip(1).filter(band -> low <= band.from && band.from <= high).count()
        >= 2;
  }

  /** {@return the risk at z, 0 to 100} */
  static double risk(double z) {
    return 100 / (1 + StrictMath.exp(-z));
  }

  private Part purposePart(@Nullable String named) {
    Label label = new Label(PURPOSE, purpose.factor, purpose.label, null, null, purpose.questions);
    if (named == null) {
      double lowest = purpose.classes.stream().mapToDouble(PurposeClass::weight).min().orElse(0);
      double highest = purpose.classes.stream().mapToDouble(PurposeClass::weight).max().orElse(0);
      return new Part(label, null, 0, lowest, highest, true, Range.exact(0));
    }
    double weight = 0;
    for (PurposeClass one : purpose.classes) {
      if (one.purposes.contains(named)) {
        weight += one.weight;
      }
    }
    return new Part(label, null, weight, weight, weight, false, Range.exact(0));
  }

  private static Part part(Term term, @Nullable Range range) {
    return range == null
        ? between(term, null, null, term.lowest, term.highest)
        : between(term, range.value, range.value, range.low, range.high);
  }

  /**
   * A use that passes text through cannot be more transformative than the rest of it is. Where that
   * rest is small, it is what is known of a value nobody gave.
   */
  private static Part capped(Term term, @Nullable Range range, double cap, double mildestCap) {
    if (range == null) {
      Double atPoint = cap < term.centre ? Double.valueOf(cap) : null;
      return between(term, null, atPoint, term.lowest, Math.min(term.highest, mildestCap));
    }
    double value = Math.min(range.value, cap);
    return between(term, value, value, Math.min(range.low, cap), Math.min(range.high, mildestCap));
  }

  /**
   * {@return the summand of a term}
   *
   * @param value as known
   * @param atPoint what enters the point; null where nothing does
   */
  private static Part between(
      Term term, @Nullable Double value, @Nullable Double atPoint, double low, double high) {
    Range factors =
        new Range(
            term.scaled(low) - term.centre,
            atPoint == null ? 0 : term.scaled(atPoint) - term.centre,
            term.scaled(high) - term.centre);
    double a = term.weight * factors.low;
    double b = term.weight * factors.high;
    Label label =
        new Label(term.id, term.factor, term.label, term.weight, term.centre, term.questions);
    return new Part(
        label,
        value,
        term.weight * factors.value,
        Math.min(a, b),
        Math.max(a, b),
        value == null,
        factors);
  }

  private static List<Missing> missing(List<Part> parts, double lowest, double highest) {
    double width = risk(highest) - risk(lowest);
    return parts.stream()
        .filter(Part::missing)
        .map(
            part -> {
              double narrower =
                  risk(highest - part.highest + part.contribution)
                      - risk(lowest - part.lowest + part.contribution);
              return new Missing(part, width - narrower);
            })
        .sorted(Comparator.comparingDouble(missing -> -missing.shrinksBy))
        .toList();
  }
}
