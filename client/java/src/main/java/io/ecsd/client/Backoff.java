package io.ecsd.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A random delay between a base and a limit that doubles with each failure, so that clients that failed together do not
 * reconnect together.
 */
final class Backoff {
  /** The longest delay that a server can impose on a client. */
  private static final Duration LONGEST_ASKED = Duration.ofMinutes(5);

  /** The limits of the delay. */
  static final class Bounds {
    final Duration base;
    final Duration most;

    Bounds(Duration base, Duration most) {
      this.base = base;
      this.most = most;
    }
  }

  private final Bounds bounds;
  private int failures;

  Backoff(Bounds bounds) {
    this.bounds = bounds;
  }

  /** Returns the delay after one more failure. If the server asks for one, it is that delay and up to a tenth of it. */
  Duration next(Duration asked) {
    long limit = bounds.base.toNanos();
    for (int i = 0; i <= failures && limit < bounds.most.toNanos(); i++) {
      limit = Math.min(limit * 2, bounds.most.toNanos());
    }
    failures++;
    if (asked != null && !asked.isZero() && !asked.isNegative()) {
      long wanted = Math.min(asked.toNanos(), LONGEST_ASKED.toNanos());
      return Duration.ofNanos(wanted + random(wanted / 10));
    }
    return Duration.ofNanos(bounds.base.toNanos() + random(limit - bounds.base.toNanos()));
  }

  void reset() {
    failures = 0;
  }

  private static long random(long most) {
    return ThreadLocalRandom.current().nextLong(most + 1);
  }
}
