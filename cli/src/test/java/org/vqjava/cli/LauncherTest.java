/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher in a checkout of its own, with a {@code java} and a {@code mvn} that write down how
 * they were called: the real ones are there only after this module is packaged.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a shell script")
class LauncherTest {
  private static final int TIMEOUT_SECONDS = 600;

  private final Path checkout;
  private final Path tools;

  LauncherTest(@TempDir Path directory) {
    this.checkout = directory.resolve("check out");
    this.tools = directory.resolve("tools");
  }

  @BeforeEach
  void checkOut() throws IOException {
    Path root = Path.of(Objects.requireNonNull(System.getProperty("project.root")));
    Files.createDirectories(checkout.resolve("cli/src/main"));
    Files.createDirectories(tools);
    Files.writeString(checkout.resolve("pom.xml"), "");
    Files.writeString(checkout.resolve("cli/pom.xml"), "");
    Files.copy(root.resolve("vq"), checkout.resolve("vq"));
    tool("java", "echo \"java $*\"; echo \"level $TF_CPP_MIN_LOG_LEVEL\"; exit 7");
    tool(
        "mvn",
        "echo \"mvn $*\" > calls; mkdir -p cli/target; touch cli/target/cli-0.1.0.jar library.jar;"
            + " printf '%s' \"$PWD/library.jar\" > cli/target/classpath");
  }

