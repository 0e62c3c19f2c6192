/**
 * The REST interface under {@code /v1}: resources, request and response records, and how what was
 * refused is said in HTTP.
 *
 * <p>Start at {@link io.whence.service.api.AttributionsResource}. Every refusal is an RFC 9457
 * problem, made in {@code ProblemMapper} and nowhere else.
 */
@NullMarked
package io.whence.service.api;

import org.jspecify.annotations.NullMarked;
