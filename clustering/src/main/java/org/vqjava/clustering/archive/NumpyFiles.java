/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.tensorflow.ndarray.Shape;

/**
 * Arrays as NumPy stores them: {@code .npy}, and {@code .npz}, a zip file with a {@code .npy} for
 * each name. Read is what {@code numpy.load} reads without pickling, if it is of whole or
 * floating-point numbers of up to 64 bits or truth values: every version of the header, either
 * order of bytes, row-major and column-major, stored and deflated. Written is row-major and
 * little-endian, in each of these types.
 *
 * <p>As in NumPy, the contents tell which of the two a file is, not its name; and what follows the
 * numbers of an array is left alone.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the
 *     format</a>
 */
public final class NumpyFiles {
  private static final String NPY = ".npy";
  private static final String NPZ = ".npz";

  /** The names in a zip file that does not say they are UTF-8; not every runtime has it. */
  private static final Charset ZIP_NAMES =
      Charset.isSupported("IBM437") ? Charset.forName("IBM437") : StandardCharsets.ISO_8859_1;

  private NumpyFiles() {}

  /**
   * Writes a {@code .npz}, whole or not at all.
   *
   * @param file takes it, ends in {@code .npz}; one that is there is replaced
   * @param arrays by name
   * @throws IllegalArgumentException if the file's name ends otherwise
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Map<String, NumpyArray> arrays) throws IOException {
    checkName(file, NPZ);
    WholeFile.write(
        file,
        channel -> {
          // Not closed here: the channel is forced to the disk first.
          ZipOutputStream zip =
              new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
          for (Map.Entry<String, NumpyArray> entry : arrays.entrySet()) {
            ZipEntry member = new ZipEntry(entry.getKey() + NPY);
            member.setTime(0); // same arrays, same bytes
            zip.putNextEntry(member);
            write(zip, entry.getValue());
            zip.closeEntry();
          }
          zip.finish();
          zip.flush();
        });
  }

  /**
   * Writes a {@code .npy}, whole or not at all.
   *
   * @param file takes it, ends in {@code .npy}; one that is there is replaced
   * @param array is written
   * @throws IllegalArgumentException if the file's name ends otherwise
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, NumpyArray array) throws IOException {
    checkName(file, NPY);
    WholeFile.write(file, channel -> write(Channels.newOutputStream(channel), array));
  }

  private static void write(OutputStream out, NumpyArray array) throws IOException {
    out.write(new NpyHeader(array.type(), false, false, array.shape()).toBytes());
    out.write(array.bytes());
  }

  static void checkName(Path file, String ending) {
    if (!String.valueOf(file.getFileName()).endsWith(ending)) {
      throw new IllegalArgumentException("the file must end in " + ending + ", got " + file);
    }
  }

  /**
   * The names of the arrays of a {@code .npz}, or the name of a {@code .npy} without its ending.
   *
   * @param file NumPy's
   * @return in their order
   * @throws IllegalArgumentException if it is neither, or damaged
   * @throws IOException if it cannot be read
   */
  public static List<String> names(Path file) throws IOException {
    if (!isZip(file)) {
      return List.of(nameOf(file));
    }
    try (ZipFile zip = open(file)) {
      return List.copyOf(members(file, zip).keySet());
    }
  }

  /**
   * Reads all arrays of a {@code .npz}, or a {@code .npy} under the name of the file.
   *
   * @param file NumPy's
   * @param limit the most bytes that all arrays may have
   * @return arrays by name, in their order
   * @throws IllegalArgumentException if it is neither, is damaged, has other things than numbers,
   *     or more of them
   * @throws IOException if it cannot be read
   */
  public static Map<String, NumpyArray> read(Path file, long limit) throws IOException {
    return read(file, limit, names(file));
  }

