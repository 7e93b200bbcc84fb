"""The asynchronous client."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, List, Optional, Sequence, Set, Tuple, Type, TypeVar, Union

import grpc
import grpc.aio
from google.protobuf.message import Message

from ecsd._errors import EcsdError, from_rpc, unreachable
from ecsd._events import InstanceEvent, JobProgress, ReclaimEvent, ReleaseJobEvent, RenewalJobChanged, RenewalJobEvent, RenewalProgress
from ecsd._options import Options, metadata
from ecsd._policy import DEFAULT_TIMEOUT, FIRST_MESSAGE, WAIT_AT_ONCE, Attempts, Persistence, WatchState, ensure_request_id, identified
from ecsd._services import READS, AsyncServices
from ecsd._shared import counted
from ecsd._trackers import InstanceTracker, ReclaimTracker, ReleaseJobTracker, RenewalJobTracker, Tracker
from ecsd.v1 import instance_pb2, instance_service_pb2, renewal_job_pb2, renewal_pb2, renewal_service_pb2, spot_service_pb2

A = TypeVar("A", bound=Message)
E = TypeVar("E")
R = TypeVar("R")

#: A token, or a function or coroutine function that returns one.
AsyncToken = Union[str, Callable[[], Union[str, Awaitable[str]]]]


class _AsyncTokens:
    """Like Tokens, for one event loop."""

    def __init__(self, token: AsyncToken) -> None:
        self._function = token if callable(token) else None
        self._current: Optional[str] = None if callable(token) else token
        self._called = 0.0
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        if self._current is None:
            async with self._lock:
                if self._current is None:
                    await self._call()
        return self._current or ""

    async def refresh(self, refused: str) -> bool:
        if self._function is None:
            return False
        async with self._lock:
            if self._current == refused and time.monotonic() - self._called >= 1:
                await self._call()
            return self._current != refused

    async def _call(self) -> None:
        assert self._function is not None
        self._called = time.monotonic()
        made = self._function()
        self._current = await made if inspect.isawaitable(made) else made


class AsyncCore:
    """Makes calls on one channel. Its channel is created in the event loop that first uses it."""

    def __init__(self, options: Options, token: Optional[AsyncToken]) -> None:
        self.options = options
        self._token = token
        self._tokens: Optional[_AsyncTokens] = None
        self._channel: Any = None
        self.closed = False
        self._unary: Dict[str, Any] = {}
        self._calls: Set[Any] = set()
        self._sleepers: Set[asyncio.Task[Any]] = set()

    @property
    def channel(self) -> Any:
        if self._channel is None:
            self._channel = self.options.channel(grpc.aio)
        return self._channel

    async def token(self) -> str:
        if self._token is None:
            return ""
        if self._tokens is None:
            self._tokens = _AsyncTokens(self._token)
        return await self._tokens.get()

    async def refresh(self, refused: str) -> bool:
        return self._tokens is not None and await self._tokens.refresh(refused)

    async def close(self) -> None:
        self.closed = True
        for call in list(self._calls):
            call.cancel()
        for sleeper in list(self._sleepers):
            sleeper.cancel()
        if self._channel is not None:
            await self._channel.close()

    def gone(self, request_id: str = "") -> EcsdError:
        return EcsdError(grpc.StatusCode.CANCELLED, "the client is closed", request_id=request_id)

    async def sleep(self, delay: float, request_id: str = "") -> None:
        """Waits, and raises if the client is closed meanwhile."""
        sleeper = asyncio.ensure_future(asyncio.sleep(delay))
        self._sleepers.add(sleeper)
        try:
            await sleeper
        except asyncio.CancelledError:
            if self.closed and sleeper.cancelled():
                raise self.gone(request_id) from None
            raise
        finally:
            sleeper.cancel()
            self._sleepers.discard(sleeper)

    async def call(self, path: str, request: Message, response: Type[A], timeout: Optional[float], once: bool = False) -> A:
        """Makes a unary call: sets the deadline and the request_id, retries, and decodes errors."""
        request, request_id = identified(request)
        if timeout is None:
            timeout = self.options.timeout
        attempts = Attempts((path in READS or request_id != "") and not once, time.monotonic() + timeout)
        refreshed = False
        while True:
            if self.closed:
                raise self.gone(request_id)
            rpc = self._unary.get(path)
            if rpc is None:
                rpc = self._unary[path] = self.channel.unary_unary(path, _serialize, response.FromString)
            token = await self.token()
            try:
                answer: A = await rpc(request, timeout=attempts.remaining(), metadata=metadata(self.options, token))
                return answer
            except grpc.RpcError as failed:
                error = from_rpc(failed, self.options.target, self.options.insecure, request_id)
                if self.closed:
                    raise self.gone(request_id) from failed
                if error.code == grpc.StatusCode.UNAUTHENTICATED and not refreshed and await self.refresh(token):
                    refreshed = True
                    continue
                error.__cause__ = failed
            except asyncio.CancelledError:
                if self.closed:
                    raise self.gone(request_id) from None
                raise
            await self.sleep(attempts.failed(error), request_id)

    async def pages(self, call: Callable[[Any], Awaitable[Any]], request: Any, items: str) -> AsyncIterator[Any]:
        """Iterates over the items of all pages."""
        copied = type(request)()
        copied.CopyFrom(request)
        missing: List[Any] = []
        while True:
            page = await call(copied)
            for item in getattr(page, items):
                yield item
            missing += getattr(page, "unreachable_regions", ())
            token = getattr(page, "next_page_token", "")
            if not token:
                break
            copied.page_token = token
        if missing:
            raise unreachable(missing)

    async def persistently(self, call: Callable[[float], Awaitable[R]], timeout: Optional[float], most: float) -> R:
        """Repeats a safe call until it succeeds, fails for good, or its time is up."""
        persistence = Persistence(timeout)
        while True:
            try:
                return await call(persistence.timeout(most))
            except EcsdError as failed:
                if self.closed:
                    raise
                delay, request_id = persistence.failed(failed), failed.request_id
            await self.sleep(delay, request_id)

    async def watch(self, path: str, request: Any, response: Type[Message], tracker: Tracker[E]) -> AsyncIterator[E]:
        """Presents consecutive streams as one watch."""
        state: WatchState[E] = WatchState(request, tracker)
        while True:
            if self.closed:
                raise self.gone()
            token = await self.token()
            call = self.channel.unary_stream(path, _serialize, response.FromString)(state.start(), metadata=metadata(self.options, token))
            guard = _Guard(call)
            self._calls.add(call)
            try:
                patience = FIRST_MESSAGE
                while True:
                    guard.wait(patience)
                    message = await call.read()
                    guard.stop()
                    if message is grpc.aio.EOF:
                        break
                    patience = state.silence()
                    for event in state.take(message):
                        yield event
                # The code of a stream that ended is part of its trailers.
                if await call.code() != grpc.StatusCode.OK:
                    raise _Ended(call)
                if state.tracker.ends:
                    return
                error = state.lost()
            except (grpc.RpcError, _Ended) as failed:
                error = from_rpc(await _result(call) if isinstance(failed, _Ended) else failed, self.options.target, self.options.insecure)
            except asyncio.CancelledError:
                # Close and the guard cancel the call, its caller cancels the task.
                if not self.closed and not guard.silent:
                    raise
                error = self.gone()
            finally:
                guard.stop()
                self._calls.discard(call)
                call.cancel()
            if self.closed:
                raise self.gone()
            if guard.silent:
                error = state.silent()
            if error.code == grpc.StatusCode.UNAUTHENTICATED and await self.refresh(token):
                error._renewed = True
            interrupted: Any = state.failed(error)
            yield interrupted
            await self.sleep(interrupted.delay.total_seconds())


class _Ended(Exception):
    """A stream that ended with an error which read() did not raise."""

    def __init__(self, call: Any) -> None:
        super().__init__()
        self.call = call


class _Status:
    """The error of a call, in the form of an RpcError."""

    def __init__(self, code: grpc.StatusCode, details: str, trailing: Any) -> None:
        self._code, self._details, self._trailing = code, details, trailing

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> Any:
        return self._trailing


async def _result(call: Any) -> _Status:
    return _Status(await call.code(), await call.details() or "", await call.trailing_metadata())


class _Guard:
    """Ends a call whose message is overdue. A timer is not set per message, only when the last one expires."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._deadline: Optional[float] = None
        self._timer: Optional[asyncio.TimerHandle] = None
        self.silent = False

    def wait(self, patience: float) -> None:
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + patience
        if self._timer is None or self._timer.when() > self._deadline:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_at(self._deadline, self._check)

    def stop(self) -> None:
        self._deadline = None

    def _check(self) -> None:
        self._timer = None
        if self._deadline is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._deadline:
            self.silent = True
            self._call.cancel()
        else:
            self._timer = loop.call_at(self._deadline, self._check)


