/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Locale;

/** The classifiers that are compared. */
public enum ClassifierNetwork {
  /** Without a layer in its middle. */
  PLAIN,
  /** With a layer that takes the nearest code, trained with it. */
  QUANTIZED,
  /**
   * The plain one as it was trained, with a layer that takes labelled codes by a vote. The codes
   * are what the network makes of some training images.
   */
  VOTED;

  /**
   * The name in tables and files.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
