/**
 * What a source said of training when it was collected: licences and opt-outs in the forms that
 * people publish them in, each read to one verdict, with the words it rests on.
 *
 * <p>Start at {@link io.whence.engine.rights.Form}. A verdict says what was stated, not what the
 * law makes of it, nor whether who stated it had the right to.
 */
@NullMarked
package io.whence.engine.rights;

import org.jspecify.annotations.NullMarked;
