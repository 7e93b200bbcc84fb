package io.ecsd.client;

/**
 * The watch could not resume: the history of the server does not reach back far enough, or its database is another one. The
 * events up to the next checkpoint are the difference between the reported and the current state.
 */
public final class Restarted implements InstanceEvent, ReclaimEvent {
  private final EcsdException cause;

  Restarted(EcsdException cause) {
    this.cause = cause;
  }

  /**
   * Returns the cause: RESUME_TOKEN_EXPIRED, INVALID_RESUME_TOKEN or SLOW_READER.
   *
   * @return the cause
   */
  public EcsdException getCause() {
    return cause;
  }
}
