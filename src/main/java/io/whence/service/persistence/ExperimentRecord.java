package io.whence.service.persistence;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** An experiment as it was accepted, every default filled in. Never changed. */
@Entity
@Immutable
@Table(name = "experiment")
public class ExperimentRecord {
  @Id private UUID id;

  @Column(name = "created_at", nullable = false)
  private Instant createdAt;

  @Column(name = "job_id", nullable = false)
  private UUID jobId;

  @Column(nullable = false)
  private String suite;

  @Column(nullable = false)
  private String[] methods;

  @Column(nullable = false)
  private long[] seeds;

  @Column(name = "rights_holders")
  private @Nullable Integer rightsHolders;

  @Column private @Nullable UUID repeats;

  /** For Hibernate. */
  protected ExperimentRecord() {}

  /**
   * An experiment that is asked for.
   *
   * @param id time-ordered
   * @param createdAt when it was accepted
   * @param jobId the job that runs it
   * @param suite its name
   * @param methods names of the methods to compare, none left out
   * @param seeds of the ground truth
   * @param rightsHolders how many are left out, or null where none are
   * @param repeats the experiment whose request this is, or null
   */
  public ExperimentRecord(
      UUID id,
      Instant createdAt,
      UUID jobId,
      String suite,
      List<String> methods,
      List<Long> seeds,
      @Nullable Integer rightsHolders,
      @Nullable UUID repeats) {
    this.id = id;
    this.createdAt = createdAt;
    this.jobId = jobId;
    this.suite = suite;
    this.methods = methods.toArray(String[]::new);
    this.seeds = seeds.stream().mapToLong(Long::longValue).toArray();
    this.rightsHolders = rightsHolders;
    this.repeats = repeats;
  }

  /** {@return its name} */
  public UUID id() {
    return id;
  }

  /** {@return when it was accepted} */
  public Instant createdAt() {
    return createdAt;
  }

  /** {@return the job that runs it} */
  public UUID jobId() {
    return jobId;
  }

  /** {@return the suite's name} */
  public String suite() {
    return suite;
  }

  /** {@return the methods it compares} */
  public List<String> methods() {
    return List.of(methods);
  }

  /** {@return the ground truth's seeds} */
  public List<Long> seeds() {
    return Arrays.stream(seeds).boxed().toList();
  }

  /** {@return how many rights holders are left out, where any are and it was recorded} */
  public Optional<Integer> rightsHolders() {
    return Optional.ofNullable(rightsHolders);
  }

  /** {@return the experiment whose request it has, where it repeats one} */
  public Optional<UUID> repeats() {
    return Optional.ofNullable(repeats);
  }
}
