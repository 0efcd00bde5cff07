/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyType;

/** Images and labels in all the forms that are read. */
class DataFilesTest {
  private final Path directory;

  DataFilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static NumpyArray array(NumpyType type, Shape shape, double... values) {
    double[] all = new double[(int) shape.size()];
    Arrays.setAll(all, i -> values[i % values.length]);
    return NumpyArray.of(type, shape, all);
  }

  private static NumpyArray images(int... sizes) {
    return array(
        NumpyType.UINT8, Shape.of(Arrays.stream(sizes).asLongStream().toArray()), 0, 51, 255, 102);
  }

  private static NumpyArray labels(int count) {
    return array(NumpyType.INT64, Shape.of(count), 0, 1, 2);
  }

  private Path npz(Map<String, NumpyArray> arrays) throws IOException {
    Path file = directory.resolve("data.npz");
    NumpyFiles.write(file, arrays);
    return file;
  }

  @ParameterizedTest
  @CsvSource({
    "x_train, y_train, x_test, y_test",
    "X_train, Y_train, X_test, Y_test",
    "train_images, train_labels, test_images, test_labels",
    "train_x, train_y, test_x, test_y",
    "images_train, labels_train, images_test, labels_test"
  })
  void arraysAreFoundByTheirUsualNames(String x, String y, String testX, String testY)
      throws IOException {
    Map<String, NumpyArray> arrays = new LinkedHashMap<>();
    arrays.put(testY, labels(2));
    arrays.put("val_images", images(9, 2, 2));
    arrays.put(testX, images(2, 3, 5, 3));
    arrays.put(y, labels(6));
    arrays.put(x, images(6, 3, 5, 3));
    Path file = npz(arrays);
    ImageData data = ImageData.of(Optional.of(file));
    assertEquals(6, data.train().count());
    assertEquals(2, data.test().count());
    assertEquals(new ImageFormat(3, 5, 3, false), data.train().format());
    assertEquals(0.2f, data.train().image(0)[1]);
    LabelledData labelled = LabelledData.of(Optional.of(file));
    assertArrayEquals(new int[] {0, 1, 2, 0, 1, 2}, labelled.train().labels());
    assertArrayEquals(new int[] {0, 1}, labelled.test().labels());

    Path folder = Files.createDirectories(directory.resolve("folder"));
    for (Map.Entry<String, NumpyArray> entry : arrays.entrySet()) {
      NumpyFiles.write(folder.resolve(entry.getKey() + ".npy"), entry.getValue());
    }
    assertEquals(2, LabelledData.of(Optional.of(folder)).test().count());
  }

  @ParameterizedTest
  @CsvSource({"images, labels", "x, y", "data, target", "arr_0, arr_1"})
  void eachFifthImageIsForTheTestWhereItIsNotTold(String x, String y) throws IOException {
    Path file = npz(Map.of(x, images(11, 2, 2), y, labels(11)));
    LabelledData data = LabelledData.of(Optional.of(file));
    assertEquals(9, data.train().count());
    assertArrayEquals(new int[] {1, 0}, data.test().labels()); // of the images 4 and 9
    Path single = directory.resolve("single.npy");
    NumpyFiles.write(single, images(10, 2, 2));
    assertEquals(2, ImageData.of(Optional.of(single)).test().count());
    NumpyFiles.write(single, images(4, 2, 2));
    ImageData few = ImageData.of(Optional.of(single));
    assertEquals(4, few.train().count());
    assertEquals(4, few.test().count());
  }

  @ParameterizedTest
  @CsvSource({
    "UINT8, 0, 51, 0.2",
    "UINT16, 0, 13107, 0.2",
    "BOOL, 0, 1, 1",
    "FLOAT32, 0, 0.25, 0.25",
    "FLOAT64, 0.5, 1, 1",
    "FLOAT16, -1, 0.5, 0.75",
    "FLOAT32, 0, 51, 0.2",
    "INT64, 0, 51, 0.2",
    "INT32, 0, 13107, 0.2",
    "FLOAT32, -3, 5, 1",
    "INT16, -3, 5, 1"
  })
  void numbersBecomeZeroToOne(NumpyType type, double first, double second, float expected)
      throws IOException {
    Path file = npz(Map.of("images", array(type, Shape.of(3, 2, 2), first, second)));
    ImageData data = ImageData.of(Optional.of(file));
    assertEquals(expected, data.train().image(0)[1], 1e-6f);
    boolean byType = type == NumpyType.UINT8 || type == NumpyType.UINT16 || type == NumpyType.BOOL;
    assertEquals(byType, data.scale().isEmpty());
  }

  @Test
  void theTestImagesAreScaledAsTheOthers() throws IOException {
    Path file =
        npz(
            Map.of(
                "x_train", array(NumpyType.FLOAT32, Shape.of(2, 2, 2), -10, 10),
                "x_test", array(NumpyType.FLOAT32, Shape.of(2, 2, 2), 0, 20)));
    ImageData data = ImageData.of(Optional.of(file));
    assertArrayEquals(new float[] {0.5f, 1.5f, 0.5f, 1.5f}, data.test().image(0));
    assertEquals(
        "2 images to train on, 2 to test with, 2 x 2; numbers from -10 to 10 become 0 to 1",
        data.told());
  }