  /**
   * Reads some arrays of a {@code .npz}, or a {@code .npy} under the name of the file. What else is
   * in the file is not looked at.
   *
   * @param file NumPy's
   * @param limit the most bytes that these arrays may have
   * @param names which; one that is not there is left out
   * @return arrays by name, in the order of the file
   * @throws IllegalArgumentException as {@link #read(Path, long)}
   * @throws IOException if it cannot be read
   */
  public static Map<String, NumpyArray> read(Path file, long limit, Collection<String> names)
      throws IOException {
    Map<String, NumpyArray> arrays = new LinkedHashMap<>();
    if (!isZip(file)) {
      String name = nameOf(file);
      if (names.contains(name)) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
          arrays.put(name, array(file.toString(), in, limit));
        }
      }
      return arrays;
    }
    long left = limit;
    try (ZipFile zip = open(file)) {
      for (Map.Entry<String, ZipEntry> member : members(file, zip).entrySet()) {
        if (names.contains(member.getKey())) {
          NumpyArray array = array(file, zip, member.getValue(), left);
          left -= array.bytes().length;
          arrays.put(member.getKey(), array);
        }
      }
    }
    return arrays;
  }

  private static String nameOf(Path file) {
    return strip(String.valueOf(file.getFileName()));
  }

  private static String strip(String name) {
    return name.endsWith(NPY) ? name.substring(0, name.length() - NPY.length()) : name;
  }

  private static boolean isZip(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(file + " must be a .npy or a .npz, got a folder");
    }
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(NpyHeader.MAGIC.length);
    }
    if (Arrays.equals(start, NpyHeader.MAGIC)) {
      return false;
    }
    if (start.length < 2 || start[0] != 'P' || start[1] != 'K') {
      throw new IllegalArgumentException(
          file
              + " must be a .npy or a .npz, but "
              + (start.length == 0 ? "is empty" : "its first bytes are of neither"));
    }
    return true;
  }

  private static ZipFile open(Path file) throws IOException {
    try {
      return new ZipFile(file.toFile(), ZIP_NAMES);
    } catch (ZipException e) {
      throw damaged(file, e);
    }
  }

  private static IllegalArgumentException damaged(Path file, IOException e) {
    return new IllegalArgumentException(
        file
            + " must be a whole .npz, as numpy.savez and savez_compressed write it: "
            + e.getMessage(),
        e);
  }

  private static Map<String, ZipEntry> members(Path file, ZipFile zip) {
    Map<String, ZipEntry> members = new LinkedHashMap<>();
    for (ZipEntry member : Collections.list(zip.entries())) {
      if (!member.isDirectory() && members.put(strip(member.getName()), member) != null) {
        throw new IllegalArgumentException(
            file + " must have arrays of different names, got two of " + strip(member.getName()));
      }
    }
    if (members.isEmpty()) {
      throw new IllegalArgumentException(file + " must be an .npz with arrays, got none");
    }
    return members;
  }

  private static NumpyArray array(Path file, ZipFile zip, ZipEntry member, long limit)
      throws IOException {
    String name = file + ", " + strip(member.getName());
    CRC32 checksum = new CRC32();
    NumpyArray array;
    try (InputStream in =
        new CheckedInputStream(new BufferedInputStream(zip.getInputStream(member)), checksum)) {
      array = array(name, in, limit);
      in.transferTo(OutputStream.nullOutputStream());
    } catch (ZipException | EOFException e) {
      throw damaged(file, e);
    }
    if (checksum.getValue() != member.getCrc()) {
      throw new IllegalArgumentException(name + " must be what its checksum confirms, got others");
    }
    return array;
  }

  private static NumpyArray array(String name, InputStream in, long limit) throws IOException {
    NpyHeader header = NpyHeader.read(name, in);
    int bytes = bytes(name, header, limit);
    byte[] numbers = in.readNBytes(bytes);
    if (numbers.length < bytes) {
      throw new IllegalArgumentException(
          name
              + " must have the "
              + header.shape().size()
              + " numbers of its shape "
              + header.shape()
              + ", but ends after "
              + numbers.length / header.type().bytes());
    }
    return new NumpyArray(name, header.type(), header.shape(), ordered(header, numbers));
  }

  /** Refuses what is too much before anything is allocated. */
  private static int bytes(String name, NpyHeader header, long limit) {
    long most = Math.min(limit, Integer.MAX_VALUE - 8);
    long bytes = header.type().bytes();
    for (long size : header.shape().asArray()) {
      bytes = size > 0 && bytes > most / size ? Long.MAX_VALUE : bytes * size;
      if (size == 0) {
        return 0;
      }
    }
    if (bytes > most) {
      throw new IllegalArgumentException(
          name
              + " must have at most "
              + most
              + " bytes, got "
              + header.type()
              + " of shape "
              + header.shape());
    }
    return (int) bytes;
  }

  /** Row-major and little-endian, in place where nothing is to be done. */
  private static byte[] ordered(NpyHeader header, byte[] numbers) {
    int width = header.type().bytes();
    byte[] rows = header.columnMajor() ? turned(numbers, header.shape(), width) : numbers;
    if (header.bigEndian() && width > 1) {
      for (int i = 0; i < rows.length; i += width) {
        for (int low = i, high = i + width - 1; low < high; low++, high--) {
          byte other = rows[low];
          rows[low] = rows[high];
          rows[high] = other;
        }
      }
    }
    return rows;
  }

  /** From column-major, as Fortran has it. */
  private static byte[] turned(byte[] columns, Shape shape, int width) {
    long[] sizes = shape.asArray();
    byte[] rows = new byte[columns.length];
    int count = columns.length / width;
    for (int i = 0; i < count; i++) {
      int rest = i;
      long place = 0;
      long stride = count;
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        stride /= sizes[axis];
        place += rest % sizes[axis] * stride;
        rest /= (int) sizes[axis];
      }
      System.arraycopy(columns, (int) place * width, rows, i * width, width);
    }
    return rows;
  }
}
