package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.service.persistence.Erasures;

/**
 * An erasure.
 *
 * @param record id of what was erased
 * @param kind {@code attribution} or {@code screening}
 * @param event of the log, its place
 */
@RegisterForReflection
record ErasureResponse(
    String record, String kind, String at, String by, String reason, long event) {
  static ErasureResponse of(Erasures.Erasure erasure) {
    return new ErasureResponse(
        erasure.id().toString(),
        erasure.kind().id(),
        erasure.at().toString(),
        erasure.by(),
        erasure.reason(),
        erasure.event());
  }
}
