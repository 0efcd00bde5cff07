/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

/**
 * What stands in the way of training a model further in Java.
 *
 * @param operation its type
 * @param node where it is, the names of functions before it
 * @param reason why it does
 * @param remedy what can be done
 */
public record Obstacle(String operation, String node, String reason, String remedy) {}
