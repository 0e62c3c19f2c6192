package io.whence.indexbuilder;

import io.whence.engine.Span;
import io.whence.engine.evidence.Evidence.VerbatimMatch;
import io.whence.engine.evidence.Fingerprints;
import io.whence.engine.evidence.OutputWords;
import io.whence.engine.evidence.VerbatimMatcher;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.evidence.WordTokens;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The guarantee of the exact evidence, put to the test: runs of a work are planted in outputs, and
 * each must share a fingerprint at its own place and be reported; what is reported is compared word
 * by word.
 *
 * @param planted how many runs were planted
 * @param violations runs without a fingerprint at their place, or not reported
 * @param reported how many matches were reported
 * @param wrong of these, how many are not the same words on both sides
 */
record PlantedRuns(long planted, long violations, long reported, long wrong) {
  private static final String[] ALPHABETS = {
    "abcdefghijklmnopqrstuvwxyzABCXYZ",
    "àéîöüßçñœøåÅﬁＡ",
    "αβγδεζηθΣςΩάώ",
    "абвгдежзийЖЩЯё",
    "אבגדהוזשלם",
    "ابتثجحخدكم",
    "कखगघङचि\u094Dत्र",
    "一二三四五六七八九十道可非常名",
    "あいうえおカキクケコ",
    "가나다라마바사아각한글",
    "กขคงจฉชซ",
    "0123456789½²",
    "e\u0301a\u0308n\u0303\u00AD\u200D",
  };
  private static final int FEW_WORDS = 40;
  private static final String[] SEPARATORS = {
    " ", "\n", ", ", " — ", "...", "\t", " (", ") ", "’ "
  };

  PlantedRuns plus(PlantedRuns other) {
    return new PlantedRuns(
        planted + other.planted,
        violations + other.violations,
        reported + other.reported,
        wrong + other.wrong);
  }

