/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Locale;
import org.tensorflow.op.Ops;

/** The blocks of names that this library's functions build their operations in. */
public final class Scopes {
  private Scopes() {}

  /**
   * Opens the block of a function: under the name that {@code tf} has, else that of the function.
   *
   * @param tf builds the ops, {@code tf.withName(..)} names the block
   * @param function names the block otherwise, {@code Distances}
   * @return builds in the block
   * @throws IllegalStateException as {@link #requireAsciiDigits} says
   */
  public static Ops of(Ops tf, String function) {
    requireAsciiDigits();
    return tf.withSubScope(function);
  }

  /**
   * Refuses a default locale whose digits are not 0 to 9, Persian say. TensorFlow Java numbers
   * operations of one name by the default locale, and TensorFlow refuses such names, or a
   * checkpoint of one machine does not fit another.
   *
   * @throws IllegalStateException if the default locale for formatting has other digits
   */
  public static void requireAsciiDigits() {
    Locale locale = Locale.getDefault(Locale.Category.FORMAT);
    if (!String.format(locale, "%d", 10).equals("10")) {
      throw new IllegalStateException(
          "the default locale for formatting must have the digits 0 to 9, as TensorFlow Java names"
              + " operations by it, got "
              + locale.toLanguageTag()
              + ": call Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT) or start with"
              + " -Duser.language.format=en");
    }
  }
}
