package io.whence.service.report;

import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FontStyle;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;

/**
 * The fonts that a PDF embeds, each subset to what it shows: one family for text, one for tables,
 * one for hashes, and two that have what those lack. Read once and kept, some 6 MB.
 */
final class PdfFonts {
  /** Shown in the place of a character that no font has; the first of the last resorts has it. */
  static final int REPLACEMENT = 0xfffd;

  private static final List<Face> TEXT =
      List.of(
          new Face("LiberationSerif-Regular", "Liberation Serif", 400, FontStyle.NORMAL),
          new Face("LiberationSerif-Bold", "Liberation Serif", 700, FontStyle.NORMAL),
          new Face("LiberationSerif-Italic", "Liberation Serif", 400, FontStyle.ITALIC),
          new Face("LiberationSans-Regular", "Liberation Sans", 400, FontStyle.NORMAL),
          new Face("LiberationSans-Bold", "Liberation Sans", 700, FontStyle.NORMAL),
          new Face("LiberationMono-Regular", "Liberation Mono", 400, FontStyle.NORMAL),
          new Face("DejaVuSans", "DejaVu Sans", 400, FontStyle.NORMAL));

  /** Chinese, Japanese and Korean; larger than all others, so only where it is needed. */
  private static final Face EAST_ASIAN =
      new Face("DroidSansFallback", "Droid Sans Fallback", 400, FontStyle.NORMAL);

  private static final CmapLookup LAST_RESORT = TEXT.get(TEXT.size() - 1).characters();

  private PdfFonts() {}

  /** One font file. */
  private static final class Face {
    private final String family;
    private final int weight;
    private final FontStyle style;
    private final byte[] bytes;

    Face(String file, String family, int weight, FontStyle style) {
      this.family = family;
      this.weight = weight;
      this.style = style;
      this.bytes = resource("/report/fonts/" + file + ".ttf");
    }

    CmapLookup characters() {
      try (TrueTypeFont font = new TTFParser().parse(new RandomAccessReadBuffer(bytes))) {
        return font.getUnicodeCmapLookup();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void into(PdfRendererBuilder builder) {
      builder.useFont(() -> new ByteArrayInputStream(bytes), family, weight, style, true);
    }
  }

  /** Lazily, as most reports need none of it. */
  private static final class EastAsian {
    static final CmapLookup CHARACTERS = EAST_ASIAN.characters();
  }

  /** {@return whether some font has a character} */
  static boolean show(int point) {
    return point < 0x7f || LAST_RESORT.getGlyphId(point) > 0 || onlyEastAsian(point);
  }

  /** {@return whether nothing but the fonts for East Asia has it} */
  static boolean onlyEastAsian(int point) {
    return point >= 0x2e80
        && LAST_RESORT.getGlyphId(point) == 0
        && EastAsian.CHARACTERS.getGlyphId(point) > 0;
  }

  /** Hands the fonts to a renderer. */
  static void into(PdfRendererBuilder builder, boolean eastAsian) {
    List<Face> faces = new ArrayList<>(TEXT);
    if (eastAsian) {
      faces.add(EAST_ASIAN);
    }
    faces.forEach(face -> face.into(builder));
  }

  static byte[] resource(String name) {
    try (InputStream in = PdfFonts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not in this build");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
