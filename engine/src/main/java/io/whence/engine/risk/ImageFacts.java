package io.whence.engine.risk;

import io.whence.engine.EngineException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is stated of an output that is an image, beyond what is stated of any.
 *
 * @param character whether it shows a protected character; null where nobody says
 * @param artistOfStyle whose style it has; null where nobody says
 * @param persons whom it shows, at most {@value #MOST} names
 * @param marks which marks or logos it shows, at most {@value #MOST} names
 */
public record ImageFacts(
    @Nullable CharacterClaim character,
    @Nullable String artistOfStyle,
    List<String> persons,
    List<String> marks) {
  /** Most persons, and most marks. */
  public static final int MOST = 20;

  /** Copies the lists; rejects names that are none. */
  public ImageFacts {
    if (artistOfStyle != null) {
      UseFacts.checkName("use.image.artistOfStyle", artistOfStyle);
    }
    persons = names("use.image.persons", persons);
    marks = names("use.image.marks", marks);
  }

  private static List<String> names(String field, List<String> names) {
    if (names.size() > MOST) {
      throw new EngineException.InvalidQuery(
          field + " has " + names.size() + " names; at most " + MOST + " are taken, so shorten it");
    }
    names.forEach(name -> UseFacts.checkName(field, name));
    return List.copyOf(names);
  }
}
