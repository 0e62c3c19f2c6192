package io.whence.engine.retrieval;

/**
 * Something a list found.
 *
 * @param id number of the instance or work in the index
 * @param score in the list's own measure; higher is nearer
 */
public record Hit(int id, double score) {}
