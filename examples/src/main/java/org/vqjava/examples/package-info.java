/* SPDX-License-Identifier: Apache-2.0 */
/** Programs a newcomer reads: each runs, each is tested, and the guide shows parts of them. */
@NullMarked
package org.vqjava.examples;

import org.jspecify.annotations.NullMarked;
