package io.whence.engine.record;

import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * What a log holds of one subject, for people to read: its events, and the proof that the first of
 * them is in the log under a checkpoint. The bundle of the same subject proves every event.
 *
 * @param events in the log's order, at least one
 * @param checkpoint the signed note that {@code proof} leads to
 * @param fingerprint SHA-256 of the public key that signed, 64 hexadecimal digits
 * @param leaf the first event's hash in the tree, 64 hexadecimal digits
 * @param proof hashes from that leaf to the root, base64
 */
public record Custody(
    List<LogEvent> events, String checkpoint, String fingerprint, String leaf, List<String> proof) {
  /** Copies the lists; rejects a history without an event. */
  public Custody {
    events = List.copyOf(events);
    proof = List.copyOf(proof);
    if (events.isEmpty()) {
      throw new IllegalArgumentException("a history has at least one event");
    }
  }

  /**
   * {@return the history}
   *
   * @param canonical the events as the log has them, in its order
   * @param checkpoint that the proof leads to
   * @param proof of the first event
   */
  public static Custody of(
      List<byte[]> canonical, String checkpoint, LogKey key, List<byte[]> proof) {
    return new Custody(
        canonical.stream().map(LogEvent::read).toList(),
        checkpoint,
        key.fingerprint(),
        HexFormat.of().formatHex(MerkleTree.leaf(canonical.get(0))),
        proof.stream().map(Base64.getEncoder()::encodeToString).toList());
  }
}
