package io.whence.engine;

/**
 * What the engine refuses, and why. Each case is one thing that can be wrong with what the caller
 * gave, so that the command line and REST can answer it in their own way; {@link #detail} is one
 * sentence for the person who made the request: it names the thing, the value and the remedy.
 */
public abstract sealed class EngineException extends RuntimeException {
  private final String detail;

  private EngineException(String detail) {
    super(detail);
    this.detail = detail;
  }

  private EngineException(String detail, Throwable cause) {
    super(detail, cause);
    this.detail = detail;
  }

  /** {@return one sentence about this request, for the person who made it} */
  public String detail() {
    return detail;
  }

  /** The output or prompt to attribute cannot be read as asked: empty, too long, not text. */
  public static final class InvalidQuery extends EngineException {
    /** States what is wrong with the query. */
    public InvalidQuery(String detail) {
      super(detail);
    }
  }

  /** No index is there: no such directory, or a build that never finished. */
  public static final class NoIndex extends EngineException {
    /** States where an index was looked for. */
    public NoIndex(String detail) {
      super(detail);
    }
  }

  /** The index is there but is not what its manifest says: a changed, cut or missing file. */
  public static final class IndexDamaged extends EngineException {
    /** States which file differs, and how. */
    public IndexDamaged(String detail) {
      super(detail);
    }

    /** States which file differs, and how, with what the reader met. */
    public IndexDamaged(String detail, Throwable cause) {
      super(detail, cause);
    }
  }

  /** The index was built with another checkpoint, tokenizer, projection or format version. */
  public static final class IndexMismatch extends EngineException {
    /** States both sides of the mismatch. */
    public IndexMismatch(String detail) {
      super(detail);
    }
  }

  /** A checkpoint's directory lacks a file, or a file does not hold what its layout demands. */
  public static final class InvalidCheckpoint extends EngineException {
    /** States the file and what is wrong with it. */
    public InvalidCheckpoint(String detail) {
      super(detail);
    }

    /** States the file and what is wrong with it, with what the reader met. */
    public InvalidCheckpoint(String detail, Throwable cause) {
      super(detail, cause);
    }
  }

  /** A corpus cannot be read at all: a missing file, or one without a single good work. */
  public static final class InvalidCorpus extends EngineException {
    /** States the file and what is wrong with it. */
    public InvalidCorpus(String detail) {
      super(detail);
    }

    /** States the file and what is wrong with it, with what its reader met. */
    public InvalidCorpus(String detail, Throwable cause) {
      super(detail, cause);
    }
  }

  /** The output place cannot take what is to be written: it exists already, or the disk is full. */
  public static final class CannotWrite extends EngineException {
    /** States the place and the reason. */
    public CannotWrite(String detail) {
      super(detail);
    }

    /** States the place and the reason, with what the writer met. */
    public CannotWrite(String detail, Throwable cause) {
      super(detail, cause);
    }
  }

  /** The device asked for is not there, such as CUDA on a machine without it. */
  public static final class NoDevice extends EngineException {
    /** States the device asked for and what is there. */
    public NoDevice(String detail) {
      super(detail);
    }
  }
}
