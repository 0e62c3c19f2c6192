package io.whence.engine.rights;

import io.whence.engine.EngineException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The forms in which licences and opt-outs are published. */
public enum Form {
  /** An SPDX expression, a Creative Commons name or address, or the words "public domain". */
  SPDX("spdx") {
    @Override
    Reading read(String text, Target target) {
      return Spdx.read(text);
    }
  },
  /** Really Simple Licensing 1.0 (Recommendation of 2025-11-06), XML. */
  RSL("rsl") {
    @Override
    Reading read(String text, Target target) {
      return Rsl.read(text, target);
    }
  },
  /**
   * {@code robots.txt} (RFC 9309) with {@code Content-Usage} (AIPREF) and {@code Content-Signal}.
   */
  ROBOTS("robots") {
    @Override
    Reading read(String text, Target target) {
      return RobotsTxt.read(text, target);
    }
  },
  /** The value of a {@code Content-Usage} field (draft-ietf-aipref-attach-05). */
  AIPREF("aipref") {
    @Override
    Reading read(String text, Target target) {
      return AiPref.read(text);
    }
  },
  /** {@code /.well-known/tdmrep.json} (TDM Reservation Protocol). */
  TDMREP("tdmrep") {
    @Override
    Reading read(String text, Target target) {
      return TdmRep.file(text, target);
    }
  },
  /** HTTP fields or HTML with {@code tdm-reservation} and {@code tdm-policy}. */
  TDMREP_PAGE("tdmrepPage") {
    @Override
    Reading read(String text, Target target) {
      return TdmRep.page(text);
    }
  },
  /** A training and data mining assertion of C2PA or CAWG, or a manifest that holds one, JSON. */
  CAWG("cawg") {
    @Override
    Reading read(String text, Target target) {
      return Cawg.read(text);
    }
  };

  /** Most characters of a statement that are read: as much of a robots.txt as RFC 9309 asks for. */
  public static final int LONGEST = 512 * 1024;

  private final String id;

  Form(String id) {
    this.id = id;
  }

  /**
   * What was collected, and by whom.
   *
   * @param agent product token of the crawler, as robots.txt names it
   * @param path on the server, beginning with a slash
   */
  public record Target(String agent, String path) {
    /** Any crawler, the whole site. */
    public static final Target ANY = new Target("*", "/");

    /** Rejects a path that is none. */
    public Target {
      if (!path.startsWith("/")) {
        throw new EngineException.InvalidQuery(
            "the path of a source begins with a slash; got " + path);
      }
    }
  }

  /** {@return its name in answers} */
  public String id() {
    return id;
  }

  /**
   * {@return the form of a name}
   *
   * @throws EngineException.InvalidQuery when there is none
   */
  public static Form of(String id) {
    return Arrays.stream(values())
        .filter(form -> form.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineException.InvalidQuery(
                    "there is no form "
                        + id
                        + "; use one of "
                        + Arrays.stream(values()).map(Form::id).collect(Collectors.joining(", "))));
  }

  /**
   * {@return what a statement in this form says of a source}
   *
   * @param text as it was fetched
   * @throws EngineException.InvalidQuery when it is too long, or not of this form at all
   */
  public Reading of(String text, Target target) {
    if (text.length() > LONGEST) {
      throw new EngineException.InvalidQuery(
          "the statement has " + text.length() + " characters; at most " + LONGEST + " are read");
    }
    return read(text, target);
  }

  abstract Reading read(String text, Target target);
}
