package io.whence.engine.record;

import io.whence.engine.EngineException;
import io.whence.engine.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Events of a log with all that is needed to check them without the log: a tar file that holds a
 * BagIt bag (RFC 8493).
 *
 * <pre>
 * bagit.txt               as RFC 8493 has it
 * data/checkpoint.txt     signed note: the log's name, its size, its root in base64
 * data/key.pem            public key of the log, Ed25519
 * data/events/N.json      event N in canonical JSON (RFC 8785), N in twelve digits
 * data/proofs/N.txt       hashes from the event to the checkpoint's root, base64, one a line
 * data/payloads/N.bin     what the event commits to, where it is handed out
 * data/salts/N.txt        the salt of that commitment, base64
 * data/stamps/N.txt       the log's checkpoint when it had N events
 * data/stamps/N.tst       time-stamp of that file, RFC 3161 token in DER
 * data/stamps/N.proof     hashes that show that data/checkpoint.txt continues it, base64, one a line
 * data/authority.pem      certificates by which the log's owner trusts time-stamps, if any
 * manifest-sha256.txt     SHA-256 of each file in data/, as sha256sum -c reads it
 * seal.txt                signed note: the log's name and /bundle, how many files, SHA-256 of the
 *                         manifest in base64
 * </pre>
 *
 * <p>A set of files has one tar file: whoever changes, drops, adds or moves a byte makes another,
 * and {@link #verify} names where. It proves what the holder of the key recorded, and that nothing
 * was changed since; not that it is true, and not who holds the key: compare the fingerprint.
 */
public final class Bundle {
  /** The most bytes a bundle may have. */
  static final long LARGEST = 512L << 20;

  private static final int MOST_FILES = 200_000;
  private static final String BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
  private static final Pattern EVENT = Pattern.compile("data/events/([0-9]{12})\\.json");
  private static final Pattern PART =
      Pattern.compile("data/(?:proofs|payloads|salts)/([0-9]{12})\\.[a-z]+");
  private static final Pattern STAMP = Pattern.compile("data/stamps/([0-9]{12})\\.[a-z]+");
  private static final Pattern CHECKPOINT =
      Pattern.compile("[^\n]+\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n");
  private static final String AUTHORITY = "data/authority.pem";
  private static final Pattern NAME =
      Pattern.compile(
          "bagit\\.txt|manifest-sha256\\.txt|seal\\.txt|data/checkpoint\\.txt|data/key\\.pem"
              + "|data/authority\\.pem|data/(?:events/[0-9]{12}\\.json|payloads/[0-9]{12}\\.bin"
              + "|(?:proofs|salts)/[0-9]{12}\\.txt|stamps/[0-9]{12}\\.(?:txt|tst|proof))");

  /** How far clocks may differ before it is said. */
  private static final Duration SKEW = Duration.ofSeconds(2);

  /** How long after a checkpoint was made it may be stamped: services give up after less. */
  private static final Duration SLOWEST_STAMP = Duration.ofSeconds(60);

  private Bundle() {}

  /** One event to hand out. */
  public static final class Item {
    private final byte[] event;
    private final List<byte[]> proof;
    private final byte @Nullable [] salt;
    private final byte @Nullable [] payload;

    /**
     * An event.
     *
     * @param event canonical, as the log has it
     * @param proof of inclusion under the checkpoint
     * @param salt of the commitment; null where the payload was erased or is withheld
     * @param payload that the event commits to; null where {@code salt} is
     */
    public Item(
        byte[] event, List<byte[]> proof, byte @Nullable [] salt, byte @Nullable [] payload) {
      this.event = event.clone();
      this.proof = List.copyOf(proof);
      this.salt = salt == null ? null : salt.clone();
      this.payload = payload == null ? null : payload.clone();
    }
  }

  /** A checkpoint of the log that an authority has stamped. */
  public static final class Stamp {
    private final long size;
    private final String checkpoint;
    private final byte[] token;
    private final List<byte[]> proof;

    /**
     * A stamped checkpoint.
     *
     * @param size events of the log then
     * @param checkpoint of that size, as it was stamped
     * @param token DER
     * @param proof that the bundle's checkpoint continues it
     */
    public Stamp(long size, String checkpoint, byte[] token, List<byte[]> proof) {
      this.size = size;
      this.checkpoint = checkpoint;
      this.token = token.clone();
      this.proof = List.copyOf(proof);
    }
  }

  /**
   * A time-stamp that was found.
   *
   * @param size of the log that is stamped: its first so many events existed then
   * @param at the authority's time
   * @param authority who signed, as its certificate says
   * @param serial of the token, decimal
   * @param trust {@code given}, {@code bundled} or {@code none}: whether the certificates that
   *     vouch for the authority came from the verifier, from the bundle, or are missing
   */
  public record Stamped(long size, Instant at, String authority, String serial, String trust) {}

  /**
   * What a verification found.
   *
   * @param log name of the log
   * @param fingerprint of the key that signed
   * @param size of the log at the checkpoint, events
   * @param events in the bundle, by their place
   * @param payloads how many events came with what they commit to
   * @param stamps time-stamps that hold, by size
   * @param unverified what could not be checked, or is for the reader to compare; no problem of the
   *     bundle
   * @param problems each naming a file or an event; none where the bundle is whole
   */
  public record Verification(
      String log,
      String fingerprint,
      long size,
      List<LogEvent> events,
      int payloads,
      List<Stamped> stamps,
      List<String> unverified,
      List<String> problems) {
    /** {@return whether nothing is wrong} */
    public boolean whole() {
      return problems.isEmpty();
    }

    /** {@return the first time-stamp that an event was there for; none where there is none} */
    public Optional<Stamped> stampOf(LogEvent event) {
      return stamps.stream().filter(stamp -> stamp.size() > event.sequence()).findFirst();
    }
  }

  /** {@return a checkpoint: a signed note of a log's size and root} */
  public static String checkpoint(long size, byte[] root, LogKey key) {
    return SignedNote.sign(
        key.name() + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root) + "\n", key);
  }

  /**
   * {@return the bytes of a bundle without time-stamps}
   *
   * @param items of the log, in any order
   * @param checkpoint that their proofs lead to
   */
  public static byte[] write(List<Item> items, String checkpoint, LogKey key) {
    return write(items, List.of(), List.of(), checkpoint, key);
  }

  /**
   * {@return a bundle's bytes}
   *
   * @param items of the log, in any order
   * @param stamps of checkpoints of that log, in any order
   * @param anchors certificates by which the log's owner trusts them; may be none
   * @param checkpoint that all proofs lead to
   */
  public static byte[] write(
      List<Item> items,
      List<Stamp> stamps,
      List<X509Certificate> anchors,
      String checkpoint,
      LogKey key) {
    TreeMap<String, byte[]> files = new TreeMap<>();
    files.put("data/checkpoint.txt", bytes(checkpoint));
    if (!anchors.isEmpty()) {
      files.put(AUTHORITY, bytes(TimeStamp.pem(anchors)));
    }
    for (Stamp stamp : stamps) {
      String name = "data/stamps/" + place(stamp.size);
      files.put(name + ".txt", bytes(stamp.checkpoint));
      files.put(name + ".tst", stamp.token);
      files.put(name + ".proof", bytes(lines(stamp.proof)));
    }
    files.put("data/key.pem", bytes(key.publicPem()));
    for (Item item : items) {
      String place = place(LogEvent.read(item.event).sequence());
      files.put("data/events/" + place + ".json", item.event);
      files.put("data/proofs/" + place + ".txt", bytes(lines(item.proof)));
      if (item.payload != null && item.salt != null) {
        files.put("data/payloads/" + place + ".bin", item.payload);
        files.put(
            "data/salts/" + place + ".txt",
            bytes(Base64.getEncoder().encodeToString(item.salt) + "\n"));
      }
    }
    String manifest = manifest(files);
    files.put("bagit.txt", bytes(BAGIT));
    files.put("manifest-sha256.txt", bytes(manifest));
    files.put("seal.txt", bytes(SignedNote.sign(seal(key.name(), manifest), key)));
    return tar(files);
  }

  private static String lines(List<byte[]> proof) {
    return proof.stream()
        .map(hash -> Base64.getEncoder().encodeToString(hash) + "\n")
        .collect(Collectors.joining());
  }

  /**
   * {@return what is found in a file, without any network; time-stamps by the bundle's own word on
   * whom to trust}
   *
   * @throws EngineException.InvalidQuery when it is no bundle at all
   */
  public static Verification verify(Path file) {
    return verify(file, List.of());
  }

  /**
   * {@return what is found in a file, without any network}
   *
   * @param anchors certificates that must vouch for the time-stamps' authority; none: those that
   *     the bundle brings, which is said
   * @throws EngineException.InvalidQuery when it is no bundle at all
   */
  public static Verification verify(Path file, List<X509Certificate> anchors) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new EngineException.InvalidQuery("no file " + file + "; name a bundle (.tar)");
      }
      if (Files.size(file) > LARGEST) {
        throw new EngineException.InvalidQuery(
            file + " has " + Files.size(file) + " bytes; a bundle has at most " + LARGEST);
      }
      return verify(file.toString(), Files.readAllBytes(file), anchors);
    } catch (IOException e) {
      throw new EngineException.InvalidQuery(file + " cannot be read: " + e.getMessage());
    }
  }

  static Verification verify(String name, byte[] tar, List<X509Certificate> anchors) {
    List<String> problems = new ArrayList<>();
    SortedMap<String, byte[]> files = files(name, tar, problems);
    String key = text(files, "data/key.pem");
    String checkpoint = text(files, "data/checkpoint.txt");
    for (String needed : List.of("bagit.txt", "data/checkpoint.txt", "data/key.pem", "seal.txt")) {
      if (!files.containsKey(needed)) {
        problems.add(needed + " is missing");
      }
    }
    if (files.containsKey("bagit.txt") && !BAGIT.equals(text(files, "bagit.txt"))) {
      problems.add("bagit.txt is not that of a bundle");
    }
    manifestProblems(files, problems);
    Log log =
        log(key, checkpoint, text(files, "seal.txt"), text(files, "manifest-sha256.txt"), problems);
    List<LogEvent> events = new ArrayList<>();
    int payloads = 0;
    for (Map.Entry<String, byte[]> entry : files.entrySet()) {
      Matcher event = EVENT.matcher(entry.getKey());
      if (event.matches()) {
        payloads += event(event.group(1), entry.getValue(), files, log, events, problems) ? 1 : 0;
      }
    }
    for (String file : files.keySet()) {
      Matcher part = PART.matcher(file);
      if (part.matches() && !files.containsKey("data/events/" + part.group(1) + ".json")) {
        problems.add(
            "event " + Long.parseLong(part.group(1)) + " is missing, and " + file + " is its own");
      }
    }
    if (events.isEmpty() && problems.isEmpty()) {
      problems.add("there is no event");
    }
    List<String> unverified = new ArrayList<>();
    List<Stamped> stamps = stamps(files, log, key, anchors, unverified, problems);
    times(events, stamps, unverified, problems);
    return new Verification(
        log.name,
        log.fingerprint,
        log.size,
        List.copyOf(events),
        payloads,
        stamps,
        List.copyOf(unverified),
        List.copyOf(problems));
  }

  /** {@return the time-stamps that hold; what is wrong with others is added} */
  private static List<Stamped> stamps(
      SortedMap<String, byte[]> files,
      Log log,
      @Nullable String key,
      List<X509Certificate> given,
      List<String> unverified,
      List<String> problems) {
    TreeSet<Long> sizes = new TreeSet<>();
    for (String file : files.keySet()) {
      Matcher stamp = STAMP.matcher(file);
      if (stamp.matches()) {
        sizes.add(Long.parseLong(stamp.group(1)));
      }
    }
    List<X509Certificate> anchors = given.isEmpty() ? bundled(files, problems) : given;
    String trust = anchors.isEmpty() ? "none" : given.isEmpty() ? "bundled" : "given";
    List<Stamped> stamps = new ArrayList<>();
    for (long size : sizes) {
      String name = "data/stamps/" + place(size);
      String checkpoint = text(files, name + ".txt");
      byte[] token = files.get(name + ".tst");
      List<byte[]> proof = proof(text(files, name + ".proof"));
      if (checkpoint == null || token == null || proof == null) {
        problems.add("the time-stamp at " + size + " events lacks its .txt, .tst or .proof");
        continue;
      }
      String root = stampedRoot(checkpoint, size, log, key);
      if (root == null) {
        problems.add(name + ".txt is not the log's checkpoint of " + size + " events");
      } else if (log.root.isEmpty()
          || size > log.size
          || !MerkleTree.consistent(
              size,
              Base64.getDecoder().decode(root),
              log.size,
              Base64.getDecoder().decode(log.root),
              proof)) {
        problems.add(name + ".txt is of another log than data/checkpoint.txt, or of a later one");
      }
      TimeStamp.Found found = TimeStamp.check(token, bytes(checkpoint), anchors);
      found
          .problems()
          .forEach(problem -> problems.add("the time-stamp at " + size + " events: " + problem));
      if (found.problems().isEmpty()) {
        Stamped before = stamps.isEmpty() ? null : stamps.get(stamps.size() - 1);
        if (before != null && found.at().plus(SKEW).isBefore(before.at())) {
          problems.add(
              "the time-stamp at "
                  + size
                  + " events is of "
                  + found.at()
                  + ", before that of the "
                  + before.size()
                  + " events it continues ("
                  + before.at()
                  + ")");
        }
        stamps.add(new Stamped(size, found.at(), found.authority(), found.serial(), trust));
      }
    }
    trustNotes(stamps, anchors, trust, unverified);
    return List.copyOf(stamps);
  }

  private static List<X509Certificate> bundled(
      SortedMap<String, byte[]> files, List<String> problems) {
    String pem = text(files, AUTHORITY);
    if (pem == null) {
      return List.of();
    }
    try {
      return TimeStamp.anchors(pem);
    } catch (EngineException.InvalidQuery e) {
      problems.add(AUTHORITY + ": " + e.detail());
      return List.of();
    }
  }

  private static void trustNotes(
      List<Stamped> stamps, List<X509Certificate> anchors, String trust, List<String> unverified) {
    if (stamps.isEmpty()) {
      return;
    }
    if (trust.equals("none")) {
      unverified.add(
          "who signed the time-stamps: no certificate vouches for "
              + stamps.get(0).authority()
              + "; name one with --authority");
    } else if (trust.equals("bundled")) {
      for (X509Certificate anchor : anchors) {
        unverified.add(
            "whether to trust "
                + anchor.getSubjectX500Principal().getName()
                + ", which vouches for the time-stamps and comes with the bundle: compare its"
                + " SHA-256, "
                + TimeStamp.fingerprint(anchor)
                + ", or name your own with --authority");
      }
    }
    unverified.add("whether the authority's certificates were revoked: that takes a network");
  }

  /**
   * {@return the root in a checkpoint of a size that the log's key signed; null where it is none}
   */
  private static @Nullable String stampedRoot(
      String checkpoint, long size, Log log, @Nullable String key) {
    if (log.root.isEmpty() || key == null) {
      return null;
    }
    String signed = SignedNote.text(checkpoint, log.name, LogKey.publicKey(key));
    Matcher parts = CHECKPOINT.matcher(signed == null ? "" : signed);
    return parts.matches() && parts.group(1).equals(String.valueOf(size)) ? parts.group(2) : null;
  }

  /** Holds what events say of their time against what the authority says of it. */
  private static void times(
      List<LogEvent> events, List<Stamped> stamps, List<String> unverified, List<String> problems) {
    if (stamps.isEmpty() && !events.isEmpty()) {
      unverified.add(
          "when it happened: there is no time-stamp, only the clock of the machine that kept the"
              + " log");
      return;
    }
    for (LogEvent event : events) {
      Stamped before = null;
      Stamped after = null;
      for (Stamped stamp : stamps) {
        if (stamp.size() <= event.sequence()) {
          before = stamp;
        } else if (after == null) {
          after = stamp;
        }
      }
      if (after == null) {
        unverified.add(
            "when event "
                + event.sequence()
                + " happened: no time-stamp covers it, only the log's clock says "
                + event.at());
      } else if (event.at().isAfter(after.at().plus(SKEW))) {
        unverified.add(
            "when event "
                + event.sequence()
                + " happened: by the log's clock at "
                + event.at()
                + ", after the time-stamp that covers it ("
                + after.at()
                + "); that clock was fast");
      }
      if (before != null && event.at().isBefore(before.at().minus(SLOWEST_STAMP).minus(SKEW))) {
        problems.add(
            "event "
                + event.sequence()
                + " says that it was entered at "
                + event.at()
                + ", but the log did not have it when it was stamped at "
                + before.at());
      }
    }
  }

  /** What the checkpoint says; an empty root where it says nothing that holds. */
  private record Log(String name, String fingerprint, long size, String root) {}

  private static Log log(
      @Nullable String pem,
      @Nullable String checkpoint,
      @Nullable String seal,
      @Nullable String manifest,
      List<String> problems) {
    PublicKey key;
    try {
      key = LogKey.publicKey(pem == null ? "" : pem);
    } catch (EngineException.InvalidQuery e) {
      problems.add("data/key.pem holds " + e.detail());
      return new Log("", "", 0, "");
    }
    String fingerprint = LogKey.fingerprint(key);
    String name = checkpoint == null ? "" : checkpoint.lines().findFirst().orElse("");
    String signed = SignedNote.text(checkpoint == null ? "" : checkpoint, name, key);
    String sealed = SignedNote.text(seal == null ? "" : seal, name, key);
    if (sealed == null) {
      problems.add("seal.txt is not signed by data/key.pem");
    } else if (!sealed.equals(seal(name, manifest == null ? "" : manifest))) {
      problems.add(
          "manifest-sha256.txt is not what was sealed: a line was changed, dropped or added");
    }
    Matcher parts = CHECKPOINT.matcher(signed == null ? "" : signed);
    if (!parts.matches()) {
      problems.add("data/checkpoint.txt is not signed by data/key.pem");
      return new Log(name, fingerprint, 0, "");
    }
    return new Log(name, fingerprint, Long.parseLong(parts.group(1)), parts.group(2));
  }

  /** Adds what is wrong with one event; {@return whether its payload was checked} */
  private static boolean event(
      String place,
      byte[] bytes,
      SortedMap<String, byte[]> files,
      Log log,
      List<LogEvent> events,
      List<String> problems) {
    String named = "event " + Long.parseLong(place);
    LogEvent event;
    try {
      event = LogEvent.read(bytes);
    } catch (IllegalArgumentException e) {
      problems.add(named + " " + e.getMessage());
      return false;
    }
    if (event.sequence() != Long.parseLong(place)) {
      problems.add(named + " was moved: it is event " + event.sequence());
      return false;
    }
    events.add(event);
    if (!log.root.isEmpty()) {
      List<byte[]> proof = proof(text(files, "data/proofs/" + place + ".txt"));
      if (proof == null) {
        problems.add(named + " has no proof that can be read");
      } else if (!MerkleTree.included(
          MerkleTree.leaf(bytes),
          event.sequence(),
          log.size,
          proof,
          Base64.getDecoder().decode(log.root))) {
        problems.add(named + " is not in the log at its place, as it stands here");
      }
    }
    byte[] payload = files.get("data/payloads/" + place + ".bin");
    String salt = text(files, "data/salts/" + place + ".txt");
    if (payload == null && salt == null) {
      return false;
    }
    byte[] salted = salt == null ? null : line(salt);
    if (payload == null || salted == null || salted.length != LogEvent.SALT) {
      problems.add(named + " has a payload or a salt, and not both");
    } else if (payload.length != event.bytes()
        || !LogEvent.commitment(salted, payload).equals(event.commitment())) {
      problems.add("the payload of " + named + " is not what the event commits to");
    }
    return true;
  }

  private static void manifestProblems(SortedMap<String, byte[]> files, List<String> problems) {
    String manifest = text(files, "manifest-sha256.txt");
    if (manifest == null) {
      problems.add("manifest-sha256.txt is missing");
      return;
    }
    SortedMap<String, byte[]> data = files.subMap("data/", "data0");
    if (manifest.equals(manifest(data))) {
      return;
    }
    Map<String, String> listed = new TreeMap<>();
    for (String line : manifest.lines().toList()) {
      int gap = line.indexOf("  ");
      if (gap == 64) {
        listed.put(line.substring(gap + 2), line.substring(0, gap));
      }
    }
    TreeSet<String> all = new TreeSet<>(listed.keySet());
    all.addAll(data.keySet());
    int before = problems.size();
    for (String file : all) {
      byte[] bytes = data.get(file);
      String sum = listed.get(file);
      if (bytes == null) {
        problems.add(file + " is missing");
      } else if (sum == null) {
        problems.add(file + " was inserted: the manifest does not list it");
      } else if (!Sha256.of(bytes).equals(sum)) {
        problems.add(file + " is not what the manifest lists");
      }
    }
    if (problems.size() == before) {
      problems.add("manifest-sha256.txt is not written as a bundle's is");
    }
  }

  /** {@return the files; what is odd about the container is added to {@code problems}} */
  private static SortedMap<String, byte[]> files(String name, byte[] tar, List<String> problems) {
    TreeMap<String, byte[]> files = new TreeMap<>();
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new ByteArrayInputStream(tar), StandardCharsets.UTF_8.name())) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        String file = entry.getName();
        // A sparse file, or one that says it is larger than its container, could fill the memory.
        boolean plain = entry.isFile() && !entry.isSparse() && entry.getSize() <= tar.length;
        if (!plain || !NAME.matcher(file).matches()) {
          problems.add(
              "the container holds something that is no part of a bundle: " + printable(file));
        } else if (files.put(file, in.readAllBytes()) != null) {
          problems.add(file + " stands twice");
        }
        if (files.size() > MOST_FILES) {
          throw new EngineException.InvalidQuery(
              name + " holds more than " + MOST_FILES + " files");
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      if (files.isEmpty()) {
        throw new EngineException.InvalidQuery(
            name + " is no bundle: it cannot be read as a tar file");
      }
      problems.add("the container is damaged after " + files.lastKey() + ": " + e.getMessage());
    }
    if (files.isEmpty()) {
      throw new EngineException.InvalidQuery(name + " is no bundle: it holds no file of one");
    }
    int differs = Arrays.mismatch(tar(files), tar);
    if (differs >= 0 && problems.isEmpty()) {
      problems.add(
          "the container differs from what these files make, from byte " + differs + " on");
    }
    return files;
  }

  private static byte[] tar(SortedMap<String, byte[]> files) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out =
        new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        entry.setModTime(0);
        entry.setMode(0100644);
        entry.setIds(0, 0);
        entry.setUserName("");
        entry.setGroupName("");
        out.putArchiveEntry(entry);
        out.write(file.getValue());
        out.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String manifest(SortedMap<String, byte[]> data) {
    StringBuilder manifest = new StringBuilder();
    data.forEach(
        (file, bytes) -> manifest.append(Sha256.of(bytes)).append("  ").append(file).append('\n'));
    return manifest.toString();
  }

  private static String seal(String log, String manifest) {
    return log
        + "/bundle\n"
        + manifest.lines().count()
        + "\n"
        + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(Sha256.of(manifest)))
        + "\n";
  }

  private static @Nullable List<byte[]> proof(@Nullable String lines) {
    if (lines == null) {
      return null;
    }
    List<byte[]> proof = new ArrayList<>();
    for (String line : lines.lines().toList()) {
      byte[] hash = line(line + "\n");
      if (hash == null) {
        return null;
      }
      proof.add(hash);
    }
    return proof;
  }

  /** {@return the bytes of one line of base64, written in the one way there is} */
  private static byte @Nullable [] line(String line) {
    try {
      byte[] bytes = Base64.getDecoder().decode(line.stripTrailing());
      return (Base64.getEncoder().encodeToString(bytes) + "\n").equals(line) ? bytes : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String place(long sequence) {
    return String.format(Locale.ROOT, "%012d", sequence);
  }

  private static @Nullable String text(SortedMap<String, byte[]> files, String name) {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return "";
    }
  }

  private static String printable(String name) {
    String shown = name.replaceAll("[^\\x20-\\x7e]", "?");
    return shown.substring(0, Math.min(100, shown.length()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
