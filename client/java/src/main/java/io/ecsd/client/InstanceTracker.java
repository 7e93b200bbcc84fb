package io.ecsd.client;

import com.google.protobuf.CodedOutputStream;
import io.ecsd.v1.Instance;
import io.ecsd.v1.WatchCheckpoint;
import io.ecsd.v1.WatchInstancesResponse;
import io.ecsd.v1.WatchSnapshotComplete;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Tracks a watch of instances. */
final class InstanceTracker implements Tracker<WatchInstancesResponse, InstanceEvent> {
  /** The part of an instance that is needed to detect a difference. */
  private static final class Reported {
    final long hash;
    final String region;
    final int status;

    Reported(long hash, String region, int status) {
      this.hash = hash;
      this.region = region;
      this.status = status;
    }
  }

  /** The state that the caller knows. */
  private Map<String, Reported> reported = new HashMap<>();
  /** The caller's token was resumed, so reported is incomplete. */
  private final boolean partial;
  /** The revision up to which everything was reported. */
  private long mark = -1;
  /** Why the watch restarts, null if it does not. */
  private EcsdException cause;

  /** The instances of the snapshot that is arriving, null if none is. */
  private Map<String, Reported> present;
  /** The events that are not yet reported. */
  private List<InstanceEvent> pending = new ArrayList<>();

  InstanceTracker(String token) {
    partial = !token.isEmpty();
  }

  @Override
  public void begin(String token) {
    pending = new ArrayList<>();
    present = token.isEmpty() ? new HashMap<>() : null;
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
  public InstanceEvent interrupted(EcsdException why, Duration delay) {
    return new Interrupted(why, delay);
  }

  @Override
  public Marked<InstanceEvent> take(WatchInstancesResponse m) {
    long revision = m.getRevision();
    switch (m.getEventCase()) {
      case SNAPSHOT:
        m.getSnapshot().getInstancesList().forEach(i -> shown(revision, i));
        return null;
      case SNAPSHOT_COMPLETE:
        return completed(revision, m.getSnapshotComplete());
      case CHANGED:
        // A lagging replica repeats changes that another replica has sent.
        if (revision > mark && m.getChanged().hasInstance()) {
          pending.add(new Changed(revision, m.getChanged().getInstance(), m.getChanged().getPreviousStatusValue(), m.getChanged().getSkipped()));
        }
        return null;
      case REMOVED:
        if (revision > mark) {
          pending.add(new Removed(revision, m.getRemoved().getInstanceId(), m.getRemoved().getRegionId(), m.getRemoved().getReasonValue()));
        }
        return null;
      case CHECKPOINT:
        return revision >= mark ? checked(revision, m.getCheckpoint()) : null;
      default:
        return null; // of a newer server
    }
  }

  /** Records an instance of a snapshot: all of the first snapshot, and only the differing ones of a later one. */
  private void shown(long revision, Instance i) {
    if (present == null) {
      return;
    }
    Reported now = reportedOf(i);
    present.put(i.getInstanceId(), now);
    Reported before = reported.get(i.getInstanceId());
    if (cause == null) {
      pending.add(new Snapshot(revision, i));
    } else if (before == null || before.hash != now.hash) {
      pending.add(new Changed(revision, i, before == null ? 0 : before.status, 0));
    }
  }

  private Marked<InstanceEvent> completed(long revision, WatchSnapshotComplete m) {
    List<InstanceEvent> events = new ArrayList<>();
    if (cause != null) {
      events.add(new Restarted(cause));
    }
    events.addAll(pending);
    Map<String, Reported> now = present == null ? new HashMap<>() : present;
    TreeSet<String> gone = new TreeSet<>(reported.keySet());
    gone.removeAll(now.keySet());
    for (String id : gone) {
      events.add(new Removed(revision, id, reported.get(id).region, 0));
    }
    reported = now;
    present = null;
    pending = new ArrayList<>();
    mark = revision;
    cause = null;
    events.add(new Checkpoint(revision, m.getResumeToken(), m.hasObservedTime() ? Values.instant(m.getObservedTime()) : null,
        m.getDegradedList(), true));
    return new Marked<>(events, m.getResumeToken());
  }

  /** Returns the events of a batch. The previous status of an instance is the one that this watch reported last. */
  private Marked<InstanceEvent> checked(long revision, WatchCheckpoint m) {
    List<InstanceEvent> events = new ArrayList<>(pending.size() + 1);
    for (InstanceEvent event : pending) {
      if (event instanceof Changed) {
        Changed e = (Changed) event;
        Reported before = reported.put(e.getInstance().getInstanceId(), reportedOf(e.getInstance()));
        int previous = e.getPreviousStatusValue();
        if (before != null) {
          previous = before.status;
        } else if (!partial) {
          previous = 0;
        }
        events.add(new Changed(e.getRevision(), e.getInstance(), previous, e.getSkipped()));
      } else if (reported.remove(((Removed) event).getInstanceId()) != null || partial) {
        events.add(event);
      }
    }
    pending = new ArrayList<>();
    mark = revision;
    events.add(new Checkpoint(revision, m.getResumeToken(), m.hasObservedTime() ? Values.instant(m.getObservedTime()) : null,
        m.getDegradedList(), false));
    return new Marked<>(events, m.getResumeToken());
  }

  /** Returns the recorded part of an instance. A different observation time alone is no difference. */
  private static Reported reportedOf(Instance i) {
    Instance state = i.toBuilder().clearObservedTime().build();
    byte[] bytes = new byte[state.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      state.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // the array has the size of the message
    }
    long hash = 0xcbf29ce484222325L; // FNV-1a, 64 bits
    for (byte b : bytes) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return new Reported(hash, i.getRegionId().intern(), i.getStatusValue());
  }
}
