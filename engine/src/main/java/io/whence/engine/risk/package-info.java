/**
 * How a use might fare under US fair-use law: gates, four factors, a score with its interval.
 *
 * <p>Start at {@link io.whence.engine.risk.FairUse#assess}. This is triage and never the legal
 * test: no court has adopted a score, and one has forbidden formulas (Cambridge University Press v.
 * Albert, 906 F.3d 1290, 2018). Nothing here is legal advice.
 */
@NullMarked
package io.whence.engine.risk;

import org.jspecify.annotations.NullMarked;
