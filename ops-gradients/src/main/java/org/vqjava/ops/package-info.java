/* SPDX-License-Identifier: Apache-2.0 */
/** Placeholder. */
@NullMarked
package org.vqjava.ops;

import org.jspecify.annotations.NullMarked;
