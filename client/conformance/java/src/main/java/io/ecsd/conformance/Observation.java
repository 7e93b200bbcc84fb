package io.ecsd.conformance;

import io.ecsd.client.Changed;
import io.ecsd.client.Checkpoint;
import io.ecsd.client.Interrupted;
import io.ecsd.client.ReclaimEnded;
import io.ecsd.client.ReclaimNotice;
import io.ecsd.client.ReleaseJobChanged;
import io.ecsd.client.Removed;
import io.ecsd.client.RenewalJobChanged;
import io.ecsd.client.Restarted;
import io.ecsd.client.Snapshot;
import io.ecsd.conformance.v1.Observed;
import java.util.Locale;

/** Converts the events of a watch for the runner. */
final class Observation {
  private Observation() {}

  static Observed.Builder of(Object event) {
    Observed.Builder o = Observed.newBuilder();
    if (event instanceof Snapshot) {
      Snapshot e = (Snapshot) event;
      return o.setKind("snapshot").setRevision(e.getRevision()).setInstanceId(e.getInstance().getInstanceId())
          .setStatus(e.getInstance().getStatusValue());
    } else if (event instanceof Changed) {
      Changed e = (Changed) event;
      return o.setKind("changed").setRevision(e.getRevision()).setInstanceId(e.getInstance().getInstanceId())
          .setStatus(e.getInstance().getStatusValue()).setPreviousStatus(e.getPreviousStatusValue()).setSkipped(e.getSkipped());
    } else if (event instanceof Removed) {
      Removed e = (Removed) event;
      return o.setKind("removed").setRevision(e.getRevision()).setInstanceId(e.getInstanceId()).setRemovalReason(e.getReasonValue());
    } else if (event instanceof ReclaimNotice) {
      ReclaimNotice e = (ReclaimNotice) event;
      return o.setKind("notice").setRevision(e.getRevision()).setInstanceId(e.getInstanceId());
    } else if (event instanceof ReclaimEnded) {
      ReclaimEnded e = (ReclaimEnded) event;
      String outcome = e.getOutcome().name().toLowerCase(Locale.ROOT);
      return o.setKind(outcome.equals("unknown") ? "ended" : outcome).setRevision(e.getRevision()).setInstanceId(e.getInstanceId());
    } else if (event instanceof Checkpoint) {
      Checkpoint e = (Checkpoint) event;
      e.getDegraded().forEach(r -> o.addDegraded(r.getRegionId()));
      return o.setKind("checkpoint").setRevision(e.getRevision()).setResumeToken(e.getResumeToken()).setSnapshot(e.isSnapshot());
    } else if (event instanceof Interrupted) {
      Interrupted e = (Interrupted) event;
      return o.setKind("interrupted").setReason(e.getCause().getReasonName()).setCode(e.getCause().getCode().name())
          .setDelayMs((int) e.getDelay().toMillis());
    } else if (event instanceof Restarted) {
      Restarted e = (Restarted) event;
      return o.setKind("restarted").setReason(e.getCause().getReasonName()).setCode(e.getCause().getCode().name());
    } else if (event instanceof RenewalJobChanged) {
      RenewalJobChanged e = (RenewalJobChanged) event;
      e.getRenewals().forEach(r -> o.addChanged(r.getRenewalId() + "=" + r.getStateValue()));
      return o.setKind("job").setStatus(e.getJob().getStateValue()).setResumeToken(e.getResumeToken());
    } else if (event instanceof ReleaseJobChanged) {
      ReleaseJobChanged e = (ReleaseJobChanged) event;
      e.getItems().forEach(i -> o.addChanged(i.getInstanceId() + "=" + i.getStateValue()));
      return o.setKind("job").setStatus(e.getJob().getStateValue()).setResumeToken(e.getResumeToken());
    }
    return o.setKind("unknown");
  }
}
