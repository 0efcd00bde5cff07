/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.testing.PeerPython;

class TensorBoardSinkTest {
  private final Path scratch;
  private final Path run;

  TensorBoardSinkTest(@TempDir Path scratch) {
    this.scratch = scratch;
    this.run = scratch.resolve("run");
  }

  private List<Snapshot> write(int codes) {
    List<Snapshot> snapshots = Samples.run(codes, 3, 6, 1);
    try (EventFileWriter writer = EventFileWriter.open(run, Samples.NOON);
        TensorBoardSink sink = new TensorBoardSink(writer)) {
      writer.hparams(Map.of("codes", codes));
      snapshots.forEach(sink::accept);
      try (Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(sink))) {
        CodebookRecorder other = recorder.codebook("a \"b\"", 2);
        other.replaced(new Replacement(1, 1, new int[0], "distance"));
        other.record(Observation.at(1).codebook(new float[] {1, 2}, 1));
      }
    }
    return snapshots;
  }

  @Test
  void theProjectorsFilesFitEachOther() throws Exception {
    List<Snapshot> snapshots = write(4);
    Snapshot last = snapshots.get(4);
    assertEquals(
        """
        embeddings {
          tensor_name: "bottleneck"
          tensor_path: "bottleneck.codes.tsv"
          metadata_path: "bottleneck.usage.tsv"
        }
        embeddings {
          tensor_name: "a \\"b\\""
          tensor_path: "a--b-.codes.tsv"
          metadata_path: "a--b-.usage.tsv"
        }
        """,
        Files.readString(run.resolve("projector_config.pbtxt")));
    List<String> codes = Files.readAllLines(run.resolve("bottleneck.codes.tsv"));
    assertEquals(4, codes.size());
    float[] values = last.view().orElseThrow().values();
    assertEquals(values[3] + "\t" + values[4] + "\t" + values[5], codes.get(1));
    List<String> usage = Files.readAllLines(run.resolve("bottleneck.usage.tsv"));
    assertEquals(5, usage.size());
    assertEquals("code\ttaken\tlast_taken_at_step", usage.get(0));
    assertEquals("1\t" + last.counts()[1] + "\t" + last.lastUsed()[1], usage.get(2));
    assertEquals("3\t0\tnever", usage.get(4));
  }

  private static Snapshot of(String codebook, int step, float value) {
    List<Snapshot> all = new ArrayList<>();
    try (Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(all::add))) {
      recorder.codebook(codebook, 1).record(Observation.at(step).codebook(new float[] {value}, 1));
    }
    return all.get(0);
  }

  /** Another training in the same directory: its codes are shown, and those of the first stay. */
  @Test
  void aSecondSinkInOneDirectoryTakesNothingAway() throws Exception {
    try (EventFileWriter one = EventFileWriter.open(run);
        EventFileWriter two = EventFileWriter.open(run)) {
      TensorBoardSink first = new TensorBoardSink(one);
      TensorBoardSink second = new TensorBoardSink(two);
      first.accept(of("both", 1, 1));
      first.accept(of("first", 1, 1));
      Thread.sleep(20); // so that the clock of the files goes on
      second.accept(of("both", 1, 7));
      second.accept(of("second", 1, 7));
      second.accept(of("both", 2, 8));
      first.accept(of("first", 2, 2));
      first.accept(of("both", 2, 2));
      first.close();
      assertEquals("7.0\n", Files.readString(run.resolve("both.codes.tsv")));
      assertEquals("2.0\n", Files.readString(run.resolve("first.codes.tsv")));
      second.close();
      assertEquals("8.0\n", Files.readString(run.resolve("both.codes.tsv")));
    }
    List<String> names =
        Files.readAllLines(run.resolve("projector_config.pbtxt")).stream()
            .filter(line -> line.contains("tensor_name"))
            .map(line -> line.replaceAll(".*\"(.*)\"", "$1"))
            .toList();
    assertEquals(List.of("both", "first", "second"), names);
  }

  @Test
  void theProjectorGetsNoMoreThanItShows() throws Exception {
    try (EventFileWriter writer = EventFileWriter.open(run);
        Recorder recorder =
            Recorder.open(RecorderOptions.every(1), List.of(new TensorBoardSink(writer)))) {
      recorder.codebook("a", 10_001).record(Observation.at(1).codebook(new float[10_001], 1));
    }
    assertEquals(10_000, Files.readAllLines(run.resolve("a.codes.tsv")).size());
  }

  @Test
  void aFileThatCannotBeWrittenIsToldOnce() throws Exception {
    List<String> failures = new ArrayList<>();
    try (EventFileWriter writer = EventFileWriter.open(run);
        Recorder recorder =
            Recorder.open(
                RecorderOptions.every(1),
                List.of(new TensorBoardSink(writer)),
                (sink, failure) -> failures.add(String.valueOf(failure.getMessage())))) {
      Files.createDirectories(run.resolve("a.codes.tsv").resolve("in the way"));
      for (int step = 1; step <= 2; step++) {
        recorder.codebook("a", 1).record(Observation.at(step).codebook(new float[1], 1));
      }
    }
    assertEquals(List.of("cannot write the projector's files in " + run), failures);
  }

  /** Asked over HTTP, as its page does. */
  @Test
  void tensorBoardShowsAll() throws Exception {
    PeerPython.assumeThere();
    List<Snapshot> snapshots = write(4);
    List<String> told =
        PeerPython.run(
            TensorBoardSinkTest.class, "ask_tensorboard.py", scratch, scratch.toString());
    String group = "vq/bottleneck/";
    for (Snapshot s : snapshots) {
      float perplexity = (float) s.usage().summary().perplexity();
      assertTrue(
          told.contains("scalar " + group + "perplexity " + s.step() + " " + perplexity),
          told::toString);
    }
    for (String tag :
        List.of(
            "usage",
            "dead_codes",
            "entropy_bits",
            "gini",
            "top_share",
            "drift",
            "loss/alpha",
            "nearest_distance_mean",
            "similarity_min",
            "closest_spacing_min",
            "norms_mean")) {
      assertTrue(told.stream().anyMatch(l -> l.startsWith("scalar " + group + tag + " ")), tag);
    }
    for (String tag :
        List.of("access_count", "nearest_distance", "similarity", "closest_spacing", "norms")) {
      assertTrue(told.contains("histograms " + group + tag), tag);
    }
    assertTrue(told.contains("text " + group + "replacements"), told::toString);
    assertTrue(told.contains("images " + group + "codes"), told::toString);
    assertTrue(told.contains("hparam codes"), told::toString);
    assertTrue(told.contains("projector run bottleneck 4 3 bottleneck.usage.tsv"), told::toString);
    assertTrue(told.contains("projector bytes 48"), told::toString);
    assertTrue(told.contains("projector metadata code\ttaken\tlast_taken_at_step"), told::toString);
  }
}
