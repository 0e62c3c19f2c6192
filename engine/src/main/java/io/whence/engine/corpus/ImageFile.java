package io.whence.engine.corpus;

import io.whence.engine.EngineException;

/** The file of a work that is an image: one of its own, or made of a picture of an idx file. */
public sealed interface ImageFile permits SingleImage, IdxImage {
  /**
   * {@return its bytes, as {@link Picture#read} takes them}
   *
   * @throws EngineException.InvalidCorpus when it is no longer what the corpus was read with
   */
  byte[] bytes();
}
