package io.whence.engine.credit;

import io.whence.engine.EngineException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An identifier of a person or a work whose form and check digit are right. That it belongs to
 * anybody is another question: a check digit finds slips of the pen, not lies.
 *
 * @param scheme that issued it
 * @param value as the scheme writes it
 */
public record Identifier(Scheme scheme, String value) {
  private static final int LONGEST = 1_000;

  /** Rejects a value that is not as its scheme writes it. */
  public Identifier {
    if (!scheme.canonical(value).equals(value)) {
      throw wrong(scheme, value, "is written " + scheme.canonical(value));
    }
  }

  /**
   * {@return the identifier that a text holds}
   *
   * @param text as people write it, with the separators the scheme knows
   * @throws EngineException.InvalidQuery when its form or its check digit is wrong
   */
  public static Identifier of(Scheme scheme, String text) {
    return new Identifier(scheme, scheme.canonical(text));
  }

  @Override
  public String toString() {
    return scheme.id() + ":" + value;
  }

  /** Who issues identifiers, and by which rule. */
  public enum Scheme {
    /** International Standard Name Identifier, ISO 27729: persons and bodies. */
    ISNI("isni", "(?:ISNI )?" + fourFours(), "16 characters, as 0000 0001 2146 438X") {
      @Override
      String canonical(Matcher parts, String text) {
        return mod11(this, parts, text);
      }
    },
    /** Open Researcher and Contributor ID: authors. */
    ORCID(
        "orcid",
        "(?:https://orcid\\.org/)?" + fourFours(),
        "16 characters, as 0000-0002-1825-0097") {
      @Override
      String canonical(Matcher parts, String text) {
        String all = mod11(this, parts, text);
        return String.join(
            "-", all.substring(0, 4), all.substring(4, 8), all.substring(8, 12), all.substring(12));
      }
    },
    /** Interested party information, name number (CISAC): a name of a writer or publisher. */
    IPI_NAME("ipiName", "([0-9]{9})([0-9]{2})", "11 digits, as 00014107338") {
      @Override
      String canonical(Matcher parts, String text) {
        int sum = 0;
        for (int i = 0; i < 9; i++) {
          sum += (10 - i) * Character.digit(parts.group(1).charAt(i), 10);
        }
        int rest = sum % 101;
        int check = rest == 0 ? 0 : (101 - rest) % 100;
        check(this, text, parts.group(2), String.format(Locale.ROOT, "%02d", check));
        return text;
      }
    },
    /** Interested party information, base number (CISAC): the party behind the names. */
    IPI_BASE("ipiBase", "I(-?)([0-9]{9})\\1([0-9])", "I and 10 digits, as I-000000229-7") {
      @Override
      String canonical(Matcher parts, String text) {
        check(this, text, parts.group(3), weighted(2, parts.group(2)));
        return "I-" + parts.group(2) + "-" + parts.group(3);
      }
    },
    /** International Standard Musical Work Code, ISO 15707. */
    ISWC(
        "iswc",
        "T(?:-([0-9]{3})\\.([0-9]{3})\\.([0-9]{3})-|([0-9]{9}))([0-9])",
        "T and 10 digits, as T-034.524.680-1") {
      @Override
      String canonical(Matcher parts, String text) {
        String digits =
            parts.group(4) == null
                ? parts.group(1) + parts.group(2) + parts.group(3)
                : parts.group(4);
        check(this, text, parts.group(5), weighted(1, digits));
        return "T-"
            + digits.substring(0, 3)
            + "."
            + digits.substring(3, 6)
            + "."
            + digits.substring(6)
            + "-"
            + parts.group(5);
      }
    },
    /** International Standard Recording Code, ISO 3901; it has no check digit. */
    ISRC(
        "isrc",
        "([A-Z]{2})(-?)([A-Z0-9]{3})\\2([0-9]{2})\\2([0-9]{5})",
        "12 characters, as USRC17607839") {
      @Override
      String canonical(Matcher parts, String text) {
        return parts.group(1) + parts.group(3) + parts.group(4) + parts.group(5);
      }
    },
    /** International Standard Book Number of 13 digits, ISO 2108. */
    ISBN(
        "isbn",
        "97[89](?:[0-9]{10}|(?=.{14}$)(?:-[0-9]+){3}-[0-9]|(?=.{14}$)(?: [0-9]+){3} [0-9])",
        "13 digits that begin with 978 or 979, as 978-3-16-148410-0") {
      @Override
      String canonical(Matcher parts, String text) {
        String digits = text.replace("-", "").replace(" ", "");
        int sum = 0;
        for (int i = 0; i < 12; i++) {
          sum += (i % 2 == 0 ? 1 : 3) * Character.digit(digits.charAt(i), 10);
        }
        check(this, text, digits.substring(12), String.valueOf((10 - sum % 10) % 10));
        return digits;
      }
    },
    /** Entertainment Identifier Registry: films and broadcasts. */
    EIDR(
        "eidr",
        "10\\.5240/([0-9A-F]{4})-([0-9A-F]{4})-([0-9A-F]{4})-([0-9A-F]{4})-([0-9A-F]{4})-([0-9A-Z])",
        "as 10.5240/7791-8534-2C23-9030-8610-5") {
      @Override
      String canonical(Matcher parts, String text) {
        StringBuilder digits = new StringBuilder();
        for (int group = 1; group <= 5; group++) {
          digits.append(parts.group(group));
        }
        // ISO 7064, MOD 37,36.
        int p = 36;
        for (int i = 0; i < digits.length(); i++) {
          int s = (p + Character.digit(digits.charAt(i), 36)) % 36;
          p = (s == 0 ? 36 : s) * 2 % 37;
        }
        char check = Character.toUpperCase(Character.forDigit((37 - p) % 36, 36));
        check(this, text, parts.group(6), String.valueOf(check));
        return text;
      }
    },
    /** Digital Object Identifier, ISO 26324; letters of either case are the same. */
    DOI(
        "doi",
        "(?:doi:|https://doi\\.org/)?(10\\.[0-9]{4,9}/[\\x21-\\x7e\\u00a1-\\ufffd]+)",
        "10.PREFIX/SUFFIX, as 10.1000/182") {
      @Override
      String canonical(Matcher parts, String text) {
        return parts.group(1).toLowerCase(Locale.ROOT);
      }
    },
    /** Software Hash Identifier, ISO/IEC 18670: files, directories, revisions. */
    SWHID(
        "swhid",
        "swh:1:(?:cnt|dir|rev|rel|snp):[0-9a-f]{40}",
        "swh:1:KIND: and 40 hexadecimal digits, KIND one of cnt, dir, rev, rel, snp") {
      @Override
      String canonical(Matcher parts, String text) {
        return text;
      }
    },
    /** MusicBrainz identifier. */
    MBID(
        "mbid",
        "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        "a UUID, as 5b11f4ce-a62d-471e-81fc-a69a8278c7da") {
      @Override
      String canonical(Matcher parts, String text) {
        return text.toLowerCase(Locale.ROOT);
      }
    },
    /** International Standard Content Code, ISO 24138: alike where contents are alike. */
    ISCC("iscc", "(?:ISCC:)?([A-Z2-7]+)", "ISCC: and base32, as ISCC:KACYPXW445FTYNJ3...") {
      @Override
      String canonical(Matcher parts, String text) {
        String code = parts.group(1);
        BigInteger bits = BigInteger.ZERO;
        for (int i = 0; i < code.length(); i++) {
          int value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(code.charAt(i));
          bits = bits.shiftLeft(5).add(BigInteger.valueOf(value));
        }
        int length = 5 * code.length();
        int bytes = length / 8;
        // A header of four numbers below 8 takes two bytes; then as many bytes as it says.
        if (bytes < 3
            || length - 8 * bytes >= 5
            || (bits.signum() > 0 && bits.getLowestSetBit() < length - 8 * bytes)) {
          throw wrong(this, text, "is no whole number of bytes");
        }
        int header = bits.shiftRight(length - 16).intValue();
        int kind = header >> 12;
        int subtype = (header >> 8) & 15;
        int version = (header >> 4) & 15;
        int size = header & 15;
        int body =
            switch (kind) {
              case 5 -> subtype == 7 ? 256 : 128 + 64 * Integer.bitCount(size);
              case 6, 7 -> 64 + 8 * size;
              default -> 32 * (size + 1);
            };
        if (kind > 7 || subtype > 7 || version != 0 || size > 7 || 8 * (bytes - 2) != body) {
          throw wrong(this, text, "has a header that does not fit its length");
        }
        return "ISCC:" + code;
      }
    };

