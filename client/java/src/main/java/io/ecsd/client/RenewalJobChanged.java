package io.ecsd.client;

import io.ecsd.v1.Renewal;
import io.ecsd.v1.RenewalJob;
import java.util.List;

/**
 * The state of a job, and its renewals that changed since the previous event.
 */
public final class RenewalJobChanged implements RenewalJobEvent {
  private final RenewalJob job;
  private final List<Renewal> renewals;
  private final String resumeToken;

  RenewalJobChanged(RenewalJob job, List<Renewal> renewals, String resumeToken) {
    this.job = job;
    this.renewals = renewals;
    this.resumeToken = resumeToken;
  }

  /**
   * Returns the job.
   *
   * @return the job
   */
  public RenewalJob getJob() {
    return job;
  }

  /**
   * Returns the renewals that changed.
   *
   * @return the renewals
   */
  public List<Renewal> getRenewals() {
    return renewals;
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
