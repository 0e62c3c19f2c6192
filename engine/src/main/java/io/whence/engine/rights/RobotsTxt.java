package io.whence.engine.rights;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The Robots Exclusion Protocol (RFC 9309): the groups that name the crawler, else those for all;
 * among their rules the longest match, and on equal length the one that allows. A crawler that may
 * not come may not train either. Coming is no leave to train: that {@code Content-Usage} states
 * (AIPREF; among equal matches a refusal wins), or {@code Content-Signal: ai-train}. Either counts
 * for everybody where it stands before any group.
 */
final class RobotsTxt {
  private RobotsTxt() {}

  private record Line(String key, String value) {}

  private record Group(List<String> agents, List<Line> rules) {}

  static Reading read(String text, Form.Target target) {
    List<Group> groups = groups(text);
    List<Line> rules = new ArrayList<>();
    groups.stream()
        .filter(group -> group.agents.isEmpty())
        .forEach(group -> rules.addAll(group.rules));
    List<Group> named =
        groups.stream()
            .filter(
                group ->
                    group.agents.stream()
                        .anyMatch(
                            agent -> !agent.equals("*") && agent.equalsIgnoreCase(target.agent())))
            .toList();
    List<Group> binding =
        named.isEmpty()
            ? groups.stream().filter(group -> group.agents.contains("*")).toList()
            : named;
    binding.forEach(group -> rules.addAll(group.rules));
    String licence =
        groups.stream()
            .flatMap(group -> group.rules.stream())
            .filter(line -> line.key.equals("license"))
            .map(Line::value)
            .findFirst()
            .orElse(null);
    Line crawl = crawlRule(rules, target.path());
    if (crawl != null && crawl.key.equals("disallow")) {
      return Reading.of(Form.ROBOTS, text, Verdict.RESERVED, "Disallow: " + crawl.value, licence);
    }
    Reading usage = usage(text, rules, target.path(), licence);
    if (usage != null) {
      return usage;
    }
    return Reading.of(
        Form.ROBOTS,
        text,
        Verdict.UNSTATED,
        "the crawler may come; nothing is said of training",
        licence);
  }

  private static List<Group> groups(String text) {
    List<Group> groups = new ArrayList<>();
    Group group = new Group(new ArrayList<>(), new ArrayList<>());
    groups.add(group);
    boolean naming = false;
    for (String raw : text.replace("\uFEFF", "").split("\r\n|\r|\n", -1)) {
      String line = raw.replaceFirst("#.*", "").strip();
      int colon = line.indexOf(':');
      if (colon < 1) {
        continue;
      }
      String key = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
      String value = line.substring(colon + 1).strip();
      if (key.equals("user-agent")) {
        if (!naming) {
          group = new Group(new ArrayList<>(), new ArrayList<>());
          groups.add(group);
        }
        group.agents.add(value);
        naming = true;
      } else {
        naming = false;
        group.rules.add(new Line(key, value));
      }
    }
    return groups;
  }

  private static @Nullable Line crawlRule(List<Line> rules, String path) {
    Line best = null;
    for (Line rule : rules) {
      boolean allows = rule.key.equals("allow");
      if ((allows || rule.key.equals("disallow"))
          && !rule.value.isEmpty()
          && PathPattern.matches(rule.value, path)
          && (best == null
              || rule.value.length() > best.value.length()
              || (rule.value.length() == best.value.length() && allows))) {
        best = rule;
      }
    }
    return best;
  }

  private static @Nullable Reading usage(
      String text, List<Line> rules, String path, @Nullable String licence) {
    Boolean found = null;
    String ground = "";
    int longest = -1;
    for (Line rule : rules) {
      String pattern = "/";
      String stated = rule.value;
      Boolean allowed;
      if (rule.key.equals("content-usage")) {
        if (stated.startsWith("/")) {
          int space = stated.indexOf(' ');
          pattern = space < 0 ? stated : stated.substring(0, space);
          stated = space < 0 ? "" : stated.substring(space + 1);
        }
        allowed = AiPref.training(stated, "y", "n", "train-ai", "bots");
      } else if (rule.key.equals("content-signal")) {
        allowed = AiPref.training(stated, "yes", "no", "ai-train");
      } else {
        continue;
      }
      if (allowed == null
          || !PathPattern.matches(pattern, path)
          || pattern.length() < longest
          || (pattern.length() == longest && Boolean.FALSE.equals(found))) {
        continue;
      }
      longest = pattern.length();
      found = allowed;
      ground = rule.key + ": " + rule.value;
    }
    return found == null
        ? null
        : Reading.of(Form.ROBOTS, text, AiPref.verdict(found), ground, licence);
  }
}
