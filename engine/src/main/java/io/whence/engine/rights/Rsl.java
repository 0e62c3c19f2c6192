package io.whence.engine.rights;

import io.whence.engine.EngineException;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * Really Simple Licensing 1.0: of the {@code content} whose URL matches longest, the licence that
 * is best for the licensee, who may choose. In a licence, a prohibition comes before a permission;
 * where uses are permitted by name, others are not; a payment other than {@code free}, a permission
 * for some users or countries only, and a licence server are conditions. Drafts before 1.0 had
 * {@code train-ai} and {@code train-genai} for {@code ai-train}.
 */
final class Rsl {
  private static final String NAMESPACE = "https://rslstandard.org/rsl";
  private static final Set<String> TRAINING =
      Set.of("all", "ai-all", "ai-train", "train-ai", "train-genai");

  private Rsl() {}

  static Reading read(String text, Form.Target target) {
    Element root = parse(text);
    Element best = null;
    int longest = -1;
    for (Element content : children(root, "content")) {
      String path = path(content.getAttribute("url"));
      if (PathPattern.matches(path, target.path()) && path.length() > longest) {
        longest = path.length();
        best = content;
      }
    }
    if (best == null) {
      return Reading.of(
          Form.RSL, text, Verdict.UNSTATED, "no content matches " + target.path(), null);
    }
    List<Element> licences = children(best, "license");
    if (licences.isEmpty()) {
      return Reading.of(Form.RSL, text, Verdict.UNSTATED, "the content has no license", null);
    }
    String server = best.getAttribute("server");
    Reading chosen = null;
    for (Element licence : licences) {
      Reading reading = licence(text, licence, server);
      if (chosen == null || reading.verdict().compareTo(chosen.verdict()) < 0) {
        chosen = reading;
      }
    }
    return java.util.Objects.requireNonNull(chosen);
  }

  private static Reading licence(String text, Element licence, String server) {
    Element payment = children(licence, "payment").stream().findFirst().orElse(null);
    String terms = terms(payment, server);
    Set<String> prohibited = uses(licence, "prohibits");
    for (String use : prohibited) {
      if (TRAINING.contains(use)) {
        return Reading.of(Form.RSL, text, Verdict.RESERVED, "prohibits usage " + use, terms);
      }
    }
    Set<String> permitted = uses(licence, "permits");
    boolean named = permitted.stream().anyMatch(TRAINING::contains);
    if (!permitted.isEmpty() && !named) {
      return Reading.of(
          Form.RSL,
          text,
          Verdict.RESERVED,
          "permits other usage only: " + sorted(permitted),
          terms);
    }
    String type = payment == null ? "free" : payment.getAttribute("type");
    List<String> conditions = new ArrayList<>();
    if (!type.equals("free")) {
      conditions.add("payment " + (type.isEmpty() ? "by another's terms" : type));
    }
    for (Element permits : children(licence, "permits")) {
      String kind = permits.getAttribute("type");
      if (kind.equals("user") || kind.equals("geo")) {
        conditions.add(kind + " " + permits.getTextContent().strip());
      }
    }
    for (Element prohibits : children(licence, "prohibits")) {
      String kind = prohibits.getAttribute("type");
      if (kind.equals("user") || kind.equals("geo")) {
        conditions.add("not " + kind + " " + prohibits.getTextContent().strip());
      }
    }
    if (!server.isEmpty()) {
      conditions.add("a licence from " + server);
    }
    return Reading.of(
        Form.RSL,
        text,
        conditions.isEmpty() ? Verdict.ALLOWED : Verdict.CONDITIONAL,
        (named ? "permits usage " + sorted(permitted) : "prohibits nothing of it")
            + (conditions.isEmpty() ? "" : "; " + String.join(", ", conditions)),
        terms);
  }

  private static String sorted(Set<String> uses) {
    return String.join(" ", uses.stream().sorted().toList());
  }

  private static @Nullable String terms(@Nullable Element payment, String server) {
    if (payment != null) {
      for (String name : new String[] {"standard", "custom"}) {
        for (Element place : children(payment, name)) {
          return place.getTextContent().strip();
        }
      }
    }
    return server.isEmpty() ? null : server;
  }

  private static Set<String> uses(Element licence, String name) {
    Set<String> uses = new HashSet<>();
    for (Element element : children(licence, name)) {
      if (element.getAttribute("type").equals("usage")) {
        for (String use : element.getTextContent().strip().split("[\\s,]+", -1)) {
          if (!use.isEmpty()) {
            uses.add(use);
          }
        }
      }
    }
    return uses;
  }

  /** The path of a URL; a bare path is its own. */
  private static String path(String url) {
    if (url.startsWith("/")) {
      return url;
    }
    try {
      // What robots.txt allows in a path, a URI may not hold.
      String path = URI.create(url.replace("*", "%2A").replace("$", "%24")).getRawPath();
      return path == null || path.isEmpty() ? "/" : path.replace("%2A", "*").replace("%24", "$");
    } catch (IllegalArgumentException e) {
      throw new EngineException.InvalidQuery("the RSL document has the content url " + url);
    }
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> children = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element
          && NAMESPACE.equals(element.getNamespaceURI())
          && name.equals(element.getLocalName())) {
        children.add(element);
      }
    }
    return children;
  }

  private static Element parse(String text) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
      // A document that reaches outside itself is none of ours.
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      DocumentBuilder builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      Element root = builder.parse(new InputSource(new StringReader(text))).getDocumentElement();
      if (!NAMESPACE.equals(root.getNamespaceURI()) || !"rsl".equals(root.getLocalName())) {
        throw new EngineException.InvalidQuery(
            "no RSL document: its root is not rsl of " + NAMESPACE);
      }
      return root;
    } catch (SAXException | IOException e) {
      throw new EngineException.InvalidQuery("no RSL document: " + e.getMessage());
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("every Java parses XML safely", e);
    }
  }
}
