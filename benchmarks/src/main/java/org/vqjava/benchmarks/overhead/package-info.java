/* SPDX-License-Identifier: Apache-2.0 */
/** What Java adds to TensorFlow's work, by JMH: the calls, the copies, the recorder, the import. */
@NullMarked
package org.vqjava.benchmarks.overhead;

import org.jspecify.annotations.NullMarked;
