package io.whence.service.api;

import io.whence.engine.model.TextEmbedder;
import io.whence.service.api.PlugInResponse.PlugInDescription;
import io.whence.service.api.PlugInResponse.PlugInPage;
import io.whence.service.api.PlugInResponse.UsePage;
import io.whence.service.api.PlugInResponse.UseResponse;
import io.whence.service.jobs.PlugIns;
import io.whence.service.persistence.PlugInRecords.PlugIn;
import io.whence.service.persistence.PlugInRecords.UsageEvent;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** Works as adapters of a model: registered, looked for, their use metered. */
@RolesAllowed("reader")
@Path("/v1/plug-ins")
public class PlugInsResource {
  private static final int USUAL_PAGE = 20;
  private static final int LARGEST_PAGE = 100;
  private static final int USUAL_EVENTS = 100;
  private static final int MOST_EVENTS = 1_000;

  private final PlugIns plugIns;

  PlugInsResource(PlugIns plugIns) {
    this.plugIns = plugIns;
  }

  /** {@return the new plug-in} */
  @RolesAllowed("registrar")
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<PlugInDescription> register(byte @Nullable [] body) {
    PlugIn plugIn =
        plugIns.register(
            RequestReader.read(body, PlugInRequest.RegistrationRequest.class).checked());
    return ResponseBuilder.<PlugInDescription>create(201)
        .location(URI.create("/v1/plug-ins/" + plugIn.id()))
        .entity(described(plugIn))
        .build();
  }

  /** {@return plug-ins by words or ids, by what a text or another plug-in means, or all} */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public PlugInPage search(
      @QueryParam("q") @Nullable String text,
      @QueryParam("similar") @Nullable String similar,
      @QueryParam("similarTo") @Nullable String similarTo,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable String limit) {
    int most = Limit.of(limit, USUAL_PAGE, LARGEST_PAGE);
    int ways = (text == null ? 0 : 1) + (similar == null ? 0 : 1) + (similarTo == null ? 0 : 1);
    if (ways > 1 || (ways == 1 && after != null)) {
      String detail =
          "q, similar and similarTo each say what is looked for, and after goes on where all are"
              + " listed; give one of them";
      throw new Refusal(
          ProblemType.INVALID_QUERY, detail, List.of(new Problem.Violation("q", detail)));
    }
    if (text != null) {
      return page(plugIns.search(PlugInRequest.query("q", text), most), null);
    }
    if (similar != null) {
      return similar(plugIns.similar(PlugInRequest.query("similar", similar), most));
    }
    if (similarTo != null) {
      return similar(plugIns.similar(named(similarTo), most));
    }
    List<PlugIn> found = plugIns.list(number(after), most);
    return page(found, next("/v1/plug-ins?", found, most));
  }

  /** {@return plug-ins whose index has another model than they were made for} */
  @GET
  @Path("stale")
  @Produces(MediaType.APPLICATION_JSON)
  public PlugInPage stale(
      @QueryParam("index") @Nullable String index,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable String limit) {
    int most = Limit.of(limit, USUAL_PAGE, LARGEST_PAGE);
    List<PlugIn> found =
        plugIns.stale(
            index == null ? null : PlugInRequest.query("index", index), number(after), most);
    return page(
        found,
        next(
            "/v1/plug-ins/stale?"
                + (index == null
                    ? ""
                    : "index=" + URLEncoder.encode(index, StandardCharsets.UTF_8) + "&"),
            found,
            most));
  }

  /** {@return a plug-in} */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public PlugInDescription read(@PathParam("id") String id) {
    return described(named(id));
  }

  /** {@return the use as it is metered; the same key has the same use} */
  @RolesAllowed("analyst")
  @POST
  @Path("{id}/usage-events")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public RestResponse<UseResponse> meter(
      @PathParam("id") String id,
      @HeaderParam(IdempotencyKey.HEADER) @Nullable String header,
      byte @Nullable [] body) {
    PlugIn plugIn = named(id);
    String key = IdempotencyKey.checked(header);
    if (key == null) {
      String detail =
          IdempotencyKey.HEADER
              + " is missing; a use is metered once, so each has a key of its own";
      throw new Refusal(
          ProblemType.INVALID_QUERY,
          detail,
          List.of(new Problem.Violation(IdempotencyKey.HEADER, detail)));
    }
    UsageEvent event =
        plugIns.meter(
            plugIn, RequestReader.read(body, PlugInRequest.UseRequest.class).checked(), key);
    return RestResponse.status(RestResponse.Status.CREATED, UseResponse.of(event));
  }

  /** {@return uses of a plug-in, in the order they were metered} */
  @GET
  @Path("{id}/usage-events")
  @Produces(MediaType.APPLICATION_JSON)
  public UsePage events(
      @PathParam("id") String id,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable String limit) {
    PlugIn plugIn = named(id);
    int most = Limit.of(limit, USUAL_EVENTS, MOST_EVENTS);
    List<UsageEvent> found = plugIns.events(plugIn, number(after), most);
    return new UsePage(
        found.stream().map(UseResponse::of).toList(),
        found.size() < most
            ? null
            : "/v1/plug-ins/"
                + plugIn.id()
                + "/usage-events?limit="
                + most
                + "&after="
                + found.get(most - 1).sequence());
  }

  private PlugInPage page(List<PlugIn> found, @Nullable String next) {
    return new PlugInPage(found.stream().map(this::described).toList(), null, next);
  }

  private PlugInPage similar(List<PlugIns.Similar> found) {
    return new PlugInPage(
        found.stream()
            .map(one -> PlugInDescription.of(one.plugIn(), one.cosine(), plugIns))
            .toList(),
        "cosine of title and description by " + TextEmbedder.ID,
        null);
  }

  private static @Nullable String next(String place, List<PlugIn> found, int most) {
    return found.size() < most
        ? null
        : place + "limit=" + most + "&after=" + found.get(most - 1).sequence();
  }

  private static long number(@Nullable String after) {
    if (after == null) {
      return 0;
    }
    try {
      return Long.parseLong(after);
    } catch (NumberFormatException e) {
      String detail = "after is the number in a page's next; got " + PathId.shown(after);
      throw new Refusal(
          ProblemType.INVALID_QUERY, detail, List.of(new Problem.Violation("after", detail)));
    }
  }

  private PlugInDescription described(PlugIn plugIn) {
    return PlugInDescription.of(plugIn, null, plugIns);
  }

  private PlugIn named(String id) {
    return PathId.of(id)
        .flatMap(plugIns::find)
        .orElseThrow(
            () ->
                new Refusal(
                    ProblemType.UNKNOWN_PLUG_IN, "there is no plug-in " + PathId.shown(id)));
  }
}
