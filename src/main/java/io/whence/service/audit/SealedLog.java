package io.whence.service.audit;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import io.whence.engine.record.Bundle;
import io.whence.engine.record.Custody;
import io.whence.engine.record.LogEvent;
import io.whence.engine.record.MerkleTree;
import io.whence.service.persistence.CurrentActor;
import io.whence.service.persistence.EventLog;
import io.whence.service.persistence.EventPayloads;
import io.whence.service.persistence.LoggedEvent;
import io.whence.service.persistence.RecordKind;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The log under one signature: checkpoints, proofs, and bundles of what concerns one record. */
@ApplicationScoped
public class SealedLog {
  private final EventLog log;
  private final EventPayloads payloads;
  private final SealedTree tree;
  private final TimeStamps stamps;
  private final CurrentActor actor;

  SealedLog(
      EventLog log,
      EventPayloads payloads,
      SealedTree tree,
      TimeStamps stamps,
      CurrentActor actor) {
    this.log = log;
    this.payloads = payloads;
    this.tree = tree;
    this.stamps = stamps;
    this.actor = actor;
  }

  /** {@return a signed note of the log's size and root as they are now} */
  public String checkpoint() {
    return tree.caughtUp(this::checkpoint);
  }

  private String checkpoint(MerkleTree all) {
    return Bundle.checkpoint(all.size(), all.root(), tree.key());
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
        all -> all.inclusion(sequence, size));
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
        "log of " + from + " events",
        all -> all.consistency(from, size));
  }

  private String proof(
      long size, boolean there, String what, Function<MerkleTree, List<byte[]>> path) {
    return tree.caughtUp(
        all -> {
          if (!there || size > all.size()) {
            throw new EngineException.InvalidQuery(
                "there is no " + what + " in the first " + size + " of " + all.size() + " events");
          }
          StringBuilder lines = new StringBuilder();
          path.apply(all)
              .forEach(hash -> lines.append(Base64.getEncoder().encodeToString(hash)).append('\n'));
          return lines.toString();
        });
  }

  /**
   * {@return events from a place on, {@code limit} at most: the bytes that the tree has for leaves,
   * canonical JSON, one a line}
   */
  public String events(long from, int limit) {
    StringBuilder lines = new StringBuilder();
    log.from(from, limit)
        .forEach(
            event -> lines.append(new String(event.event(), StandardCharsets.UTF_8)).append('\n'));
    return lines.toString();
  }

  /** {@return how many events there are} */
  public long size() {
    return tree.caughtUp(MerkleTree::size);
  }

  /** {@return the public key in PEM} */
  public String publicKey() {
    return tree.key().publicPem();
  }

  /** Has the log as it is now time-stamped, where an authority is configured; nobody waits. */
  public void stampSoon() {
    stamps.soon();
  }

  /**
   * Enters that somebody was shown or given something, with the sum of what it was.
   *
   * @param kind such as {@code attribution.viewed}
   * @param subject what was shown
   * @param sha256 of its bytes
   */
  public void handedOut(String kind, String subject, String sha256) {
    log.append(kind, subject, actor.name(), sha256.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * {@return everything logged of a record under a new checkpoint, with the record and the
   * time-stamps around each event; the export itself is logged first and is part of it}
   *
   * @param body the record's bytes; null where they were erased
   */
  public byte[] bundle(RecordKind kind, UUID id, byte @Nullable [] body) {
    String sum = body == null ? "" : Sha256.of(body);
    handedOut(kind.exported(), id.toString(), sum);
    stamps.now();
    List<LoggedEvent> events = log.about(id.toString());
    Map<Long, byte[]> reasons = payloads.reasons(id);
    return tree.caughtUp(
        all -> {
          List<Bundle.Item> items = new ArrayList<>();
          for (LoggedEvent event : events) {
            byte[] payload =
                event.kind().equals(kind.made())
                    ? body
                    : reasons.getOrDefault(event.sequence(), sum.getBytes(StandardCharsets.UTF_8));
            items.add(item(event, payload, all));
          }
          return Bundle.write(
              items,
              stamps.around(events.stream().map(LoggedEvent::sequence).toList(), all),
              stamps.anchors(),
              checkpoint(all),
              tree.key());
        });
  }

  /**
   * {@return what the log holds of an attribution, under a new checkpoint, for people to read} It
   * is to be asked after the handing out that it goes into was entered.
   */
  public Custody custody(UUID attribution) {
    List<LoggedEvent> events = log.about(attribution.toString());
    return tree.caughtUp(
        all ->
            Custody.of(
                events.stream().map(LoggedEvent::event).toList(),
                checkpoint(all),
                tree.key(),
                all.inclusion(events.get(0).sequence(), all.size())));
  }

  /** With its payload, unless that was erased or is no longer known. */
  private Bundle.Item item(LoggedEvent event, byte @Nullable [] payload, MerkleTree all) {
    byte[] salt = log.salt(event.sequence()).orElse(null);
    boolean known =
        salt != null
            && payload != null
            && LogEvent.commitment(salt, payload).equals(LogEvent.read(event.event()).commitment());
    return new Bundle.Item(
        event.event(),
        all.inclusion(event.sequence(), all.size()),
        known ? salt : null,
        known ? payload : null);
  }
}
