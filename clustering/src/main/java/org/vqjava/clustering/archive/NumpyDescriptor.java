/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The type of numbers as a header names it: an order of bytes and NumPy's code, {@code <f4} or
 * {@code >H}, or one of its names, {@code float32}.
 *
 * @param type of the numbers
 * @param bigEndian whether the first byte of a number is the highest
 */
record NumpyDescriptor(NumpyType type, boolean bigEndian) {
  /** By code; C's {@code long} is the one of 64 bits, as on all but Windows. */
  private static final Map<String, NumpyType> CODES = new HashMap<>();

  /** By name, which goes without an order of bytes. */
  private static final Map<String, NumpyType> NAMES = new HashMap<>();

  /** Codes and names of what is not of numbers, and what it is called. */
  private static final Map<String, String> OTHERS = new LinkedHashMap<>();

  static {
    OTHERS.put(
        ".*,.*", "a structured array of the fields %s; save each field as an array of its own");
    OTHERS.put("[0-9(].*", "elements that are arrays, %s; save them as one array of numbers");
    OTHERS.put(
        "O[0-9]*|object_?",
        "Python objects, %s, which are pickled; save array.astype('float32'), say");
    OTHERS.put(
        "[FDG]|c[0-9]+|complex.*|c(single|double|longdouble)",
        "complex numbers, %s; save array.real and array.imag");
    OTHERS.put("[SUaT][0-9]*|c|str_?|bytes_?", "strings, %s; save numbers that stand for them");
    OTHERS.put("(M8?|datetime64)(\\[.*])?", "dates, %s; save array.astype('int64')");
    OTHERS.put("(m8?|timedelta64)(\\[.*])?", "durations, %s; save array.astype('int64')");
    OTHERS.put(
        "(V|void)[0-9]*",
        "raw bytes, %s, as which bfloat16 is saved too; save array.astype('float32')");
    OTHERS.put(
        "g|f(12|16)|longdouble|float(96|128)",
        "long doubles, %s, which differ by machine; save array.astype('float64')");
    for (NumpyType type : NumpyType.values()) {
      CODES.put(type.descriptor().substring(1), type);
      NAMES.put(type.toString(), type);
    }
    codes(CODES, NumpyType.BOOL, "?");
    codes(CODES, NumpyType.INT8, "b");
    codes(CODES, NumpyType.UINT8, "B");
    codes(CODES, NumpyType.INT16, "h");
    codes(CODES, NumpyType.UINT16, "H");
    codes(CODES, NumpyType.INT32, "i");
    codes(CODES, NumpyType.UINT32, "I");
    codes(CODES, NumpyType.INT64, "l", "q", "p", "n");
    codes(CODES, NumpyType.UINT64, "L", "Q", "P", "N");
    codes(CODES, NumpyType.FLOAT16, "e");
    codes(CODES, NumpyType.FLOAT32, "f");
    codes(CODES, NumpyType.FLOAT64, "d");
    codes(NAMES, NumpyType.BOOL, "bool_");
    codes(NAMES, NumpyType.INT8, "byte");
    codes(NAMES, NumpyType.UINT8, "ubyte");
    codes(NAMES, NumpyType.INT16, "short");
    codes(NAMES, NumpyType.UINT16, "ushort");
    codes(NAMES, NumpyType.INT32, "intc");
    codes(NAMES, NumpyType.UINT32, "uintc");
    codes(NAMES, NumpyType.INT64, "int", "int_", "intp", "long", "longlong");
    codes(NAMES, NumpyType.UINT64, "uint", "uintp", "ulong", "ulonglong");
    codes(NAMES, NumpyType.FLOAT16, "half");
    codes(NAMES, NumpyType.FLOAT32, "single");
    codes(NAMES, NumpyType.FLOAT64, "double", "float", "float_");
  }

  private static void codes(Map<String, NumpyType> map, NumpyType type, String... codes) {
    for (String code : codes) {
      map.put(code, type);
    }
  }

  /**
   * Finds a type.
   *
   * @param array its name, for messages
   * @param text as in the header
   * @throws IllegalArgumentException if it is not of numbers; the message says of what
   */
  static NumpyDescriptor of(String array, String text) {
    boolean ordered = !text.isEmpty() && "<>=|".indexOf(text.charAt(0)) >= 0;
    String code = ordered ? text.substring(1) : text;
    NumpyType type = CODES.get(code);
    if (type == null && !ordered) {
      type = NAMES.get(code);
    }
    if (type == null) {
      throw refused(array, what(code, text));
    }
    return new NumpyDescriptor(type, text.charAt(0) == '>');
  }

  static IllegalArgumentException refused(String array, String got) {
    return new IllegalArgumentException(
        array + " must be of whole or floating-point numbers or truth values, got " + got);
  }

  /** What is not of numbers, and what to save in its place. */
  private static String what(String code, String text) {
    for (Map.Entry<String, String> other : OTHERS.entrySet()) {
      if (code.matches(other.getKey())) {
        return String.format(Locale.ROOT, other.getValue(), "'" + text + "'");
      }
    }
    return "the unknown type '" + text + "'";
  }
}
