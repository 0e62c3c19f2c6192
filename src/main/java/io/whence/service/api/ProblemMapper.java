package io.whence.service.api;

import io.quarkus.logging.Log;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.identity.SecurityIdentity;
import io.whence.engine.EngineException;
import io.whence.service.jobs.Busy;
import io.whence.service.persistence.Conflict;
import io.whence.service.persistence.Erased;
import io.whence.service.persistence.StoreFailure;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Says in HTTP what was refused. A native image is told where it reads which roles are needed. */
@RegisterForReflection(
    targets = {
      AdaptersResource.class,
      AttributionsResource.class,
      BatchesResource.class,
      ExperimentsResource.class,
      IndexesResource.class,
      JobsResource.class,
      LegalHoldsResource.class,
      LogResource.class,
      MethodsResource.class,
      PlugInsResource.class,
      ReassessmentsResource.class,
      ReviewPageResource.class,
      ReviewersResource.class,
      ReviewsResource.class,
      RightsHoldersResource.class,
      RightsResource.class,
      RiskResource.class,
      ScreeningsResource.class,
      StatementsResource.class,
      TracesResource.class,
      WorksResource.class
    })
class ProblemMapper {
  private final SecurityIdentity identity;

  ProblemMapper(SecurityIdentity identity) {
    this.identity = identity;
  }

  @ServerExceptionMapper
  RestResponse<Problem> refused(Refusal refusal, UriInfo request) {
    return answer(refusal.type(), refusal.detail(), request, refusal.violations()).build();
  }

  @ServerExceptionMapper
  RestResponse<Problem> engine(EngineException e, UriInfo request) {
    ProblemType type =
        switch (e) {
          case EngineException.InvalidQuery invalid -> ProblemType.INVALID_QUERY;
          case EngineException.NoIndex none -> ProblemType.UNKNOWN_INDEX;
          case EngineException.IndexDamaged damaged -> ProblemType.INDEX_DAMAGED;
          case EngineException.IndexMismatch mismatch -> ProblemType.INDEX_MISMATCH;
          case EngineException.InvalidCheckpoint checkpoint -> ProblemType.INDEX_DAMAGED;
          case EngineException.InvalidCorpus corpus -> ProblemType.INDEX_DAMAGED;
          case EngineException.CannotWrite full -> ProblemType.CANNOT_WRITE;
          case EngineException.NoDevice device -> ProblemType.INDEX_MISMATCH;
        };
    return answer(type, e.detail(), request, List.of()).build();
  }

  @ServerExceptionMapper
  RestResponse<Problem> busy(Busy busy, UriInfo request) {
    return answer(ProblemType.BUSY, busy.detail(), request, List.of())
        .header(HttpHeaders.RETRY_AFTER, Busy.RETRY_AFTER_SECONDS)
        .build();
  }

  @ServerExceptionMapper
  RestResponse<Problem> conflict(Conflict conflict, UriInfo request) {
    return answer(ProblemType.CONFLICT, conflict.detail(), request, List.of()).build();
  }

  @ServerExceptionMapper
  RestResponse<Problem> erased(Erased erased, UriInfo request) {
    return answer(ProblemType.ERASED, erased.detail(), request, List.of()).build();
  }

  @ServerExceptionMapper
  RestResponse<Problem> forbidden(ForbiddenException e, UriInfo request, ResourceInfo resource) {
    String[] needed = needed(resource);
    return answer(
            ProblemType.FORBIDDEN,
            "this needs a key with the role "
                + String.join(" or ", needed)
                + "; "
                + identity.getPrincipal().getName()
                + " has "
                + String.join(", ", new TreeSet<>(identity.getRoles())),
            request,
            List.of())
        .header(
            HttpHeaders.WWW_AUTHENTICATE,
            "Bearer realm=\"whence\", error=\"insufficient_scope\", scope=\""
                + String.join(" ", needed)
                + "\"")
        .build();
  }

