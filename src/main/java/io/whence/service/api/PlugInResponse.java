package io.whence.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.model.Adapter;
import io.whence.engine.statement.DeclaredUse;
import io.whence.service.api.RegisterResponse.IdentifierResponse;
import io.whence.service.jobs.PlugIns;
import io.whence.service.persistence.PlugInRecords.Metered;
import io.whence.service.persistence.PlugInRecords.PlugIn;
import io.whence.service.persistence.PlugInRecords.UsageEvent;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is answered of plug-ins. */
final class PlugInResponse {
  private PlugInResponse() {}

  /** What was seen in an adapter's file. */
  @RegisterForReflection
  record AdapterResponse(
      String adapterSha256, long bytes, long parameters, int rank, List<String> layers) {
    static AdapterResponse of(Adapter adapter) {
      return new AdapterResponse(
          adapter.sha256(),
          adapter.bytes(),
          adapter.parameters(),
          adapter.rank(),
          adapter.layers());
    }
  }

  /** Whose a plug-in is. */
  @RegisterForReflection
  record OwnerResponse(String rightsHolder, String name) {}

  /** A work of a plug-in, and which part of it. */
  @RegisterForReflection
  record WorkResponse(String work, int ppm) {}

  /** How a plug-in stands to its index's model. */
  @RegisterForReflection
  record StandingResponse(String state, @Nullable String checkpoint, String detail) {}

  /** What the meter holds of a plug-in. */
  @RegisterForReflection
  record MeteredResponse(long events, long declared, long outputs, @Nullable String lastAt) {}

  /** A plug-in as registered, how it stands and what was metered. */
  @RegisterForReflection
  record PlugInDescription(
      String id,
      String createdAt,
      String index,
      String baseSha256,
      String adapterSha256,
      @Nullable AdapterResponse adapter,
      OwnerResponse owner,
      String title,
      String description,
      String terms,
      List<WorkResponse> works,
      List<IdentifierResponse> identifiers,
      @Nullable String replaces,
      @Nullable String replacedBy,
      StandingResponse standing,
      MeteredResponse usage,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double similarity) {
    static PlugInDescription of(PlugIn plugIn, @Nullable Double similarity, PlugIns plugIns) {
      PlugIns.Stand stand = plugIns.standing(plugIn);
      Metered metered = plugIns.metered(plugIn);
      return new PlugInDescription(
          plugIn.id().toString(),
          plugIn.createdAt().toString(),
          plugIn.index(),
          plugIn.base(),
          plugIn.adapter(),
          plugIns.adapter(plugIn.adapter()).map(AdapterResponse::of).orElse(null),
          new OwnerResponse(plugIn.holder().toString(), plugIn.holderName()),
          plugIn.title(),
          plugIn.description(),
          plugIn.terms(),
          plugIn.works().entrySet().stream()
              .map(part -> new WorkResponse(part.getKey(), part.getValue()))
              .toList(),
          IdentifierResponse.of(plugIn.identifiers()),
          plugIn.replaces() == null ? null : plugIn.replaces().toString(),
          plugIn.replacedBy() == null ? null : plugIn.replacedBy().toString(),
          new StandingResponse(
              stand.standing().name().toLowerCase(Locale.ROOT), stand.checkpoint(), stand.detail()),
          new MeteredResponse(
              metered.events(),
              metered.charged(),
              metered.outputs(),
              metered.last() == null ? null : metered.last().toString()),
          similarity);
    }
  }

  /** Plug-ins that were looked for. */
  @RegisterForReflection
  record PlugInPage(
      List<PlugInDescription> plugIns,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String similarityBy,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String next) {}

  /** A use as it was metered. */
  @RegisterForReflection
  record UseResponse(
      String id,
      String createdAt,
      String plugIn,
      String key,
      String outputSha256,
      BigDecimal weight,
      @Nullable String declaredBy) {
    static UseResponse of(UsageEvent event) {
      return new UseResponse(
          event.id().toString(),
          event.createdAt().toString(),
          event.plugIn().toString(),
          event.key(),
          event.output(),
          weight(event.weightMicros()),
          event.chargedAs());
    }

    private static BigDecimal weight(long micros) {
      BigDecimal weight =
          BigDecimal.valueOf(micros)
              .divide(BigDecimal.valueOf(DeclaredUse.UNIT_WEIGHT))
              .stripTrailingZeros();
      return weight.scale() < 0 ? weight.setScale(0) : weight; // 10, not 1E+1
    }
  }

  /** Uses of a plug-in. */
  @RegisterForReflection
  record UsePage(
      List<UseResponse> usageEvents,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String next) {}
}
