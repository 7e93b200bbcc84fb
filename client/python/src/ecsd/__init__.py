"""Client of ecsd, the service in front of Alibaba Cloud ECS.

``Client`` is synchronous, ``AsyncClient`` is for asyncio; both behave the same. The messages of the contract are in
``ecsd.v1``; the most common ones are here too.
"""

from ecsd._aio import AsyncClient, AsyncToken
from ecsd._client import Cancellation, Client, Watch
from ecsd._errors import EcsdError, FieldViolation, UnreachableRegionsError, item_error
from ecsd._events import (
    Changed,
    Checkpoint,
    InstanceEvent,
    Interrupted,
    JobProgress,
    ReclaimEnded,
    ReclaimEvent,
    ReclaimNotice,
    ReleaseJobChanged,
    ReleaseJobEvent,
    Removed,
    RenewalJobChanged,
    RenewalJobEvent,
    RenewalProgress,
    Restarted,
    Snapshot,
)
from ecsd._messages import *  # noqa: F403
from ecsd._messages import __all__ as _messages
from ecsd._policy import Token, ensure_request_id, new_request_id
from ecsd._values import from_datetime, from_timedelta, money, money_text, months, to_datetime, to_decimal, to_timedelta, weeks, years

__all__ = [
    "AsyncClient",
    "AsyncToken",
    "Cancellation",
    "Changed",
    "Checkpoint",
    "Client",
    "EcsdError",
    "FieldViolation",
    "InstanceEvent",
    "Interrupted",
    "JobProgress",
    "ReclaimEnded",
    "ReclaimEvent",
    "ReclaimNotice",
    "ReleaseJobChanged",
    "ReleaseJobEvent",
    "Removed",
    "RenewalJobChanged",
    "RenewalJobEvent",
    "RenewalProgress",
    "Restarted",
    "Snapshot",
    "Token",
    "UnreachableRegionsError",
    "Watch",
    "ensure_request_id",
    "from_datetime",
    "from_timedelta",
    "item_error",
    "money",
    "money_text",
    "months",
    "new_request_id",
    "to_datetime",
    "to_decimal",
    "to_timedelta",
    "weeks",
    "years",
]
__all__ += _messages
