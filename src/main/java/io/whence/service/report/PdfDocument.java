package io.whence.service.report;

import com.openhtmltopdf.bidi.support.ICUBidiReorderer;
import com.openhtmltopdf.bidi.support.ICUBidiSplitter;
import com.openhtmltopdf.pdfboxout.PdfBoxRenderer;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder.PdfAConformance;
import com.openhtmltopdf.util.XRLog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.TransformerException;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDDocumentInformation;
import org.apache.pdfbox.pdmodel.PDDocumentNameDictionary;
import org.apache.pdfbox.pdmodel.PDEmbeddedFilesNameTreeNode;
import org.apache.pdfbox.pdmodel.common.PDMetadata;
import org.apache.pdfbox.pdmodel.common.filespecification.PDComplexFileSpecification;
import org.apache.pdfbox.pdmodel.common.filespecification.PDEmbeddedFile;
import org.apache.xmpbox.XMPMetadata;
import org.apache.xmpbox.schema.AdobePDFSchema;
import org.apache.xmpbox.schema.DublinCoreSchema;
import org.apache.xmpbox.schema.PDFAIdentificationSchema;
import org.apache.xmpbox.schema.XMPBasicSchema;
import org.apache.xmpbox.type.BadFieldValueException;
import org.apache.xmpbox.xml.XmpSerializer;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * A page of HTML as PDF/A-3b (ISO 19005-3), with the record attached. Nothing in it depends on when
 * or where it is made: times and the document's id are those of the record.
 */
final class PdfDocument {
  private static final String PRODUCER = "Whence";
  private static final String LANGUAGE = "en";
  private static final byte[] SRGB = PdfFonts.resource("/report/sRGB.icc");

  static {
    // It tells of every font it loads; what is wrong with a page is found by the tests.
    XRLog.setLoggingEnabled(false);
  }

  private PdfDocument() {}

