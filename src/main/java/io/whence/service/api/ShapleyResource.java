package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.credit.Shapley;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Shapley royalty shares of owners whose coalitions were valued, say by training on each. */
@Path("/v1/shapley-shares")
@RolesAllowed("reader")
public class ShapleyResource {
  /** With more owners a request would name more than 4,096 coalitions. */
  private static final int MOST_OWNERS = 12;

  /** Owners, and what each coalition of them is worth, that of nobody among them. */
  @RegisterForReflection
  record ShapleyRequest(
      @Nullable List<@Nullable String> owners, @Nullable List<@Nullable Coalition> coalitions) {}

  /** Some of the owners, and what the output is worth with their works alone. */
  @RegisterForReflection
  record Coalition(@Nullable List<@Nullable String> owners, @Nullable BigDecimal worth) {}

  /**
   * Each owner's value in the unit of the worths, and its part of all; none where all add nothing.
   */
  @RegisterForReflection
  record ShapleyResponse(List<Owner> owners, double whole) {}

  /** An owner's value. */
  @RegisterForReflection
  record Owner(String owner, double phi, @Nullable Double share) {}

  /** {@return each owner's value, exactly; nothing is kept} */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public ShapleyResponse shares(byte @Nullable [] body) {
    ShapleyRequest asked = RequestReader.read(body, ShapleyRequest.class);
    List<String> owners = owners(asked.owners);
    Map<Long, Double> worths = worths(owners, asked.coalitions);
    Shapley values = Shapley.exact(owners.size(), coalition -> worths.getOrDefault(coalition, 0.0));
    List<Double> shares = values.shares();
    return new ShapleyResponse(
        IntStream.range(0, owners.size())
            .mapToObj(
                i ->
                    new Owner(
                        owners.get(i),
                        values.phi().get(i),
                        shares.isEmpty() ? null : shares.get(i)))
            .toList(),
        values.phi().stream().mapToDouble(phi -> phi).sum());
  }

  private static List<String> owners(@Nullable List<@Nullable String> named) {
    Violations wrong = new Violations();
    if (named == null || named.isEmpty() || named.size() > MOST_OWNERS) {
      wrong.add(
          "owners",
          "owners are 1 to "
              + MOST_OWNERS
              + " names; got "
              + (named == null ? "none" : named.size())
              + ". Put the smaller ones together as one");
    } else if (named.stream().anyMatch(name -> name == null || name.isBlank())
        || new HashSet<>(named).size() < named.size()) {
      wrong.add("owners", "each of the owners has a name of its own");
    }
    wrong.refuse();
    return Objects.requireNonNull(named).stream().map(String::valueOf).toList();
  }

  private static Map<Long, Double> worths(
      List<String> owners, @Nullable List<@Nullable Coalition> coalitions) {
    Violations wrong = new Violations();
    Map<Long, Double> worths = new TreeMap<>();
    List<@Nullable Coalition> given = coalitions == null ? List.of() : coalitions;
    for (int i = 0; i < given.size(); i++) {
      String field = "coalitions[" + i + "]";
      Coalition coalition = given.get(i);
      double worth =
          coalition == null || coalition.worth == null ? Double.NaN : coalition.worth.doubleValue();
      if (coalition == null || coalition.owners == null || !Double.isFinite(worth)) {
        wrong.add(field, field + " has owners and a worth, a number");
      } else if (!owners.containsAll(coalition.owners)) {
        wrong.add(field + ".owners", field + ".owners names somebody who is not in owners");
      } else {
        long members =
            coalition.owners.stream()
                .mapToLong(owner -> 1L << owners.indexOf(owner))
                .reduce(0, (a, b) -> a | b);
        if (worths.put(members, worth) != null) {
          wrong.add(field, field + " was valued before");
        }
      }
    }
    wrong.refuse();
    if (worths.size() < 1 << owners.size()) {
      wrong.add(
          "coalitions",
          "of "
              + owners.size()
              + " owners "
              + (1 << owners.size())
              + " coalitions are valued, the one of nobody and those of one among them; got "
              + worths.size());
    }
    wrong.refuse();
    return worths;
  }
}
