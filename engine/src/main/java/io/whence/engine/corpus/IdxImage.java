package io.whence.engine.corpus;

/**
 * A picture of an idx file, which becomes a PNG.
 *
 * @param all the file
 * @param number of the picture, from 0
 */
record IdxImage(Idx all, int number) implements ImageFile {
  @Override
  public byte[] bytes() {
    return all.picture(number).png();
  }

  /** {@return what stands for the text of the work} PNG can be written in many ways, pixels not. */
  String description() {
    Picture picture = all.picture(number);
    return "image of "
        + picture.width()
        + " x "
        + picture.height()
        + " pixels, SHA-256 of the pixels "
        + picture.sha256();
  }
}
