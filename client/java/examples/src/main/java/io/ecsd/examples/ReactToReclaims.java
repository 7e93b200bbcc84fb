package io.ecsd.examples;

import io.ecsd.client.Checkpoint;
import io.ecsd.client.EcsdClient;
import io.ecsd.client.ReclaimEnded;
import io.ecsd.client.ReclaimEvent;
import io.ecsd.client.ReclaimNotice;
import io.ecsd.client.Watch;
import io.ecsd.v1.WatchReclaimsRequest;

/** Drains each spot instance that the cloud will reclaim, until as many checkpoints have arrived as the argument says. */
public final class ReactToReclaims {
  public static void main(String[] args) {
    int checkpoints = Integer.parseInt(args[1]);
    try (EcsdClient client = EcsdClient.builder(args[0]).plaintext().caller("examples").build();
        Watch<ReclaimEvent> watch = client.watchReclaims(WatchReclaimsRequest.getDefaultInstance())) {
      for (ReclaimEvent event : watch) {
        if (event instanceof ReclaimNotice) {
          ReclaimNotice notice = (ReclaimNotice) event;
          System.out.println("drain " + notice.getInstanceId() + " before " + notice.getReleaseTimeEstimate());
        } else if (event instanceof ReclaimEnded) {
          System.out.println(((ReclaimEnded) event).getInstanceId() + " " + ((ReclaimEnded) event).getOutcome());
        } else if (event instanceof Checkpoint) {
          System.out.println("up to date as of " + ((Checkpoint) event).getObservedTime());
          if (--checkpoints == 0) {
            return;
          }
        }
      }
    }
  }
}
