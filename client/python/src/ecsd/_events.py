"""The events of watches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import List, Optional, Union

from ecsd._errors import EcsdError
from ecsd.v1.instance_pb2 import Instance, InstanceStatus
from ecsd.v1.release_job_pb2 import ReleaseJob, ReleaseJobItem
from ecsd.v1.renewal_job_pb2 import RenewalJob
from ecsd.v1.renewal_pb2 import Renewal
from ecsd.v1.watch_pb2 import DegradedRegion, InstanceRemovalReason


@dataclass(frozen=True)
class Snapshot:
    """An instance that matched when the watch started."""

    revision: int
    instance: Instance


@dataclass(frozen=True)
class Changed:
    """An instance that changed, is new, or starts to match."""

    revision: int
    instance: Instance
    #: The last status that this watch reported for the instance; UNSPECIFIED if it reported none.
    previous_status: "InstanceStatus.ValueType"
    #: The number of earlier changes that were merged into this one.
    skipped: int = 0


@dataclass(frozen=True)
class Removed:
    """A reported instance that is no longer watched."""

    revision: int
    instance_id: str
    region_id: str
    #: UNSPECIFIED if it went during an interruption that was longer than the server's history.
    reason: "InstanceRemovalReason.ValueType"


@dataclass(frozen=True)
class Checkpoint:
    """Everything up to the revision was reported."""

    revision: int
    #: Set it in the request of a later watch to resume after this checkpoint.
    resume_token: str
    #: Freshness of the reported state; None if a region was never observed.
    observed_time: Optional[datetime]
    #: The regions that the server cannot read, each with its cause.
    degraded: List[DegradedRegion] = field(default_factory=list)
    #: Whether it ends a snapshot, so that all existing instances were reported.
    snapshot: bool = False


@dataclass(frozen=True)
class Interrupted:
    """The stream was lost. The watch reconnects after the delay."""

    error: EcsdError
    delay: timedelta


@dataclass(frozen=True)
class Restarted:
    """The watch could not resume. The events up to the next checkpoint are the difference to what was reported."""

    error: EcsdError


@dataclass(frozen=True)
class ReclaimNotice:
    """The cloud will reclaim a spot instance. Reported once per instance."""

    revision: int
    instance_id: str
    region_id: str
    zone_id: str
    observed_time: Optional[datetime]
    #: Latest time of the reclaim.
    release_time_estimate: Optional[datetime]


@dataclass(frozen=True)
class ReclaimEnded:
    """The outcome for an instance that had a notice."""

    revision: int
    instance_id: str
    region_id: str
    #: ``"released"``, ``"withdrawn"``, ``"stopped"``, or ``"unknown"`` if it ended during a long interruption: read the
    #: instance then.
    outcome: str


@dataclass(frozen=True)
class RenewalJobChanged:
    """The state of a job, and its renewals that changed since the previous event."""

    job: RenewalJob
    renewals: List[Renewal]
    resume_token: str


@dataclass(frozen=True)
class ReleaseJobChanged:
    """The state of a release job, and its instances that changed since the previous event."""

    job: ReleaseJob
    items: List[ReleaseJobItem]
    resume_token: str


@dataclass(frozen=True)
class RenewalProgress:
    """A report of ``renew``."""

    #: Store it: the same request with it returns the same renewal.
    request_id: str
    #: None in the first report, which comes before the request is sent.
    renewal: Optional[Renewal] = None


@dataclass(frozen=True)
class JobProgress:
    """A report of ``renew_job``."""

    #: Store it: the same request with it returns the same job.
    request_id: str
    #: None in the first report, which comes before the request is sent.
    job: Optional[RenewalJob] = None
    #: The renewals that changed since the previous report.
    renewals: List[Renewal] = field(default_factory=list)
    #: The number of renewals, and of those that have ended or need attention.
    total: int = 0
    ended: int = 0


InstanceEvent = Union[Snapshot, Changed, Removed, Checkpoint, Interrupted, Restarted]
ReclaimEvent = Union[ReclaimNotice, ReclaimEnded, Checkpoint, Interrupted, Restarted]
RenewalJobEvent = Union[RenewalJobChanged, Interrupted]
ReleaseJobEvent = Union[ReleaseJobChanged, Interrupted]
