"""Small rules of both clients."""

from __future__ import annotations

from typing import Tuple

from ecsd.v1 import renewal_pb2
from ecsd.v1.renewal_job_pb2 import RenewalJob

_OPEN = frozenset(
    {
        renewal_pb2.RENEWAL_STATE_PLANNED,
        renewal_pb2.RENEWAL_STATE_SUBMITTING,
        renewal_pb2.RENEWAL_STATE_VERIFYING,
        renewal_pb2.RENEWAL_STATE_UNKNOWN,
    }
)


def counted(job: RenewalJob) -> Tuple[int, int]:
    """Returns the number of renewals of a job, and of those that have ended or need attention."""
    total = sum(c.count for c in job.counts)
    return total, total - sum(c.count for c in job.counts if c.state in _OPEN)
