package io.whence.engine.influence;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Influence over two-sided sketches with each layer's own damped Fisher. */
final class LoGra implements Scorer {
  private final LayerProjection projection;
  private final Target target;
  private final Filter filter;
  private final List<float[]> sketches;
  private final List<Spectrum> spectra;
  private final long positions;

  private LoGra(
      LayerProjection projection,
      Target target,
      Filter filter,
      List<float[]> sketches,
      List<Spectrum> spectra,
      long positions) {
    this.projection = projection;
    this.target = target;
    this.filter = filter;
    this.sketches = sketches;
    this.spectra = spectra;
    this.positions = positions;
  }

  static LoGra fit(Gradients training, LayerProjection projection, Filter filter, Target target) {
    List<float[]> sketches = projection.sketch(training, target);
    List<Spectrum> spectra =
        IntStream.range(0, sketches.size())
            .parallel()
            .mapToObj(
                l ->
                    Spectrum.of(
                        Products.moments(
                            sketches.get(l), projection.size(l), (double) training.positions())))
            .toList();
    return new LoGra(projection, target, filter, sketches, spectra, training.positions());
  }

  @Override
  public float[][] scores(Gradients queries) {
    List<float[]> sides = projection.sketch(queries, target);
    List<float[][]> parts = new ArrayList<>();
    for (int l = 0; l < sides.size(); l++) {
      int size = projection.size(l);
      Spectrum spectrum = spectra.get(l);
      float[] solved = new float[sides.get(l).length];
      for (int q = 0; q < queries.size(); q++) {
        float[] block = java.util.Arrays.copyOfRange(sides.get(l), q * size, (q + 1) * size);
        System.arraycopy(spectrum.apply(block, filter), 0, solved, q * size, size);
      }
      parts.add(Products.of(solved, sketches.get(l), size));
    }
    float[][] sum = parts.get(0);
    for (float[][] part : parts.subList(1, parts.size())) {
      sum = Ensemble.sum(sum, part);
    }
    return Ensemble.scaled(sum, 1.0 / positions);
  }
}
