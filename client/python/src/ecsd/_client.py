"""The synchronous client."""

from __future__ import annotations

import threading
import time
import weakref
from typing import Any, Callable, Dict, Generic, Iterator, List, Optional, Sequence, Tuple, Type, TypeVar

import grpc
from google.protobuf.message import Message

from ecsd._errors import EcsdError, from_rpc, unreachable
from ecsd._events import InstanceEvent, JobProgress, ReclaimEvent, ReleaseJobEvent, RenewalJobChanged, RenewalJobEvent, RenewalProgress
from ecsd._options import Options, metadata
from ecsd._policy import DEFAULT_TIMEOUT, FIRST_MESSAGE, WAIT_AT_ONCE, Attempts, Persistence, Token, WatchState, ensure_request_id, identified
from ecsd._services import READS, Services
from ecsd._shared import counted
from ecsd._trackers import InstanceTracker, ReclaimTracker, ReleaseJobTracker, RenewalJobTracker, Tracker
from ecsd.v1 import instance_pb2, instance_service_pb2, renewal_job_pb2, renewal_pb2, renewal_service_pb2, spot_service_pb2

A = TypeVar("A", bound=Message)
E = TypeVar("E")
R = TypeVar("R")


class Cancellation:
    """Ends calls from another thread: pass it as ``cancel`` to calls, and call ``cancel()``."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._calls: List[Any] = []

    def cancel(self) -> None:
        """Ends all calls that have it, now and later."""
        self._event.set()
        with self._lock:
            calls, self._calls = self._calls, []
        for call in calls:
            call.cancel()

    def _add(self, call: Any) -> None:
        with self._lock:
            self._calls.append(call)
        if self._event.is_set():
            self.cancel()

    def _remove(self, call: Any) -> None:
        with self._lock:
            if call in self._calls:
                self._calls.remove(call)


class Core:
    """Makes calls on one channel."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.channel = options.channel(grpc)
        self.closed = threading.Event()
        self._unary: Dict[str, Any] = {}
        self._streams: "weakref.WeakSet[_Stream]" = weakref.WeakSet()
        self._lock = threading.Lock()
        self._watchdog: Optional[threading.Thread] = None

    def close(self) -> None:
        self.closed.set()
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            stream.close()
        self.channel.close()

    def call(
        self, path: str, request: Message, response: Type[A], timeout: Optional[float], cancel: Optional[Cancellation], once: bool = False
    ) -> A:
        """Makes a unary call: sets the deadline and the request_id, retries, and decodes errors."""
        request, request_id = identified(request)
        if timeout is None:
            timeout = self.options.timeout
        attempts = Attempts((path in READS or request_id != "") and not once, time.monotonic() + timeout)
        rpc = self._unary.get(path)
        if rpc is None:
            rpc = self._unary[path] = self.channel.unary_unary(path, _serialize, response.FromString)
        refreshed = False
        while True:
            token = self.options.token()
            try:
                answer: A = self._attempt(rpc, request, attempts.remaining(), metadata(self.options, token), cancel, request_id)
                return answer
            except EcsdError as error:
                if error.code == grpc.StatusCode.UNAUTHENTICATED and not refreshed and self.options.refresh(token):
                    refreshed = True
                    continue
                self.sleep(attempts.failed(error), cancel, error)

    def _attempt(
        self, rpc: Any, request: Message, timeout: Optional[float], md: Sequence[Tuple[str, str]], cancel: Optional[Cancellation], request_id: str
    ) -> Any:
        try:
            if cancel is None:
                return rpc(request, timeout=timeout, metadata=md)
            call = rpc.future(request, timeout=timeout, metadata=md)
            cancel._add(call)
            try:
                return call.result()
            finally:
                cancel._remove(call)
        except grpc.FutureCancelledError:
            raise EcsdError(grpc.StatusCode.CANCELLED, "the call was cancelled", request_id=request_id) from None
        except grpc.RpcError as error:
            raise from_rpc(error, self.options.target, self.options.insecure, request_id) from error
        except ValueError as error:
            raise self._gone(error, request_id) from error

    def _gone(self, error: Exception, request_id: str = "") -> Exception:
        if self.closed.is_set():
            return EcsdError(grpc.StatusCode.CANCELLED, "the client is closed", request_id=request_id)
        return error

    def sleep(self, delay: float, cancel: Optional[Cancellation], failed: EcsdError) -> None:
        event = self.closed if cancel is None else cancel._event
        if event.wait(delay):
            raise EcsdError(
                grpc.StatusCode.CANCELLED, f"the call was cancelled; its last attempt failed: {failed}", request_id=failed.request_id
            ) from failed

    def pages(self, call: Callable[[Any], Any], request: Any, items: str) -> Iterator[Any]:
        """Iterates over the items of all pages."""
        copied = type(request)()
        copied.CopyFrom(request)
        missing: List[Any] = []
        while True:
            page = call(copied)
            yield from getattr(page, items)
            missing += getattr(page, "unreachable_regions", ())
            token = getattr(page, "next_page_token", "")
            if not token:
                break
            copied.page_token = token
        if missing:
            raise unreachable(missing)

    def persistently(self, call: Callable[[float], R], timeout: Optional[float], most: float, cancel: Optional[Cancellation]) -> R:
        """Repeats a safe call until it succeeds, fails for good, or its time is up."""
        persistence = Persistence(timeout)
        while True:
            try:
                return call(persistence.timeout(most))
            except EcsdError as error:
                self.sleep(persistence.failed(error), cancel, error)

    def register(self, stream: "_Stream") -> None:
        with self._lock:
            self._streams.add(stream)
            if self._watchdog is None:
                self._watchdog = threading.Thread(target=_guard, args=(weakref.ref(self),), name="ecsd-watchdog", daemon=True)
                self._watchdog.start()

    def overdue(self) -> None:
        """Ends the streams whose message is overdue."""
        with self._lock:
            streams = list(self._streams)
        now = time.monotonic()
        for stream in streams:
            deadline = stream.deadline
            if deadline is not None and now > deadline:
                stream.silent = True
                stream.cancel()


