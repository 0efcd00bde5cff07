/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import org.vqjava.layers.CodebookUsage;

/**
 * How a training stands after a step.
 *
 * @param step number of the step, from 1
 * @param steps how many there will be
 * @param epoch number of the epoch, from 1
 * @param endOfEpoch whether the step was the last of its epoch
 * @param loss loss of the step's batch
 * @param reconstructionError mean squared error of the step's batch
 * @param usage of the codebook over the steps of one epoch
 * @param replaced how many codes have been replaced so far
 */
public record TrainingProgress(
    int step,
    int steps,
    int epoch,
    boolean endOfEpoch,
    double loss,
    double reconstructionError,
    CodebookUsage.Summary usage,
    long replaced) {}
