import { equals, toBinary } from "@bufbuild/protobuf";

import type { EcsdError } from "./error.js";
import type { CheckpointEvent, InstanceEvent, ReclaimEvent, ReleaseJobEvent, RenewalJobEvent } from "./event.js";
import { type Instance, InstanceSchema, InstanceStatus } from "./gen/ecsd/v1/instance_pb.js";
import type { WatchInstancesResponse, WatchReleaseJobResponse } from "./gen/ecsd/v1/instance_service_pb.js";
import { type ReleaseJob, ReleaseJobSchema } from "./gen/ecsd/v1/release_job_pb.js";
import { type RenewalJob, RenewalJobSchema } from "./gen/ecsd/v1/renewal_job_pb.js";
import type { WatchRenewalJobResponse } from "./gen/ecsd/v1/renewal_service_pb.js";
import type { WatchReclaimsResponse } from "./gen/ecsd/v1/spot_service_pb.js";
import { InstanceRemovalReason, type WatchCheckpoint, type WatchSnapshotComplete } from "./gen/ecsd/v1/watch_pb.js";

/** The events that a message completes, and the token of its checkpoint; undefined if it is none. */
export interface Taken<E> {
  events: E[];
  token?: string;
}

/**
 * Tracker records the messages of one watch and returns them as events when a checkpoint confirms that they are complete.
 * Messages of a cut stream after its last checkpoint are dropped; the next stream repeats them.
 */
export interface Tracker<M, E> {
  /** Whether a stream that ends without an error ends the watch. */
  readonly ends: boolean;
  /** Starts a stream that resumes from a token; "" for none. */
  begin(token: string): void;
  take(message: M): Taken<E>;
  /** Prepares for a stream without a token. Returns false if the reported state is unknown. */
  restart(cause: EcsdError): boolean;
}

function checkpoint(revision: bigint, m: WatchCheckpoint | WatchSnapshotComplete, snapshot: boolean): CheckpointEvent {
  return { kind: "checkpoint", revision, resumeToken: m.resumeToken, observedTime: m.observedTime, degraded: m.degraded, snapshot };
}

interface Reported {
  readonly hash: string;
  readonly regionId: string;
  readonly status: InstanceStatus;
}

export class InstanceTracker implements Tracker<WatchInstancesResponse, InstanceEvent> {
  readonly ends = false;
  private reported = new Map<string, Reported>();
  private present = new Map<string, Reported>();
  private pending: InstanceEvent[] = [];
  private mark = -1n;
  private cause: EcsdError | undefined;
  private readonly partial: boolean;

  constructor(token: string) {
    this.partial = token !== "";
  }

  begin(): void {
    this.pending = [];
    this.present = new Map();
  }

  restart(cause: EcsdError): boolean {
    if (!this.partial) this.cause = cause;
    return !this.partial;
  }

  take(message: WatchInstancesResponse): Taken<InstanceEvent> {
    const { revision, event } = message;
    switch (event.case) {
      case "snapshot":
        for (const instance of event.value.instances) this.shown(revision, instance);
        break;
      case "snapshotComplete":
        return this.completed(revision, event.value);
      case "changed": {
        const { instance, previousStatus, skipped } = event.value;
        // A replica that lags repeats changes.
        if (instance && revision > this.mark) this.pending.push({ kind: "changed", revision, instance, previousStatus, skipped });
        break;
      }
      case "removed": {
        const { instanceId, regionId, reason } = event.value;
        if (revision > this.mark) this.pending.push({ kind: "removed", revision, instanceId, regionId, reason });
        break;
      }
      case "checkpoint":
        if (revision >= this.mark) return this.checked(revision, event.value);
    }
    return { events: [] };
  }

  private shown(revision: bigint, instance: Instance): void {
    const now = reportedOf(instance);
    this.present.set(instance.instanceId, now);
    if (!this.cause) {
      this.pending.push({ kind: "snapshot", revision, instance });
      return;
    }
    const before = this.reported.get(instance.instanceId);
    if (before?.hash !== now.hash) {
      this.pending.push({ kind: "changed", revision, instance, previousStatus: before?.status ?? InstanceStatus.UNSPECIFIED, skipped: 0 });
    }
  }

  private completed(revision: bigint, m: WatchSnapshotComplete): Taken<InstanceEvent> {
    const events: InstanceEvent[] = this.cause ? [{ kind: "restarted", error: this.cause }] : [];
    for (const event of this.pending) events.push(event);
    for (const instanceId of [...this.reported.keys()].filter((id) => !this.present.has(id)).sort()) {
      const { regionId } = this.reported.get(instanceId)!;
      events.push({ kind: "removed", revision, instanceId, regionId, reason: InstanceRemovalReason.UNSPECIFIED });
    }
    events.push(checkpoint(revision, m, true));
    this.reported = this.present;
    this.begin();
    this.mark = revision;
    this.cause = undefined;
    return { events, token: m.resumeToken };
  }

  private checked(revision: bigint, m: WatchCheckpoint): Taken<InstanceEvent> {
    const events: InstanceEvent[] = [];
    for (const event of this.pending) {
      if (event.kind === "changed") {
        const { instance } = event;
        const before = this.reported.get(instance.instanceId);
        this.reported.set(instance.instanceId, reportedOf(instance));
        if (before || !this.partial) {
          events.push({ ...event, previousStatus: before?.status ?? InstanceStatus.UNSPECIFIED });
          continue;
        }
      } else if (event.kind === "removed" && !this.reported.delete(event.instanceId) && !this.partial) {
        continue;
      }
      events.push(event);
    }
    events.push(checkpoint(revision, m, false));
    this.pending = [];
    this.mark = revision;
    return { events, token: m.resumeToken };
  }
}

