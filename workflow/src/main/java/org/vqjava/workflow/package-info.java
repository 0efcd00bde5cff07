/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The jobs behind the {@code vq} command, one class each. What the command can do, a Java program
 * can do in one call.
 *
 * <pre>{@code
 * TrainingReport report =
 *     TrainAutoencoder.run(AutoencoderOptions.defaults(), directory, listener);
 * }</pre>
 *
 * <p>A job tells a listener how far it is; it prints nothing itself.
 */
@NullMarked
package org.vqjava.workflow;

import org.jspecify.annotations.NullMarked;
