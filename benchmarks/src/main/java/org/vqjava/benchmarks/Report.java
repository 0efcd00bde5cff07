/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import javax.imageio.ImageIO;
import org.vqjava.benchmarks.overhead.Overheads;

/**
 * All figures of a run of the long form, as they are in {@code bench.json}.
 *
 * @param machine on which they were measured
 * @param rounds of the races
 * @param races processor time and ratios, at one thread
 * @param growth time and memory by size
 * @param overheads what Java adds
 */
public record Report(
    Machine machine,
    int rounds,
    List<Race.Time> races,
    List<Growth.Point> growth,
    List<Overheads.Time> overheads) {
  /** The figures. */
  public static final String FIGURES = "bench.json";

  /** The picture of time and memory. */
  public static final String PICTURE = "growth.png";

  /**
   * Writes {@link #FIGURES} and {@link #PICTURE}, each whole or not at all.
   *
   * @param directory is created if need be
   * @throws IOException if they cannot be written
   */
  public void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    whole(
        directory.resolve(FIGURES),
        JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsBytes(this));
    ByteArrayOutputStream picture = new ByteArrayOutputStream();
    ImageIO.write(GrowthPicture.of(growth), "png", picture);
    whole(directory.resolve(PICTURE), picture.toByteArray());
  }

  private static void whole(Path file, byte[] bytes) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.write(temporary, bytes);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
