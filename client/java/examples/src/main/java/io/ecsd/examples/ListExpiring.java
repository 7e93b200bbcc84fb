package io.ecsd.examples;

import io.ecsd.client.EcsdClient;
import io.ecsd.client.Values;
import io.ecsd.v1.ExpiringInstance;
import io.ecsd.v1.ListExpiringInstancesRequest;
import java.time.Duration;

/** Lists the subscriptions that expire within 30 days. */
public final class ListExpiring {
  public static void main(String[] args) {
    ListExpiringInstancesRequest request = ListExpiringInstancesRequest.newBuilder().setWithin(Values.duration(Duration.ofDays(30))).build();
    try (EcsdClient client = EcsdClient.builder(args[0]).plaintext().caller("examples").build()) {
      for (ExpiringInstance e : client.listExpiringInstances(request)) {
        System.out.println(e.getInstance().getInstanceId() + " " + Values.instant(e.getInstance().getExpireTime()));
      }
    }
  }
}
