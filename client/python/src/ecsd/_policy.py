"""The rules of retries and reconnects, apart from how calls are made. Used by both clients."""

from __future__ import annotations

import random
import threading
import time
import uuid
from datetime import timedelta
from typing import Any, Callable, Generic, List, Optional, Tuple, TypeVar, Union

import grpc
from google.protobuf import duration_pb2
from google.protobuf.message import Message

from ecsd._errors import CONNECTED, MISCONFIGURED, EcsdError
from ecsd._events import Interrupted
from ecsd._trackers import Tracker

E = TypeVar("E")
M = TypeVar("M", bound=Message)

MAX_ATTEMPTS = 4
BASE, MOST = 0.1, 10.0
#: The longest delay that a server can impose.
LONGEST_ASKED = 300.0
#: The time to connect and receive the first message of a stream.
FIRST_MESSAGE = 120.0
SILENT_HEARTBEATS = 3
DEFAULT_HEARTBEAT = 10.0
DEFAULT_TIMEOUT = 60.0
#: One call of wait, so that none hangs on a silent server.
WAIT_AT_ONCE = 300.0

_CANNOT_RESUME = frozenset({"RESUME_TOKEN_EXPIRED", "INVALID_RESUME_TOKEN", "SLOW_READER"})

CHANNEL_OPTIONS: List[Tuple[str, Any]] = [
    ("grpc.keepalive_time_ms", 15_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),  # 60 s otherwise, which keepalive waits for
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.min_time_between_pings_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 3_000),  # the time that a connection may take
    ("grpc.max_reconnect_backoff_ms", 10_000),
    # The client itself retries, because gRPC retries by codes only, not by the server's RetryInfo.
    ("grpc.enable_retries", 0),
    ("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'),
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.primary_user_agent", "ecsd-python"),
]


class Backoff:
    """Random delays between 0.1 s and a limit that doubles from 0.2 s to 10 s, or the delay that the server asks for."""

    def __init__(self) -> None:
        self.failures = 0

    def next(self, asked: float) -> float:
        """Returns the delay after one more failure, in seconds."""
        limit = min(MOST, BASE * 2.0 ** min(self.failures + 1, 30))
        self.failures += 1
        if asked > 0:
            asked = min(asked, LONGEST_ASKED)
            return random.uniform(asked, asked * 1.1)
        return random.uniform(BASE, limit)

    def reset(self) -> None:
        self.failures = 0


def new_request_id() -> str:
    """Returns a new UUID for the request_id of a request."""
    return str(uuid.uuid4())


def ensure_request_id(request: Message) -> str:
    """Returns the request_id of a request. Sets a new one first if it has none. "" if the request takes none.

    Call it to store the request_id before the request is sent. A request that is sent without a request_id gets one in a
    copy, so a message can be sent twice as two requests.
    """
    if "request_id" not in request.DESCRIPTOR.fields_by_name:
        return ""
    r: Any = request
    if not r.request_id:
        r.request_id = new_request_id()
    return str(r.request_id)


def identified(request: M) -> Tuple[M, str]:
    """Returns the request to send, and its request_id. A dry run gets none."""
    r: Any = request
    fields = request.DESCRIPTOR.fields_by_name
    if "request_id" not in fields:
        return request, ""
    if r.request_id:
        return request, str(r.request_id)
    if "validate_only" in fields and r.validate_only:
        return request, ""
    copied = type(request)()
    copied.CopyFrom(request)
    return copied, ensure_request_id(copied)


class Attempts:
    """The attempts of one unary call."""

    def __init__(self, safe: bool, deadline: Optional[float]) -> None:
        self.safe, self.deadline = safe, deadline
        self.count = 0
        self.backoff = Backoff()

    def remaining(self) -> Optional[float]:
        return None if self.deadline is None else max(self.deadline - time.monotonic(), 0.001)

    def failed(self, error: EcsdError) -> float:
        """Returns the delay before the next attempt. Raises the error if there is none."""
        self.count += 1
        if error.code == grpc.StatusCode.CANCELLED and not error.reason and self.deadline is not None:
            if self.deadline - time.monotonic() < 0.1:  # The server's clock ended the call a moment earlier.
                error.code = grpc.StatusCode.DEADLINE_EXCEEDED
        if not self.safe or error._refused or self.count >= MAX_ATTEMPTS:
            raise error
        if error.code != grpc.StatusCode.UNAVAILABLE and error.retry_after is None:
            raise error
        delay = self.backoff.next(error._asked())
        if self.deadline is not None and time.monotonic() + delay > self.deadline:
            raise error
        return delay


