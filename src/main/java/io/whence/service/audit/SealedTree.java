package io.whence.service.audit;

import io.whence.engine.record.LogKey;
import io.whence.engine.record.MerkleTree;
import io.whence.service.persistence.EventLog;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The log's tree in memory, 64 bytes an event, and the key that signs it. It catches up with the
 * database when it is asked, so any number of services may append.
 */
@ApplicationScoped
class SealedTree {
  private final EventLog log;
  private final LogKeyFile keyFile;
  private final MerkleTree tree = new MerkleTree();
  private final ReentrantLock turn = new ReentrantLock();

  SealedTree(EventLog log, LogKeyFile keyFile) {
    this.log = log;
    this.keyFile = keyFile;
  }

  /** {@return what {@code work} makes of the tree of all events there are; one at a time} */
  <T> T caughtUp(Function<MerkleTree, T> work) {
    turn.lock();
    try {
      log.leaves(tree.size(), tree::append);
      return work.apply(tree);
    } finally {
      turn.unlock();
    }
  }

  /** {@return the key that signs} */
  LogKey key() {
    return keyFile.key();
  }
}
