/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.support.ui.Select;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.Replacement;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.SnapshotLog;

/** The page in a real browser. */
class PageTest {
  private static final List<String> CHARTS =
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
          "spacings",
          "images");

  private final Path directory;

  PageTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** Of the chart's series, as ECharts holds them. */
  private static String series(String chart, int index) {
    return "echarts.getInstanceByDom(document.getElementById('"
        + chart
        + "')).getOption().series["
        + index
        + "]";
  }

  @ParameterizedTest
  @CsvSource({"1280,false", "1280,true", "390,false", "390,true"})
  void everythingIsDrawnFromOneOrigin(int width, boolean dark) throws Exception {
    DemoRuns.writeWhole(directory.resolve("healthy"), DemoRuns.Kind.HEALTHY, 600);
    try (Browser browser = Browser.open(width, 900, dark);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      browser.go(server.address().toString());
      Path shot = browser.shoot("page-" + width + (dark ? "-dark" : "-light"));
      assertEquals(dark ? "dark" : "light", browser.text("document.documentElement.dataset.theme"));
      assertEquals(List.of(), browser.console());
      assertEquals(
          "true",
          browser.text(
              "performance.getEntriesByType('resource').every(r => new URL(r.name).origin ==="
                  + " location.origin)"));
      for (String chart : CHARTS) {
        assertEquals(
            1, browser.number("document.querySelectorAll('#" + chart + " canvas').length"), chart);
      }
      assertEquals(
          width, browser.number("document.documentElement.scrollWidth"), "nothing sticks out");
      assertTrue(colours(shot) > 100, "something is drawn");

      Client client = new Client(server);
      var newest = client.get("/api/series?run=healthy&codebook=bottleneck").json().get("rows");
      double perplexity = newest.get(newest.size() - 1).get("perplexity").asDouble();
      String figures = browser.text("document.getElementById('figures').innerText");
      assertTrue(figures.contains(String.format(Locale.ROOT, "%.1f", perplexity)), figures);
      assertEquals("Healthy", browser.text("document.querySelector('#health strong').innerText"));
      assertEquals(60, browser.number(series("perplexity", 0) + ".data.length"));
      assertEquals(
          Math.round(1000 * perplexity),
          browser.number("Math.round(1000 * " + series("perplexity", 0) + ".data[59][1])"));
      assertEquals("replaced", browser.text(series("perplexity", 1) + ".name"));
      assertTrue(browser.number(series("perplexity", 1) + ".data.length") > 5);
      assertEquals(64, browser.number(series("map", 0) + ".data.length"));
    }
  }

  /** A run of ten windows, whose losses are what a function of the step says. */
  private void write(String run, RunOutcome outcome, IntToDoubleFunction loss) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(run));
    RunInfo info = new RunInfo(run, Instant.EPOCH, Map.of());
    try (Recorder recorder =
        Recorder.open(
            RecorderOptions.every(1).withViewEvery(1),
            List.of(SnapshotLog.open(folder.resolve(SnapshotLog.FILE), info)))) {
      CodebookRecorder codes = recorder.codebook("a", 4);
      for (int step = 1; step <= 10; step++) {
        double total = loss.applyAsDouble(step);
        float broken = Double.isFinite(total) ? 1 : (float) total;
        codes.record(
            Observation.at(step)
                .assignments(new int[] {0, 1, 2, 3})
                .nearestDistance(new float[] {1, 2, broken})
                .codebook(new float[] {1, 2, 3, 4 * broken}, 1)
                .loss("total", total)
                .loss("alpha", step));
      }
      recorder.end(outcome);
    }
  }

  /** The elements that reach farthest to the right, for who reads the failure. */
  private static String sticksOut(Browser browser) {
    return browser.text(
        "[...document.querySelectorAll('body *')].map(e => [e.getBoundingClientRect().right +"
            + " scrollX, e.tagName + '#' + e.id]).sort((a, b) => b[0] - a[0]).slice(0,"
            + " 8).join(' ')");
  }

  private static String title(Browser browser) {
    return browser.text("document.querySelector('#health strong').innerText");
  }

  /** Crosses of a chart, as step and text. */
  private static String crosses(Browser browser, String chart, String name) {
    return browser.text(
        "JSON.stringify(echarts.getInstanceByDom(document.getElementById('"
            + chart
            + "')).getOption().series.filter(s => s.name === '"
            + name
            + "').flatMap(s => s.data.map(p => [p[0], p[2]])))");
  }

  @ParameterizedTest
  @ValueSource(ints = {1280, 390})
  void whatIsNotFiniteIsMarkedEverywhere(int width) throws Exception {
    write("all", RunOutcome.failed("the loss is NaN at <b>step</b> 10"), step -> Double.NaN);
    write(
        "some",
        RunOutcome.finished(),
        step -> step == 4 ? Double.NEGATIVE_INFINITY : step == 7 ? Double.NaN : 1.0 / step);
    write("well", RunOutcome.finished(), step -> 1.0 / step);
    try (Browser browser = Browser.open(width, 900, false);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      browser.go(server.address() + "#run=some&beside=all");
      assertEquals("Was not a number", title(browser));
      assertEquals(
          "[[4,\"total -∞\"],[7,\"total NaN\"]]", crosses(browser, "losses", "not finite"));
      assertTrue(crosses(browser, "losses", "not finite, all").startsWith("[[1,\"total, all NaN"));
      assertEquals(
          "[[4,\"codes: 1 not finite\"],[7,\"codes: 1 not finite\"]]",
          crosses(browser, "norms", "not finite"),
          "the others' norms are drawn");
      String beside = browser.text("document.getElementById('beside-health').innerText");
      assertTrue(beside.startsWith("all: Run failed"), beside);
      assertTrue(beside.contains("the loss is NaN at <b>step</b> 10. Not a number:"), beside);
      browser.driver().findElement(By.id("losses")).sendKeys(Keys.END, Keys.ARROW_LEFT);
      browser.shoot("not-finite-" + width);
      assertEquals(
          "[\"all · run failed\",\"some · was not a number\",\"well\"]",
          browser.text(
              "JSON.stringify([...document.getElementById('run').options].map(o => o.text))"));
      assertEquals(
          width, browser.number("document.documentElement.scrollWidth"), () -> sticksOut(browser));

      browser.go("about:blank");
      browser.go(server.address() + "#run=all");
      browser.shoot("all-not-finite-" + width);
      assertEquals("Run failed", title(browser));
      assertEquals("true", browser.text("document.getElementById('beside-health').hidden"));
      assertTrue(crosses(browser, "losses", "not finite").contains("[10,\"total NaN\"]"));
      assertTrue(
          browser
              .text("document.getElementById('map-told').innerText")
              .contains("not finite, and so nowhere: 1"));
      assertEquals(3, browser.number(series("map", 0) + ".data.length"));
      assertTrue(browser.number("document.querySelectorAll('#distances canvas').length") == 1);

      browser.go("about:blank");
      browser.go(server.address() + "#run=well");
      assertEquals("Healthy", title(browser));
      assertEquals("[]", crosses(browser, "losses", "not finite"));
      assertEquals(List.of(), browser.console());
    }
  }

  /** The verdict changes while the page is open, though no row comes. */
  @Test
  void aRunThatFailsWhileItIsWatchedSaysSo() throws Exception {
    try (Browser browser = Browser.open(1280, 900, false);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0));
        Recorder recorder =
            Recorder.open(
                RecorderOptions.every(1),
                List.of(runs.add(new RunInfo("live", Instant.EPOCH, Map.of()))))) {
      recorder
          .codebook("a", 8)
          .record(Observation.at(1).assignments(new int[] {0, 1, 2, 3, 4, 5, 6, 7}));
      browser.go(server.address().toString());
      assertEquals("Healthy", title(browser));
      recorder.end(RunOutcome.failed("out of memory"));
      browser.until("return document.getElementById('health').innerText.includes('out of memory')");
      assertEquals("Run failed", title(browser));
      browser.until(
          "return document.getElementById('run').options[0].text === 'live · run failed'");
    }
  }

  private static long colours(Path shot) throws IOException {
    BufferedImage image = Objects.requireNonNull(ImageIO.read(shot.toFile()));
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y += 2) {
      for (int x = 0; x < image.getWidth(); x += 2) {
        colours.add(image.getRGB(x, y));
      }
    }
    return colours.size();
  }

  @Test
  void aCollapseAndDeadCodesAreCalledByTheirNames() throws Exception {
    DemoRuns.writeWhole(directory.resolve("collapsing"), DemoRuns.Kind.COLLAPSING, 600);
    DemoRuns.writeWhole(directory.resolve("dead"), DemoRuns.Kind.DEAD, 600);
    try (Browser browser = Browser.open(1280, 900, false);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      browser.go(server.address() + "#run=dead&codebook=bottleneck");
      browser.shoot("dead");
      String dead = browser.text("document.querySelector('#health strong').innerText");
      assertTrue(List.of("Dead codes", "Mostly dead").contains(dead), dead);
      assertTrue(browser.number(series("map", 1) + ".data.length") > 10, "dead ones on the map");
      assertTrue(browser.text("document.getElementById('dead').innerText").contains("never"));

      new Select(browser.driver().findElement(By.id("run"))).selectByValue("collapsing");
      browser.until("return document.title.startsWith('collapsing')");
      browser.ready();
      browser.shoot("collapsing");
      String collapsed = browser.text("document.querySelector('#health strong').innerText");
      assertTrue(List.of("Collapsed", "Collapsing", "Mostly dead").contains(collapsed), collapsed);

      new Select(browser.driver().findElement(By.id("beside"))).selectByValue("dead");
      browser.until(
          "return document.body.dataset.ready === 'true' && location.hash.includes('beside=dead')");
      browser.shoot("beside");
      assertEquals("perplexity, dead", browser.text(series("perplexity", 1) + ".name"));
      assertEquals(60, browser.number(series("perplexity", 1) + ".data.length"));
      assertEquals(List.of(), browser.console());
    }
  }

  /** What docs/guide/monitoring.md shows; copied there when the page changes. */
  @Test
  void theGuideHasItsPictures() throws Exception {
    DemoRuns.writeWhole(directory.resolve("healthy"), DemoRuns.Kind.HEALTHY, 600);
    DemoRuns.writeWhole(directory.resolve("collapsing"), DemoRuns.Kind.COLLAPSING, 600);
    DemoRuns.writeWhole(directory.resolve("dead"), DemoRuns.Kind.DEAD, 600);
    try (Browser browser = Browser.open(1120, 900, false);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      for (String run : List.of("healthy", "collapsing", "dead")) {
        browser.go("about:blank");
        browser.go(server.address() + "#codebook=bottleneck&run=" + run);
        browser.shoot("guide-" + run, "header", "#access");
        browser.shoot("guide-" + run + "-codes", ".time", "#images");
      }
    }
    try (Browser browser = Browser.open(390, 844, true);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      browser.go(server.address() + "#codebook=bottleneck&run=healthy");
      browser.shoot("guide-phone", "header", "#usage");
    }
    assertTrue(
        colours(Path.of("target", "screenshots", "guide-dead-codes.png")) > 50, "it is drawn");
  }

  /** Logs come from anywhere: a name in one is a text, whatever it looks like. */
  @Test
  void namesAreNoMarkup() throws Exception {
    String evil = "<img src=x onerror=document.title='owned'>";
    try (Browser browser = Browser.open(1280, 900, false);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0));
        Recorder recorder =
            Recorder.open(
                RecorderOptions.every(1),
                List.of(runs.add(new RunInfo("run", Instant.EPOCH, Map.of(evil, evil)))))) {
      CodebookRecorder codes = recorder.codebook(evil, 4);
      for (int step = 1; step <= 3; step++) {
        codes.record(Observation.at(step).assignments(new int[] {step}).loss(evil, step));
        codes.replaced(new Replacement(step, 1, new int[] {0}, evil));
      }
      browser.go(server.address().toString());
      assertTrue(browser.text("document.getElementById('replacements').innerText").contains(evil));
      assertTrue(browser.text("document.getElementById('options').textContent").contains(evil));
      browser.driver().findElement(By.id("losses")).sendKeys(Keys.ARROW_RIGHT);
      browser.until("return document.getElementById('losses').innerText.includes('onerror')");
      assertEquals(0, browser.number("document.querySelectorAll('main img').length"));
      assertEquals("run · codebooks", browser.text("document.title"));
      assertEquals(List.of(), browser.console());
    }
  }

  @Test
  void timeIsMovedByTheKeyboard() throws Exception {
    DemoRuns.writeWhole(directory.resolve("healthy"), DemoRuns.Kind.HEALTHY, 300);
    try (Browser browser = Browser.open(1280, 900, false);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      browser.go(server.address().toString());
      String before = browser.text("JSON.stringify(" + series("map", 0) + ".data[0])");
      var slider = browser.driver().findElement(By.id("step"));
      slider.sendKeys(Keys.HOME);
      browser.until("return document.getElementById('step-told').innerText === 'step 10'");
      browser.until("return JSON.stringify(" + series("map", 0) + ".data[0]) !== '" + before + "'");
      assertTrue(browser.text("location.hash").contains("step=10"));
      slider.sendKeys(Keys.ARROW_RIGHT);
      browser.until("return document.getElementById('step-told').innerText === 'step 20'");
      browser.driver().findElement(By.id("newest")).sendKeys(Keys.ENTER);
      browser.until(
          "return document.getElementById('step-told').innerText === 'step 300, the newest"
              + " window'");

      browser.driver().findElement(By.id("perplexity")).sendKeys(Keys.ARROW_RIGHT);
      browser.until("return document.getElementById('perplexity').innerText.includes('step 10')");
      browser.driver().findElement(By.id("theme")).sendKeys(Keys.SPACE);
      assertEquals("dark", browser.text("document.documentElement.dataset.theme"));
      // Every control and chart is reached by the key that goes on.
      assertEquals(
          0,
          browser.number(
              "[...document.querySelectorAll('select,button,input,.chart')].filter(e => e.tabIndex"
                  + " < 0).length"));
      assertEquals(List.of(), browser.console());
    }
  }

  /** The server goes away and comes back at the same port: the page tells, and then has it all. */
  @Test
  void whatIsNewComesByItselfAndAfterALostConnectionToo() throws Exception {
    try (Browser browser = Browser.open(1280, 900, false);
        RunCatalog runs = RunCatalog.open(directory);
        Recorder recorder =
            Recorder.open(
                RecorderOptions.every(1),
                List.of(runs.add(new RunInfo("live", Instant.EPOCH, Map.of()))))) {
      DashboardServer first = DashboardServer.open(runs, DashboardOptions.onPort(0));
      CodebookRecorder codes = recorder.codebook("a", 8);
      record(codes, 1, 50);
      browser.go(first.address().toString());
      long height = browser.number("document.documentElement.scrollHeight");
      record(codes, 51, 60);
      browser.until(
          "return document.getElementById('status').innerText.includes('data up to step 60')");
      browser.until("return " + series("perplexity", 0) + ".data.length === 60");

      first.close();
      browser.until("return document.getElementById('status').innerText.includes('lost')");
      record(codes, 61, 90);
      int port = first.address().getPort();
      try (DashboardServer second = DashboardServer.open(runs, DashboardOptions.onPort(port))) {
        assertNotEquals(first, second);
        browser.until(
            "return document.getElementById('status').innerText.includes('data up to step 90')");
        browser.until("return " + series("perplexity", 0) + ".data.length === 90");
        assertEquals(
            90,
            browser.number("new Set(" + series("perplexity", 0) + ".data.map(p => p[0])).size"));
        assertEquals(
            height, browser.number("document.documentElement.scrollHeight"), "no layout jump");
        browser.driver().findElement(By.id("pause")).click();
        record(codes, 91, 95);
        browser.until("return document.getElementById('status').innerText.includes('paused')");
        assertEquals(90, browser.number(series("perplexity", 0) + ".data.length"));
        browser.driver().findElement(By.id("pause")).click();
        browser.until("return " + series("perplexity", 0) + ".data.length === 95");
      }
    }
  }

  private static void record(CodebookRecorder codes, int from, int to) {
    for (int step = from; step <= to; step++) {
      codes.record(Observation.at(step).assignments(new int[] {step % 8, step % 3}));
    }
  }

  @Test
  void manyCodesAndManySnapshotsAreShown() throws Exception {
    try (Browser browser = Browser.open(1280, 900, true);
        RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      DemoRuns.feed(runs.add(new RunInfo("large", Instant.EPOCH, Map.of())), 16_384, 3000);
      browser.go(server.address().toString());
      browser.shoot("large");
      assertEquals(List.of(), browser.console());
      assertTrue(browser.number(series("perplexity", 0) + ".data.length") <= 1000);
      assertTrue(
          browser.number(series("access", 0) + ".data.length") <= 128 * 256,
          "pooled by the server");
      assertEquals(
          16_384,
          browser.number(series("map", 0) + ".data.length")
              + browser.number(series("map", 1) + ".data.length"));
    }
  }
}
