package io.whence.engine.record;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * How fast the log's tree takes events, and how long a proof over a million of them takes to check.
 * In memory, one thread; what a database adds is not in it.
 *
 * <pre>
 * ./mvnw -pl engine test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
 * java -cp "engine/target/classes:engine/target/test-classes:$(cat engine/target/classpath)" \
 *   io.whence.engine.record.LogThroughput
 * </pre>
 */
final class LogThroughput {
  private static final int EVENTS = 1_000_000;
  private static final int PROOFS = 1_000;

  private LogThroughput() {}

  private static byte[] event(long i) {
    return new LogEvent(
            i,
            Instant.EPOCH.plusMillis(i),
            "attribution.answered",
            "subject-" + i,
            "somebody",
            "0".repeat(64),
            1)
        .canonical();
  }

  /** Prints the figures. */
  public static void main(String... arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    MerkleTree tree = new MerkleTree();
    long begin = System.nanoTime();
    for (long i = 0; i < EVENTS; i++) {
      tree.append(MerkleTree.leaf(event(i)));
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    out.printf(
        Locale.ROOT,
        "%,d events written canonically and appended in %.1f s: %,.0f a second%n",
        EVENTS,
        seconds,
        EVENTS / seconds);
    byte[] root = tree.root();
    double slowest = 0;
    double all = 0;
    for (int proof = 0; proof < PROOFS; proof++) {
      long index = (long) proof * (EVENTS / PROOFS);
      byte[] leaf = MerkleTree.leaf(event(index));
      List<byte[]> path = tree.inclusion(index, EVENTS);
      long start = System.nanoTime();
      boolean included = MerkleTree.included(leaf, index, EVENTS, path, root);
      double took = (System.nanoTime() - start) / 1e6;
      if (!included) {
        throw new IllegalStateException("event " + index + " is not proved");
      }
      slowest = Math.max(slowest, took);
      all += took;
    }
    out.printf(
        Locale.ROOT,
        "a proof of inclusion among them checked in %.3f ms, the slowest of %,d in %.3f ms%n",
        all / PROOFS,
        PROOFS,
        slowest);
  }
}
