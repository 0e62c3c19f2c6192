package io.whence.service.jobs;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job and how it stands.
 *
 * @param id its name
 * @param kind what it does
 * @param createdAt when it was accepted
 * @param state how it stands
 * @param progress how far it has come; null while it has not said so, and once it has ended
 */
public record JobStatus(
    UUID id, String kind, Instant createdAt, JobState state, @Nullable JobProgress progress) {}
