package io.whence.engine.attribution;

import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.CodeFiltration;
import io.whence.engine.evidence.CodeSimilarity;
import io.whence.engine.evidence.CodeTokens;
import io.whence.engine.evidence.PersonalData;
import io.whence.engine.evidence.SourceNotices;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What an output that is code has to do with works that are code, beyond the runs they share.
 *
 * @param output its tokens
 * @param filtered what of it is set aside, and why
 * @param personalData names and addresses of persons that the output gives away
 * @param sources works in the output's language that were compared with it as wholes: first those
 *     with shared runs that count, then by {@link CodeSimilarity#MOST_ALIKE_FIRST}
 */
public record CodeTrace(
    CodeTokens output,
    CodeFiltration filtered,
    List<PersonalData> personalData,
    List<Source> sources) {
  /** Copies the lists. */
  public CodeTrace {
    personalData = List.copyOf(personalData);
    sources = List.copyOf(sources);
  }

  /**
   * One work.
   *
   * @param counts whether a shared run is evidence
   * @param similarity of the whole output and the whole work
   * @param code its tokens
   * @param filtered what of it is set aside, and why
   * @param notices what the head of its source says of rights
   * @param lost copyright lines of the work that the output, which shares code with it, has not
   */
  public record Source(
      Work work,
      boolean counts,
      CodeSimilarity similarity,
      CodeTokens code,
      CodeFiltration filtered,
      SourceNotices notices,
      List<SourceNotices.Copyright> lost) {
    /** {@return what the corpus declares, else what the source's head says; null for neither} */
    public @Nullable String licence() {
      return work.licence() != null ? work.licence() : notices.licence();
    }
  }

  /** {@return what in the licences of the works with shared runs does not fit together} */
  public List<String> licenceConflicts() {
    List<String> conflicts = new ArrayList<>();
    TreeSet<String> licences = new TreeSet<>();
    for (Source source : sources) {
      if (!source.counts()) {
        continue;
      }
      if (source.notices().conflictsWith(source.work().licence())) {
        conflicts.add(
            String.format(
                Locale.ROOT,
                "%s is declared %s, and the head of its source says %s",
                source.work().id(),
                source.work().licence(),
                source.notices().licence()));
      }
      licences.add(source.licence() == null ? "no licence" : String.valueOf(source.licence()));
    }
    if (licences.size() > 1) {
      conflicts.add(
          "the output shares code with works under different licences: "
              + String.join("; ", licences));
    }
    return conflicts;
  }
}
