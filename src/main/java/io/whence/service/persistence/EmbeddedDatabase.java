package io.whence.service.persistence;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A real PostgreSQL in a directory of ours, for services that are given none.
 *
 * <p>It listens on the loopback address only and asks for a password that stands in the directory,
 * readable by its owner alone. What it has committed is on disk ({@code fsync} and {@code
 * synchronous_commit} are on). A server left behind by a killed service is adopted when it answers
 * and stopped when it does not. The caller sees to it that one process at a time uses a directory.
 *
 * <p>The directory holds {@code server-VERSION} (the unpacked binaries), {@code data}, {@code
 * password} and {@code server.log}. What is half made has another name, so a kill leaves nothing
 * that a later start would take for whole.
 */
public final class EmbeddedDatabase {
  /** Of the binaries; the number before the point is that of the data's format. */
  static final String VERSION = "17.11.0";

  private static final String ARCHIVE = "/postgres-linux-x86_64.txz";
  private static final String USER = "whence";
  private static final int START_SECONDS = 60;

  private final Path directory;
  private final Path server;
  private final Path data;
  private final String password;
  private final int port;

  private EmbeddedDatabase(Path directory, Path server, Path data, String password, int port) {
    this.directory = directory;
    this.server = server;
    this.data = data;
    this.password = password;
    this.port = port;
  }

