package io.whence.service;

/** Why a command cannot even begin: one line for the person who gave it. Exit code 2. */
final class Refused extends Exception {
  private static final long serialVersionUID = 1;

  Refused(String line) {
    super(line);
  }
}
