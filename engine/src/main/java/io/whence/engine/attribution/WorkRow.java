package io.whence.engine.attribution;

/**
 * One work in an index.
 *
 * @param firstInstance number of its first instance; the others follow
 * @param instances how many it has
 * @param cluster number of the first work that it is a copy of; its own where there is none before
 * @param heldOut whether the checkpoint is known never to have been trained on it
 * @param selfInfluence what leaving it out does to its own loss, nats
 * @param parameterShift norm of the move of the parameters when it is left out
 */
public record WorkRow(
    int firstInstance,
    int instances,
    int cluster,
    boolean heldOut,
    float selfInfluence,
    float parameterShift) {}
