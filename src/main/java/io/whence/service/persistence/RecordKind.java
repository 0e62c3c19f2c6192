package io.whence.service.persistence;

/** What the log tells of: a record of one of these kinds, with the words that its events have. */
public enum RecordKind {
  /** An answer of {@code /v1/attributions}. */
  ATTRIBUTION("attribution", "answered"),
  /** A verdict of {@code /v1/screenings}. */
  SCREENING("screening", "decided"),
  /** A statement of {@code /v1/statements}. */
  STATEMENT("statement", "issued");

  private final String word;
  private final String verb;

  RecordKind(String word, String verb) {
    this.word = word;
    this.verb = verb;
  }

  /** {@return the kind's name in answers and in the database} */
  public String id() {
    return word;
  }

  /** {@return the kind of that name} */
  static RecordKind of(String id) {
    for (RecordKind kind : values()) {
      if (kind.word.equals(id)) {
        return kind;
      }
    }
    throw new IllegalStateException("no record is a " + id);
  }

  /** {@return kind of the event that such a record makes; its payload is the record} */
  public String made() {
    return event(verb);
  }

  /** {@return kind of the event that somebody was shown it; its payload is the record's sum} */
  public String viewed() {
    return event("viewed");
  }

  /** {@return kind of the event that somebody was given a file of it; its payload is as above} */
  public String exported() {
    return event("exported");
  }

  /** {@return kind of the event that somebody was given a report of it; its payload is as above} */
  public String reported() {
    return event("reported");
  }

  /** {@return kind of an event of such a record} */
  String event(String what) {
    return word + "." + what;
  }
}
