package io.whence.service;

import io.quarkus.runtime.QuarkusApplication;

/** Placeholder until the demo is written. */
public final class Demo implements QuarkusApplication {
  @Override
  public int run(String... args) {
    return 0;
  }
}
