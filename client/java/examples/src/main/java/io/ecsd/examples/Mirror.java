package io.ecsd.examples;

import io.ecsd.client.Changed;
import io.ecsd.client.Checkpoint;
import io.ecsd.client.EcsdClient;
import io.ecsd.client.InstanceEvent;
import io.ecsd.client.Removed;
import io.ecsd.client.Snapshot;
import io.ecsd.client.Watch;
import io.ecsd.v1.Instance;
import io.ecsd.v1.WatchInstancesRequest;
import java.util.HashMap;
import java.util.Map;

/** Watches all instances and keeps a copy of their states, until as many checkpoints have arrived as the argument says. */
public final class Mirror {
  public static void main(String[] args) {
    int checkpoints = Integer.parseInt(args[1]);
    Map<String, Instance> mirror = new HashMap<>();
    try (EcsdClient client = EcsdClient.builder(args[0]).plaintext().caller("examples").build();
        Watch<InstanceEvent> watch = client.watchInstances(WatchInstancesRequest.getDefaultInstance())) {
      for (InstanceEvent event : watch) {
        if (event instanceof Snapshot) {
          mirror.put(((Snapshot) event).getInstance().getInstanceId(), ((Snapshot) event).getInstance());
        } else if (event instanceof Changed) {
          mirror.put(((Changed) event).getInstance().getInstanceId(), ((Changed) event).getInstance());
        } else if (event instanceof Removed) {
          mirror.remove(((Removed) event).getInstanceId());
        } else if (event instanceof Checkpoint) {
          System.out.println(mirror.size() + " instances as of " + ((Checkpoint) event).getObservedTime());
          if (--checkpoints == 0) {
            return;
          }
        }
      }
    }
  }
}
