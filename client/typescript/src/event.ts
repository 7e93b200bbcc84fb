import type { Timestamp } from "@bufbuild/protobuf/wkt";

import type { EcsdError } from "./error.js";
import type { Instance, InstanceStatus } from "./gen/ecsd/v1/instance_pb.js";
import type { ReleaseJob, ReleaseJobItem } from "./gen/ecsd/v1/release_job_pb.js";
import type { RenewalJob } from "./gen/ecsd/v1/renewal_job_pb.js";
import type { Renewal } from "./gen/ecsd/v1/renewal_pb.js";
import type { DegradedRegion, InstanceRemovalReason } from "./gen/ecsd/v1/watch_pb.js";

/** An instance that matched when the watch started. */
export interface SnapshotEvent {
  readonly kind: "snapshot";
  readonly revision: bigint;
  readonly instance: Instance;
}

/** An instance that changed, is new, or starts to match. previousStatus is the last one that this watch reported. */
export interface ChangedEvent {
  readonly kind: "changed";
  readonly revision: bigint;
  readonly instance: Instance;
  readonly previousStatus: InstanceStatus;
  /** The number of earlier changes that were merged into this one. */
  readonly skipped: number;
}

/** A reported instance that is no longer watched. reason is UNSPECIFIED if it went during a long interruption. */
export interface RemovedEvent {
  readonly kind: "removed";
  readonly revision: bigint;
  readonly instanceId: string;
  readonly regionId: string;
  readonly reason: InstanceRemovalReason;
}

/** Everything up to the revision was reported. Set resumeToken in the request of a later watch to resume here. */
export interface CheckpointEvent {
  readonly kind: "checkpoint";
  readonly revision: bigint;
  readonly resumeToken: string;
  /** Freshness of the reported state; undefined if a region was never observed. */
  readonly observedTime: Timestamp | undefined;
  /** The regions that the server cannot read, each with its cause. */
  readonly degraded: readonly DegradedRegion[];
  /** Whether it ends a snapshot. */
  readonly snapshot: boolean;
}

/** The stream was lost. The watch reconnects after the delay. */
export interface InterruptedEvent {
  readonly kind: "interrupted";
  readonly error: EcsdError;
  readonly delayMs: number;
}

/** The watch could not resume. The events up to the next checkpoint are the difference to what was reported. */
export interface RestartedEvent {
  readonly kind: "restarted";
  readonly error: EcsdError;
}

/** The cloud will reclaim a spot instance. Reported once per instance. */
export interface NoticeEvent {
  readonly kind: "notice";
  readonly revision: bigint;
  readonly instanceId: string;
  readonly regionId: string;
  readonly zoneId: string;
  readonly observedTime: Timestamp | undefined;
  readonly releaseTimeEstimate: Timestamp | undefined;
}

/** The outcome for an instance that had a notice; "unknown" if it ended during a long interruption. */
export interface ReclaimEndedEvent {
  readonly kind: "ended";
  readonly revision: bigint;
  readonly instanceId: string;
  readonly regionId: string;
  readonly outcome: "released" | "withdrawn" | "stopped" | "unknown";
}

/** The state of a job, and its renewals that changed since the previous event. */
export interface RenewalJobChangedEvent {
  readonly kind: "job";
  readonly job: RenewalJob | undefined;
  readonly renewals: readonly Renewal[];
  readonly resumeToken: string;
}

/** The state of a release job, and its instances that changed since the previous event. */
export interface ReleaseJobChangedEvent {
  readonly kind: "job";
  readonly job: ReleaseJob | undefined;
  readonly items: readonly ReleaseJobItem[];
  readonly resumeToken: string;
}

// Ignore kinds that you do not know: later versions may add some.
export type InstanceEvent = SnapshotEvent | ChangedEvent | RemovedEvent | CheckpointEvent | InterruptedEvent | RestartedEvent;
export type ReclaimEvent = NoticeEvent | ReclaimEndedEvent | CheckpointEvent | InterruptedEvent | RestartedEvent;
export type RenewalJobEvent = RenewalJobChangedEvent | InterruptedEvent;
export type ReleaseJobEvent = ReleaseJobChangedEvent | InterruptedEvent;
