package io.ecsd.client;

import io.ecsd.v1.Instance;

/**
 * An instance that matched when the watch started.
 */
public final class Snapshot implements InstanceEvent {
  private final long revision;
  private final Instance instance;

  Snapshot(long revision, Instance instance) {
    this.revision = revision;
    this.instance = instance;
  }

  /**
   * Returns the newest poll that the snapshot covers.
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
}
