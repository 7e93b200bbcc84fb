package io.ecsd.client;

import java.util.function.Supplier;

/**
 * The credential of a client: a token, or a function that returns one. The function is called for the first call, and again
 * when the server no longer accepts the token: at most once per second for all callers.
 */
final class Tokens {
  private static final long APART = 1_000_000_000L;

  private final Supplier<String> source;
  private String token;
  private long asked;

  Tokens(Supplier<String> source) {
    this.source = source;
  }

  synchronized String current() {
    if (token == null) {
      ask();
    }
    return token;
  }

  /** Reports whether there is another token than the one that was refused. */
  synchronized boolean renewed(String refused) {
    if (!refused.equals(token)) {
      return true;
    }
    if (System.nanoTime() - asked < APART) {
      return false;
    }
    ask();
    return !refused.equals(token);
  }

  private void ask() {
    token = source.get();
    asked = System.nanoTime();
  }
}
