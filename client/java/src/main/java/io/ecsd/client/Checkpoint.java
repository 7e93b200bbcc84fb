package io.ecsd.client;

import io.ecsd.v1.DegradedRegion;
import java.time.Instant;
import java.util.List;

/**
 * States that everything up to its revision was reported, and how fresh that is. One ends each snapshot and each batch of
 * changes, and one arrives at least once per heartbeat while the server is reachable.
 */
public final class Checkpoint implements InstanceEvent, ReclaimEvent {
  private final long revision;
  private final String resumeToken;
  private final Instant observedTime;
  private final List<DegradedRegion> degraded;
  private final boolean snapshot;

  Checkpoint(long revision, String resumeToken, Instant observedTime, List<DegradedRegion> degraded, boolean snapshot) {
    this.revision = revision;
    this.resumeToken = resumeToken;
    this.observedTime = observedTime;
    this.degraded = degraded;
    this.snapshot = snapshot;
  }

  /**
   * Returns the revision up to which everything was reported.
   *
   * @return the revision
   */
  public long getRevision() {
    return revision;
  }

  /**
   * Returns the token that resumes after this checkpoint, in the request of a later watch.
   *
   * @return the token
   */
  public String getResumeToken() {
    return resumeToken;
  }

  /**
   * Returns the earliest start of the newest complete polls of the watched regions: it limits the age of the reported state.
   *
   * @return the time, null if a region was never observed
   */
  public Instant getObservedTime() {
    return observedTime;
  }

  /**
   * Returns the watched regions that the server cannot poll, each with its cause.
   *
   * @return the regions
   */
  public List<DegradedRegion> getDegraded() {
    return degraded;
  }

  /**
   * Reports whether this checkpoint ends a snapshot: all existing instances have been reported.
   *
   * @return whether it ends a snapshot
   */
  public boolean isSnapshot() {
    return snapshot;
  }
}