def _serialize(message: Any) -> bytes:
    encoded: bytes = message.SerializeToString()
    return encoded


class AsyncClient(AsyncServices):
    """A connection to ecsd for asyncio: the same as ``Client``. The token may be a coroutine function.

    Cancelling a task ends its call or watch.
    """

    def __init__(
        self,
        target: str,
        *,
        insecure: bool = False,
        ca_file: Optional[str] = None,
        cert_file: Optional[str] = None,
        key_file: Optional[str] = None,
        token: Optional[AsyncToken] = None,
        caller: Optional[str] = None,
        timeout: float = DEFAULT_TIMEOUT,
        channel_options: Sequence[Tuple[str, Any]] = (),
    ) -> None:
        options = Options(target, insecure, ca_file, cert_file, key_file, None, caller, timeout, channel_options)
        super().__init__(AsyncCore(options, token))

    @property
    def channel(self) -> grpc.aio.Channel:
        """The channel, for services outside the contract, such as grpc.health.v1."""
        channel: grpc.aio.Channel = self._core.channel
        return channel

    async def close(self) -> None:
        """Closes the connection. Calls and watches on it end with CANCELLED."""
        await self._core.close()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def watch(self, request: Optional[instance_service_pb2.WatchInstancesRequest] = None) -> AsyncIterator[InstanceEvent]:
        """Reports the matching instances, and then their changes, like ``Client.watch``."""
        r = instance_service_pb2.WatchInstancesRequest() if request is None else request
        return self._core.watch("/ecsd.v1.InstanceService/WatchInstances", r, instance_service_pb2.WatchInstancesResponse, InstanceTracker(r.resume_token))

    def watch_reclaims(self, request: Optional[spot_service_pb2.WatchReclaimsRequest] = None) -> AsyncIterator[ReclaimEvent]:
        """Reports the spot instances that the cloud will reclaim, and the outcomes."""
        r = spot_service_pb2.WatchReclaimsRequest() if request is None else request
        return self._core.watch("/ecsd.v1.SpotService/WatchReclaims", r, spot_service_pb2.WatchReclaimsResponse, ReclaimTracker(r.resume_token))

    def watch_renewal_job(self, request: renewal_service_pb2.WatchRenewalJobRequest) -> AsyncIterator[RenewalJobEvent]:
        """Reports a job and its renewals, and then each change, until the job has ended."""
        return self._core.watch(
            "/ecsd.v1.RenewalService/WatchRenewalJob", request, renewal_service_pb2.WatchRenewalJobResponse, RenewalJobTracker(request.resume_token)
        )

    def watch_release_job(self, request: instance_service_pb2.WatchReleaseJobRequest) -> AsyncIterator[ReleaseJobEvent]:
        """Reports a release job and its instances, and then each change, until the job has ended."""
        return self._core.watch(
            "/ecsd.v1.InstanceService/WatchReleaseJob", request, instance_service_pb2.WatchReleaseJobResponse, ReleaseJobTracker(request.resume_token)
        )

    async def wait(
        self, request: instance_service_pb2.WaitInstancesRequest, *, timeout: Optional[float] = None
    ) -> List[instance_service_pb2.InstanceResult]:
        """Returns when each instance has the status or can no longer reach it, like ``Client.wait``."""
        path, kind = "/ecsd.v1.InstanceService/WaitInstances", instance_service_pb2.WaitInstancesResponse
        found = await self._core.persistently(lambda left: self._core.call(path, request, kind, left, once=True), timeout, WAIT_AT_ONCE)
        return list(found.results)

    async def renew(
        self,
        request: renewal_service_pb2.RenewInstanceRequest,
        *,
        progress: Optional[Callable[[RenewalProgress], None]] = None,
        timeout: Optional[float] = None,
    ) -> renewal_pb2.Renewal:
        """Renews one instance, and returns the renewal in its final state, like ``Client.renew``."""
        r = renewal_service_pb2.RenewInstanceRequest()
        r.CopyFrom(request)
        request_id = "" if r.validate_only else ensure_request_id(r)
        report = progress or (lambda _: None)
        report(RenewalProgress(request_id))
        path, kind = "/ecsd.v1.RenewalService/RenewInstance", renewal_service_pb2.RenewInstanceResponse
        done = await self._core.persistently(lambda left: self._core.call(path, r, kind, left, once=True), timeout, self._core.options.timeout)
        report(RenewalProgress(request_id, done.renewal))
        return done.renewal

    async def renew_job(
        self,
        request: renewal_service_pb2.CreateRenewalJobRequest,
        *,
        progress: Optional[Callable[[JobProgress], None]] = None,
        timeout: Optional[float] = None,
    ) -> renewal_job_pb2.RenewalJob:
        """Creates a renewal job, follows it, and returns it when it has ended, like ``Client.renew_job``."""
        r = renewal_service_pb2.CreateRenewalJobRequest()
        r.CopyFrom(request)
        request_id = "" if r.validate_only else ensure_request_id(r)
        report = progress or (lambda _: None)
        report(JobProgress(request_id))
        try:
            return await asyncio.wait_for(self._renew_job(r, request_id, report), timeout)
        except asyncio.TimeoutError:
            message = "the renewal job has not ended; it continues in the server"
            raise EcsdError(grpc.StatusCode.DEADLINE_EXCEEDED, message, request_id=request_id) from None
        except EcsdError as error:
            error.request_id = request_id
            raise

    async def _renew_job(
        self, request: renewal_service_pb2.CreateRenewalJobRequest, request_id: str, report: Callable[[JobProgress], None]
    ) -> renewal_job_pb2.RenewalJob:
        core, most = self._core, self._core.options.timeout
        path, kind = "/ecsd.v1.RenewalService/CreateRenewalJob", renewal_service_pb2.CreateRenewalJobResponse
        job = (await core.persistently(lambda left: core.call(path, request, kind, left, once=True), None, most)).job
        if request.validate_only:
            return job
        async for event in self.watch_renewal_job(renewal_service_pb2.WatchRenewalJobRequest(job_id=job.job_id)):
            if isinstance(event, RenewalJobChanged):
                total, ended = counted(event.job)
                report(JobProgress(request_id, event.job, event.renewals, total, ended))
        read, answer = renewal_service_pb2.GetRenewalJobRequest(job_id=job.job_id), renewal_service_pb2.GetRenewalJobResponse
        path = "/ecsd.v1.RenewalService/GetRenewalJob"
        return (await core.persistently(lambda rest: core.call(path, read, answer, rest, once=True), None, most)).job
