package io.ecsd.client;

import java.time.Instant;

/**
 * Announces that the cloud will reclaim a spot instance. It is reported once per instance.
 */
public final class ReclaimNotice implements ReclaimEvent {
  private final long revision;
  private final String instanceId;
  private final String regionId;
  private final String zoneId;
  private final Instant observedTime;
  private final Instant releaseTimeEstimate;

  ReclaimNotice(long revision, String instanceId, String regionId, String zoneId, Instant observedTime,
      Instant releaseTimeEstimate) {
    this.revision = revision;
    this.instanceId = instanceId;
    this.regionId = regionId;
    this.zoneId = zoneId;
    this.observedTime = observedTime;
    this.releaseTimeEstimate = releaseTimeEstimate;
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
   * Returns the zone of the instance.
   *
   * @return the zone
   */
  public String getZoneId() {
    return zoneId;
  }

  /**
   * Returns when ecsd observed the lock.
   *
   * @return the time
   */
  public Instant getObservedTime() {
    return observedTime;
  }

  /**
   * Returns the latest time of the reclaim: five minutes after the lock was observed.
   *
   * @return the time
   */
  public Instant getReleaseTimeEstimate() {
    return releaseTimeEstimate;
  }
}
