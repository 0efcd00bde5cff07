/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

/**
 * What a training records of its codebook. Recording reads and changes nothing: what is trained is
 * the same to the last bit, with it or without.
 *
 * @param every how many steps make a window, which becomes a snapshot in the log and in the event
 *     file; 0 for no snapshots
 */
public record MonitoringOptions(int every) {
  /**
   * Checks the number.
   *
   * @param every at least 0
   * @throws IllegalArgumentException if it is negative
   */
  public MonitoringOptions {
    Check.atLeast("snapshot-every", 0, every);
  }

  /**
   * A snapshot every ten steps.
   *
   * @return the defaults
   */
  public static MonitoringOptions defaults() {
    return new MonitoringOptions(10);
  }

  /**
   * No snapshots; the event file has its curves nevertheless.
   *
   * @return options that record nothing
   */
  public static MonitoringOptions none() {
    return new MonitoringOptions(0);
  }

  boolean recorded() {
    return every > 0;
  }
}
