package io.whence.engine.retrieval;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.collections.api.factory.primitive.ObjectIntMaps;
import org.eclipse.collections.api.map.primitive.MutableObjectIntMap;

/**
 * The words of all works of an index as numbers, the same number for the same word in every shard.
 * They are memory-mapped; what is held is the vocabulary. For one thread.
 */
public final class WordNumbers {
  private final List<WordStore> shards;

  // By shard: the number of each of its words.
  private final List<int[]> numbers;
  private final List<String> vocabulary;

  private WordNumbers(List<WordStore> shards) {
    this.shards = shards;
    numbers = new ArrayList<>();
    vocabulary = new ArrayList<>();
    MutableObjectIntMap<String> known = ObjectIntMaps.mutable.empty();
    for (WordStore shard : shards) {
      int[] ofShard = new int[shard.vocabulary()];
      shard.forEachWord(
          (word, id) -> {
            int number = known.getIfAbsentPut(word, vocabulary.size());
            if (number == vocabulary.size()) {
              vocabulary.add(word);
            }
            ofShard[id] = number;
          });
      numbers.add(ofShard);
    }
  }

  /**
   * {@return the words of the works of shards, in the order of their numbers}
   *
   * @throws EngineException.IndexDamaged when one is missing or cannot be read
   */
  public static WordNumbers open(List<Path> shards) {
    List<WordStore> open = new ArrayList<>();
    for (Path shard : shards) {
      try {
        open.add(WordStore.open(shard));
      } catch (IOException e) {
        throw new EngineException.IndexDamaged("cannot read the words of " + shard + ": " + e, e);
      }
    }
    return new WordNumbers(List.copyOf(open));
  }

  /** {@return every word once, by its number} */
  public List<String> vocabulary() {
    return vocabulary;
  }

  /** {@return how many words a work has} */
  public int size(int work) {
    WordStore shard = shards.get(shard(work));
    return shard.end(work) - shard.start(work);
  }

  /** {@return the number of a word of a work, by its place there} */
  public int at(int work, int place) {
    int s = shard(work);
    WordStore shard = shards.get(s);
    return numbers.get(s)[shard.at(shard.start(work) + place)];
  }

  /** Reads as many words of a work as {@code into} holds, from a place on. */
  public void read(int work, int place, int[] into) {
    int s = shard(work);
    WordStore shard = shards.get(s);
    int start = shard.start(work) + place;
    int[] ofShard = numbers.get(s);
    for (int i = 0; i < into.length; i++) {
      into[i] = ofShard[shard.at(start + i)];
    }
  }

  private int shard(int work) {
    int s = 0;
    while (work >= shards.get(s).firstWork() + shards.get(s).works()) {
      s++;
    }
    return s;
  }
}
