/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * Images of one size in PNG files, of 1 to 16 bits: grey, grey with opacity, colours, colours with
 * opacity, or a palette of these. In the order of their names.
 */
final class PngFolder {
  private static final List<String> TRAIN = List.of("train", "training");
  private static final List<String> TEST = List.of("test", "testing", "val", "validation");

  private PngFolder() {}

  /** Whether there is a PNG file in a folder, or in a folder in it. */
  static boolean isOne(Path folder) throws IOException {
    return !files(folder).isEmpty() || folders(folder).stream().anyMatch(PngFolder::hasFilesBelow);
  }

  private static boolean hasFilesBelow(Path folder) {
    try {
      if (!files(folder).isEmpty()) {
        return true;
      }
      for (Path below : folders(folder)) {
        if (!files(below).isEmpty()) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false; // what cannot be read has no images
    }
  }

  /**
   * The images of a folder, or of its folders {@code train} and {@code test}. A folder in these is
   * a class; the classes are numbered in the order of their names.
   *
   * @param labelled whether classes are asked for
   */
  static DataParts read(Path folder, boolean labelled) throws IOException {
    Optional<Path> train = named(folder, TRAIN);
    Optional<Path> test = named(folder, TEST);
    if (train.isEmpty() || test.isEmpty()) {
      return part(folder, labelled, classes(folder), null);
    }
    List<String> classes = classes(train.get());
    DataParts trained = part(train.get(), labelled, classes, null);
    DataParts tested = part(test.get(), labelled, classes, trained.train().format());
    return new DataParts(
        trained.train(), trained.trainLabels(), Optional.of(tested.train()), tested.trainLabels());
  }

  private static Optional<Path> named(Path folder, List<String> names) throws IOException {
    return folders(folder).stream()
        .filter(f -> names.contains(name(f).toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  private static DataParts part(
      Path folder, boolean labelled, List<String> classes, @Nullable ImageFormat expected)
      throws IOException {
    List<Path> files = new ArrayList<>(labelled ? List.of() : files(folder));
    List<Integer> labels = new ArrayList<>();
    for (Path below : folders(folder)) {
      List<Path> own = files(below);
      int label = classes.indexOf(name(below));
      if (labelled && label < 0 && !own.isEmpty()) {
        throw new IllegalArgumentException(
            below + " must be of one of the classes to train on, " + String.join(", ", classes));
      }
      files.addAll(own);
      own.forEach(file -> labels.add(label));
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          folder
              + (labelled
                  ? " must have a folder with PNG files for each class, got none"
                  : " must have PNG files, got none"));
    }
    return DataParts.of(
        images(files, expected),
        labelled
            ? Optional.of(labels.stream().mapToInt(Integer::intValue).toArray())
            : Optional.empty());
  }

  private static List<String> classes(Path folder) throws IOException {
    List<String> classes = new ArrayList<>();
    for (Path below : folders(folder)) {
      if (!files(below).isEmpty()) {
        classes.add(name(below));
      }
    }
    return classes;
  }

  /** The images of some files. */
  static RawImages images(List<Path> files, @Nullable ImageFormat expected) throws IOException {
    ImageFormat format = expected;
    float[] numbers = {};
    for (int i = 0; i < files.size(); i++) {
      BufferedImage image = read(files.get(i));
      ImageFormat own =
          new ImageFormat(image.getHeight(), image.getWidth(), channels(image), false);
      if (format == null) {
        format = own;
      }
      if (!own.equals(format)) {
        throw new IllegalArgumentException(
            files.get(i)
                + " must be of the size and channels of the others, "
                + format.sizes()
                + ", got "
                + own.sizes());
      }
      if (i == 0) {
        long all = (long) format.numbers() * files.size();
        if (all > Integer.MAX_VALUE - 8) {
          throw new IllegalArgumentException(
              "the PNG files beside " + files.get(0) + " must have below 2^31 numbers, got " + all);
        }
        numbers = new float[(int) all];
      }
      fill(image, format.channels(), numbers, i * format.numbers());
    }
    if (format == null) {
      throw new IllegalArgumentException("files must be one PNG file or more, got none");
    }
    return RawImages.of(numbers, format);
  }

  private static BufferedImage read(Path file) throws IOException {
    BufferedImage image;
    try {
      image = ImageIO.read(file.toFile());
    } catch (IOException | RuntimeException e) { // a damaged file, in many of the reader's words
      throw new IllegalArgumentException(
          file + " must be a whole PNG file, got a damaged one: " + e.getMessage(), e);
    }
    if (image == null) {
      throw new IllegalArgumentException(file + " must be a PNG file, got another");
    }
    return image;
  }

  private static int channels(BufferedImage image) {
    if (!(image.getColorModel() instanceof IndexColorModel palette)) {
      return image.getRaster().getNumBands();
    }
    boolean grey = true;
    for (int i = 0; i < palette.getMapSize(); i++) {
      int rgb = palette.getRGB(i);
      grey &= (rgb >> 16 & 0xFF) == (rgb >> 8 & 0xFF) && (rgb & 0xFF) == (rgb >> 8 & 0xFF);
    }
    return (grey ? 1 : 3) + (palette.hasAlpha() ? 1 : 0);
  }

  private static void fill(BufferedImage image, int channels, float[] numbers, int from) {
    Raster raster = image.getRaster();
    boolean palette = image.getColorModel() instanceof IndexColorModel;
    int place = from;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        for (int channel = 0; channel < channels; channel++) {
          numbers[place++] =
              palette
                  ? ofPalette(image.getRGB(x, y), channel, channels)
                  : raster.getSample(x, y, channel)
                      / (float) ((1 << raster.getSampleModel().getSampleSize(channel)) - 1);
        }
      }
    }
  }

  private static float ofPalette(int argb, int channel, int channels) {
    boolean opacity = channels % 2 == 0 && channel == channels - 1;
    int shift = opacity ? 24 : 16 - 8 * channel;
    return (argb >> shift & 0xFF) / 255f;
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** The PNG files of a folder, by name; hidden ones are left out. */
  static List<Path> files(Path folder) throws IOException {
    return entries(folder, file -> isPng(file) && Files.isRegularFile(file));
  }

  static boolean isPng(Path file) {
    return name(file).toLowerCase(Locale.ROOT).endsWith(".png");
  }

  static List<Path> folders(Path folder) throws IOException {
    return entries(folder, Files::isDirectory);
  }

  private static List<Path> entries(Path folder, java.util.function.Predicate<Path> kind)
      throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !name(entry).startsWith("."))
          .filter(kind)
          .sorted(java.util.Comparator.comparing(PngFolder::name))
          .toList();
    }
  }
}
