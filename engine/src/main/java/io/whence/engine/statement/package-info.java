/**
 * Statements of credit for a period: what each work and each holder is credited with and owed for
 * all outputs of a month, to the minor unit, and computable again from what is stored.
 *
 * <p>Start at {@link io.whence.engine.statement.Tally}, which makes a {@link
 * io.whence.engine.statement.Statement} of {@link io.whence.engine.statement.Usage usages}. From
 * the shares of an output on, all sums are whole numbers, but for the shrinkage of the month's
 * shares.
 */
@NullMarked
package io.whence.engine.statement;

import org.jspecify.annotations.NullMarked;
