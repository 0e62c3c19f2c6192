package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.credit.Identifier;
import io.whence.service.persistence.Registrations.Holder;
import io.whence.service.persistence.Registrations.WorkEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the register answers. */
final class RegisterResponse {
  private RegisterResponse() {}

  /** An identifier as its scheme writes it. */
  @RegisterForReflection
  record IdentifierResponse(String scheme, String value) {
    static List<IdentifierResponse> of(List<Identifier> identifiers) {
      return identifiers.stream()
          .map(one -> new IdentifierResponse(one.scheme().id(), one.value()))
          .toList();
    }
  }

  /** A rights holder. */
  @RegisterForReflection
  record HolderResponse(
      String id, String createdAt, String name, List<IdentifierResponse> identifiers) {
    static HolderResponse of(Holder holder) {
      return new HolderResponse(
          holder.id().toString(),
          holder.createdAt().toString(),
          holder.name(),
          IdentifierResponse.of(holder.identifiers()));
    }
  }

  /** Rights holders that were looked for. */
  @RegisterForReflection
  record HolderPage(List<HolderResponse> rightsHolders) {}

  /** A part of a work. */
  @RegisterForReflection
  record PartResponse(String rightsHolder, String role, int ppm, boolean disputed) {}

  /** A work as registered. */
  @RegisterForReflection
  record WorkResponse(
      String id,
      long version,
      String createdAt,
      String work,
      @Nullable String title,
      @Nullable String licence,
      boolean publicDomain,
      List<PartResponse> parts,
      int unregisteredPpm,
      List<IdentifierResponse> identifiers) {
    static WorkResponse of(WorkEntry entry) {
      return new WorkResponse(
          entry.id().toString(),
          entry.version(),
          entry.createdAt().toString(),
          entry.ownership().work(),
          entry.title(),
          entry.licence(),
          entry.ownership().publicDomain(),
          entry.ownership().parts().stream()
              .map(
                  part -> new PartResponse(part.holder(), part.role(), part.ppm(), part.disputed()))
              .toList(),
          entry.ownership().unregisteredPpm(),
          IdentifierResponse.of(entry.identifiers()));
    }
  }

  /** Works that were looked for. */
  @RegisterForReflection
  record WorkPage(List<WorkResponse> works) {}
}
