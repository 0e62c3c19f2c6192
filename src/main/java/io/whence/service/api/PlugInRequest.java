package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.credit.LargestRemainder;
import io.whence.engine.credit.Share;
import io.whence.service.api.RegisterRequest.IdentifierRequest;
import io.whence.service.jobs.PlugIns;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is sent of plug-ins; any field may be missing until it is checked. */
final class PlugInRequest {
  private static final int MOST_WORKS = 100;

  private PlugInRequest() {}

  /** {@code POST /v1/adapters} of a file that is on the service's machine. */
  @RegisterForReflection
  record AdapterRequest(@Nullable String file) {
    /**
     * {@return the file's name}
     *
     * @throws Refusal when there is none
     */
    String checked() {
      Violations wrong = new Violations();
      String name = wrong.text("file", file);
      wrong.refuse();
      return name;
    }
  }

  /** A work of a plug-in, and which part of it. */
  @RegisterForReflection
  record WorkRequest(@Nullable String work, @Nullable BigInteger ppm) {}

  /** {@code POST /v1/plug-ins}. */
  @RegisterForReflection
  record RegistrationRequest(
      @Nullable String index,
      @Nullable String baseSha256,
      @Nullable String adapterSha256,
      @Nullable String owner,
      @Nullable String title,
      @Nullable String description,
      @Nullable String terms,
      @Nullable List<@Nullable WorkRequest> works,
      @Nullable List<@Nullable IdentifierRequest> identifiers,
      @Nullable String replaces) {
    /**
     * {@return the registration}
     *
     * @throws Refusal naming the fields that are wrong
     */
    PlugIns.Registration checked() {
      Violations wrong = new Violations();
      PlugIns.Registration registration =
          new PlugIns.Registration(
              wrong.text("index", index),
              wrong.sha256("baseSha256", baseSha256),
              wrong.sha256("adapterSha256", adapterSha256),
              id("owner", owner, "the id of a rights holder; register the holder first", wrong),
              wrong.text("title", title),
              Optional.ofNullable(wrong.optional("description", description)).orElse(""),
              wrong.text("terms", terms),
              works(wrong),
              RegisterRequest.checkedIdentifiers(identifiers, wrong),
              replaces == null ? null : id("replaces", replaces, "the id of a plug-in", wrong));
      wrong.refuse();
      return registration;
    }

    private static UUID id(String field, @Nullable String value, String what, Violations wrong) {
      return PathId.of(String.valueOf(value))
          .orElseGet(
              () -> {
                wrong.add(field, field + " is " + what);
                return new UUID(0, 0);
              });
    }

    /** Parts as they are stated, or, where none is, equal ones. */
    private TreeMap<String, Integer> works(Violations wrong) {
      TreeMap<String, Integer> parts = new TreeMap<>();
      if (works == null || works.isEmpty() || works.size() > MOST_WORKS) {
        wrong.add("works", "works has 1 to " + MOST_WORKS + " entries");
        return parts;
      }
      long sum = 0;
      int stated = 0;
      for (int i = 0; i < works.size(); i++) {
        WorkRequest part = works.get(i);
        String field = "works[" + i + "]";
        String work = wrong.text(field + ".work", part == null ? null : part.work);
        BigInteger ppm = part == null ? null : part.ppm;
        long value = wrong.number(field + ".ppm", ppm, 1, Share.WHOLE, 0);
        stated += ppm == null ? 0 : 1;
        sum += value;
        if (parts.put(work, (int) value) != null) {
          wrong.add(field, field + " names work " + work + " a second time");
        }
      }
      if (stated == 0) {
        long[] weights = new long[parts.size()];
        Arrays.fill(weights, 1);
        long[] equal = LargestRemainder.split(Share.WHOLE, weights);
        int i = 0;
        for (Map.Entry<String, Integer> part : parts.entrySet()) {
          part.setValue((int) equal[i++]);
        }
      } else if (stated < works.size() || sum != Share.WHOLE) {
        wrong.add(
            "works",
            "works have parts that sum to "
                + Share.WHOLE
                + " ppm, all of them, or none of them has one and they share alike; "
                + stated
                + " of "
                + works.size()
                + " have one and they sum to "
                + sum);
      }
      return parts;
    }
  }

  /** {@code POST /v1/plug-ins/{id}/usage-events}. */
  @RegisterForReflection
  record UseRequest(
      @Nullable String adapterSha256,
      @Nullable String baseSha256,
      @Nullable String outputSha256,
      @Nullable BigDecimal weight) {
    /**
     * {@return the use}
     *
     * @throws Refusal naming the fields that are wrong
     */
    PlugIns.Use checked() {
      Violations wrong = new Violations();
      PlugIns.Use use =
          new PlugIns.Use(
              wrong.sha256("adapterSha256", adapterSha256),
              wrong.sha256("baseSha256", baseSha256),
              wrong.sha256("outputSha256", outputSha256),
              wrong.weight("weight", weight));
      wrong.refuse();
      return use;
    }
  }

  /**
   * {@return what is looked for, which is at most a thousand characters}
   *
   * @throws Refusal when it is longer, or no text
   */
  static String query(String field, String text) {
    Violations wrong = new Violations();
    String checked = wrong.text(field, text);
    wrong.refuse();
    return checked;
  }
}
