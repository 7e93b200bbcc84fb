package io.ecsd.client;

import io.ecsd.v1.ReleaseJob;
import io.ecsd.v1.ReleaseJobItem;
import java.util.List;

/**
 * The state of a release job, and its instances that changed since the previous event.
 */
public final class ReleaseJobChanged implements ReleaseJobEvent {
  private final ReleaseJob job;
  private final List<ReleaseJobItem> items;
  private final String resumeToken;

  ReleaseJobChanged(ReleaseJob job, List<ReleaseJobItem> items, String resumeToken) {
    this.job = job;
    this.items = items;
    this.resumeToken = resumeToken;
  }

  /**
   * Returns the job.
   *
   * @return the job
   */
  public ReleaseJob getJob() {
    return job;
  }

  /**
   * Returns the instances that changed.
   *
   * @return the instances
   */
  public List<ReleaseJobItem> getItems() {
    return items;
  }

  /**
   * Returns the token that resumes after this event, in the request of a later watch.
   *
   * @return the token
   */
  public String getResumeToken() {
    return resumeToken;
  }
}
