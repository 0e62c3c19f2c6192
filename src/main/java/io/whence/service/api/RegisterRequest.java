package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.credit.Identifier;
import io.whence.engine.credit.Ownership;
import io.whence.service.persistence.Registrations.Holder;
import io.whence.service.persistence.Registrations.WorkEntry;
import io.whence.service.persistence.TimeOrderedId;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is sent to the register; any field may be missing until it is checked. */
final class RegisterRequest {
  private static final int MOST_PARTS = 1_000;

  private RegisterRequest() {}

  /** An identifier, as people write it. */
  @RegisterForReflection
  record IdentifierRequest(@Nullable String scheme, @Nullable String value) {}

  /** {@code POST /v1/rights-holders}. */
  @RegisterForReflection
  record HolderRequest(
      @Nullable String name, @Nullable List<@Nullable IdentifierRequest> identifiers) {
    /**
     * {@return the holder}
     *
     * @throws Refusal naming the fields that are wrong
     */
    Holder checked() {
      Violations wrong = new Violations();
      String text = wrong.text("name", name);
      List<Identifier> ids = checkedIdentifiers(identifiers, wrong);
      wrong.refuse();
      Instant now = now();
      return new Holder(TimeOrderedId.at(now), now, text, ids);
    }
  }

  /** A part of a work. */
  @RegisterForReflection
  record PartRequest(
      @Nullable String rightsHolder,
      @Nullable String role,
      @Nullable BigInteger ppm,
      @Nullable Boolean disputed) {}

  /** {@code POST /v1/works}. */
  @RegisterForReflection
  record WorkRequest(
      @Nullable String work,
      @Nullable String title,
      @Nullable String licence,
      @Nullable Boolean publicDomain,
      @Nullable List<@Nullable PartRequest> parts,
      @Nullable List<@Nullable IdentifierRequest> identifiers) {
    /**
     * {@return the registration}
     *
     * @throws Refusal naming the fields that are wrong
     */
    WorkEntry checked() {
      Violations wrong = new Violations();
      String id = wrong.text("work", work);
      String name = wrong.optional("title", title);
      String terms = wrong.optional("licence", licence);
      List<Ownership.Part> owners = parts(wrong);
      List<Identifier> ids = checkedIdentifiers(identifiers, wrong);
      wrong.refuse();
      Ownership ownership =
          wrong.of("parts", () -> new Ownership(id, Boolean.TRUE.equals(publicDomain), owners));
      wrong.refuse();
      Instant now = now();
      return new WorkEntry(
          TimeOrderedId.at(now), 0, now, name, terms, Objects.requireNonNull(ownership), ids);
    }

    private List<Ownership.Part> parts(Violations wrong) {
      List<Ownership.Part> owners = new ArrayList<>();
      if (parts == null) {
        return owners;
      }
      if (parts.size() > MOST_PARTS) {
        wrong.add("parts", "parts has at most " + MOST_PARTS + " entries");
        return owners;
      }
      for (int i = 0; i < parts.size(); i++) {
        String field = "parts[" + i + "]";
        PartRequest part = parts.get(i);
        if (part == null) {
          wrong.add(field, field + " is null");
          continue;
        }
        if (PathId.of(String.valueOf(part.rightsHolder)).isEmpty()) {
          wrong.add(
              field + ".rightsHolder",
              field + ".rightsHolder is the id of a rights holder; register the holder first");
          continue;
        }
        String role = wrong.text(field + ".role", part.role);
        long ppm = wrong.number(field + ".ppm", part.ppm, 1, 1_000_000, 0);
        Ownership.Part owner =
            wrong.of(
                field,
                () ->
                    new Ownership.Part(
                        String.valueOf(part.rightsHolder),
                        role,
                        (int) ppm,
                        Boolean.TRUE.equals(part.disputed)));
        if (owner != null) {
          owners.add(owner);
        }
      }
      return owners;
    }
  }

  static List<Identifier> checkedIdentifiers(
      @Nullable List<@Nullable IdentifierRequest> asked, Violations wrong) {
    List<Identifier> identifiers = new ArrayList<>();
    if (asked == null) {
      return identifiers;
    }
    if (asked.size() > MOST_PARTS) {
      wrong.add("identifiers", "identifiers has at most " + MOST_PARTS + " entries");
      return identifiers;
    }
    for (int i = 0; i < asked.size(); i++) {
      IdentifierRequest one = asked.get(i);
      String field = "identifiers[" + i + "]";
      String scheme = wrong.text(field + ".scheme", one == null ? null : one.scheme);
      String value = wrong.text(field + ".value", one == null ? null : one.value);
      Identifier identifier =
          wrong.of(field, () -> Identifier.of(Identifier.Scheme.of(scheme), value));
      if (identifier != null) {
        identifiers.add(identifier);
      }
    }
    return identifiers.stream().distinct().toList();
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }
}
