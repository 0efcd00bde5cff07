/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** A real Chromium without a window; a test is skipped where there is none. */
final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Path SHOTS = Path.of("target", "screenshots");
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final int MARGIN = 12;

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  static Browser open(int width, int height, boolean dark) {
    Assumptions.assumeTrue(
        Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
        "needs /usr/bin/chromium and /usr/bin/chromedriver: Debian's packages chromium and"
            + " chromium-driver; .ci/run installs them");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        "--lang=en",
        "--window-size=" + width + "," + height);
    if (dark) {
      options.addArguments("--force-dark-mode", "--blink-settings=preferredColorScheme=0");
    }
    LoggingPreferences logging = new LoggingPreferences();
    logging.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logging);
    ChromeDriverService service =
        new ChromeDriverService.Builder().usingDriverExecutable(DRIVER.toFile()).build();
    Browser browser = new Browser(new ChromeDriver(service, options));
    browser.size(width, height);
    return browser;
  }

  /** The page itself, whatever a window has around it. */
  void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
  }

  ChromeDriver driver() {
    return driver;
  }

  void go(String address) {
    driver.get(address);
    if (address.startsWith("http")) {
      ready();
    }
  }

  void ready() {
    until("return document.body.dataset.ready === 'true'");
  }

  void until(String script) {
    new WebDriverWait(driver, PATIENCE)
        .until(
            (WebDriver d) -> Boolean.TRUE.equals(((JavascriptExecutor) d).executeScript(script)));
  }

  void run(String script) {
    driver.executeScript(script);
  }

  String text(String script) {
    return String.valueOf(driver.executeScript("return " + script));
  }

  long number(String script) {
    return ((Number) Objects.requireNonNull(driver.executeScript("return " + script))).longValue();
  }

  /** The whole page as it is, kept as an artefact of the build. */
  Path shoot(String name) throws IOException {
    int width = (int) number("window.innerWidth");
    int height = (int) number("window.innerHeight");
    size(width, (int) number("document.documentElement.scrollHeight"));
    Thread.onSpinWait();
    until(
        "return new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() =>"
            + " r(true))))");
    Files.createDirectories(SHOTS);
    Path file = SHOTS.resolve(name + ".png");
    Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
    size(width, height);
    return file;
  }

  /** The page from the top of one element to the bottom of another, for the guide. */
  void shoot(String name, String first, String last) throws IOException {
    Path whole = shoot(name);
    int top = (int) number("document.querySelector('" + first + "').getBoundingClientRect().top");
    int bottom =
        (int) number("document.querySelector('" + last + "').getBoundingClientRect().bottom");
    BufferedImage image = Objects.requireNonNull(ImageIO.read(whole.toFile()));
    int from = Math.max(0, top - MARGIN);
    int height = Math.min(image.getHeight(), bottom + MARGIN) - from;
    ImageIO.write(image.getSubimage(0, from, image.getWidth(), height), "png", whole.toFile());
  }

  /** What the console told, all of it unwanted. */
  List<String> console() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::toString)
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
