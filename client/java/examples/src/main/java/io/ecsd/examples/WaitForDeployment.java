package io.ecsd.examples;

import io.ecsd.client.EcsdClient;
import io.ecsd.client.EcsdException;
import io.ecsd.v1.InstanceResult;
import io.ecsd.v1.InstanceStatus;
import io.ecsd.v1.WaitInstancesRequest;
import java.time.Duration;
import java.util.Arrays;

/** Waits until instances are running. */
public final class WaitForDeployment {
  public static void main(String[] args) {
    WaitInstancesRequest request = WaitInstancesRequest.newBuilder().setStatus(InstanceStatus.INSTANCE_STATUS_RUNNING)
        .addAllInstanceIds(Arrays.asList(args).subList(1, args.length)).build();
    try (EcsdClient client = EcsdClient.builder(args[0]).plaintext().caller("examples").build()) {
      for (InstanceResult result : client.waitInstances(request, Duration.ofMinutes(10))) {
        String text = result.hasError() ? EcsdException.of(result.getError()).getReasonName() : result.getInstance().getStatus().name();
        System.out.println(result.getInstanceId() + " " + text);
      }
    }
  }
}
