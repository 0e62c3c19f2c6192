package io.whence.engine.rights;

/**
 * Paths as robots.txt has them (RFC 9309, 2.2.2): prefixes with {@code *} and a final {@code $}.
 */
final class PathPattern {
  private PathPattern() {}

  /** {@return whether a path matches; in time of the product of both lengths at most} */
  static boolean matches(String pattern, String path) {
    boolean whole = pattern.endsWith("$");
    String wanted = whole ? pattern.substring(0, pattern.length() - 1) : pattern + "*";
    int p = 0;
    int star = -1;
    int resume = 0;
    int i = 0;
    while (i < path.length()) {
      if (p < wanted.length() && wanted.charAt(p) == '*') {
        star = p++;
        resume = i;
      } else if (p < wanted.length() && wanted.charAt(p) == path.charAt(i)) {
        p++;
        i++;
      } else if (star >= 0) {
        p = star + 1;
        i = ++resume;
      } else {
        return false;
      }
    }
    while (p < wanted.length() && wanted.charAt(p) == '*') {
      p++;
    }
    return p == wanted.length();
  }
}
