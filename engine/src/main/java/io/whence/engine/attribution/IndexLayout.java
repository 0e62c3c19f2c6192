package io.whence.engine.attribution;

import java.nio.file.Path;

/**
 * Where everything lies in an index directory.
 *
 * @param root the directory
 */
public record IndexLayout(Path root) {
  /** {@return the copy of the checkpoint} */
  public Path model() {
    return root.resolve("model");
  }

  /** {@return a shard's works as they were read, JSON Lines} */
  public Path corpus(String shard) {
    return root.resolve("corpus").resolve(shard + ".jsonl");
  }

  /** {@return a shard's sketches} */
  public Path sketches(String shard) {
    return root.resolve("sketches").resolve(shard + ".f32");
  }

  /** {@return a shard's rows of the embedding table's gradient} */
  public Path tableRows(String shard) {
    return root.resolve("sketches").resolve(shard + ".rows");
  }

  /** {@return the directions that these rows are projected on} */
  public Path directions() {
    return root.resolve("sketches").resolve("directions.safetensors");
  }

  /** {@return a shard's instances} */
  public Path instances(String shard) {
    return root.resolve("instances").resolve(shard + ".bin");
  }

  /** {@return a shard's works' figures} */
  public Path works(String shard) {
    return root.resolve("works").resolve(shard + ".bin");
  }

  /** {@return a shard's Lucene index} */
  public Path lucene(String shard) {
    return root.resolve("lucene").resolve(shard);
  }

  /** {@return the curvature of all shards together} */
  public Path curvature() {
    return root.resolve("curvature").resolve("fisher.safetensors");
  }

  /** {@return the curvature of each cluster of copies once; absent where there are no copies} */
  public Path deduplicatedCurvature() {
    return root.resolve("curvature").resolve("deduplicated.safetensors");
  }

  /** {@return what was measured of the index's own error} */
  public Path fidelity() {
    return root.resolve("fidelity.json");
  }

  /** {@return what unrelated outputs have in common with the works} */
  public Path control() {
    return root.resolve("control.json");
  }

  /** {@return how near in meaning unrelated outputs come to the works} */
  public Path resemblance() {
    return root.resolve("resemblance.json");
  }

  /** {@return the same of unrelated code; absent where no work is code} */
  public Path codeControl() {
    return root.resolve("control-code.json");
  }

  /** {@return the files of a shard's images, one after the other; absent where it has none} */
  public Path images(String shard) {
    return root.resolve("images").resolve(shard + ".bin");
  }

  /** {@return where each of these files is, and how it looks} */
  public Path appearances(String shard) {
    return root.resolve("images").resolve(shard + ".looks");
  }

  /** {@return the embeddings of a shard's images; absent where the index has no model for them} */
  public Path embeddings(String shard) {
    return root.resolve("images").resolve(shard + ".f32");
  }

  /** {@return the copy of the model that embeds images; absent where the index has none} */
  public Path imageModel() {
    return root.resolve("image-model").resolve("model");
  }

  /** {@return how near unrelated images are by that model} */
  public Path embeddingControl() {
    return root.resolve("control-embeddings.json");
  }

  /** {@return how well unrelated images agree; absent where no work is an image} */
  public Path imageControl() {
    return root.resolve("control-images.json");
  }

  /** {@return the runs of words that several works share; absent in an index of before} */
  public Path passages() {
    return root.resolve("passages.bin");
  }

  /** {@return what of the corpus could not become works, JSON Lines} */
  public Path rejected() {
    return root.resolve("rejected.jsonl");
  }
}
