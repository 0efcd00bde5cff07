/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import org.jspecify.annotations.Nullable;
import org.vqjava.dashboard.DashboardOptions;
import org.vqjava.workflow.MonitoringOptions;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The workflow's defaults, so that they are written down once. */
final class TrainDefaults implements IDefaultValueProvider {
  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)) {
      return null;
    }
    String name = option.longestName().substring("--".length());
    if (name.equals("task")) {
      return Train.label(Train.Task.AUTOENCODE);
    }
    if (name.equals("snapshot-every")) {
      return Integer.toString(MonitoringOptions.defaults().every());
    }
    if (name.equals("port")) {
      return Integer.toString(DashboardOptions.DEFAULT_PORT);
    }
    Object value =
        Train.options(Train.Task.AUTOENCODE)
            .getOrDefault(name, Train.options(Train.Task.CLASSIFY).get(name));
    return value == null ? null : value.toString();
  }
}
