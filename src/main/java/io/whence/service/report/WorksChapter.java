package io.whence.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Who is concerned, and which works, by what right they may be used. */
final class WorksChapter {
  /** More works nobody reads on paper; the record has them all. */
  static final int MOST = 100;

  private static final int MOST_PARTIES = 20;

  private WorksChapter() {}

  static List<View.Entry> parties(JsonNode answer) {
    JsonNode use = answer.path("reproducibility").path("request").path("use");
    List<View.Entry> parties = new ArrayList<>();
    String user = Json.text(use, "user");
    parties.add(
        new View.Entry("User of the works", user.isBlank() ? "not named in the request" : user));
    Set<String> holders = new LinkedHashSet<>();
    for (JsonNode ranked : answer.path("attributions")) {
      String holder = Json.text(ranked.path("work"), "rightsHolder");
      if (!holder.isBlank()) {
        holders.add(holder);
      }
    }
    String some = holders.stream().limit(MOST_PARTIES).collect(Collectors.joining("; "));
    int left = Math.max(0, holders.size() - MOST_PARTIES);
    parties.add(
        new View.Entry(
            "Rights holders of ranked works, as the corpus names them",
            holders.isEmpty()
                ? "none named"
                : left == 0 ? some : some + "; and " + left + " more"));
    String declared = Json.text(use.path("declaration"), "assertedBy");
    parties.add(
        new View.Entry(
            "Facts of the use stated by",
            declared.isBlank() ? "the requester, who stands in the custody" : declared));
    return parties;
  }

  static View.Works works(JsonNode answer) {
    List<View.Work> works = new ArrayList<>();
    JsonNode all = answer.path("attributions");
    for (JsonNode ranked : all) {
      if (works.size() == MOST) {
        break;
      }
      JsonNode work = ranked.path("work");
      List<String> copies = Json.texts(work.path("copies"));
      works.add(
          new View.Work(
              ranked.path("rank").asInt(),
              Json.text(work, "title"),
              Json.text(work, "author"),
              Json.text(work, "rightsHolder"),
              Json.text(work, "licence"),
              Json.text(work, "year"),
              Json.text(work, "url"),
              Json.text(work, "id"),
              membership(Json.text(work, "membership")),
              copies.isEmpty()
                  ? ""
                  : copies.size() == 1
                      ? "one copy in the index"
                      : copies.size() + " copies in the index",
              Json.text(ranked, "tier"),
              Claim.wording(ranked)));
    }
    return new View.Works(works, all.size() - works.size());
  }

  private static String membership(String membership) {
    return switch (membership) {
      case "trained" -> "in the training record";
      case "heldOut" -> "held out of training";
      default -> "training on it is assumed";
    };
  }
}
