package io.whence.engine.record;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.GenTimeAccuracy;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Selector;
import org.bouncycastle.util.Store;
import org.jspecify.annotations.Nullable;

/**
 * Time-stamps as RFC 3161 has them: an authority's signed word that a message existed at a time.
 *
 * <p>Asked for with a {@link Query}, checked by {@link #check}, which needs no network. Whether a
 * certificate was revoked is therefore never checked.
 */
public final class TimeStamp {
  /** The most bytes a response or a token may have. */
  public static final int LARGEST = 64 << 10;

  private static final int MOST_ANCHORS = 100;
  private static final String TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
  private static final SecureRandom RANDOM = new SecureRandom();

  private TimeStamp() {}

  /** A question to an authority: that it stamp SHA-256 of a message, with a nonce of its own. */
  public static final class Query {
    private final TimeStampRequest request;
    private final byte[] message;

    private Query(TimeStampRequest request, byte[] message) {
      this.request = request;
      this.message = message;
    }

    /** {@return a question about a message, unlike any other} */
    public static Query about(byte[] message) {
      TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
      generator.setCertReq(true);
      return new Query(
          generator.generate(
              NISTObjectIdentifiers.id_sha256, sha256(message), new BigInteger(64, RANDOM)),
          message.clone());
    }

    /** {@return what is sent, {@code application/timestamp-query}} */
    public byte[] der() {
      try {
        return request.getEncoded();
      } catch (IOException e) {
        throw new IllegalStateException("a request is always written", e);
      }
    }

    /**
     * {@return the token in an authority's response}
     *
     * @param response {@code application/timestamp-reply}
     * @param anchors that the authority must be vouched for by; none: anybody's token is taken
     * @throws EngineException.InvalidQuery when it is a refusal, or no answer to this question
     */
    public byte[] token(byte[] response, List<X509Certificate> anchors) {
      try {
        TimeStampResponse answer = new TimeStampResponse(response);
        if (answer.getTimeStampToken() == null) {
          String why = answer.getStatusString();
          throw new EngineException.InvalidQuery(
              "the authority refuses (status "
                  + answer.getStatus()
                  + (why == null ? "" : ", " + why)
                  + ")");
        }
        answer.validate(request);
        byte[] token = answer.getTimeStampToken().getEncoded();
        List<String> problems = check(token, message, anchors).problems();
        if (!problems.isEmpty()) {
          throw new EngineException.InvalidQuery(
              "the authority's token is not good: " + String.join("; ", problems));
        }
        return token;
      } catch (TSPException | IOException | RuntimeException e) {
        if (e instanceof EngineException.InvalidQuery known) {
          throw known;
        }
        throw new EngineException.InvalidQuery(
            "the authority's answer is none to what was asked: " + e.getMessage());
      }
    }
  }

  /**
   * What a token says.
   *
   * @param at the authority's time; the epoch where the token cannot be read
   * @param accuracy how far the authority says that time may be off; zero where it does not say
   * @param authority subject of the certificate that signed; empty where there is none
   * @param serial of the token, decimal
   * @param chained whether the signer is vouched for by an anchor; false where none was given
   * @param problems each one sentence; none where the token is good
   */
  public record Found(
      Instant at,
      Duration accuracy,
      String authority,
      String serial,
      boolean chained,
      List<String> problems) {
    /** Copies the list. */
    public Found {
      problems = List.copyOf(problems);
    }
  }

  /**
   * {@return what a token says of a message, and what is wrong with it}
   *
   * @param token DER, as an authority gave it
   * @param message that it is to be about
   * @param anchors certificates of those who may vouch for an authority; none: signatures are
   *     checked and nobody vouches
   */
  public static Found check(byte[] token, byte[] message, List<X509Certificate> anchors) {
    List<String> problems = new ArrayList<>();
    TimeStampToken read;
    try {
      if (token.length > LARGEST) {
        throw new IOException("it has " + token.length + " bytes, of at most " + LARGEST);
      }
      read = new TimeStampToken(new CMSSignedData(token));
    } catch (TSPException | IOException | CMSException | RuntimeException e) {
      return new Found(
          Instant.EPOCH,
          Duration.ZERO,
          "",
          "",
          false,
          List.of("it is no RFC 3161 token: " + e.getMessage()));
    }
    if (!read.getTimeStampInfo().getMessageImprintAlgOID().equals(NISTObjectIdentifiers.id_sha256)
        || !Arrays.equals(read.getTimeStampInfo().getMessageImprintDigest(), sha256(message))) {
      problems.add("it is of something else: its message imprint is not SHA-256 of what it is for");
    }
    X509Certificate signer = signer(read, problems);
    Instant at = read.getTimeStampInfo().getGenTime().toInstant();
    boolean chained = false;
    if (signer != null && !anchors.isEmpty()) {
      chained = chained(read, signer, at, anchors);
      if (!chained) {
        problems.add(
            "nobody who is trusted vouches for its signer, "
                + name(signer)
                + ": no chain of certificates, good at its time, leads to "
                + anchors.stream().map(TimeStamp::name).collect(Collectors.joining(" or ")));
      }
    }
    return new Found(
        at,
        accuracy(read.getTimeStampInfo().getGenTimeAccuracy()),
        signer == null ? "" : name(signer),
        read.getTimeStampInfo().getSerialNumber().toString(),
        chained,
        problems);
  }

