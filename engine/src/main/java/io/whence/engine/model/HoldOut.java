package io.whence.engine.model;

import io.whence.engine.corpus.Corpus;
import io.whence.engine.corpus.Work;
import java.util.ArrayList;
import java.util.List;

/**
 * Which works a model is trained on and which it never sees, decided by each work's content alone:
 * adding works to a corpus moves none across, and copies of a text stay on one side.
 */
record HoldOut(List<Work> training, List<Work> heldOut) {
  static HoldOut of(Corpus corpus, int percent) {
    List<Work> training = new ArrayList<>();
    List<Work> heldOut = new ArrayList<>();
    for (Work work : corpus.works()) {
      int draw = Integer.parseInt(work.contentHash().substring(0, 7), 16) % 100;
      (draw < percent ? heldOut : training).add(work);
    }
    return new HoldOut(List.copyOf(training), List.copyOf(heldOut));
  }
}
