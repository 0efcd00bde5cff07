/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A file of clustered and product-quantized tensors that is as small as it is said to be: indices
 * of whole bits, centroids, and what is left alone as it is.
 *
 * <ul>
 *   <li>{@link org.vqjava.clustering.archive.ArchiveWriter} and {@link
 *       org.vqjava.clustering.archive.ArchiveReader}: to a file and back.
 *   <li>{@link org.vqjava.clustering.archive.ArchivedTensor}: what is in it.
 *   <li>{@link org.vqjava.clustering.archive.ArchiveConversion}: to NumPy and back.
 *   <li>{@link org.vqjava.clustering.archive.NumpyFiles}, {@link
 *       org.vqjava.clustering.archive.NumpyArray}: files of NumPy alone.
 * </ul>
 *
 * <p>The format is described in {@code archive.proto} of the module {@code formats}.
 */
@NullMarked
package org.vqjava.clustering.archive;

import org.jspecify.annotations.NullMarked;
