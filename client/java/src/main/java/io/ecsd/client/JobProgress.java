package io.ecsd.client;

import io.ecsd.v1.Renewal;
import io.ecsd.v1.RenewalJob;
import java.util.List;

/**
 * A report of {@link EcsdClient#renewJob}.
 */
public final class JobProgress {
  private final String requestId;
  private final RenewalJob job;
  private final List<Renewal> renewals;
  private final long total;
  private final long ended;

  JobProgress(String requestId, RenewalJob job, List<Renewal> renewals, long total, long ended) {
    this.requestId = requestId;
    this.job = job;
    this.renewals = renewals;
    this.total = total;
    this.ended = ended;
  }

  /**
   * Returns the request_id. Store it: the same request with it returns the same job.
   *
   * @return the request_id
   */
  public String getRequestId() {
    return requestId;
  }

  /**
   * Returns the job.
   *
   * @return the job, null in the first report, which comes before the request is sent
   */
  public RenewalJob getJob() {
    return job;
  }

  /**
   * Returns the renewals that changed since the previous report.
   *
   * @return the renewals
   */
  public List<Renewal> getRenewals() {
    return renewals;
  }

  /**
   * Returns the number of renewals of the job.
   *
   * @return the number
   */
  public long getTotal() {
    return total;
  }

  /**
   * Returns the number of renewals that have ended or need attention.
   *
   * @return the number
   */
  public long getEnded() {
    return ended;
  }
}
