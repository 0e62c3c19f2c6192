package io.whence.engine.retrieval;

import java.util.List;

/**
 * The words of an index's works as one output has them: by their places in the list of its words.
 * For one thread.
 */
public final class StoredWords {
  private final List<WordStore> shards;
  private final List<int[]> idsByShard;

  // By the number that a word has in the shard: one more than its place, 0 where it has none.
  private final List<int[]> placesByShard;

  StoredWords(List<WordStore> shards, List<String> vocabulary) {
    this.shards = shards;
    idsByShard =
        shards.stream().map(shard -> vocabulary.stream().mapToInt(shard::id).toArray()).toList();
    placesByShard = shards.stream().map(shard -> new int[shard.vocabulary()]).toList();
    for (int s = 0; s < shards.size(); s++) {
      int[] ids = idsByShard.get(s);
      for (int i = 0; i < ids.length; i++) {
        if (ids[i] != WordStore.ABSENT) {
          placesByShard.get(s)[ids[i]] = i + 1;
        }
      }
    }
  }

  /**
   * {@return for each word of a work its place in the vocabulary, -1 where it is not there}
   *
   * @param work its number in the index
   */
  public int[] numbers(int work) {
    int s = 0;
    while (work >= shards.get(s).firstWork() + shards.get(s).works()) {
      s++;
    }
    WordStore shard = shards.get(s);
    int[] places = placesByShard.get(s);
    int start = shard.start(work);
    int[] numbers = new int[shard.end(work) - start];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = places[shard.at(start + i)] - 1;
    }
    return numbers;
  }

  /** {@return the numbers of the vocabulary's words in a shard} */
  int[] ids(int shard) {
    return idsByShard.get(shard);
  }
}