  /** The method's own requirement counts before that of its class. */
  private static String[] needed(ResourceInfo resource) {
    RolesAllowed own = resource.getResourceMethod().getAnnotation(RolesAllowed.class);
    RolesAllowed all = resource.getResourceClass().getAnnotation(RolesAllowed.class);
    return own != null ? own.value() : all != null ? all.value() : new String[] {"none"};
  }

  @ServerExceptionMapper
  RestResponse<Problem> store(StoreFailure failure, UriInfo request) {
    Log.errorf(failure, "%s", failure.detail());
    return answer(ProblemType.STORE_UNAVAILABLE, failure.detail(), request, List.of())
        .header(HttpHeaders.RETRY_AFTER, Busy.RETRY_AFTER_SECONDS)
        .build();
  }

  @ServerExceptionMapper
  RestResponse<Problem> framework(WebApplicationException e, UriInfo request) {
    int status = e.getResponse().getStatus();
    ProblemType type = ProblemType.of(status);
    if (type == ProblemType.INTERNAL) {
      return failed(e, request);
    }
    ResponseBuilder<Problem> answer = answer(type, said(e, request), request, List.of());
    if (type == ProblemType.METHOD_NOT_ALLOWED) {
      answer.header(HttpHeaders.ALLOW, allowed(request));
    }
    return answer.build();
  }

  private static String said(WebApplicationException e, UriInfo request) {
    String path = request.getPath();
    return switch (e) {
      case NotFoundException nothing -> "there is nothing at " + path;
      case NotSupportedException type ->
          "the body of this request is "
              + (path.equals("/v1/adapters") ? "application/octet-stream or " : "")
              + (path.endsWith("/review")
                  ? "application/x-www-form-urlencoded"
                  : "application/json")
              + "; say so in Content-Type";
      case NotAcceptableException form -> "what Accept asks for is not made at " + path;
      case NotAllowedException method -> path + " takes " + allowed(request) + " only";
      default -> ProblemType.of(e.getResponse().getStatus()).title();
    };
  }

  /**
   * The framework tells the methods of all paths of a resource together; these are a path's own.
   */
  private static String allowed(UriInfo request) {
    String path = request.getPath();
    if (path.matches(
            "/v1/adapters|/v1/attributions|/v1/batches|/v1/reviewers|/v1/rights-readings|/v1/screenings|/v1/traces|/v1/experiments/[^/]+/repeat")
        || path.matches("/v1/statements/[^/]+/(objections|recomputations|settlement)")
        || path.matches("/v1/attributions/[^/]+/reassessments")) {
      return "POST, OPTIONS";
    }
    if (path.matches("/v1/(experiments|plug-ins|reviews|rights-holders|statements|works)")
        || path.matches("/v1/plug-ins/[^/]+/usage-events|/v1/attributions/[^/]+/review")) {
      return "GET, HEAD, POST, OPTIONS";
    }
    if (path.matches("/v1/legal-holds/[^/]+/[^/]+")) {
      return "DELETE, PUT, OPTIONS";
    }
    return path.matches("/v1/(attributions|jobs|screenings)/[^/]+")
        ? "DELETE, GET, HEAD, OPTIONS"
        : "GET, HEAD, OPTIONS";
  }

  @ServerExceptionMapper
  RestResponse<Problem> failed(Throwable e, UriInfo request) {
    // Who made the request learns a number to ask with; the rest is in the log.
    UUID number = UUID.randomUUID();
    Log.errorf(e, "request for %s failed (%s)", request.getPath(), number);
    return answer(
            ProblemType.INTERNAL,
            "the service failed at this request; its log has the reason under " + number,
            request,
            List.of())
        .build();
  }

  private static ResponseBuilder<Problem> answer(
      ProblemType type, String detail, UriInfo request, List<Problem.Violation> violations) {
    return ResponseBuilder.<Problem>create(type.status())
        .entity(Problem.of(type, detail, request.getRequestUri().getRawPath(), violations))
        .type(Problem.MEDIA_TYPE);
  }
}