  /**
   * {@return the database in {@code directory}, running; made first where there is none}
   *
   * @throws IOException with one sentence for the operator when it cannot run here
   */
  public static EmbeddedDatabase start(Path directory) throws IOException {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      throw new IOException(
          "the PostgreSQL that comes with Whence runs on Linux x86-64 only, and this is "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + "; set QUARKUS_DATASOURCE_JDBC_URL to a PostgreSQL of your own");
    }
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    Path data = directory.resolve("data");
    Path server = unpacked(directory);
    String password = password(directory);
    checkFormat(data);
    if (!Files.exists(data)) {
      initialise(directory, server, data);
    }
    Optional<EmbeddedDatabase> left = leftBehind(directory, server, data, password);
    if (left.isPresent()) {
      return left.get();
    }
    // Between asking for a free port and listening on it, another process may take it.
    for (int attempt = 1; ; attempt++) {
      EmbeddedDatabase database =
          new EmbeddedDatabase(directory, server, data, password, freePort());
      try {
        database.launch();
        return database;
      } catch (IOException e) {
        if (attempt == 3) {
          throw e;
        }
      }
    }
  }

  /** {@return the database in {@code directory} where it answers now; nothing is changed} */
  public static Optional<EmbeddedDatabase> running(Path directory) throws IOException {
    Path data = directory.resolve("data");
    Path file = data.resolve("postmaster.pid");
    Path password = directory.resolve("password");
    if (!Files.exists(file) || !Files.exists(password)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.size() < 4 || number(lines.get(3)).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
            new EmbeddedDatabase(
                directory,
                directory.resolve("server-" + VERSION),
                data,
                Files.readString(password).strip(),
                number(lines.get(3)).get().intValue()))
        .filter(EmbeddedDatabase::answers);
  }

  /** {@return where it is} */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  /** {@return whom to connect as} */
  public String user() {
    return USER;
  }

  /** {@return the user's password} */
  public String password() {
    return password;
  }

  /** Stops it; what was committed stays. */
  public void stop() throws IOException {
    stop(server, data, directory);
  }

  private static void stop(Path server, Path data, Path directory) throws IOException {
    run(
        directory,
        command(server, "pg_ctl", "-D", data.toString(), "-m", "fast", "-w", "-t", "20", "stop"));
  }

  private void launch() throws IOException {
    String settings =
        String.join(
            " ",
            "-p " + port,
            "-c listen_addresses=127.0.0.1",
            "-c unix_socket_directories=",
            "-c fsync=on",
            "-c synchronous_commit=on",
            "-c full_page_writes=on",
            "-c max_connections=50",
            "-c shared_buffers=64MB",
            "-c timezone=UTC",
            "-c log_timezone=UTC");
    run(
        directory,
        command(
            server,
            "pg_ctl",
            "-D",
            data.toString(),
            "-l",
            directory.resolve("server.log").toString(),
            "-o",
            settings,
            "-w",
            "-t",
            String.valueOf(START_SECONDS),
            "start"));
  }

  /** The server of a service that was killed: it runs on, because it is nobody's child. */
  private static Optional<EmbeddedDatabase> leftBehind(
      Path directory, Path server, Path data, String password) throws IOException {
    Path file = data.resolve("postmaster.pid");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file);
    Optional<ProcessHandle> process =
        lines.isEmpty() ? Optional.empty() : number(lines.get(0)).flatMap(ProcessHandle::of);
    if (process.isEmpty() || !serves(process.get(), data)) {
      // The number may belong to another process by now; then PostgreSQL would refuse to start.
      Files.delete(file);
      return Optional.empty();
    }
    if (lines.size() > 3 && number(lines.get(3)).isPresent()) {
      EmbeddedDatabase orphan =
          new EmbeddedDatabase(
              directory, server, data, password, number(lines.get(3)).get().intValue());
      if (orphan.answers()) {
        return Optional.of(orphan);
      }
    }
    stop(server, data, directory);
    return Optional.empty();
  }

  private static boolean serves(ProcessHandle process, Path data) {
    try {
      // Arguments are separated by zero bytes; the data directory is one of them.
      String arguments =
          Files.readString(
              Path.of("/proc", String.valueOf(process.pid()), "cmdline"),
              StandardCharsets.ISO_8859_1);
      return List.of(arguments.split("\0")).contains(data.toString());
    } catch (IOException e) {
      return false;
    }
  }

  private boolean answers() {
    DriverManager.setLoginTimeout(5);
    try (Connection connection = DriverManager.getConnection(jdbcUrl(), USER, password)) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  private static Optional<Long> number(String line) {
    try {
      return Optional.of(Long.valueOf(line.strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static void checkFormat(Path data) throws IOException {
    Path file = data.resolve("PG_VERSION");
    if (!Files.exists(data)) {
      return;
    }
    String found = Files.exists(file) ? Files.readString(file).strip() : "no version";
    String wanted = VERSION.substring(0, VERSION.indexOf('.'));
    if (!found.equals(wanted)) {
      throw new IOException(
          data
              + " holds data of PostgreSQL "
              + found
              + ", and this Whence brings "
              + wanted
              + "; use the Whence that made it, or an external database");
    }
  }

  private static void initialise(Path directory, Path server, Path data) throws IOException {
    Path partial = directory.resolve("data.partial");
    deleteTree(partial);
    run(
        directory,
        command(
            server,
            "initdb",
            "--pgdata=" + partial,
            "--username=" + USER,
            "--pwfile=" + directory.resolve("password"),
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-instructions"));
    Files.move(partial, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String password(Path directory) throws IOException {
    Path file = directory.resolve("password");
    if (!Files.exists(file)) {
      byte[] random = new byte[24];
      new SecureRandom().nextBytes(random);
      Path partial = directory.resolve("password.partial");
      Files.deleteIfExists(partial);
      Files.createFile(
          partial,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(partial, HexFormat.of().formatHex(random));
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file).strip();
  }

  private static Path unpacked(Path directory) throws IOException {
    Path server = directory.resolve("server-" + VERSION);
    if (Files.exists(server)) {
      return server;
    }
    Path partial = directory.resolve("server.partial");
    deleteTree(partial);
    Files.createDirectories(partial);
    try (InputStream archive = EmbeddedDatabase.class.getResourceAsStream(ARCHIVE)) {
      if (archive == null) {
        throw new IOException("the PostgreSQL archive " + ARCHIVE + " is not in this build");
      }
      try (TarArchiveInputStream tar =
          new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          unpack(tar, entry, partial);
        }
      }
    }
    Files.move(partial, server, StandardCopyOption.ATOMIC_MOVE);
    return server;
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path root)
      throws IOException {
    Path place = root.resolve(entry.getName()).normalize();
    if (!place.startsWith(root)) {
      throw new IOException("the archive's entry " + entry.getName() + " lies outside of it");
    }
    if (entry.isDirectory()) {
      Files.createDirectories(place);
      return;
    }
    Files.createDirectories(place.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(place, Path.of(entry.getLinkName()));
      return;
    }
    if (entry.isLink()) {
      Files.createLink(place, root.resolve(entry.getLinkName()));
      return;
    }
    Files.copy(tar, place);
    if ((entry.getMode() & 0100) != 0) {
      Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(place));
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      Files.setPosixFilePermissions(place, permissions);
    }
  }

  private static List<String> command(Path server, String program, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (root()) {
      // PostgreSQL refuses to run as root; in a user namespace of its own it is nobody.
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(server.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static boolean root() throws IOException {
    return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }

  private static void run(Path directory, List<String> command) throws IOException {
    // Into a file: the server inherits the stream, so reading a pipe to its end would never end.
    Path said = Files.createTempFile(directory, "said", ".txt");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      // What tunes our memory is wrong for PostgreSQL's.
      builder.environment().remove("GLIBC_TUNABLES");
      Process process = builder.start();
      if (!process.waitFor(START_SECONDS + 30L, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(command + " did not end");
      }
      if (process.exitValue() != 0) {
        throw new IOException(explained(command, Files.readString(said), directory));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command, e);
    } finally {
      Files.deleteIfExists(said);
    }
  }

  private static String explained(List<String> command, String said, Path directory)
      throws IOException {
    if (command.get(0).equals("unshare") && said.contains("unshare:")) {
      return "PostgreSQL does not run as root, and this machine forbids root the user namespace"
          + " (unshare -U) that would help; run Whence as another user, or set"
          + " QUARKUS_DATASOURCE_JDBC_URL to a PostgreSQL of your own";
    }
    String last = lastLine(said);
    Path log = directory.resolve("server.log");
    if (Files.exists(log)) {
      last += "; its log " + log + " ends: " + lastLine(Files.readString(log));
    }
    return "PostgreSQL in " + directory + " does not come up: " + last;
  }

  private static String lastLine(String text) {
    List<String> lines = text.strip().lines().toList();
    return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1).strip();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
