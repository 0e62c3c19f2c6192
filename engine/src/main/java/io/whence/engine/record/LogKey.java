package io.whence.engine.record;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Ed25519 key that signs a log's checkpoints.
 *
 * <p>Who holds it can sign another log under the same name; who publishes its fingerprint in a
 * second place makes that visible.
 */
public final class LogKey {
  private static final Pattern PRIVATE =
      Pattern.compile("-----BEGIN PRIVATE KEY-----\n(.+)\n-----END PRIVATE KEY-----\n");
  private static final Pattern PUBLIC =
      Pattern.compile("-----BEGIN PUBLIC KEY-----\n(.+)\n-----END PUBLIC KEY-----\n");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._/-]{1,100}");

  private final String name;
  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  private LogKey(String name, PrivateKey privateKey, PublicKey publicKey) {
    if (!NAME.matcher(name).matches()) {
      throw new EngineException.InvalidQuery(
          "the log's name is " + name + "; it has 1 to 100 letters, digits and . _ / -");
    }
    this.name = name;
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /**
   * {@return a new key}
   *
   * @param name of the log
   */
  public static LogKey generate(String name) {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      return new LogKey(name, pair.getPrivate(), pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has Ed25519", e);
    }
  }

  /**
   * {@return the key in two PEM texts}
   *
   * @throws EngineException.InvalidQuery when they are no Ed25519 key, or not of one pair
   */
  public static LogKey of(String name, String privatePem, String publicPem) {
    try {
      Matcher secret = PRIVATE.matcher(privatePem);
      if (!secret.matches()) {
        throw new EngineException.InvalidQuery("the log's private key is no PEM of PKCS #8");
      }
      PrivateKey privateKey =
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(
                  new PKCS8EncodedKeySpec(Base64.getDecoder().decode(secret.group(1))));
      LogKey key = new LogKey(name, privateKey, publicKey(publicPem));
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(privateKey);
      byte[] signature = signer.sign();
      signer.initVerify(key.publicKey);
      if (!signer.verify(signature)) {
        throw new EngineException.InvalidQuery(
            "the log's private and public key do not belong together");
      }
      return key;
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new EngineException.InvalidQuery("the log's key cannot be read: " + e.getMessage());
    }
  }

  /**
   * {@return the public key in a PEM text, which must be written as {@link #publicPem} writes it}
   *
   * @throws EngineException.InvalidQuery when it is none
   */
  static PublicKey publicKey(String pem) {
    try {
      Matcher parts = PUBLIC.matcher(pem);
      if (parts.matches()) {
        PublicKey key =
            KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(parts.group(1))));
        if (pem(key).equals(pem)) {
          return key;
        }
      }
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new EngineException.InvalidQuery("no Ed25519 public key: " + e.getMessage());
    }
    throw new EngineException.InvalidQuery("no Ed25519 public key in PEM");
  }

  /** {@return the name of the log} */
  public String name() {
    return name;
  }

  /** {@return the public key in PEM, for {@code openssl}} */
  public String publicPem() {
    return pem(publicKey);
  }

  /** {@return the private key in PEM; to be kept secret} */
  public String privatePem() {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getEncoder().encodeToString(privateKey.getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  /** {@return SHA-256 of the public key's DER encoding, by which people compare keys} */
  public static String fingerprint(PublicKey key) {
    return Sha256.of(key.getEncoded());
  }

  /** {@return SHA-256 of the public key's DER encoding} */
  public String fingerprint() {
    return fingerprint(publicKey);
  }

  private static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getEncoder().encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  PrivateKey privateKey() {
    return privateKey;
  }

  PublicKey publicKey() {
    return publicKey;
  }
}
