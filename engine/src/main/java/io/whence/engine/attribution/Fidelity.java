package io.whence.engine.attribution;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.whence.engine.EngineException;
import io.whence.engine.fidelity.LeaveOut;
import io.whence.engine.fidelity.TailPatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of an index's own error ({@code fidelity.json}).
 *
 * @param candidateRecall how much of the exact ranking the candidates hold
 * @param tailPatch what a step on the first proponents does; null where no training record tells
 *     the size of a step
 * @param leaveOut what training again without rights holders says of {@code deltaLoss}; null where
 *     the build was not asked to and no such truth came with the checkpoint
 * @param notMeasured what was not, and so must not be assumed
 */
public record Fidelity(
    @Nullable CandidateRecall candidateRecall,
    @Nullable TailPatch tailPatch,
    @Nullable LeaveOut leaveOut,
    List<String> notMeasured) {
  /** Of an index without a model. */
  public static final Fidelity EVIDENCE_ALONE =
      new Fidelity(null, null, null, List.of("influence: the index is for evidence alone"));

  /** Copies the list. */
  public Fidelity {
    notMeasured = List.copyOf(notMeasured);
  }

  /** What an index is measured for when it is built, and what follows from what it was not. */
  public static Fidelity of(
      @Nullable CandidateRecall recall,
      @Nullable TailPatch tailPatch,
      @Nullable LeaveOut leaveOut) {
    List<String> missing = new ArrayList<>();
    if (tailPatch == null) {
      missing.add(
          "tail-patch: the checkpoint has no training record that tells the size of a step");
    }
    if (leaveOut == null) {
      missing.add("deltaLoss was not compared with retraining: rank by it, do not bill nats by it");
      missing.add("coverage of the intervals");
    } else if (leaveOut.ceiling() == null) {
      missing.add(
          "how much of what leaveOut found is the chance of one training each: it has one seed");
    }
    return new Fidelity(recall, tailPatch, leaveOut, missing);
  }

  /** {@return what an index says of its own error} */
  public static Fidelity read(Path directory) {
    Path file = new IndexLayout(directory).fidelity();
    try {
      return new Gson().fromJson(Files.readString(file), Fidelity.class);
    } catch (IOException | JsonParseException | NullPointerException e) {
      throw new EngineException.IndexDamaged("cannot read " + file + ": " + e, e);
    }
  }

  /** Writes it into an index. */
  public void write(Path directory) throws IOException {
    Files.writeString(
        new IndexLayout(directory).fidelity(),
        new GsonBuilder().setPrettyPrinting().serializeNulls().create().toJson(this) + "\n");
  }

  /**
   * Of the instances that the exact scan ranks highest by influence, the share among the
   * candidates.
   *
   * @param value 0 to 1, mean over the outputs
   * @param low lower end of the 95 % Wilson interval over all ranks of all outputs
   * @param high upper end
   * @param k how many of the highest ranks count
   * @param outputs how many outputs were tried, written by the model itself and not in the corpus
   * @param tokens length of each
   * @param seed they were written from
   */
  public record CandidateRecall(
      double value, double low, double high, int k, int outputs, int tokens, long seed) {
    /** {@return the recall of {@code found} of {@code wanted} instances} */
    static CandidateRecall of(long found, long wanted, int k, int outputs, int tokens, long seed) {
      double z = 1.959963984540054;
      double p = found / (double) wanted;
      double centre = (p + z * z / (2 * wanted)) / (1 + z * z / wanted);
      double half =
          z
              * Math.sqrt(p * (1 - p) / wanted + z * z / (4.0 * wanted * wanted))
              / (1 + z * z / wanted);
      return new CandidateRecall(
          p,
          Math.max(0, Math.min(p, centre - half)),
          Math.min(1, Math.max(p, centre + half)),
          k,
          outputs,
          tokens,
          seed);
    }
  }
}
