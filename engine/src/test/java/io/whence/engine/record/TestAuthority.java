package io.whence.engine.record;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A time-stamp authority for tests: RFC 3161 over HTTP, with a certificate authority of its own.
 * Real in all but that nobody should trust it. A GET of {@code /mood/DOWN} and the like changes how
 * it behaves.
 */
public final class TestAuthority implements AutoCloseable {
  private static final ASN1ObjectIdentifier POLICY =
      new ASN1ObjectIdentifier("1.3.6.1.4.1.55738.666.1");
  private static final int LONGEST_QUERY = 10_000;

  /** How it behaves when it is asked over HTTP. */
  public enum Mood {
    /** Stamps. */
    WELL,
    /** Answers 503. */
    DOWN,
    /** Takes the question and never answers. */
    SILENT,
    /** Refuses by the protocol: a response without a token. */
    REFUSING,
    /** Sends more bytes than any token has. */
    FLOODING,
    /** Stamps something else. */
    LYING
  }

  private final KeyPair rootKey = keyPair();
  private final KeyPair signerKey = keyPair();
  private final X509Certificate root;
  private final X509Certificate signer;
  private final AtomicLong serial = new AtomicLong();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile Supplier<Instant> clock = Instant::now;
  private volatile Mood mood = Mood.WELL;

  private TestAuthority(String name, Instant from, Duration life) {
    root = certificate("CN=" + name + " root", rootKey, null, from, life);
    signer = certificate("CN=" + name, signerKey, root, from, life);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.createContext("/mood/", this::change);
    server.start();
  }

  /** {@return an authority that stamps, good from a year ago for ten years} */
  public static TestAuthority start(String name) {
    return start(name, Instant.now().minus(Duration.ofDays(365)), Duration.ofDays(3650));
  }

  /** {@return an authority whose certificates are good for a while} */
  static TestAuthority start(String name, Instant from, Duration life) {
    return new TestAuthority(name, from, life);
  }

  /** {@return where it is asked} */
  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/tsa");
  }

  /** {@return the certificate to trust it by, PEM} */
  public String rootPem() {
    return TimeStamp.pem(List.of(root));
  }

  /** Stamps by another clock from now on. */
  public TestAuthority at(Supplier<Instant> other) {
    clock = other;
    return this;
  }

  /** {@return a token of a message, without HTTP} */
  public byte[] token(byte[] message) {
    TimeStamp.Query query = TimeStamp.Query.about(message);
    return query.token(response(query.der()), List.of());
  }

  /** {@return the response to a query} */
  byte[] response(byte[] query) {
    try {
      return generator()
          .generate(
              new TimeStampRequest(query),
              BigInteger.valueOf(serial.incrementAndGet()),
              Date.from(clock.get()))
          .getEncoded();
    } catch (IOException | TSPException e) {
      throw new IllegalStateException(e);
    }
  }

  private TimeStampResponseGenerator generator() throws TSPException {
    Attribute signingTime =
        new Attribute(CMSAttributes.signingTime, new DERSet(new Time(Date.from(clock.get()))));
    try {
      TimeStampTokenGenerator tokens =
          new TimeStampTokenGenerator(
              new JcaSimpleSignerInfoGeneratorBuilder()
                  .setSignedAttributeGenerator(new AttributeTable(new DERSet(signingTime)))
                  .build("SHA256withECDSA", signerKey.getPrivate(), signer),
              new JcaDigestCalculatorProviderBuilder()
                  .build()
                  .get(new AlgorithmIdentifier(OIWObjectIdentifiers.idSHA1, DERNull.INSTANCE)),
              POLICY);
      tokens.setAccuracySeconds(1);
      tokens.addCertificates(new JcaCertStore(List.of(signer, root)));
      return new TimeStampResponseGenerator(tokens, TSPAlgorithms.ALLOWED);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] query;
    try (InputStream in = exchange.getRequestBody()) {
      query = in.readNBytes(LONGEST_QUERY);
    }
    switch (mood) {
      case WELL -> reply(exchange, response(query));
      case DOWN -> {
        exchange.sendResponseHeaders(503, -1);
        exchange.close();
      }
      case SILENT -> {}
      case REFUSING -> reply(exchange, refusal());
      case FLOODING -> reply(exchange, new byte[10_000_000]);
      case LYING ->
          reply(exchange, response(TimeStamp.Query.about(new byte[] {'l', 'i', 'e'}).der()));
    }
  }

  private byte[] refusal() throws IOException {
    try {
      TimeStampRequest unknown =
          new TimeStampRequestGenerator()
              .generate(new ASN1ObjectIdentifier("1.2.3.4"), new byte[32], BigInteger.ONE);
      TimeStampResponse refused =
          generator().generate(unknown, BigInteger.ONE, Date.from(clock.get()));
      return refused.getEncoded();
    } catch (TSPException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For tests that another class loader keeps from this object. */
  private void change(HttpExchange exchange) throws IOException {
    try (exchange) {
      mood = Mood.valueOf(exchange.getRequestURI().getPath().substring("/mood/".length()));
      exchange.sendResponseHeaders(204, -1);
    }
  }

  private static void reply(HttpExchange exchange, byte[] response) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", "application/timestamp-reply");
      exchange.sendResponseHeaders(200, response.length);
      exchange.getResponseBody().write(response);
    }
  }

  private static KeyPair keyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate certificate(
      String name, KeyPair key, @Nullable X509Certificate issuer, Instant from, Duration life) {
    X500Principal subject = new X500Principal(name);
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer == null ? subject : issuer.getSubjectX500Principal(),
            BigInteger.valueOf(serial.incrementAndGet()),
            Date.from(from),
            Date.from(from.plus(life)),
            subject,
            key.getPublic());
    try {
      if (issuer == null) {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      } else {
        builder.addExtension(
            Extension.extendedKeyUsage,
            true,
            new ExtendedKeyUsage(KeyPurposeId.id_kp_timeStamping));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(rootKey.getPrivate())));
    } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
