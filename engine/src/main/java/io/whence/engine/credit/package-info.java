/**
 * Shares of credit among rights holders: whole parts per million that always sum to a million.
 *
 * <p>Start at {@link io.whence.engine.credit.Shares#of}. Credit follows influence alone; copying
 * and risk are other questions and other numbers.
 */
@NullMarked
package io.whence.engine.credit;

import org.jspecify.annotations.NullMarked;
