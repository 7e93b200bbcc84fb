package io.ecsd.examples;

import io.ecsd.client.EcsdClient;
import io.ecsd.client.EcsdException;
import io.ecsd.client.Values;
import io.ecsd.v1.Renewal;
import io.ecsd.v1.RenewInstanceRequest;
import java.time.Duration;

/** Renews one instance for a month, for at most 5,000 yuan. */
public final class RenewOne {
  public static void main(String[] args) {
    RenewInstanceRequest request = RenewInstanceRequest.newBuilder().setInstanceId(args[1]).setPeriod(Values.months(1))
        .setMaxPrice(Values.money("5000", "CNY")).build();
    try (EcsdClient client = EcsdClient.builder(args[0]).plaintext().caller("examples").build()) {
      Renewal renewal = client.renew(request, Duration.ofMinutes(10), p -> System.out.println("request_id " + p.getRequestId()));
      System.out.println(renewal.getState() + " for " + Values.text(renewal.getPrice()));
    } catch (EcsdException e) {
      System.out.println("not renewed: " + e.getReasonName() + "; retry with request_id " + e.getRequestId());
    }
  }
}
