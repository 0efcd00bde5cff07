/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
    Path figures = directory.resolve(FIGURES + ".tmp");
    JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValue(figures.toFile(), this);
    Files.move(figures, directory.resolve(FIGURES), StandardCopyOption.REPLACE_EXISTING);
    Path picture = directory.resolve(PICTURE + ".tmp");
    ImageIO.write(GrowthPicture.of(growth), "png", picture.toFile());
    Files.move(picture, directory.resolve(PICTURE), StandardCopyOption.REPLACE_EXISTING);
  }
}
