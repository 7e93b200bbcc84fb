"""What a watch knows, apart from how it reads its streams. Used by the synchronous and the asynchronous client.

A tracker records the messages of a watch and returns them as events when a checkpoint confirms that they are complete.
Messages of a cut stream after its last checkpoint are dropped; the next stream repeats them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Generic, List, Optional, Tuple, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from ecsd._errors import EcsdError
from ecsd._events import (
    Changed,
    Checkpoint,
    InstanceEvent,
    ReclaimEnded,
    ReclaimEvent,
    ReclaimNotice,
    ReleaseJobChanged,
    ReleaseJobEvent,
    Removed,
    RenewalJobChanged,
    RenewalJobEvent,
    Restarted,
    Snapshot,
)
from ecsd._values import to_datetime
from ecsd.v1.instance_pb2 import INSTANCE_STATUS_UNSPECIFIED, Instance
from ecsd.v1.watch_pb2 import INSTANCE_REMOVAL_REASON_UNSPECIFIED, WatchCheckpoint, WatchSnapshotComplete

E = TypeVar("E")

#: The events that a message completes, and the token of its checkpoint; None if it is no checkpoint.
Taken = Tuple[List[E], Optional[str]]


class Tracker(Generic[E]):
    """The state of one iteration of a watch."""

    #: Whether a stream that ends without an error ends the watch.
    ends = False

    def begin(self, token: str) -> None:
        """Starts a stream that resumes from a token; "" for none."""
        raise NotImplementedError

    def take(self, message: Any) -> Taken[E]:
        """Records a message."""
        raise NotImplementedError

    def restart(self, cause: EcsdError) -> bool:
        """Prepares for a stream without a token. Returns False if the reported state is unknown."""
        raise NotImplementedError


def _time(holder: Any, name: str) -> Optional[datetime]:
    if not holder.HasField(name):
        return None
    value: Timestamp = getattr(holder, name)
    return to_datetime(value)


def _checkpoint(revision: int, m: "WatchCheckpoint | WatchSnapshotComplete", snapshot: bool) -> Checkpoint:
    return Checkpoint(revision, m.resume_token, _time(m, "observed_time"), list(m.degraded), snapshot)


class InstanceTracker(Tracker[InstanceEvent]):
    def __init__(self, token: str) -> None:
        #: Hash, region and status of each reported instance.
        self.reported: Dict[str, Tuple[int, str, Any]] = {}
        self.present: Dict[str, Tuple[int, str, Any]] = {}
        self.partial = token != ""
        self.mark = -1
        self.cause: Optional[EcsdError] = None
        self.pending: List[InstanceEvent] = []

    def begin(self, token: str) -> None:
        self.pending, self.present = [], {}

    def restart(self, cause: EcsdError) -> bool:
        if self.partial:
            return False
        self.cause = cause
        return True

    def take(self, message: Any) -> Taken[InstanceEvent]:
        kind, revision = message.WhichOneof("event"), message.revision
        if kind == "snapshot":
            for instance in message.snapshot.instances:
                self._shown(revision, instance)
        elif kind == "snapshot_complete":
            return self._completed(revision, message.snapshot_complete)
        elif kind == "changed" and revision > self.mark:  # A replica that lags repeats changes.
            m = message.changed
            self.pending.append(Changed(revision, m.instance, m.previous_status, m.skipped))
        elif kind == "removed" and revision > self.mark:
            r = message.removed
            self.pending.append(Removed(revision, r.instance_id, r.region_id, r.reason))
        elif kind == "checkpoint" and revision >= self.mark:
            return self._checked(revision, message.checkpoint)
        return [], None

    def _shown(self, revision: int, instance: Instance) -> None:
        now = _reported(instance)
        self.present[instance.instance_id] = now
        if self.cause is None:
            self.pending.append(Snapshot(revision, instance))
            return
        before = self.reported.get(instance.instance_id)
        if before is None or before[0] != now[0]:
            status = INSTANCE_STATUS_UNSPECIFIED if before is None else before[2]
            self.pending.append(Changed(revision, instance, status))

    def _completed(self, revision: int, m: WatchSnapshotComplete) -> Taken[InstanceEvent]:
        events: List[InstanceEvent] = []
        if self.cause is not None:
            events.append(Restarted(self.cause))
        events += self.pending
        for gone in sorted(self.reported.keys() - self.present.keys()):
            events.append(Removed(revision, gone, self.reported[gone][1], INSTANCE_REMOVAL_REASON_UNSPECIFIED))
        events.append(_checkpoint(revision, m, True))
        self.reported, self.present, self.pending = self.present, {}, []
        self.mark, self.cause = revision, None
        return events, m.resume_token

    def _checked(self, revision: int, m: WatchCheckpoint) -> Taken[InstanceEvent]:
        events: List[InstanceEvent] = []
        for event in self.pending:
            if isinstance(event, Changed):
                instance = event.instance
                before = self.reported.get(instance.instance_id)
                if before is not None or not self.partial:
                    status = INSTANCE_STATUS_UNSPECIFIED if before is None else before[2]
                    event = Changed(event.revision, instance, status, event.skipped)
                self.reported[instance.instance_id] = _reported(instance)
            elif isinstance(event, Removed):
                if self.reported.pop(event.instance_id, None) is None and not self.partial:
                    continue
            events.append(event)
        events.append(_checkpoint(revision, m, False))
        self.pending, self.mark = [], revision
        return events, m.resume_token


def _reported(instance: Instance) -> Tuple[int, str, Any]:
    """Returns what is recorded of an instance. A different observation time alone is no difference."""
    observed = instance.observed_time.SerializeToString() if instance.HasField("observed_time") else None
    instance.ClearField("observed_time")
    digest = hash(instance.SerializeToString(deterministic=True))
    if observed is not None:
        instance.observed_time.ParseFromString(observed)
    return digest, instance.region_id, instance.status


class ReclaimTracker(Tracker[ReclaimEvent]):
    """The stream has no snapshot_complete: without a token, the notices before the first checkpoint are the snapshot."""

    def __init__(self, token: str) -> None:
        self.reported: Dict[str, str] = {}  # regions
        self.partial = token != ""
        self.mark = -1
        self.cause: Optional[EcsdError] = None
        self.fresh = True
        self.pending: List[ReclaimEvent] = []

    def begin(self, token: str) -> None:
        self.pending, self.fresh = [], token == ""

    def restart(self, cause: EcsdError) -> bool:
        if self.partial:
            return False
        self.cause = cause
        return True

    def take(self, message: Any) -> Taken[ReclaimEvent]:
        kind, revision = message.WhichOneof("event"), message.revision
        if kind == "checkpoint":
            if not self.fresh and revision < self.mark:
                return [], None
            return self._checked(revision, message.checkpoint)
        if not self.fresh and revision <= self.mark:
            return [], None
        if kind == "notice":
            n = message.notice
            self.pending.append(
                ReclaimNotice(revision, n.instance_id, n.region_id, n.zone_id, _time(n, "observed_time"), _time(n, "release_time_estimate"))
            )
        elif kind in ("released", "withdrawn", "stopped"):
            m = getattr(message, kind)
            self.pending.append(ReclaimEnded(revision, m.instance_id, m.region_id, kind))
        return [], None

    def _checked(self, revision: int, m: WatchCheckpoint) -> Taken[ReclaimEvent]:
        events: List[ReclaimEvent] = []
        if self.cause is not None:
            events.append(Restarted(self.cause))
        present = set()
        for event in self.pending:
            if isinstance(event, ReclaimNotice):
                present.add(event.instance_id)
                if event.instance_id in self.reported:
                    continue
                self.reported[event.instance_id] = event.region_id
            elif isinstance(event, ReclaimEnded):
                if self.reported.pop(event.instance_id, None) is None and not self.partial:
                    continue
            events.append(event)
        if self.fresh:
            for gone in sorted(self.reported.keys() - present):
                events.append(ReclaimEnded(revision, gone, self.reported.pop(gone), "unknown"))
        events.append(_checkpoint(revision, m, self.fresh))
        self.pending, self.fresh, self.mark, self.cause = [], False, revision, None
        return events, m.resume_token


class _JobTracker(Tracker[E]):
    """Each message is a checkpoint. A message without news is dropped."""

    ends = True

    def __init__(self, token: str) -> None:
        self.partial = token != ""
        self.last: Any = None

    def begin(self, token: str) -> None:
        pass

    def restart(self, cause: EcsdError) -> bool:
        return not self.partial

    def event(self, message: Any) -> Tuple[E, bool]:
        """Returns the event of a message, and whether it has items."""
        raise NotImplementedError

    def take(self, message: Any) -> Taken[E]:
        event, items = self.event(message)
        if not items and self.last == message.job:
            return [], message.resume_token
        self.last = message.job
        return [event], message.resume_token


class RenewalJobTracker(_JobTracker[RenewalJobEvent]):
    def event(self, message: Any) -> Tuple[RenewalJobEvent, bool]:
        return RenewalJobChanged(message.job, list(message.renewals), message.resume_token), len(message.renewals) > 0


class ReleaseJobTracker(_JobTracker[ReleaseJobEvent]):
    def event(self, message: Any) -> Tuple[ReleaseJobEvent, bool]:
        return ReleaseJobChanged(message.job, list(message.items), message.resume_token), len(message.items) > 0
