/**
 * What people hold of an output: labels with reasons, how far the reviewers agree, and what follows
 * for the risk.
 *
 * <p>Start at {@link io.whence.engine.review.Review}. Labels are judgements: nothing here is
 * measured on the output, and a label never changes; a correction is another review.
 */
@NullMarked
package io.whence.engine.review;

import org.jspecify.annotations.NullMarked;
