package io.ecsd.client;

import io.ecsd.v1.InstanceRemovalReason;

/**
 * A reported instance that is no longer watched.
 */
public final class Removed implements InstanceEvent {
  private final long revision;
  private final String instanceId;
  private final String regionId;
  private final int reason;

  Removed(long revision, String instanceId, String regionId, int reason) {
    this.revision = revision;
    this.instanceId = instanceId;
    this.regionId = regionId;
    this.reason = reason;
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
   * Returns the ID of the instance.
   *
   * @return the ID
   */
  public String getInstanceId() {
    return instanceId;
  }

  /**
   * Returns the region of the instance.
   *
   * @return the region
   */
  public String getRegionId() {
    return regionId;
  }

  /**
   * Returns the reason.
   *
   * @return the reason, UNSPECIFIED if it was removed during an interruption longer than the history of the server,
   *     UNRECOGNIZED for one that this client does not know
   */
  public InstanceRemovalReason getReason() {
    InstanceRemovalReason known = InstanceRemovalReason.forNumber(reason);
    return known == null ? InstanceRemovalReason.UNRECOGNIZED : known;
  }

  /**
   * Returns the number of the reason.
   *
   * @return the number, also of a reason that this client does not know
   */
  public int getReasonValue() {
    return reason;
  }
}
