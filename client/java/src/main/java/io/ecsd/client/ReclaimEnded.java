package io.ecsd.client;

/**
 * The outcome for an instance that had a notice.
 */
public final class ReclaimEnded implements ReclaimEvent {
  private final long revision;
  private final String instanceId;
  private final String regionId;
  private final ReclaimOutcome outcome;

  ReclaimEnded(long revision, String instanceId, String regionId, ReclaimOutcome outcome) {
    this.revision = revision;
    this.instanceId = instanceId;
    this.regionId = regionId;
    this.outcome = outcome;
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
   * Returns the outcome.
   *
   * @return the outcome
   */
  public ReclaimOutcome getOutcome() {
    return outcome;
  }
}