  /** {@return the certificate that the token is signed by; null where it is not, which is noted} */
  private static @Nullable X509Certificate signer(TimeStampToken token, List<String> problems) {
    try {
      @SuppressWarnings("unchecked") // a token's signer is named by a selector of certificates
      Selector<X509CertificateHolder> named = token.getSID();
      Collection<X509CertificateHolder> found = token.getCertificates().getMatches(named);
      if (found.isEmpty()) {
        problems.add("it does not hold the certificate that signed it");
        return null;
      }
      X509CertificateHolder holder = found.iterator().next();
      X509Certificate signer = certificate(holder);
      token.validate(new JcaSimpleSignerInfoVerifierBuilder().build(signer));
      return signer;
    } catch (TSPException
        | OperatorCreationException
        | CertificateException
        | IOException
        | RuntimeException e) {
      problems.add("its signature does not hold: " + e.getMessage());
      return null;
    }
  }

  private static boolean chained(
      TimeStampToken token, X509Certificate signer, Instant at, List<X509Certificate> anchors) {
    try {
      List<X509Certificate> carried = new ArrayList<>();
      Store<X509CertificateHolder> certificates = token.getCertificates();
      for (X509CertificateHolder holder : certificates.getMatches(null)) {
        carried.add(certificate(holder));
      }
      X509CertSelector target = new X509CertSelector();
      target.setCertificate(signer);
      target.setExtendedKeyUsage(Set.of(TIME_STAMPING));
      PKIXBuilderParameters parameters =
          new PKIXBuilderParameters(
              anchors.stream()
                  .map(anchor -> new TrustAnchor(anchor, null))
                  .collect(Collectors.toSet()),
              target);
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(carried)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(at));
      CertPathBuilder.getInstance("PKIX").build(parameters);
      return true;
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      return false; // among them: there is no such path
    }
  }

  private static X509Certificate certificate(X509CertificateHolder holder)
      throws CertificateException, IOException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(holder.getEncoded()));
  }

  private static Duration accuracy(@Nullable GenTimeAccuracy accuracy) {
    return accuracy == null
        ? Duration.ZERO
        : Duration.ofSeconds(accuracy.getSeconds())
            .plusMillis(accuracy.getMillis())
            .plusNanos(1_000L * accuracy.getMicros());
  }

  private static String name(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }

  /**
   * {@return the certificates in a PEM text}
   *
   * @throws EngineException.InvalidQuery when there is none, or what is there is none
   */
  public static List<X509Certificate> anchors(String pem) {
    try {
      List<X509Certificate> anchors = new ArrayList<>();
      for (var certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))) {
        anchors.add((X509Certificate) certificate);
      }
      if (!anchors.isEmpty() && anchors.size() <= MOST_ANCHORS) {
        return List.copyOf(anchors);
      }
      throw new EngineException.InvalidQuery(
          "there are " + anchors.size() + " certificates; 1 to " + MOST_ANCHORS + " are read");
    } catch (CertificateException e) {
      throw new EngineException.InvalidQuery("no certificates in PEM: " + e.getMessage());
    }
  }

  /** {@return certificates in PEM, written in one way} */
  public static String pem(List<X509Certificate> certificates) {
    StringBuilder pem = new StringBuilder();
    try {
      for (X509Certificate certificate : certificates) {
        pem.append("-----BEGIN CERTIFICATE-----\n")
            .append(
                Base64.getMimeEncoder(64, new byte[] {'\n'})
                    .encodeToString(certificate.getEncoded()))
            .append("\n-----END CERTIFICATE-----\n");
      }
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate that was read can be written", e);
    }
    return pem.toString();
  }

  /** {@return SHA-256 of a certificate's DER, by which people compare certificates} */
  static String fingerprint(X509Certificate certificate) {
    try {
      return Sha256.of(certificate.getEncoded());
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate that was read can be written", e);
    }
  }

  private static byte[] sha256(byte[] message) {
    return HexFormat.of().parseHex(Sha256.of(message));
  }
}
