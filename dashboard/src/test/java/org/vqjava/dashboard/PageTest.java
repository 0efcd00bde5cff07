/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page in a real browser. */
class PageTest {
  private final Path directory;

  PageTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @ParameterizedTest
  @CsvSource({"1280,false", "1280,true", "390,false", "390,true"})
  void everythingIsDrawnFromOneOrigin(int width, boolean dark) throws Exception {
    DemoRuns.writeWhole(directory.resolve("healthy"), DemoRuns.Kind.HEALTHY, 600);
    try (Browser browser = Browser.open(width, 900, dark);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      browser.go(server.address().toString());
      browser.shoot("page-" + width + (dark ? "-dark" : "-light"));
      assertEquals(List.of(), browser.console());
      for (String chart :
          List.of(
              "perplexity",
              "usage",
              "access",
              "distances",
              "losses",
              "spacing",
              "norms",
              "map",
              "sorted",
              "spacings")) {
        assertEquals(
            1, browser.number("document.querySelectorAll('#" + chart + " canvas').length"), chart);
      }
    }
  }
}
