package io.ecsd.client;

import io.ecsd.v1.Renewal;

/**
 * A report of {@link EcsdClient#renew}.
 */
public final class RenewalProgress {
  private final String requestId;
  private final Renewal renewal;

  RenewalProgress(String requestId, Renewal renewal) {
    this.requestId = requestId;
    this.renewal = renewal;
  }

  /**
   * Returns the request_id. Store it: the same request with it returns the same renewal.
   *
   * @return the request_id
   */
  public String getRequestId() {
    return requestId;
  }

  /**
   * Returns the renewal.
   *
   * @return the renewal, null in the first report, which comes before the request is sent
   */
  public Renewal getRenewal() {
    return renewal;
  }
}
