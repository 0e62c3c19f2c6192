/**
 * The service as a process: what happens on its command line before Quarkus starts.
 *
 * <p>Start at {@link io.whence.service.Main}. Whatever is wrong with the port, the home or the
 * database is said in one line here, before anything is changed.
 */
@NullMarked
package io.whence.service;

import org.jspecify.annotations.NullMarked;
