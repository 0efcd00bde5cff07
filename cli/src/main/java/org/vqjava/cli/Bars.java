/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress bars as they look in all commands. */
final class Bars {
  private static final int UPDATE_MILLIS = 200;

  private Bars() {}

  static ProgressBar of(String name, int steps) {
    return new ProgressBarBuilder()
        .setConsumer(new ConsoleProgressBarConsumer(System.err))
        .setTaskName(name)
        .setInitialMax(steps)
        .setUpdateIntervalMillis(UPDATE_MILLIS)
        .setStyle(ProgressBarStyle.ASCII)
        .hideEta()
        .build();
  }
}
