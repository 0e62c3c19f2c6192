/**
 * Who asks: API keys, what their roles let them do, and when no key is needed.
 *
 * <p>Start at {@link io.whence.service.security.ApiKey}. How a key comes with a request and how a
 * refusal is said is {@code service.api}'s; what is required stands at each resource.
 */
@NullMarked
package io.whence.service.security;

import org.jspecify.annotations.NullMarked;
