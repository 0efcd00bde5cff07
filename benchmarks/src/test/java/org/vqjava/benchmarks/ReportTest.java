/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.benchmarks.overhead.Overheads;

/** The long form runs, and says what it measured on which machine; nothing is said of its time. */
class ReportTest {
  @Test
  void everyFigureIsInTheFile(@TempDir Path directory) throws Exception {
    List<String> heard = new ArrayList<>();
    List<Growth.Point> growth = Growth.run(true, heard::add);
    assertEquals(2 * 3 * 2 * 2, growth.size());
    assertEquals(growth.size(), heard.size());
    assertTrue(growth.stream().allMatch(p -> p.milliseconds() > 0), growth::toString);
    assertEquals(growth.size(), Growth.table(growth).lines().count());

    List<Overheads.Time> overheads = Overheads.run(true);
    assertEquals(
        List.of(
            "ImportOverhead.loadAsItIs",
            "ImportOverhead.readAndFlatten",
            "RecorderOverhead.step",
            "RecorderOverhead.stepAndFetch",
            "RecorderOverhead.stepRecorded",
            "SessionOverhead.arrayOfTensor",
            "SessionOverhead.copyArray",
            "SessionOverhead.runAndFetch",
            "SessionOverhead.runTarget",
            "SessionOverhead.tensorByElements",
            "SessionOverhead.tensorOfArray",
            "SessionOverhead.tensorOfDirectBuffer"),
        overheads.stream().map(Overheads.Time::name).toList());
    assertEquals(overheads.size(), Overheads.table(overheads).lines().count());

    List<Race.Time> races = List.of(new Race.Time("race", "contender", 1.5, 1));
    Path folder = directory.resolve("new");
    new Report(Machine.here(), 3, races, growth, overheads).write(folder);
    JsonNode json = new ObjectMapper().readTree(folder.resolve(Report.FIGURES).toFile());
    for (String field : List.of("processor", "cores", "java", "tensorflow", "commit")) {
      assertTrue(json.path("machine").has(field), field);
    }
    assertFalse(json.path("machine").path("tensorflow").asText().isEmpty());
    assertEquals(1.5, json.path("races").path(0).path("milliseconds").asDouble());
    assertEquals(growth.size(), json.path("growth").size());
    assertEquals(overheads.size(), json.path("overheads").size());
    assertTrue(ImageIO.read(folder.resolve(Report.PICTURE).toFile()).getWidth() > 0);
    try (var files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }
}
