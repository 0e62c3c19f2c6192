package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.attribution.Fidelity;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.sketch.SketchSpec;
import io.whence.service.jobs.IndexState;
import io.whence.service.jobs.Indexes;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The indexes that can be asked. */
@RolesAllowed("reader")
@Path("/v1/indexes")
public class IndexesResource {
  private final Indexes indexes;

  IndexesResource(Indexes indexes) {
    this.indexes = indexes;
  }

  /** All of them, by name. */
  @RegisterForReflection
  record IndexesResponse(List<IndexResponse> indexes) {}

  /**
   * One index.
   *
   * @param id its name
   * @param state {@code opening}, {@code open} or {@code damaged}
   * @param detail what is wrong with a damaged one
   * @param manifest of an open one
   * @param fidelity what was measured of an open one's own error
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record IndexResponse(
      String id,
      String state,
      @Nullable String detail,
      @Nullable ManifestResponse manifest,
      @Nullable Fidelity fidelity) {
    static IndexResponse of(String id, IndexState state) {
      return switch (state) {
        case IndexState.Opening opening -> new IndexResponse(id, "opening", null, null, null);
        case IndexState.Damaged damaged ->
            new IndexResponse(id, "damaged", damaged.detail(), null, null);
        case IndexState.Open open ->
            new IndexResponse(
                id, "open", null, ManifestResponse.of(open.manifest()), open.fidelity());
      };
    }
  }

  /** What an index is made from and of. */
  @RegisterForReflection
  record ManifestResponse(
      int formatVersion,
      String createdAt,
      String checkpoint,
      String tokenizer,
      String corpus,
      @Nullable String trainingCorpus,
      int window,
      int stride,
      SketchResponse sketch,
      DampingResponse damping,
      long trainedTokens,
      CountsResponse counts,
      int fingerprintWords,
      int fingerprintWindow,
      int shortestMatch,
      String embedding,
      SortedMap<String, String> madeWith) {
    static ManifestResponse of(IndexManifest manifest) {
      return new ManifestResponse(
          manifest.formatVersion(),
          manifest.createdAt(),
          manifest.checkpoint(),
          manifest.tokenizer(),
          manifest.corpus(),
          manifest.trainingCorpus(),
          manifest.window(),
          manifest.stride(),
          SketchResponse.of(manifest.sketch()),
          new DampingResponse(manifest.damping().rule(), manifest.damping().values()),
          manifest.tokens(),
          CountsResponse.of(manifest),
          manifest.fingerprintWords(),
          manifest.fingerprintWindow(),
          manifest.shortestMatch(),
          manifest.embedding(),
          manifest.madeWith());
    }
  }

  /** How gradients are projected. */
  @RegisterForReflection
  record SketchResponse(int dimension, int layers, int tableWidth, long seed) {
    static SketchResponse of(SketchSpec spec) {
      return new SketchResponse(
          spec.dimension(), spec.modules().size(), spec.table().k(), spec.seed());
    }
  }

  /** What is added to each layer's curvature. */
  @RegisterForReflection
  record DampingResponse(String rule, List<Double> values) {}

  /** How much there is. */
  @RegisterForReflection
  record CountsResponse(
      int works,
      int instances,
      long tokens,
      int heldOutWorks,
      int rejected,
      int shards,
      int files,
      long bytes) {
    static CountsResponse of(IndexManifest manifest) {
      return new CountsResponse(
          manifest.counts().works(),
          manifest.counts().instances(),
          manifest.counts().tokens(),
          manifest.counts().heldOutWorks(),
          manifest.counts().rejected(),
          manifest.shards().size(),
          manifest.files().size(),
          manifest.files().values().stream().mapToLong(IndexManifest.FileSum::bytes).sum());
    }
  }

  /** {@return every index, by name} */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public IndexesResponse indexes() {
    return new IndexesResponse(
        indexes.states().entrySet().stream()
            .map(entry -> IndexResponse.of(entry.getKey(), entry.getValue()))
            .toList());
  }

  /** {@return one index} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public IndexResponse index(@PathParam("id") String id) {
    return IndexResponse.of(id, indexes.state(id));
  }
}
