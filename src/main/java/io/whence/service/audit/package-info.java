/**
 * Who asked what, append-only and sealed: checkpoints that are signed, and bundles that verify
 * without this service.
 *
 * <p>Start at {@link io.whence.service.audit.SealedLog}.
 */
@NullMarked
package io.whence.service.audit;

import org.jspecify.annotations.NullMarked;
