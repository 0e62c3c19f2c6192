package io.whence.service.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.whence.service.jobs.PlugIns;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/**
 * Problems that come up before or beside the resources: bodies too large, addresses with a zero
 * character, paths nobody serves.
 */
@ApplicationScoped
class OutsideRest {
  /**
   * Longest body: the largest output and prompt allowed, every character escaped, and some room.
   */
  static final long LONGEST_BODY = 2L << 20;

  private static final int BEFORE_ALL_ELSE = 1000;

  private final ObjectMapper mapper;

  OutsideRest(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  void filter(@Observes Filters filters) {
    filters.register(this::checkLength, BEFORE_ALL_ELSE);
    filters.register(this::checkAddress, BEFORE_ALL_ELSE);
  }

  void handle(@Observes Router router) {
    router.errorHandler(404, request -> answer(request, ProblemType.NOT_FOUND, nothing(request)));
    router.errorHandler(
        413, request -> answer(request, ProblemType.TOO_LARGE, "the body is too large"));
  }

  private static String nothing(RoutingContext request) {
    return "there is nothing at " + path(request);
  }

  /** As it was asked for; what it stands for may not even be defined. */
  private static String path(RoutingContext request) {
    String path = request.request().path();
    return path == null ? "/" : path;
  }

  private void checkLength(RoutingContext request) {
    String length = request.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    long longest =
        switch (path(request)) {
          case "/v1/batches" -> BatchesResource.LONGEST_BODY;
          case "/v1/adapters" -> PlugIns.LONGEST_UPLOAD;
          case "/v1/traces" -> TraceRequest.LONGEST_BODY;
          default -> LONGEST_BODY;
        };
    if (length != null && tooLong(length, longest)) {
      // Unread bytes would be taken for the next request.
      request.response().putHeader(HttpHeaders.CONNECTION, "close");
      answer(
          request,
          ProblemType.TOO_LARGE,
          "the body has " + length + " bytes; at most " + longest + " are read");
      return;
    }
    request.next();
  }

  /** The database holds no zero character, and would seem to be out of order when asked for one. */
  private void checkAddress(RoutingContext request) {
    if (request.request().uri().contains("%00")) {
      answer(
          request,
          ProblemType.INVALID_QUERY,
          "the address has a zero character (%00), which nothing here has; take it out");
      return;
    }
    request.next();
  }

  private static boolean tooLong(String length, long longest) {
    try {
      return Long.parseLong(length) > longest;
    } catch (NumberFormatException e) {
      return false; // not ours to judge
    }
  }

  /** Answers with a problem. */
  void answer(RoutingContext request, ProblemType type, String detail) {
    try {
      request
          .response()
          .setStatusCode(type.status())
          .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
          .end(mapper.writeValueAsString(Problem.of(type, detail, path(request), List.of())));
    } catch (JsonProcessingException e) {
      request.response().setStatusCode(type.status()).end();
    }
  }
}
