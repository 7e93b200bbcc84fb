package io.ecsd.client;

import io.ecsd.v1.Instance;
import io.ecsd.v1.InstanceStatus;

/**
 * An instance that changed, is new, or starts to match.
 */
public final class Changed implements InstanceEvent {
  private final long revision;
  private final Instance instance;
  private final int previousStatus;
  private final int skipped;

  Changed(long revision, Instance instance, int previousStatus, int skipped) {
    this.revision = revision;
    this.instance = instance;
    this.previousStatus = previousStatus;
    this.skipped = skipped;
  }

  /**
   * Returns the number of the poll that found it. It rises strictly per instance, until a {@link Restarted}.
   *
   * @return the revision
   */
  public long getRevision() {
    return revision;
  }

  /**
   * Returns the instance.
   *
   * @return the instance
   */
  public Instance getInstance() {
    return instance;
  }

  /**
   * Returns the last status that this watch reported for the instance.
   *
   * @return the status, UNSPECIFIED if it reported none, UNRECOGNIZED for one that this client does not know
   */
  public InstanceStatus getPreviousStatus() {
    InstanceStatus status = InstanceStatus.forNumber(previousStatus);
    return status == null ? InstanceStatus.UNRECOGNIZED : status;
  }

  /**
   * Returns the number of the last status that this watch reported for the instance.
   *
   * @return the number, also of a status that this client does not know
   */
  public int getPreviousStatusValue() {
    return previousStatus;
  }

  /**
   * Returns the count of earlier changes merged into this one.
   *
   * @return the count; 0 with WATCH_DELIVERY_EVERY_CHANGE
   */
  public int getSkipped() {
    return skipped;
  }
}