def _guard(core: "weakref.ref[Core]") -> None:
    while True:
        c = core()
        if c is None or c.closed.is_set():
            return
        c.overdue()
        closed = c.closed
        del c
        if closed.wait(0.2):
            return


def _serialize(message: Any) -> bytes:
    encoded: bytes = message.SerializeToString()
    return encoded


class _Stream:
    """What another thread may touch of a watch."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        #: When the next message is overdue; None while the caller handles one.
        self.deadline: Optional[float] = None
        self.silent = False
        self.call: Any = None

    def cancel(self) -> None:
        call = self.call
        if call is not None:
            call.cancel()

    def close(self) -> None:
        self.closed.set()
        self.cancel()


class Watch(Generic[E]):
    """An iterator over the events of a watch. ``close()`` ends it, also from another thread; so does dropping it."""

    def __init__(self, core: Core, path: str, request: Any, response: Type[Message], tracker: Tracker[E]) -> None:
        self._stream = _Stream()
        self._core = core
        core.register(self._stream)
        self._events = _follow(core, self._stream, WatchState(request, tracker), path, response)

    def __iter__(self) -> Iterator[E]:
        return self

    def __next__(self) -> E:
        if self._stream.closed.is_set() and not self._core.closed.is_set():
            raise StopIteration
        return next(self._events)

    def close(self) -> None:
        """Ends the watch. The iteration then stops."""
        self._stream.close()

    def __enter__(self) -> "Watch[E]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        stream = getattr(self, "_stream", None)
        if stream is not None:
            stream.close()


def _follow(core: Core, stream: _Stream, state: "WatchState[E]", path: str, response: Type[Message]) -> Iterator[E]:
    rpc = core.channel.unary_stream(path, _serialize, response.FromString)
    while True:
        token = core.options.token()
        stream.silent = False
        error: Optional[EcsdError] = None
        try:
            stream.call = rpc(state.start(), metadata=metadata(core.options, token))
            if stream.closed.is_set():
                stream.cancel()
            patience = FIRST_MESSAGE
            while True:
                stream.deadline = time.monotonic() + patience
                try:
                    message = next(stream.call)
                finally:
                    stream.deadline = None
                patience = state.silence()
                for event in state.take(message):
                    yield event
                    if stream.closed.is_set():
                        break
                if stream.closed.is_set():
                    break
        except StopIteration:
            if state.tracker.ends:
                return
            error = state.lost()
        except grpc.RpcError as failed:
            error = from_rpc(failed, core.options.target, core.options.insecure)
        except ValueError as failed:
            raise core._gone(failed) from failed
        finally:
            stream.cancel()
        if core.closed.is_set():
            raise EcsdError(grpc.StatusCode.CANCELLED, "the client is closed")
        if stream.closed.is_set() or error is None:
            return
        if stream.silent:
            error = state.silent()
        if error.code == grpc.StatusCode.UNAUTHENTICATED and core.options.refresh(token):
            error._renewed = True
        interrupted: Any = state.failed(error)
        yield interrupted
        if stream.closed.wait(interrupted.delay.total_seconds()):
            if core.closed.is_set():
                raise EcsdError(grpc.StatusCode.CANCELLED, "the client is closed")
            return


class Client(Services):
    """A connection to ecsd. It is safe for threads; a program needs one per server.

    It connects with TLS and the system's root certificates; ``ca_file`` replaces these, ``cert_file`` and ``key_file`` are
    the client's own certificate, ``insecure`` connects in plaintext. ``token`` is sent as a bearer token: a string, or a
    function that is called again when the server refuses it. ``caller`` names the program if the server does not
    identify it. ``timeout`` is the deadline of unary calls that have none, in seconds. Nothing is sent yet.
    """

    def __init__(
        self,
        target: str,
        *,
        insecure: bool = False,
        ca_file: Optional[str] = None,
        cert_file: Optional[str] = None,
        key_file: Optional[str] = None,
        token: Optional[Token] = None,
        caller: Optional[str] = None,
        timeout: float = DEFAULT_TIMEOUT,
        channel_options: Sequence[Tuple[str, Any]] = (),
    ) -> None:
        super().__init__(Core(Options(target, insecure, ca_file, cert_file, key_file, token, caller, timeout, channel_options)))

    @property
    def channel(self) -> grpc.Channel:
        """The channel, for services outside the contract, such as grpc.health.v1."""
        channel: grpc.Channel = self._core.channel
        return channel

    def close(self) -> None:
        """Closes the connection. Calls and watches on it end with CANCELLED."""
        self._core.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def watch(self, request: Optional[instance_service_pb2.WatchInstancesRequest] = None) -> Watch[InstanceEvent]:
        """Reports the matching instances, and then their changes, until it is left.

        It reconnects and resumes when the stream is lost: it reports ``Interrupted``, and then continues after its last
        ``Checkpoint``; nothing is reported twice or missed. If the server cannot resume, it reports ``Restarted`` and the
        difference. An error that a retry cannot fix ends it.
        """
        r = instance_service_pb2.WatchInstancesRequest() if request is None else request
        return Watch(self._core, "/ecsd.v1.InstanceService/WatchInstances", r, instance_service_pb2.WatchInstancesResponse, InstanceTracker(r.resume_token))

    def watch_reclaims(self, request: Optional[spot_service_pb2.WatchReclaimsRequest] = None) -> Watch[ReclaimEvent]:
        """Reports the spot instances that the cloud will reclaim, and the outcomes, like ``watch``."""
        r = spot_service_pb2.WatchReclaimsRequest() if request is None else request
        return Watch(self._core, "/ecsd.v1.SpotService/WatchReclaims", r, spot_service_pb2.WatchReclaimsResponse, ReclaimTracker(r.resume_token))

    def watch_renewal_job(self, request: renewal_service_pb2.WatchRenewalJobRequest) -> Watch[RenewalJobEvent]:
        """Reports a job and its renewals, and then each change, until the job has ended."""
        return Watch(
            self._core, "/ecsd.v1.RenewalService/WatchRenewalJob", request, renewal_service_pb2.WatchRenewalJobResponse, RenewalJobTracker(request.resume_token)
        )

    def watch_release_job(self, request: instance_service_pb2.WatchReleaseJobRequest) -> Watch[ReleaseJobEvent]:
        """Reports a release job and its instances, and then each change, until the job has ended."""
        return Watch(
            self._core, "/ecsd.v1.InstanceService/WatchReleaseJob", request, instance_service_pb2.WatchReleaseJobResponse, ReleaseJobTracker(request.resume_token)
        )

    def wait(
        self, request: instance_service_pb2.WaitInstancesRequest, *, timeout: Optional[float] = None, cancel: Optional[Cancellation] = None
    ) -> List[instance_service_pb2.InstanceResult]:
        """Returns when each instance has the status or can no longer reach it, across failures of the server.

        There is one result per ID, in request order. Without a timeout it waits indefinitely, but fails like other calls if it
        cannot connect at the beginning.
        """
        path, kind = "/ecsd.v1.InstanceService/WaitInstances", instance_service_pb2.WaitInstancesResponse
        found = self._core.persistently(lambda left: self._core.call(path, request, kind, left, cancel, once=True), timeout, WAIT_AT_ONCE, cancel)
        return list(found.results)

    def renew(
        self,
        request: renewal_service_pb2.RenewInstanceRequest,
        *,
        progress: Optional[Callable[[RenewalProgress], None]] = None,
        timeout: Optional[float] = None,
        cancel: Optional[Cancellation] = None,
    ) -> renewal_pb2.Renewal:
        """Renews one instance, and returns the renewal in its final state: check it.

        If the server is unreachable it retries with the same request_id until the timeout; the server pays at most once. It
        reports the request_id before it sends the request; an error has it too.
        """
        r = renewal_service_pb2.RenewInstanceRequest()
        r.CopyFrom(request)
        request_id = "" if r.validate_only else ensure_request_id(r)
        report = progress or (lambda _: None)
        report(RenewalProgress(request_id))
        path, kind = "/ecsd.v1.RenewalService/RenewInstance", renewal_service_pb2.RenewInstanceResponse
        done = self._core.persistently(lambda left: self._core.call(path, r, kind, left, cancel, once=True), timeout, self._core.options.timeout, cancel)
        report(RenewalProgress(request_id, done.renewal))
        return done.renewal

    def renew_job(
        self,
        request: renewal_service_pb2.CreateRenewalJobRequest,
        *,
        progress: Optional[Callable[[JobProgress], None]] = None,
        timeout: Optional[float] = None,
        cancel: Optional[Cancellation] = None,
    ) -> renewal_job_pb2.RenewalJob:
        """Creates a renewal job, follows it, and returns it when it has ended: check its state.

        Like ``renew``, it continues with the same request_id. At the timeout the job continues in the server.
        """
        end = None if timeout is None else time.monotonic() + timeout
        r = renewal_service_pb2.CreateRenewalJobRequest()
        r.CopyFrom(request)
        request_id = "" if r.validate_only else ensure_request_id(r)
        report = progress or (lambda _: None)
        report(JobProgress(request_id))
        core, most = self._core, self._core.options.timeout
        path, kind = "/ecsd.v1.RenewalService/CreateRenewalJob", renewal_service_pb2.CreateRenewalJobResponse
        job = core.persistently(lambda left: core.call(path, r, kind, left, cancel, once=True), timeout, most, cancel).job
        if r.validate_only:
            return job
        watch = self.watch_renewal_job(renewal_service_pb2.WatchRenewalJobRequest(job_id=job.job_id))
        timer: Optional[threading.Timer] = None
        if end is not None:
            timer = threading.Timer(max(end - time.monotonic(), 0), watch.close)
            timer.daemon = True
            timer.start()
        if cancel is not None:
            cancel._add(watch._stream)
        ended = False
        try:
            for event in watch:
                if isinstance(event, RenewalJobChanged):
                    total, done = counted(event.job)
                    report(JobProgress(request_id, event.job, event.renewals, total, done))
            ended = not watch._stream.closed.is_set()
        except EcsdError as error:
            error.request_id = request_id
            raise
        finally:
            if timer is not None:
                timer.cancel()
            watch.close()
        if not ended:
            code = grpc.StatusCode.DEADLINE_EXCEEDED
            if cancel is not None and cancel._event.is_set():
                code = grpc.StatusCode.CANCELLED
            raise EcsdError(code, f"the renewal job {job.job_id} has not ended; it continues in the server", request_id=request_id)
        left = None if end is None else end - time.monotonic()
        read, answer = renewal_service_pb2.GetRenewalJobRequest(job_id=job.job_id), renewal_service_pb2.GetRenewalJobResponse
        path = "/ecsd.v1.RenewalService/GetRenewalJob"
        return core.persistently(lambda rest: core.call(path, read, answer, rest, cancel, once=True), left, most, cancel).job
