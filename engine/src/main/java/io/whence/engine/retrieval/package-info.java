/**
 * Candidate training instances for a query, from Lucene.
 *
 * <p>Start at {@link io.whence.engine.retrieval.CandidateIndex}. Sketches must come from the spec
 * the index was built with. An index never changes after it is opened; to update, build another.
 */
@NullMarked
package io.whence.engine.retrieval;

import org.jspecify.annotations.NullMarked;