class Persistence:
    """The attempts of a helper that continues until its deadline, because the server continues too."""

    def __init__(self, timeout: Optional[float]) -> None:
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.backoff = Backoff()
        self.attempts, self.reached = 0, False

    def timeout(self, most: float) -> float:
        """Returns the deadline of the next call."""
        if self.deadline is None:
            return most
        return max(min(self.deadline - time.monotonic(), most), 0.001)

    def failed(self, error: EcsdError) -> float:
        """Returns the delay before the next call. Raises the error if there is none."""
        self.attempts += 1
        self.reached = self.reached or error._connecting == CONNECTED
        left = None if self.deadline is None else self.deadline - time.monotonic()
        overtime = error.code == grpc.StatusCode.DEADLINE_EXCEEDED and (left is None or left > 0.01)
        if not overtime and not error._passing() or not self.reached and self.attempts >= MAX_ATTEMPTS:
            raise error
        delay = self.backoff.next(error._asked())
        if left is not None and delay > left:
            raise error
        return delay


class WatchState(Generic[E]):
    """One watch over consecutive streams."""

    def __init__(self, request: Any, tracker: Tracker[E]) -> None:
        self.request = type(request)()
        self.request.CopyFrom(request)  # the caller may change it
        self.token: str = request.resume_token
        self.tracker = tracker
        self.backoff = Backoff()
        self.reached = False
        self.progress = self.fresh = False
        heartbeat: duration_pb2.Duration = request.heartbeat_interval
        self.interval = DEFAULT_HEARTBEAT
        if request.HasField("heartbeat_interval"):
            self.interval = heartbeat.seconds + heartbeat.nanos / 1e9

    def start(self) -> Any:
        """Starts the next stream, and returns its request."""
        self.tracker.begin(self.token)
        self.progress, self.fresh = False, self.token == ""
        self.request.resume_token = self.token
        return self.request

    def silence(self) -> float:
        return SILENT_HEARTBEATS * self.interval

    def take(self, message: Any) -> List[E]:
        """Returns the events that a message completes."""
        events, token = self.tracker.take(message)
        if token is not None:
            # The end of a snapshot is no progress: a server that fails after each snapshot makes none.
            self.progress, self.fresh, self.token = self.progress or not self.fresh, False, token
        return events

    def failed(self, error: EcsdError) -> Interrupted:
        """Returns the event of a lost stream. Raises the error if it ends the watch."""
        self.reached = self.reached or error._connecting == CONNECTED
        if error._connecting == MISCONFIGURED and not self.reached:
            raise error
        if error.reason in _CANNOT_RESUME and self.token and self.tracker.restart(error):
            self.token = ""
        elif not error._passing():
            raise error
        if self.progress:
            self.backoff.reset()
        return Interrupted(error, timedelta(seconds=self.backoff.next(error._asked())))

    def lost(self) -> EcsdError:
        """Returns the error of a stream that ended without one."""
        return EcsdError(grpc.StatusCode.UNAVAILABLE, "the stream ended without an error")

    def silent(self) -> EcsdError:
        """Returns the error of a stream that was silent."""
        return EcsdError(grpc.StatusCode.UNAVAILABLE, "no message for three heartbeats, though a checkpoint was due")


Token = Union[str, Callable[[], str]]


class Tokens:
    """The current token. The function is called again when the server refuses it, at most once per second for all calls."""

    def __init__(self, token: Token) -> None:
        self._function = token if callable(token) else None
        self._lock = threading.Lock()
        self._current: Optional[str] = None if callable(token) else token
        self._called = 0.0

    def get(self) -> str:
        with self._lock:
            if self._current is None:
                self._call()
            return self._current or ""

    def refresh(self, refused: str) -> bool:
        """Returns whether there is another token than the refused one."""
        with self._lock:
            if self._function is None:
                return False
            if self._current == refused and time.monotonic() - self._called >= 1:
                self._call()
            return self._current != refused

    def _call(self) -> None:
        assert self._function is not None
        self._called = time.monotonic()
        self._current = self._function()
