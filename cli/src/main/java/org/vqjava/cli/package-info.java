/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The {@code vq} command: reads arguments, calls one method of {@link org.vqjava.workflow}, shows
 * how far it is and prints the result.
 */
@NullMarked
package org.vqjava.cli;

import org.jspecify.annotations.NullMarked;
