package io.whence.service.audit;

import io.whence.engine.record.Bundle;
import io.whence.engine.record.LogKey;
import io.whence.engine.record.MerkleTree;
import io.whence.service.persistence.AttributionRecord;
import io.whence.service.persistence.AttributionRecords;
import io.whence.service.persistence.EventLog;
import io.whence.service.persistence.LoggedEvent;
import io.whence.service.persistence.ScreeningRecord;
import io.whence.service.persistence.ScreeningRecords;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The log under one signature: checkpoints, and bundles of what concerns one attribution.
 *
 * <p>The tree is kept in memory, 64 bytes an event, and catches up with the database when it is
 * asked, so any number of services may append.
 */
@ApplicationScoped
public class SealedLog {
  private final EventLog log;
  private final LogKeyFile keyFile;
  private final MerkleTree tree = new MerkleTree();
  private final ReentrantLock turn = new ReentrantLock();

  SealedLog(EventLog log, LogKeyFile keyFile) {
    this.log = log;
    this.keyFile = keyFile;
  }

  /** {@return a signed note of the log's size and root as they are now} */
  public String checkpoint() {
    turn.lock();
    try {
      catchUp();
      return Bundle.checkpoint(tree.size(), tree.root(), key());
    } finally {
      turn.unlock();
    }
  }

  /** {@return the public key in PEM} */
  public String publicKey() {
    return key().publicPem();
  }

  /**
   * {@return everything logged of an attribution, with the answer, under a new checkpoint; the
   * export itself is logged first and is part of it}
   */
  public byte[] bundle(AttributionRecord answer) {
    return bundle(
        answer.id().toString(),
        AttributionRecords.ANSWERED,
        "attribution.exported",
        answer.body(),
        answer.bodySha256());
  }

  /** {@return the same of a screening} */
  public byte[] bundle(ScreeningRecord answer) {
    return bundle(
        answer.id().toString(),
        ScreeningRecords.DECIDED,
        "screening.exported",
        answer.body(),
        answer.bodySha256());
  }

  private byte[] bundle(
      String id, String answered, String exported, byte[] body, String bodySha256) {
    log.append(exported, id, AttributionRecords.ACTOR, bodySha256.getBytes(StandardCharsets.UTF_8));
    List<LoggedEvent> events = log.about(id);
    turn.lock();
    try {
      catchUp();
      List<Bundle.Item> items = new ArrayList<>();
      for (LoggedEvent event : events) {
        byte[] salt = log.salt(event.sequence()).orElse(null);
        byte[] payload =
            event.kind().equals(answered) ? body : bodySha256.getBytes(StandardCharsets.UTF_8);
        items.add(
            new Bundle.Item(
                event.event(),
                tree.inclusion(event.sequence(), tree.size()),
                salt,
                salt == null ? null : payload));
      }
      String checkpoint = Bundle.checkpoint(tree.size(), tree.root(), key());
      return Bundle.write(items, checkpoint, key());
    } finally {
      turn.unlock();
    }
  }

  private void catchUp() {
    log.leaves(tree.size(), tree::append);
  }

  private LogKey key() {
    return keyFile.key();
  }
}
