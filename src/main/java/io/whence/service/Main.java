package io.whence.service;

import io.quarkus.runtime.Application;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.whence.service.persistence.EmbeddedDatabase;
import io.whence.service.persistence.KeyRing;
import io.whence.service.security.Authentication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@code whence serve}, {@code whence demo}, {@code whence key}, {@code whence replay} and {@code
 * whence report}.
 *
 * <p>Everything that can be wrong from the outside is looked at first and refused in one line with
 * exit code 2: arguments, address, port, home, other services on the home. Only then is the
 * database started, and Quarkus after it.
 */
@QuarkusMain
public final class Main {
  /** Where the demo finds the poems it quotes. */
  static final String DEMO_CORPUS = "whence.demo.corpus";

  /** Set once this JVM holds its home: a live reload calls {@link #main} again. */
  private static final String STARTED = "whence.started";

  /** Held, so that its level is. */
  private static final Logger QUIET = Logger.getLogger("java.lang.ProcessBuilder");

  /** Lucene tells of its vector kernels at every start; only warnings concern the user. */
  private static final Logger LUCENE = Logger.getLogger("org.apache.lucene");

  /** Preparing a database is nothing to tell whoever makes a key. */
  private static final Logger MIGRATIONS = Logger.getLogger("org.flywaydb");

  private static final int SHUTDOWN_MILLIS = 20_000;

  Main() {}

  /** Runs the command that {@code args} ask for. */
  public static void main(String... args) {
    try {
      if (args.length > 0 && args[0].equals("replay")) {
        LUCENE.setLevel(Level.WARNING);
        QUIET.setLevel(Level.WARNING);
        System.exit(ReplayCommand.run(args));
      }
      if (args.length > 0 && args[0].equals("key")) {
        MIGRATIONS.setLevel(Level.WARNING);
        QUIET.setLevel(Level.WARNING);
        System.exit(KeyCommand.run(args));
      }
      if (args.length > 0 && args[0].equals("report")) {
        System.exit(ReportCommand.run(args));
      }
      Arguments arguments = Arguments.of(args);
      if (arguments.command() == Arguments.Command.HELP) {
        Console.OUT.print(Arguments.USAGE);
        return;
      }
      if (!Boolean.getBoolean(STARTED)) {
        prepare(arguments);
      }
      Quarkus.run(
          arguments.command() == Arguments.Command.DEMO ? Demo.class : null, Main::ended, args);
    } catch (Refused e) {
      Console.ERR.println("whence: " + e.getMessage());
      System.exit(2);
    }
  }

  private static void prepare(Arguments arguments) throws Refused {
    LUCENE.setLevel(Level.WARNING);
    StartConfig config = StartConfig.read();
    int port = arguments.port() != null ? arguments.port() : config.port();
    checkAddress(config, port);
    Path place = Home.place(arguments.home(), config);
    boolean keyNeeded = config.keyNeeded();
    if (keyNeeded && !config.databaseConfigured() && !Files.exists(place.resolve("postgres"))) {
      throw noKey(config); // as there is no database yet
    }
    Home home = Home.open(place);
    System.setProperty("whence.home", home.root().toString());
    System.setProperty("quarkus.http.port", String.valueOf(port));
    if (arguments.command() == Arguments.Command.DEMO) {
      System.setProperty(DEMO_CORPUS, DemoIndex.in(home).corpus().toString());
    }
    EmbeddedDatabase database = null;
    if (!config.databaseConfigured()) {
      // Commands it runs are nobody's business, and Quarkus has not set up logging yet.
      QUIET.setLevel(Level.WARNING);
      database = home.database();
      System.setProperty("quarkus.datasource.jdbc.url", database.jdbcUrl());
      System.setProperty("quarkus.datasource.username", database.user());
      System.setProperty("quarkus.datasource.password", database.password());
    }
    System.setProperty(STARTED, "true");
    EmbeddedDatabase started = database;
    Runtime.getRuntime().addShutdownHook(new Thread(() -> shutDown(home, started), "whence-end"));
    if (keyNeeded) {
      checkKeys(config, database);
    }
  }

  /** A service that would refuse everybody is none. */
  private static void checkKeys(StartConfig config, @Nullable EmbeddedDatabase database)
      throws Refused {
    try (KeyRing keys =
        database != null
            ? KeyRing.open(database.jdbcUrl(), database.user(), database.password())
            : KeyRing.open(
                config.database().get(0), config.database().get(1), config.database().get(2))) {
      if (keys.all().stream().noneMatch(key -> key.good(Instant.now()))) {
        throw noKey(config);
      }
    } catch (IOException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
  }

  private static Refused noKey(StartConfig config) {
    return new Refused(
        (Authentication.UNLESS_LOOPBACK.neededAt(config.host())
                ? "quarkus.http.host is " + config.host() + ", which other machines reach"
                : Authentication.SETTING + " is " + Authentication.REQUIRED.id())
            + ", so that every request needs an API key, and there is no good one; make one with"
            + " whence key create NAME --role ROLE");
  }

  /** Before anything is changed: the port must be free, and the address one of this machine's. */
  private static void checkAddress(StartConfig config, int port) throws Refused {
    String host = config.host();
    try {
      InetAddress address = InetAddress.getByName(host);
      try (ServerSocket probe = new ServerSocket()) {
        probe.setReuseAddress(true);
        probe.bind(new InetSocketAddress(address, port));
      }
    } catch (UnknownHostException e) {
      throw new Refused("quarkus.http.host is " + host + ", which is no address here");
    } catch (IOException e) {
      throw new Refused(
          "port "
              + port
              + " on "
              + host
              + " cannot be used ("
              + e.getMessage()
              + "); choose another with --port");
    }
  }

  /** The database goes last, once the service has answered what it had begun. */
  private static void shutDown(Home home, @Nullable EmbeddedDatabase database) {
    long end = System.nanoTime() + SHUTDOWN_MILLIS * 1_000_000L;
    try {
      while (Application.currentApplication() != null && System.nanoTime() < end) {
        Thread.sleep(20);
      }
      if (database != null) {
        database.stop();
      }
      home.hold().close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      Console.ERR.println("whence: the database did not stop: " + e.getMessage());
    }
  }

  private static void ended(Integer code, @Nullable Throwable failure) {
    if (failure != null) {
      Console.ERR.println("whence: the service could not run: " + reason(failure));
    }
    // A live reload ends the application, not the process.
    if (!LaunchMode.current().isDevOrTest()) {
      System.exit(failure != null && code == 0 ? 1 : code);
    }
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
