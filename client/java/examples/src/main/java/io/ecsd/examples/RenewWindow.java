package io.ecsd.examples;

import io.ecsd.client.EcsdClient;
import io.ecsd.client.Values;
import io.ecsd.v1.CreateRenewalJobRequest;
import io.ecsd.v1.RenewalJob;
import io.ecsd.v1.RenewalSelection;
import io.ecsd.v1.ExpiryWindow;
import java.time.Duration;

/** Renews what expires within 14 days, for at most 2,000 yuan, and shows the progress. */
public final class RenewWindow {
  public static void main(String[] args) {
    CreateRenewalJobRequest request = CreateRenewalJobRequest.newBuilder()
        .setSelection(RenewalSelection.newBuilder().setWindow(ExpiryWindow.newBuilder().setWithin(Values.duration(Duration.ofDays(14)))))
        .setPeriod(Values.months(1)).setMaxTotalPrice(Values.money("2000", "CNY")).build();
    try (EcsdClient client = EcsdClient.builder(args[0]).plaintext().caller("examples").build()) {
      RenewalJob job = client.renewJob(request, Duration.ofHours(1), p -> System.out.println(p.getEnded() + " of " + p.getTotal()));
      System.out.println(job.getState() + ", spent " + Values.text(job.getSpent()));
    }
  }
}
