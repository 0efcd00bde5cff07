/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.testing.ChildProcess;

/**
 * Mutants of models in a process of their own: each is refused with a clear exception, or is a
 * model. None ends the process, and none takes long. 300 here; {@code -Pfuzz} takes a hundred
 * thousand.
 */
class ModelFuzzTest {
  private static final long MUTANTS = Long.getLong("fuzz.mutants", 300);

  @Test
  void mutantsAreRefusedOrLoaded(@TempDir Path directory) throws Exception {
    List<String> models = new ArrayList<>();
    for (Path folder : ModelFolders.cases()) {
      models.add(folder.resolve("model").toString());
    }
    Map<String, Integer> results = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (long next = 0; next < MUTANTS; ) {
      next = take(next, directory, models, results, wrong);
    }
    System.out.println(MUTANTS + " mutants: " + results);
    assertEquals(List.of(), wrong);
    assertTrue(results.getOrDefault("refused", 0) > MUTANTS / 4, results.toString());
    assertTrue(results.getOrDefault("run", 0) > MUTANTS / 20, results.toString());
  }

  /** Takes mutants until the process ends, and says which one is to be the next. */
  private static long take(
      long first,
      Path directory,
      List<String> models,
      Map<String, Integer> results,
      List<String> wrong)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(directory, "mutants");
    List<String> arguments =
        new ArrayList<>(List.of(Long.toString(first), Long.toString(MUTANTS), folder.toString()));
    arguments.addAll(models);
    Process process =
        ChildProcess.start(MutantProcess.class, "1g", arguments.toArray(new String[0]));
    long number = first;
    boolean done = false;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
          case "mutant" -> number = Long.parseLong(words[1]);
          case "result" -> {
            results.merge(words[1], 1, Integer::sum);
            if (words[1].equals("failed")) {
              wrong.add(number + ": " + line);
            }
          }
          case "slow" -> wrong.add(line);
          case "done" -> done = true;
          default -> {
            // TensorFlow's own lines
          }
        }
      }
    } finally {
      process.destroyForcibly();
    }
    if (!done) {
      wrong.add("mutant " + number + " ended the process: " + process.waitFor());
      results.merge("crashed", 1, Integer::sum);
    }
    return done ? MUTANTS : number + 1;
  }
}