  private void tool(String name, String script) throws IOException {
    Path file = Files.writeString(tools.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private record Outcome(int code, List<String> lines) {}

  private Outcome launch(String... arguments) throws IOException, InterruptedException {
    return launch(List.of("sh", checkout.resolve("vq").toString()), arguments);
  }

  private Outcome launch(List<String> called, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(called);
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PATH", tools + ":/usr/bin:/bin");
    builder.environment().remove("JAVA_HOME");
    builder.environment().remove("TF_CPP_MIN_LOG_LEVEL");
    builder.directory(tools.toFile());
    Path output = tools.resolve("output");
    Process process = builder.redirectOutput(output.toFile()).start();
    assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
    return new Outcome(process.exitValue(), Files.readAllLines(output));
  }

  @Test
  void buildsOnItsFirstCallAndRunsFromThenOn() throws Exception {
    Outcome first = launch("train", "--out", "a b");
    assertEquals(7, first.code(), "java's own exit code");
    String root = checkout.toRealPath().toString();
    String run =
        "java -Djava.awt.headless=true -Dvq.terminal=false -cp "
            + root
            + "/cli/target/cli-0.1.0.jar:"
            + root
            + "/library.jar org.vqjava.cli.Vq train --out a b";
    assertEquals(
        List.of(
            "vq: building, which takes a minute or, with everything to download, some more",
            run,
            "level 2"),
        first.lines());
    assertEquals(
        "mvn -B -Dstyle.color=never -DskipTests -Dmaven.javadoc.skip -Dspotless.check.skip"
            + " -pl cli -am package",
        Files.readString(checkout.resolve("calls")).strip());
    assertEquals(List.of(run, "level 2"), launch("train", "--out", "a b").lines());
  }

  @Test
  void buildsAgainWhereASourceIsNewerOrALibraryIsGone() throws Exception {
    launch();
    Path classpath = checkout.resolve("cli/target/classpath");
    Path source = Files.writeString(checkout.resolve("cli/src/main/New.java"), "");
    Files.setLastModifiedTime(
        source, FileTime.fromMillis(Files.getLastModifiedTime(classpath).toMillis() + 2000));
    assertTrue(launch().lines().get(0).startsWith("vq: building"));
    Files.delete(source);
    launch();
    Files.delete(checkout.resolve("library.jar"));
    assertTrue(launch().lines().get(0).startsWith("vq: building"));
  }

  @Test
  void aBuildTellsHowFarItIs() throws Exception {
    tool(
        "mvn",
        "echo '[INFO] Scanning for projects...';"
            + " echo '[INFO] Building VQ-Java 0.1.0            [1/11]';"
            + " echo '[INFO] Downloading from x: https://x/tensorflow-core-native-1-linux.jar';"
            + " echo '[INFO] Building VQ-Java: formats 0.1.0   [4/11]';"
            + " printf '\\033[0m\\n';"
            + " echo '[ERROR] broken'; exit 1");
    Outcome outcome = launch();
    assertEquals(1, outcome.code());
    assertEquals(
        List.of(
            "vq: building, which takes a minute or, with everything to download, some more",
            "vq: building all (1 of 11)",
            "vq: downloading TensorFlow, some hundred megabytes",
            "vq: building formats (4 of 11)",
            "[ERROR] broken",
            "vq: the build failed, see above and "
                + checkout.toRealPath().resolve("cli/target/build.log")),
        outcome.lines());
  }

  @Test
  void helpAndVersionNeedNoBuild() throws Exception {
    Path help = Files.createDirectories(checkout.resolve("cli/src/main/help"));
    for (String name : List.of("vq", "vq-train", "vq-archive", "vq-archive-pack")) {
      Files.writeString(help.resolve(name + ".txt"), name + "\n");
    }
    tool("mvn", "exit 1");
    tool("java", "exit 1");
    assertEquals(List.of("vq"), launch().lines());
    assertEquals(List.of("vq"), launch("help").lines());
    assertEquals(List.of("vq"), launch("--help").lines());
    assertEquals(List.of("vq 0.1.0"), launch("--version").lines());
    assertEquals(List.of("vq 0.1.0"), launch("-V").lines());
    assertEquals(List.of("vq-train"), launch("train", "--codes", "4", "-h").lines());
    assertEquals(List.of("vq-archive-pack"), launch("help", "archive", "pack").lines());
    assertEquals(List.of("vq-archive-pack"), launch("archive", "pack", "--help").lines());
    assertEquals(0, launch("archive", "-h").code());
    assertEquals(1, launch("train").code());
  }

  @Test
  void isFoundThroughLinksAndTellsJavaHowItWasCalled() throws Exception {
    Path file = checkout.resolve("vq");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    launch("train");
    tool("java", "echo \"$VQ_COMMAND $*\"");
    String arguments = "-Djava.awt.headless=true -Dvq.terminal=false";
    Path elsewhere = Files.createDirectories(checkout.resolveSibling("else where"));
    Files.createSymbolicLink(tools.resolve("vq"), Path.of("../check out/vq"));
    Files.createSymbolicLink(elsewhere.resolve("chained"), Path.of("../tools/vq"));
    Files.createSymbolicLink(tools.resolve("absolute"), elsewhere.resolve("chained"));
    Map<List<String>, String> names = new LinkedHashMap<>();
    names.put(List.of("/usr/bin/env", "vq"), "vq ");
    names.put(List.of("/usr/bin/env", "absolute"), "absolute ");
    names.put(List.of("sh", "vq"), "./vq ");
    names.put(List.of("sh", "./vq"), "./vq ");
    names.put(List.of("sh", "../else where/chained"), "'../else where/chained' ");
    names.put(List.of(file.toString()), "'" + file + "' ");
    for (Map.Entry<List<String>, String> name : names.entrySet()) {
      Outcome outcome = launch(name.getKey(), "x");
      assertEquals(0, outcome.code(), outcome.lines()::toString);
      assertTrue(
          outcome.lines().get(0).startsWith(name.getValue() + arguments),
          outcome.lines()::toString);
    }
  }

  @Test
  void becomesJavaSoThatSignalsArrive() throws Exception {
    launch();
    tool("java", "echo $$");
    ProcessBuilder builder = new ProcessBuilder("sh", checkout.resolve("vq").toString());
    builder.environment().put("PATH", tools + ":/usr/bin:/bin");
    builder.environment().remove("JAVA_HOME");
    Process process = builder.start();
    String pid =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(process.pid(), Long.parseLong(pid));
  }
}
