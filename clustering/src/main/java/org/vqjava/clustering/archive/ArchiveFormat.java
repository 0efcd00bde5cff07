/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

/** What stands around the messages of an archive. */
final class ArchiveFormat {
  /** As PNG's: a byte above 127, the name, and line ends that a transfer as text would change. */
  static final byte[] MAGIC = {(byte) 0x89, 'V', 'Q', 'A', '\r', '\n', 0x1A, '\n'};

  static final int VERSION = 1;
  static final int HEADER_BYTES = MAGIC.length + Integer.BYTES;

  /** Length and checksum. */
  static final int FRAME_BYTES = 2 * Integer.BYTES;

  private ArchiveFormat() {}
}
