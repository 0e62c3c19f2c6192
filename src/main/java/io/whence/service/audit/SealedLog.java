package io.whence.service.audit;

import io.whence.engine.EngineException;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.Custody;
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
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

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

  /**
   * {@return the proof that an event is in the log: hashes from the leaf to the root, base64, one a
   * line}
   *
   * @param sequence of the event
   * @param size of the log that the proof is for
   * @throws EngineException.InvalidQuery when the log has no such event, or never had that size
   */
  public String inclusion(long sequence, long size) {
    return proof(
        size,
        sequence >= 0 && sequence < size,
        "event " + sequence,
        () -> tree.inclusion(sequence, size));
  }

  /**
   * {@return the proof that a log continues an earlier one: hashes in base64, one a line}
   *
   * @param from size of the earlier log
   * @param size of the later
   * @throws EngineException.InvalidQuery when the log never had these sizes
   */
  public String consistency(long from, long size) {
    return proof(
        size,
        from >= 1 && from <= size,
        "a log of " + from + " events",
        () -> tree.consistency(from, size));
  }

  private String proof(long size, boolean there, String what, Supplier<List<byte[]>> path) {
    turn.lock();
    try {
      catchUp();
      if (!there || size > tree.size()) {
        throw new EngineException.InvalidQuery(
            "there is no " + what + " in the first " + size + " of " + tree.size() + " events");
      }
      StringBuilder lines = new StringBuilder();
      path.get()
          .forEach(hash -> lines.append(Base64.getEncoder().encodeToString(hash)).append('\n'));
      return lines.toString();
    } finally {
      turn.unlock();
    }
  }

  /** {@return how many events there are} */
  public long size() {
    turn.lock();
    try {
      catchUp();
      return tree.size();
    } finally {
      turn.unlock();
    }
  }

  /** {@return the public key in PEM} */
  public String publicKey() {
    return key().publicPem();
  }

  /**
   * Enters that somebody was shown or given something, with the sum of what it was.
   *
   * @param kind such as {@code attribution.viewed}
   * @param subject what was shown
   * @param sha256 of its bytes
   */
  public void handedOut(String kind, String subject, String sha256) {
    log.append(kind, subject, AttributionRecords.ACTOR, sha256.getBytes(StandardCharsets.UTF_8));
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

  /**
   * {@return what the log holds of an attribution, under a new checkpoint, for people to read} It
   * is to be asked after the handing out that it goes into was entered.
   */
  public Custody custody(AttributionRecord answer) {
    List<LoggedEvent> events = log.about(answer.id().toString());
    turn.lock();
    try {
      catchUp();
      return Custody.of(
          events.stream().map(LoggedEvent::event).toList(),
          Bundle.checkpoint(tree.size(), tree.root(), key()),
          key(),
          tree.inclusion(events.get(0).sequence(), tree.size()));
    } finally {
      turn.unlock();
    }
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
    handedOut(exported, id, bodySha256);
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
