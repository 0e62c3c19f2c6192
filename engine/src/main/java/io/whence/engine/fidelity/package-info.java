/**
 * How far influence can be trusted: predictions held against what retraining really does.
 *
 * <p>Start at {@link io.whence.engine.fidelity.Experiment}. Ground truth is computed by {@link
 * io.whence.engine.fidelity.Retrainings}, kept on disk and reused; what is tuned or calibrated is
 * so on queries and subsets that no report uses; every figure has an interval and a noise ceiling.
 */
@NullMarked
package io.whence.engine.fidelity;

import org.jspecify.annotations.NullMarked;