/** Returns what is recorded of an instance. A different observation time alone is no difference. */
function reportedOf(instance: Instance): Reported {
  const { observedTime, regionId, status } = instance;
  delete instance.observedTime;
  const hash = digest(toBinary(InstanceSchema, instance));
  if (observedTime) instance.observedTime = observedTime;
  return { hash, regionId, status };
}

/** Returns a hash of 64 bits: two of 32 bits with different multipliers. */
function digest(bytes: Uint8Array): string {
  let a = 0xdeadbeef ^ bytes.length;
  let b = 0x41c6ce57 ^ bytes.length;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 2654435761);
    a ^= a >>> 15;
    b = Math.imul(b ^ byte, 1597334677);
    b ^= b >>> 13;
  }
  return String.fromCharCode(a >>> 16, a & 0xffff, b >>> 16, b & 0xffff);
}

/** The stream has no snapshotComplete: without a token, the notices before the first checkpoint are the snapshot. */
export class ReclaimTracker implements Tracker<WatchReclaimsResponse, ReclaimEvent> {
  readonly ends = false;
  private readonly reported = new Map<string, string>(); // regions
  private pending: ReclaimEvent[] = [];
  private fresh = true;
  private mark = -1n;
  private cause: EcsdError | undefined;
  private readonly partial: boolean;

  constructor(token: string) {
    this.partial = token !== "";
  }

  begin(token: string): void {
    this.pending = [];
    this.fresh = token === "";
  }

  restart(cause: EcsdError): boolean {
    if (!this.partial) this.cause = cause;
    return !this.partial;
  }

  take(message: WatchReclaimsResponse): Taken<ReclaimEvent> {
    const { revision, event } = message;
    if (event.case === "checkpoint") {
      return !this.fresh && revision < this.mark ? { events: [] } : this.checked(revision, event.value);
    }
    if (!this.fresh && revision <= this.mark) return { events: [] };
    switch (event.case) {
      case "notice": {
        const { instanceId, regionId, zoneId, observedTime, releaseTimeEstimate } = event.value;
        this.pending.push({ kind: "notice", revision, instanceId, regionId, zoneId, observedTime, releaseTimeEstimate });
        break;
      }
      case "released":
      case "withdrawn":
      case "stopped":
        this.pending.push({ kind: "ended", revision, instanceId: event.value.instanceId, regionId: event.value.regionId, outcome: event.case });
    }
    return { events: [] };
  }

  private checked(revision: bigint, m: WatchCheckpoint): Taken<ReclaimEvent> {
    const events: ReclaimEvent[] = this.cause ? [{ kind: "restarted", error: this.cause }] : [];
    const present = new Set<string>();
    for (const event of this.pending) {
      if (event.kind === "notice") {
        present.add(event.instanceId);
        if (this.reported.has(event.instanceId)) continue;
        this.reported.set(event.instanceId, event.regionId);
      } else if (event.kind === "ended" && !this.reported.delete(event.instanceId) && !this.partial) {
        continue;
      }
      events.push(event);
    }
    if (this.fresh) {
      for (const instanceId of [...this.reported.keys()].filter((id) => !present.has(id)).sort()) {
        events.push({ kind: "ended", revision, instanceId, regionId: this.reported.get(instanceId)!, outcome: "unknown" });
        this.reported.delete(instanceId);
      }
    }
    events.push(checkpoint(revision, m, this.fresh));
    this.pending = [];
    this.fresh = false;
    this.mark = revision;
    this.cause = undefined;
    return { events, token: m.resumeToken };
  }
}

/** Each message is a checkpoint. A message without news is dropped. */
export class RenewalJobTracker implements Tracker<WatchRenewalJobResponse, RenewalJobEvent> {
  readonly ends = true;
  private last: RenewalJob | undefined;

  constructor(private readonly token: string) {}

  begin(): void {}

  restart(): boolean {
    return this.token === "";
  }

  take({ job, renewals, resumeToken }: WatchRenewalJobResponse): Taken<RenewalJobEvent> {
    if (renewals.length === 0 && this.last && job && equals(RenewalJobSchema, this.last, job)) return { events: [], token: resumeToken };
    this.last = job;
    return { events: [{ kind: "job", job, renewals, resumeToken }], token: resumeToken };
  }
}

/** Like RenewalJobTracker. */
export class ReleaseJobTracker implements Tracker<WatchReleaseJobResponse, ReleaseJobEvent> {
  readonly ends = true;
  private last: ReleaseJob | undefined;

  constructor(private readonly token: string) {}

  begin(): void {}

  restart(): boolean {
    return this.token === "";
  }

  take({ job, items, resumeToken }: WatchReleaseJobResponse): Taken<ReleaseJobEvent> {
    if (items.length === 0 && this.last && job && equals(ReleaseJobSchema, this.last, job)) return { events: [], token: resumeToken };
    this.last = job;
    return { events: [{ kind: "job", job, items, resumeToken }], token: resumeToken };
  }
}
