package io.ecsd.client;

import io.ecsd.v1.WatchCheckpoint;
import io.ecsd.v1.WatchReclaimsResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tracks a watch of reclaims. The stream has no end of the snapshot: if it did not resume, the notices before its first
 * checkpoint are the snapshot.
 */
final class ReclaimTracker implements Tracker<WatchReclaimsResponse, ReclaimEvent> {
  /** The announced reclaims that the caller knows, with their regions. */
  private final Map<String, String> reported = new HashMap<>();
  private final boolean partial;
  private long mark = -1;
  private EcsdException cause;
  private boolean fresh;
  private List<ReclaimEvent> pending = new ArrayList<>();

  ReclaimTracker(String token) {
    partial = !token.isEmpty();
  }

  @Override
  public void begin(String token) {
    pending = new ArrayList<>();
    fresh = token.isEmpty();
  }

  @Override
  public boolean restart(EcsdException why) {
    if (partial) {
      return false;
    }
    cause = why;
    return true;
  }

  @Override
  public ReclaimEvent interrupted(EcsdException why, Duration delay) {
    return new Interrupted(why, delay);
  }

  @Override
  public Marked<ReclaimEvent> take(WatchReclaimsResponse m) {
    long revision = m.getRevision();
    if (m.hasCheckpoint()) {
      return fresh || revision >= mark ? checked(revision, m.getCheckpoint()) : null;
    }
    if (!fresh && revision <= mark) {
      return null; // a lagging replica repeats notices that another replica has sent
    }
    switch (m.getEventCase()) {
      case NOTICE:
        pending.add(new ReclaimNotice(revision, m.getNotice().getInstanceId(), m.getNotice().getRegionId(), m.getNotice().getZoneId(),
            Values.instant(m.getNotice().getObservedTime()), Values.instant(m.getNotice().getReleaseTimeEstimate())));
        break;
      case RELEASED:
        pending.add(new ReclaimEnded(revision, m.getReleased().getInstanceId(), m.getReleased().getRegionId(), ReclaimOutcome.RELEASED));
        break;
      case WITHDRAWN:
        pending.add(new ReclaimEnded(revision, m.getWithdrawn().getInstanceId(), m.getWithdrawn().getRegionId(), ReclaimOutcome.WITHDRAWN));
        break;
      case STOPPED:
        pending.add(new ReclaimEnded(revision, m.getStopped().getInstanceId(), m.getStopped().getRegionId(), ReclaimOutcome.STOPPED));
        break;
      default: // of a newer server
    }
    return null;
  }

  /** Returns the events of a batch. It drops notices that were reported, and ends those that a snapshot does not have. */
  private Marked<ReclaimEvent> checked(long revision, WatchCheckpoint m) {
    List<ReclaimEvent> events = new ArrayList<>();
    if (cause != null) {
      events.add(new Restarted(cause));
    }
    Set<String> present = new HashSet<>();
    for (ReclaimEvent event : pending) {
      if (event instanceof ReclaimNotice) {
        ReclaimNotice e = (ReclaimNotice) event;
        present.add(e.getInstanceId());
        if (reported.putIfAbsent(e.getInstanceId(), e.getRegionId()) != null) {
          continue;
        }
      } else if (reported.remove(((ReclaimEnded) event).getInstanceId()) == null && !partial) {
        continue;
      }
      events.add(event);
    }
    if (fresh) {
      TreeSet<String> gone = new TreeSet<>(reported.keySet());
      gone.removeAll(present);
      for (String id : gone) {
        events.add(new ReclaimEnded(revision, id, reported.remove(id), ReclaimOutcome.UNKNOWN));
      }
    }
    events.add(new Checkpoint(revision, m.getResumeToken(), m.hasObservedTime() ? Values.instant(m.getObservedTime()) : null,
        m.getDegradedList(), fresh));
    pending = new ArrayList<>();
    fresh = false;
    mark = revision;
    cause = null;
    return new Marked<>(events, m.getResumeToken());
  }
}