    private final String id;
    private final Pattern form;
    private final String shape;

    Scheme(String id, String form, String shape) {
      this.id = id;
      this.form = Pattern.compile(form);
      this.shape = shape;
    }

    /** {@return its name in records} */
    public String id() {
      return id;
    }

    /**
     * {@return the scheme of a name}
     *
     * @throws EngineException.InvalidQuery when there is none
     */
    public static Scheme of(String id) {
      return Arrays.stream(values())
          .filter(scheme -> scheme.id.equals(id))
          .findFirst()
          .orElseThrow(
              () ->
                  new EngineException.InvalidQuery(
                      "identifier scheme "
                          + id
                          + " is not known; use one of "
                          + Arrays.stream(values())
                              .map(Scheme::id)
                              .collect(Collectors.joining(", "))));
    }

    String canonical(String text) {
      if (text.length() > LONGEST) {
        throw new EngineException.InvalidQuery(
            name() + " has " + text.length() + " characters; at most " + LONGEST);
      }
      Matcher parts = form.matcher(text);
      if (!parts.matches()) {
        throw wrong(this, text, "is not of its form: " + shape);
      }
      return canonical(parts, text);
    }

    abstract String canonical(Matcher parts, String text);
  }

  private static String fourFours() {
    return "([0-9]{4})([- ]?)([0-9]{4})\\2([0-9]{4})\\2([0-9]{3})([0-9X])";
  }

  /** ISO 7064, MOD 11-2. */
  private static String mod11(Scheme scheme, Matcher parts, String text) {
    String digits = parts.group(1) + parts.group(3) + parts.group(4) + parts.group(5);
    int t = 0;
    for (int i = 0; i < digits.length(); i++) {
      t = (t + Character.digit(digits.charAt(i), 10)) * 2 % 11;
    }
    int check = (12 - t) % 11;
    check(scheme, text, parts.group(6), check == 10 ? "X" : String.valueOf(check));
    return digits + parts.group(6);
  }

  /** The check digit of ISWC and IPI base numbers: digits weighed by their place. */
  private static String weighted(int start, String digits) {
    int sum = start;
    for (int i = 0; i < digits.length(); i++) {
      sum += (i + 1) * Character.digit(digits.charAt(i), 10);
    }
    return String.valueOf((10 - sum % 10) % 10);
  }

  private static void check(Scheme scheme, String text, String stated, String computed) {
    if (!stated.equals(computed)) {
      throw wrong(scheme, text, "ends in " + stated + ", and its digits give " + computed);
    }
  }

  private static EngineException.InvalidQuery wrong(Scheme scheme, String text, String what) {
    return new EngineException.InvalidQuery(scheme.name() + " " + text + " " + what);
  }
}
