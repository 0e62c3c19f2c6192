package io.whence.service;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands on the command line.
 *
 * @param command {@code serve} or {@code demo}
 * @param port 1 to 65535; null when it is left to the configuration
 * @param home as given; null when it is left to the environment
 * @param serveOn whether {@code demo} goes on serving when it is done
 */
record Arguments(Command command, @Nullable Integer port, @Nullable String home, boolean serveOn) {
  static final String USAGE =
      """
      Usage: whence serve [--port N] [--home DIR]
             whence demo [--no-serve] [--port N] [--home DIR]
             whence key create|list|revoke ...; see whence key --help

      serve   answers on http://127.0.0.1:N/v1 (N: --port, else quarkus.http.port, else 8080)
      demo    builds the demo index where there is none, serves, attributes three outputs and
              prints the answers; goes on serving unless --no-serve is given

      --port N      TCP port on the loopback address, or on quarkus.http.host
      --home DIR    holds indexes, database and logs (else WHENCE_HOME, else ~/.whence)
      --no-serve    ends when the answers are printed
      """;

  /** What to do. */
  enum Command {
    SERVE,
    DEMO,
    HELP
  }

  /** {@return what {@code args} ask for; nothing at all asks to serve} */
  static Arguments of(String... args) throws Refused {
    Deque<String> left = new ArrayDeque<>(List.of(args));
    Command command = left.isEmpty() ? Command.SERVE : command(left.removeFirst());
    Integer port = null;
    String home = null;
    boolean serveOn = true;
    while (!left.isEmpty()) {
      String option = left.removeFirst();
      int equals = option.startsWith("--") ? option.indexOf('=') : -1;
      if (equals > 0) {
        left.addFirst(option.substring(equals + 1));
        option = option.substring(0, equals);
      }
      switch (option) {
        case "--port" -> port = port(value(option, left));
        case "--home" -> home = value(option, left);
        case "--no-serve" -> {
          if (command != Command.DEMO || equals > 0) {
            throw new Refused("--no-serve takes no value and belongs to demo");
          }
          serveOn = false;
        }
        case "--help", "-h" -> command = Command.HELP;
        default -> throw new Refused("there is no option " + option + "; see whence serve --help");
      }
    }
    return new Arguments(command, port, home, serveOn);
  }

  private static Command command(String word) throws Refused {
    return switch (word) {
      case "serve" -> Command.SERVE;
      case "demo" -> Command.DEMO;
      case "--help", "-h", "help" -> Command.HELP;
      default -> throw new Refused("there is no command " + word + "; use serve or demo");
    };
  }

  private static String value(String option, Deque<String> left) throws Refused {
    String value = left.pollFirst();
    if (value == null || value.isBlank()) {
      throw new Refused(option + " needs a value");
    }
    return value;
  }

  private static int port(String value) throws Refused {
    try {
      int port = Integer.parseInt(value);
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number out of range.
    }
    throw new Refused("--port is a number from 1 to 65535; got " + value);
  }
}
