package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.rights.Form;
import io.whence.engine.rights.Reading;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a source states of training. */
@RolesAllowed("reader")
@Path("/v1/rights-readings")
public class RightsResource {
  /** A statement as it was fetched. */
  @RegisterForReflection
  record ReadingRequest(
      @Nullable String form,
      @Nullable String text,
      @Nullable String agent,
      @Nullable String path) {}

  /** A statement as it was read. */
  @RegisterForReflection
  record ReadingResponse(
      String form, String verdict, String ground, @Nullable String terms, String sha256) {}

  /** {@return what a statement says of training; nothing is kept} */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public ReadingResponse read(byte @Nullable [] body) {
    ReadingRequest asked = RequestReader.read(body, ReadingRequest.class);
    Violations wrong = new Violations();
    Form form = wrong.of("form", () -> Form.of(String.valueOf(asked.form)));
    Form.Target target =
        wrong.of(
            "path",
            () ->
                new Form.Target(
                    asked.agent == null ? Form.Target.ANY.agent() : asked.agent,
                    asked.path == null ? Form.Target.ANY.path() : asked.path));
    String text = asked.text;
    if (text == null) {
      wrong.add("text", "text is missing: the statement as it was fetched");
    }
    wrong.refuse();
    Reading reading =
        Objects.requireNonNull(form)
            .of(Objects.requireNonNull(text), Objects.requireNonNull(target));
    return new ReadingResponse(
        form.id(), reading.verdict().id(), reading.ground(), reading.terms(), reading.sha256());
  }
}
