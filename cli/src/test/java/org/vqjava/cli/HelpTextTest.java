/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * The texts that the launcher shows before anything is built are those of the commands. {@code
 * -Dvq.help.write} writes them anew.
 */
class HelpTextTest {
  private static final Path HELP =
      Path.of(Objects.requireNonNull(System.getProperty("project.root")), "cli/src/main/help");

  private static final int WIDTH = 80;

  /** By the name of the file. */
  private static Map<String, String> texts() {
    Map<String, String> texts = new TreeMap<>();
    add(texts, "vq", Vq.commandLine());
    return texts;
  }

  private static void add(Map<String, String> texts, String name, CommandLine command) {
    command.setUsageHelpAutoWidth(false).setUsageHelpWidth(WIDTH);
    String text = command.getUsageMessage(Ansi.OFF).replace(System.lineSeparator(), "\n");
    texts.put(name + ".txt", text);
    command.getSubcommands().forEach((sub, line) -> add(texts, name + "-" + sub, line));
  }

  private static Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> listed = Files.list(HELP)) {
      for (Path file : listed.toList()) {
        files.put(String.valueOf(file.getFileName()), Files.readString(file, UTF_8));
      }
    }
    return files;
  }

  @Test
  void whatIsShownBeforeTheBuildIsWhatIsShownAfterIt() throws IOException {
    Map<String, String> texts = texts();
    if (System.getProperty("vq.help.write") != null) {
      Files.createDirectories(HELP);
      for (String old : files().keySet()) {
        Files.delete(HELP.resolve(old));
      }
      for (Map.Entry<String, String> text : texts.entrySet()) {
        Files.writeString(HELP.resolve(text.getKey()), text.getValue(), UTF_8);
      }
    }
    assertEquals(texts, files(), "run this test with -Dvq.help.write and commit " + HELP);
  }
}
