package io.whence.engine.corpus;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that is an image.
 *
 * @param width in pixels
 * @param height in pixels
 * @param sha256 of the file when the corpus was read
 */
record SingleImage(Path path, int width, int height, String sha256) implements ImageFile {
  /**
   * {@return the image in a file}
   *
   * @throws EngineException.InvalidQuery when {@link Picture#read} refuses it
   */
  static SingleImage read(Path path) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    Picture picture = Picture.read(bytes, String.valueOf(path.getFileName()));
    return new SingleImage(path, picture.width(), picture.height(), Sha256.of(bytes));
  }

  @Override
  public byte[] bytes() {
    try {
      byte[] bytes = Files.readAllBytes(path);
      if (Sha256.of(bytes).equals(sha256)) {
        return bytes;
      }
    } catch (IOException e) {
      throw new EngineException.InvalidCorpus("cannot read " + path + ": " + e);
    }
    throw new EngineException.InvalidCorpus(
        path + " was changed while the index was built; build it again");
  }

  /** {@return what stands for the text of the work} */
  String description() {
    return "image of " + width + " x " + height + " pixels, SHA-256 of the file " + sha256;
  }
}