  /**
   * {@return the bytes of the PDF}
   *
   * @param html in the syntax of XML
   * @param id of the record
   * @param made when the record was
   * @param record its bytes, which are attached
   */
  static byte[] of(String html, String id, Instant made, byte[] record) {
    Document page = parsed(html);
    Characters characters = new Characters();
    characters.replaceIn(page.getDocumentElement());
    if (characters.replaced > 0) {
      note(page, characters.replaced);
    }
    bookmarks(page);
    PdfRendererBuilder builder =
        new PdfRendererBuilder()
            .usePdfAConformance(PdfAConformance.PDFA_3_B)
            .useColorProfile(SRGB)
            .withProducer(PRODUCER)
            .useUnicodeBidiSplitter(new ICUBidiSplitter.ICUBidiSplitterFactory())
            .useUnicodeBidiReorderer(new ICUBidiReorderer())
            .useExternalResourceAccessControl((uri, type) -> false, null)
            .withW3cDocument(page, null);
    PdfFonts.into(builder, characters.eastAsian);
    try (PdfBoxRenderer renderer = builder.buildPdfRenderer()) {
      renderer.layout();
      try (PDDocument document = renderer.createPDFKeepOpen()) {
        String title = page.getElementsByTagName("title").item(0).getTextContent();
        attach(document, id + ".json", record, made);
        describe(document, title, made);
        document.getDocumentCatalog().setLanguage(LANGUAGE);
        document.setDocumentId(number(id));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        document.save(bytes);
        return bytes.toByteArray();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Document parsed(String html) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setNamespaceAware(false);
      DocumentBuilder builder = factory.newDocumentBuilder();
      return builder.parse(new InputSource(new StringReader(html)));
    } catch (ParserConfigurationException | SAXException e) {
      throw new IllegalStateException("the report's page is no XML", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts a visible sign where no font has a character, and finds out which fonts are needed. */
  private static final class Characters {
    private int replaced;
    private boolean eastAsian;

    void replaceIn(Node node) {
      if (node.getNodeType() == Node.TEXT_NODE) {
        String text = node.getNodeValue();
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(point -> shown.appendCodePoint(shown(point)));
        node.setNodeValue(shown.toString());
      }
      NodeList children = node.getChildNodes();
      for (int i = 0; i < children.getLength(); i++) {
        replaceIn(children.item(i));
      }
    }

    private int shown(int point) {
      if (Character.isWhitespace(point) || PdfFonts.show(point)) {
        eastAsian |= PdfFonts.onlyEastAsian(point);
        return point;
      }
      replaced++;
      return PdfFonts.REPLACEMENT;
    }
  }

  private static void note(Document page, int replaced) {
    Element note = page.createElement("p");
    note.setTextContent(
        replaced
            + (replaced == 1 ? " character is" : " characters are")
            + " of a script that this document's fonts do not have, and shown as "
            + Character.toString(PdfFonts.REPLACEMENT)
            + "; the attached record has them as they are.");
    Node contents = page.getElementsByTagName("h2").item(0);
    contents.getParentNode().insertBefore(note, contents);
  }

  /** Every heading of the second level is a bookmark. */
  private static void bookmarks(Document page) {
    Element bookmarks = page.createElement("bookmarks");
    NodeList headings = page.getElementsByTagName("h2");
    for (int i = 0; i < headings.getLength(); i++) {
      Element heading = (Element) headings.item(i);
      Element bookmark = page.createElement("bookmark");
      bookmark.setAttribute("name", heading.getTextContent());
      bookmark.setAttribute("href", "#" + heading.getAttribute("id"));
      bookmarks.appendChild(bookmark);
    }
    page.getElementsByTagName("head").item(0).appendChild(bookmarks);
  }

  private static void attach(PDDocument document, String name, byte[] record, Instant made)
      throws IOException {
    PDEmbeddedFile file = new PDEmbeddedFile(document, new ByteArrayInputStream(record));
    file.setSubtype("application/json");
    file.setSize(record.length);
    file.setCreationDate(calendar(made));
    file.setModDate(calendar(made));
    PDComplexFileSpecification attached = new PDComplexFileSpecification();
    attached.setFile(name);
    attached.setFileUnicode(name);
    attached.setFileDescription("The record that this report was made from, as it was answered");
    attached.setEmbeddedFile(file);
    attached.setEmbeddedFileUnicode(file);
    attached.getCOSObject().setName(COSName.AF_RELATIONSHIP, "Source");
    PDEmbeddedFilesNameTreeNode files = new PDEmbeddedFilesNameTreeNode();
    files.setNames(Map.of(name, attached));
    PDDocumentNameDictionary names = new PDDocumentNameDictionary(document.getDocumentCatalog());
    names.setEmbeddedFiles(files);
    document.getDocumentCatalog().setNames(names);
    COSArray associated = new COSArray();
    associated.add(attached.getCOSObject());
    document.getDocumentCatalog().getCOSObject().setItem(COSName.AF, associated);
  }

  /** What the document says of itself, twice: in its dictionary and as XMP, word for word alike. */
  private static void describe(PDDocument document, String title, Instant made) throws IOException {
    PDDocumentInformation information = new PDDocumentInformation();
    information.setTitle(title);
    information.setProducer(PRODUCER);
    information.setCreator(PRODUCER);
    information.setCreationDate(calendar(made));
    information.setModificationDate(calendar(made));
    document.setDocumentInformation(information);
    XMPMetadata metadata = XMPMetadata.createXMPMetadata();
    try {
      PDFAIdentificationSchema standard = metadata.createAndAddPDFAIdentificationSchema();
      standard.setPart(3);
      standard.setConformance("B");
    } catch (BadFieldValueException e) {
      throw new IllegalStateException("there is PDF/A-3b", e);
    }
    DublinCoreSchema core = metadata.createAndAddDublinCoreSchema();
    core.setTitle(title);
    core.addLanguage(LANGUAGE);
    XMPBasicSchema basic = metadata.createAndAddXMPBasicSchema();
    basic.setCreatorTool(PRODUCER);
    basic.setCreateDate(calendar(made));
    basic.setModifyDate(calendar(made));
    AdobePDFSchema pdf = metadata.createAndAddAdobePDFSchema();
    pdf.setProducer(PRODUCER);
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    try {
      new XmpSerializer().serialize(metadata, packet, true);
    } catch (TransformerException e) {
      throw new IllegalStateException("the document's metadata cannot be written", e);
    }
    PDMetadata xmp = new PDMetadata(document);
    xmp.importXMPMetadata(packet.toByteArray());
    document.getDocumentCatalog().setMetadata(xmp);
  }

  /** A PDF's times have no fractions of a second. */
  private static Calendar calendar(Instant at) {
    return GregorianCalendar.from(
        ZonedDateTime.ofInstant(Instant.ofEpochSecond(at.getEpochSecond()), ZoneOffset.UTC));
  }

  private static long number(String id) {
    return new BigInteger(1, id.getBytes(java.nio.charset.StandardCharsets.UTF_8)).longValue();
  }
}