  @Test
  void whatIsWrongIsSaidWithTheFile() throws IOException {
    refused("images [N, height, width] or", npz(Map.of("images", images(3, 4))), false);
    refused("one image or more, got [0, 2, 2]", npz(Map.of("images", images(0, 2, 2))), false);
    refused(
        "must have arrays x_train and x_test, or train_images and test_images, or images",
        npz(Map.of("a", images(3, 2, 2), "b", images(3, 2, 2))),
        false);
    refused("labels or y", npz(Map.of("images", images(3, 2, 2))), true);
    refused(
        "y_train and y_test",
        npz(Map.of("x_train", images(3, 2, 2), "x_test", images(3, 2, 2))),
        true);
    refused(
        "labels must have a class number for each image, [N], got [3, 10]",
        npz(Map.of("images", images(3, 2, 2), "labels", images(3, 10))),
        true);
    refused(
        "finite numbers, got 4 of 12",
        npz(Map.of("images", array(NumpyType.FLOAT32, Shape.of(3, 2, 2), Double.NaN, 1, 2))),
        false);
    refused(
        "the test images must be of the size of the others, 2 x 2 x 3, got 2 x 2",
        npz(Map.of("x_train", images(3, 2, 2, 3), "x_test", images(3, 2, 2))),
        false);
    refused("which does not exist", directory.resolve("absent"), false);
    Path text = Files.writeString(directory.resolve("text.npy"), "text");
    refused(text.toString(), text, false);
    Path png = Files.writeString(directory.resolve("text.png"), "text");
    refused(png + " must be a PNG file", png, false);
  }

  private void refused(String part, Path data, boolean labelled) {
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> {
                      if (labelled) {
                        LabelledData.of(Optional.of(data));
                      } else {
                        ImageData.of(Optional.of(data));
                      }
                    })
                .getMessage());
    assertTrue(message.contains(part), message);
    assertTrue(message.contains(data.toString()) || part.startsWith("the test images"), message);
  }

  private static void png(Path file, int width, int height, int type, int argb) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, argb);
      }
    }
    assertTrue(ImageIO.write(image, "png", file.toFile()));
  }

  @ParameterizedTest
  @CsvSource({
    "5, 3, ff336699, 0.2 0.4 0.6", // TYPE_3BYTE_BGR
    "1, 3, ff336699, 0.2 0.4 0.6", // TYPE_INT_RGB
    "2, 4, 80336699, 0.2 0.4 0.6 0.5019608", // TYPE_INT_ARGB
    "10, 1, ffffffff, 1", // TYPE_BYTE_GRAY
    "11, 1, ffffffff, 1", // TYPE_USHORT_GRAY
    "12, 1, ffffffff, 1", // TYPE_BYTE_BINARY, a palette of black and white
    "13, 3, ff336699, 0.2 0.4 0.6", // TYPE_BYTE_INDEXED, a palette of colours
  })
  void pngFilesOfEveryKindAreRead(int type, int channels, String argb, String pixel)
      throws IOException {
    Path folder = directory.resolve("pictures");
    for (int i = 0; i < 6; i++) {
      png(folder.resolve(i + ".PNG"), 3, 2, type, (int) Long.parseLong(argb, 16));
    }
    Files.writeString(folder.resolve("readme.txt"), "no picture");
    ImageData data = ImageData.of(Optional.of(folder));
    assertEquals(5, data.train().count());
    assertEquals(2, data.train().height());
    assertEquals(3, data.train().width());
    assertEquals(channels, data.train().channels());
    float[] expected = new float[channels];
    for (int c = 0; c < channels; c++) {
      expected[c] = Float.parseFloat(pixel.split(" ", -1)[c]);
    }
    assertArrayEquals(expected, Arrays.copyOf(data.train().image(0), channels), 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void subfoldersAreClasses(boolean parted) throws IOException {
    for (String part : parted ? new String[] {"train/", "test/"} : new String[] {""}) {
      for (int i = 0; i < 10; i++) {
        String name = part + (i % 2 == 0 ? "cat/" : "dog/") + i + ".png";
        png(directory.resolve(name), 2, 2, BufferedImage.TYPE_INT_RGB, Color.RED.getRGB());
      }
    }
    LabelledData data = LabelledData.of(Optional.of(directory));
    assertEquals(2, data.train().classes());
    assertEquals(parted ? 10 : 8, data.train().count());
    assertEquals(parted ? 10 : 2, data.test().count());
    assertArrayEquals(new float[] {1, 0, 0}, Arrays.copyOf(data.train().images().image(0), 3));
    assertEquals(parted ? 10 : 2, ImageData.of(Optional.of(directory)).test().count());
    if (parted) {
      png(directory.resolve("test/cow/1.png"), 2, 2, BufferedImage.TYPE_INT_RGB, 0);
      refused("must be of one of the classes to train on, cat, dog", directory, true);
    }
  }

  @Test
  void anImageOfAnotherSizeIsNamed() throws IOException {
    png(directory.resolve("a.png"), 2, 2, BufferedImage.TYPE_INT_RGB, 0);
    png(directory.resolve("b.png"), 2, 3, BufferedImage.TYPE_INT_RGB, 0);
    refused("b.png must be of the size and channels of the others, 2 x 2 x 3", directory, false);
    refused("a folder with PNG files for each class, got none", directory, true);
  }
}
