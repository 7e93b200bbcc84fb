package io.ecsd.client;

/** The outcome for an instance that had a notice of its reclaim. */
public enum ReclaimOutcome {
  /** The reclaim ended during an interruption longer than the history of the server: read the instance. */
  UNKNOWN,
  /** The instance is gone. */
  RELEASED,
  /** The instance is still there and will not be reclaimed. */
  WITHDRAWN,
  /** The instance was stopped, as its interruption behavior requires, and is still there. */
  STOPPED
}
