/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the tests of the other modules share: a reader of golden cases, a gradient check by central
 * differences, and plain access to the values of tensors. Not released.
 *
 * <p>A golden case is a JSON file with the inputs, the parameters and the results of another
 * implementation; {@link org.vqjava.testing.GoldenCases} turns a folder of them into dynamic tests.
 */
@NullMarked
package org.vqjava.testing;

import org.jspecify.annotations.NullMarked;