  /** {@return what came of {@code trials} runs out of random Unicode, of few or many words} */
  static PlantedRuns inUnicode(int trials, long seed) {
    return run(
        trials,
        seed,
        random -> {
          // Half of the texts repeat a few words, where fingerprints are hardest to tell apart.
          int vocabulary = random.nextBoolean() ? random.nextInt(2, 5) : random.nextInt(20, 200);
          List<String> words =
              IntStream.range(0, vocabulary).mapToObj(i -> unicodeWord(random)).toList();
          return () -> {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40, 140); i > 0; i--) {
              text.append(words.get(random.nextInt(words.size()))).append(separator(random));
            }
            return text.toString();
          };
        });
  }

  /** {@return what came of {@code trials} runs out of pieces of {@code texts}} */
  static PlantedRuns in(List<String> texts, int trials, long seed) {
    List<WordTokens> words = texts.stream().map(WordTokens::of).toList();
    return run(
        trials,
        seed,
        random ->
            () -> {
              int number = random.nextInt(texts.size());
              WordTokens tokens = words.get(number);
              int count = Math.min(tokens.size(), random.nextInt(40, 140));
              int first = random.nextInt(tokens.size() - count + 1);
              return texts
                  .get(number)
                  .substring(tokens.start(first), tokens.end(first + count - 1));
            });
  }

  /** Gives texts of one vocabulary. */
  private interface Source {
    Supplier<String> texts(SplittableRandom random);
  }

  private static PlantedRuns run(int trials, long seed, Source source) {
    // Each block has a seed of its own, so that the number of threads changes nothing.
    int block = 1000;
    return IntStream.range(0, (trials + block - 1) / block)
        .parallel()
        .mapToObj(
            b -> {
              SplittableRandom random = new SplittableRandom(seed * 1_000_003 + b);
              PlantedRuns sum = new PlantedRuns(0, 0, 0, 0);
              for (int i = b * block; i < Math.min(trials, (b + 1) * block); i++) {
                sum = sum.plus(once(random, source));
              }
              return sum;
            })
        .reduce(new PlantedRuns(0, 0, 0, 0), PlantedRuns::plus);
  }

  private static PlantedRuns once(SplittableRandom random, Source source) {
    int shortest = Winnowing.TEXT.guarantee();
    Supplier<String> texts = source.texts(random);
    String work = texts.get();
    WordTokens workWords = WordTokens.of(work);
    if (workWords.size() < shortest) {
      return new PlantedRuns(0, 0, 0, 0);
    }
    int length = random.nextBoolean() ? shortest : random.nextInt(shortest, 3 * shortest);
    length = Math.min(length, workWords.size());
    int from = random.nextInt(workWords.size() - length + 1);
    // One character may be several words: a run begins and ends between characters.
    while (from > 0 && workWords.start(from) == workWords.start(from - 1)) {
      from--;
      length++;
    }
    while (from + length < workWords.size()
        && workWords.start(from + length) == workWords.start(from + length - 1)) {
      length++;
    }
    String before = texts.get();
    before = before.substring(0, boundary(before, random.nextInt(before.length() + 1)));
    String run = work.substring(workWords.start(from), workWords.end(from + length - 1));
    String output = before + "\n" + shuffledCase(run, random) + separator(random) + texts.get();
    WordTokens outputWords = WordTokens.of(output);
    int at = WordTokens.of(before).size();

    boolean found = sharesFingerprint(workWords, from, outputWords, at, length);
    OutputWords compared = OutputWords.of(outputWords, output);
    List<VerbatimMatch> matches =
        VerbatimMatcher.TEXT.matches(compared, compared.work(workWords, work), word -> 0.001, 1000);
    boolean whole = reported(matches, new Span(at, at + length), outputWords);
    long wrong = matches.stream().filter(match -> !same(match, outputWords, workWords)).count();
    return new PlantedRuns(1, found && whole ? 0 : 1, matches.size(), wrong);
  }

  /**
   * A run is reported in one match. Only in an output of few different words may it be in several,
   * because there the matcher gives no more runs than cover every shared word.
   */
  private static boolean reported(List<VerbatimMatch> matches, Span run, WordTokens output) {
    if (matches.stream().anyMatch(match -> match.outputWords().contains(run))) {
      return true;
    }
    BitSet covered = new BitSet();
    matches.forEach(match -> covered.set(match.outputWords().start(), match.outputWords().end()));
    return Set.copyOf(output.words()).size() <= FEW_WORDS
        && covered.nextClearBit(run.start()) >= run.end();
  }

  private static boolean sharesFingerprint(
      WordTokens work, int from, WordTokens output, int at, int length) {
    Winnowing winnowing = Winnowing.TEXT;
    Set<List<Long>> here = new HashSet<>();
    long[] every = winnowing.everyRun(output).hashes();
    for (int i = at; i + winnowing.k() <= at + length; i++) {
      here.add(List.of((long) i - at, every[i]));
    }
    Fingerprints selected = winnowing.select(work);
    long[] hashes = selected.hashes();
    int[] positions = selected.positions();
    return IntStream.range(0, hashes.length)
        .anyMatch(i -> here.contains(List.of((long) positions[i] - from, hashes[i])));
  }

  private static boolean same(VerbatimMatch match, WordTokens output, WordTokens work) {
    List<String> here =
        output.words().subList(match.outputWords().start(), match.outputWords().end());
    return here.equals(work.words().subList(match.workWords().start(), match.workWords().end()))
        && here.equals(WordTokens.of(match.outputText()).words())
        && here.equals(WordTokens.of(match.workText()).words());
  }

  private static String unicodeWord(SplittableRandom random) {
    String alphabet = ALPHABETS[random.nextInt(ALPHABETS.length)];
    int[] points = alphabet.codePoints().toArray();
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(1, 8); i > 0; i--) {
      word.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return word.toString();
  }

  private static String separator(SplittableRandom random) {
    return SEPARATORS[random.nextInt(SEPARATORS.length)];
  }

  private static int boundary(String text, int index) {
    return index > 0 && index < text.length() && Character.isLowSurrogate(text.charAt(index))
        ? index - 1
        : index;
  }

  /** ASCII letters in the other case here and there: no reason to miss a run. */
  private static String shuffledCase(String text, SplittableRandom random) {
    StringBuilder shuffled = new StringBuilder(text);
    for (int i = 0; i < shuffled.length(); i++) {
      char c = shuffled.charAt(i);
      if (c < 0x80 && Character.isLetter(c) && random.nextInt(4) == 0) {
        shuffled.setCharAt(i, (char) (c ^ 0x20));
      }
    }
    return shuffled.toString();
  }
}
