/* SPDX-License-Identifier: Apache-2.0 */
/** Placeholder. */
@NullMarked
package org.vqjava.testing;

import org.jspecify.annotations.NullMarked;
