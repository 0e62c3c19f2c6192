package io.whence.engine.evidence;

import io.whence.engine.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name or an address of a person that an output gives away. Found by its form: it may be made up,
 * and names that stand in running text are not found.
 *
 * @param text as it stands there
 * @param at where, in UTF-16 code units
 */
public record PersonalData(Kind kind, String text, Span at) {
  /** How it was told. */
  public enum Kind {
    /** An e-mail address. */
    EMAIL("email", "(?<![\\w.+-])([\\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\\.){1,8}[A-Za-z]{2,24})"),
    /** Who a comment says wrote the code. */
    AUTHOR("author", "(?:@author|\\b[Aa]uthors?:|\\b[Ww]ritten by:?)[ \\t]+([^\\r\\n<*@,;]{2,80})"),
    /** Whose home directory a path leads to. */
    HOME("homeDirectory", "(?:/home/|/Users/|[A-Za-z]:\\\\{1,2}Users\\\\{1,2})([\\w.-]{2,64})"),
    /** Who is to do something. */
    ASSIGNEE("assignee", "\\b(?:TODO|FIXME|XXX)\\s?\\(([A-Za-z][\\w.@-]{1,63})\\)");

    private final String id;
    private final Pattern pattern;

    Kind(String id, String pattern) {
      this.id = id;
      this.pattern = Pattern.compile(pattern);
    }

    /** {@return the name it has in answers} */
    public String id() {
      return id;
    }
  }

  /** {@return what is in {@code text}, in order} */
  public static List<PersonalData> in(String text) {
    List<PersonalData> found = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      Matcher matcher = kind.pattern.matcher(text);
      while (matcher.find()) {
        String name = String.valueOf(matcher.group(1)).stripTrailing();
        if (!name.isEmpty()) {
          found.add(
              new PersonalData(
                  kind, name, new Span(matcher.start(1), matcher.start(1) + name.length())));
        }
      }
    }
    found.sort(
        Comparator.comparingInt((PersonalData data) -> data.at().start())
            .thenComparing(PersonalData::kind));
    return List.copyOf(found);
  }
}
