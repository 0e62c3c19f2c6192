package io.whence.service.api;

import java.net.URI;
import java.util.Locale;

/** Every kind of problem that the interface answers with. */
enum ProblemType {
  INVALID_UTF8(400, "The body is not UTF-8"),
  INVALID_JSON(400, "The body is not JSON"),
  UNKNOWN_FIELD(400, "Unknown field"),
  WRONG_TYPE(400, "A field is of another type"),
  BAD_REQUEST(400, "Bad request"),
  UNAUTHENTICATED(401, "A key is needed"),
  FORBIDDEN(403, "Not allowed"),
  NOT_FOUND(404, "Nothing here"),
  UNKNOWN_INDEX(404, "Unknown index"),
  UNKNOWN_ATTRIBUTION(404, "Unknown attribution"),
  UNKNOWN_SCREENING(404, "Unknown screening"),
  UNKNOWN_EXPERIMENT(404, "Unknown experiment"),
  UNKNOWN_BATCH(404, "Unknown batch"),
  UNKNOWN_RIGHTS_HOLDER(404, "Unknown rights holder"),
  UNKNOWN_STATEMENT(404, "Unknown statement"),
  UNKNOWN_WORK(404, "Unknown work"),
  UNKNOWN_JOB(404, "Unknown job"),
  UNKNOWN_PLUG_IN(404, "Unknown plug-in"),
  UNKNOWN_REVIEW(404, "Unknown review"),
  UNKNOWN_REVIEWER(404, "Unknown reviewer"),
  UNKNOWN_PLOT(404, "Unknown plot"),
  UNKNOWN_RECORD(404, "Unknown record"),
  UNKNOWN_LEGAL_HOLD(404, "Unknown legal hold"),
  METHOD_NOT_ALLOWED(405, "Method not allowed"),
  NOT_ACCEPTABLE(406, "Not available in that form"),
  CONFLICT(409, "In conflict with what is kept"),
  EXPERIMENT_HAS_NO_REPORT(409, "The experiment has no report"),
  JOB_HAS_ENDED(409, "The job has ended"),
  ERASED(410, "Erased"),
  TOO_LARGE(413, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
  INVALID_QUERY(422, "The request cannot be answered as it stands"),
  UNSUPPORTED_MODALITY(422, "Unsupported modality"),
  TOO_MANY_ATTEMPTS(429, "Too many attempts"),
  INTERNAL(500, "The service failed"),
  BUSY(503, "Busy"),
  INDEX_DAMAGED(503, "The index is damaged"),
  INDEX_MISMATCH(503, "The index does not fit"),
  STORE_UNAVAILABLE(503, "The records are not available"),
  CANNOT_WRITE(507, "No room to write"),
  REFUSED(400, "Refused");

  private final int status;
  private final String title;

  ProblemType(int status, String title) {
    this.status = status;
    this.title = title;
  }

  int status() {
    return status;
  }

  String title() {
    return title;
  }

  /** {@return the name that programs tell problems apart by} */
  URI uri() {
    return URI.create("urn:whence:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  /** {@return the kind that a status from outside our own code amounts to} */
  static ProblemType of(int status) {
    return switch (status) {
      case 401 -> UNAUTHENTICATED;
      case 403 -> FORBIDDEN;
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 413 -> TOO_LARGE;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      default -> status < 500 ? BAD_REQUEST : INTERNAL;
    };
  }
}
