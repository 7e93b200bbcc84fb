package io.ecsd.client;

import java.time.Duration;

/**
 * The stream was lost, and the watch will reconnect. The reported state may be out of date until the next checkpoint.
 */
public final class Interrupted implements InstanceEvent, ReclaimEvent, RenewalJobEvent, ReleaseJobEvent {
  private final EcsdException cause;
  private final Duration delay;

  Interrupted(EcsdException cause, Duration delay) {
    this.cause = cause;
    this.delay = delay;
  }

  /**
   * Returns the cause.
   *
   * @return the cause
   */
  public EcsdException getCause() {
    return cause;
  }

  /**
   * Returns the time until the watch reconnects.
   *
   * @return the delay
   */
  public Duration getDelay() {
    return delay;
  }
}
