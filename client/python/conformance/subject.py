"""Offers the installed Python client to the conformance runner: the synchronous one, and with --async the one for asyncio."""

import asyncio
import contextlib
import re
import struct
import sys
import threading
import time
from datetime import timezone

import grpc
from ecsd_conformance import subject_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

import ecsd

Event, Observed = pb.Event, pb.Observed
KINDS = {
    ecsd.Snapshot: "snapshot",
    ecsd.Changed: "changed",
    ecsd.Removed: "removed",
    ecsd.Checkpoint: "checkpoint",
    ecsd.Interrupted: "interrupted",
    ecsd.Restarted: "restarted",
    ecsd.ReclaimNotice: "notice",
    ecsd.RenewalJobChanged: "job",
    ecsd.ReleaseJobChanged: "job",
}
WATCHES = {
    pb.Watch.SUBJECT_INSTANCES: ("watch", ecsd.WatchInstancesRequest),
    pb.Watch.SUBJECT_RECLAIMS: ("watch_reclaims", ecsd.WatchReclaimsRequest),
    pb.Watch.SUBJECT_RENEWAL_JOB: ("watch_renewal_job", ecsd.WatchRenewalJobRequest),
    pb.Watch.SUBJECT_RELEASE_JOB: ("watch_release_job", ecsd.WatchReleaseJobRequest),
}


def observed(event):
    o = Observed(kind=KINDS.get(type(event), "unknown"))
    if isinstance(event, ecsd.ReclaimEnded):
        o.kind = {"unknown": "ended"}.get(event.outcome, event.outcome)
    for name in ("revision", "instance_id", "skipped", "resume_token", "snapshot", "previous_status"):
        if hasattr(event, name):
            setattr(o, name, getattr(event, name))
    if isinstance(event, (ecsd.Snapshot, ecsd.Changed)):
        o.instance_id, o.status = event.instance.instance_id, event.instance.status
    elif isinstance(event, ecsd.Removed):
        o.removal_reason = event.reason
    elif isinstance(event, ecsd.Checkpoint):
        o.degraded.extend(d.region_id for d in event.degraded)
    elif isinstance(event, (ecsd.Interrupted, ecsd.Restarted)):
        o.reason, o.code = event.error.reason, event.error.code.name
        if isinstance(event, ecsd.Interrupted):
            o.delay_ms = int(event.delay.total_seconds() * 1000)
    elif isinstance(event, ecsd.RenewalJobChanged):
        o.status = event.job.state
        o.changed.extend(f"{r.renewal_id}={r.state}" for r in event.renewals)
    elif isinstance(event, ecsd.ReleaseJobChanged):
        o.status = event.job.state
        o.changed.extend(f"{i.instance_id}={i.state}" for i in event.items)
    return o


def failure(error):
    if not isinstance(error, ecsd.EcsdError):
        return Event(failure=pb.Failure(code="INVALID_ARGUMENT", message=f"{type(error).__name__}: {error}"))
    after = 0 if error.retry_after is None else int(error.retry_after.total_seconds() * 1000)
    return Event(
        failure=pb.Failure(
            code=error.code.name,
            reason=error.reason,
            message=str(error),
            fields=[v.field for v in error.field_violations],
            retryable=error.is_retryable,
            retry_after_ms=after,
            metadata=error.metadata,
            request_id=error.request_id,
        )
    )


def response(message):
    return Event(response=pb.Response(message=message.SerializeToString()))


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def convert(c):
    kind = c.WhichOneof("value")
    if kind == "to_money":
        amount, _, currency = c.to_money.partition(" ")
        return response(ecsd.money(amount, currency))
    if kind == "from_money":
        return Event(value=pb.Value(text=ecsd.money_text(ecsd.Money.FromString(c.from_money))))
    if kind == "to_period":
        count, unit = c.to_period.split()
        return response(getattr(ecsd, unit)(int(count)))
    at = ecsd.to_datetime(Timestamp.FromString(c.from_timestamp))
    assert ecsd.to_datetime(ecsd.from_datetime(at)) == at
    return Event(value=pb.Value(text=at.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")))


def options(c):
    tokens = list(c.tokens)

    def token():
        return tokens.pop(0) if len(tokens) > 1 else tokens[0]

    chosen = {"insecure": not c.tls}
    for name in ("ca_file", "cert_file", "key_file", "caller"):
        if getattr(c, name):
            chosen[name] = getattr(c, name)
    if tokens:
        chosen["token"] = tokens[0] if len(tokens) == 1 else token
    if c.timeout_ms:
        chosen["timeout"] = c.timeout_ms / 1000
    return chosen


def seconds(command):
    return command.timeout_ms / 1000 if command.timeout_ms else None


def method(client, name):
    """Returns a method of a service, and the type of its request."""
    service, rpc = name.split(".")
    attribute = {"InstanceService": "instances", "RenewalService": "renewals", "DiskService": "disks"}.get(service)
    attribute = attribute or snake(service.replace("Service", ""))
    return getattr(getattr(client, attribute), snake(rpc)), getattr(ecsd, rpc + "Request")


def median(took):
    """Returns the median of the second half, in nanoseconds."""
    timed = sorted(took[len(took) // 2 :])
    return timed[len(timed) // 2]


def bare(channel):
    """Returns GetInstance as the stub of grpcio's generator makes it."""
    path = "/ecsd.v1.InstanceService/GetInstance"
    return channel.unary_unary(path, request_serializer=ecsd.GetInstanceRequest.SerializeToString, response_deserializer=ecsd.GetInstanceResponse.FromString)


class Writer:
    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self, command, event):
        event.id = command
        body = event.SerializeToString()
        with self.lock:
            sys.stdout.buffer.write(struct.pack(">I", len(body)) + body)
            sys.stdout.buffer.flush()


def read():
    size = sys.stdin.buffer.read(4)
    if len(size) < 4:
        return None
    return pb.Command.FromString(sys.stdin.buffer.read(struct.unpack(">I", size)[0]))


def progress_of(write, id):
    def report(p):
        if isinstance(p, ecsd.RenewalProgress):
            write(id, Event(progress=pb.Progress(request_id=p.request_id, state=p.renewal.state if p.renewal else 0)))
        else:
            job = (p.job.job_id, p.job.state) if p.job else ("", 0)
            write(id, Event(progress=pb.Progress(request_id=p.request_id, job_id=job[0], state=job[1], total=p.total, ended=p.ended)))

    return report


class Subject:
    """Runs each command in a thread."""

    def __init__(self):
        self.write = Writer()
        self.clients, self.cancels, self.watches, self.credits = {}, {}, {}, {}

    def serve(self):
        threads = []
        while (command := read()) is not None:
            kind = command.WhichOneof("command")
            if kind == "credit":
                if semaphore := self.credits.get(command.credit.watch):
                    semaphore.release(command.credit.count)
            elif kind == "cancel":
                self.cancel(command.cancel.target)
            elif kind == "connect":
                self.run(command, kind)
            else:
                self.cancels[command.id] = ecsd.Cancellation()
                self.credits[command.id] = threading.Semaphore(command.watch.credit)
                threads.append(threading.Thread(target=self.run, args=(command, kind), daemon=True))
                threads[-1].start()
        for client in self.clients.values():
            client.close()
        for id in list(self.cancels):
            self.cancel(id)
        for thread in threads:
            thread.join(5)

    def cancel(self, id):
        if watch := self.watches.get(id):
            watch.close()
            self.credits[id].release(1)
        if cancellation := self.cancels.get(id):
            cancellation.cancel()

    def run(self, command, kind):
        try:
            end = getattr(self, kind)(command.id, getattr(command, kind))
        except Exception as error:  # every error is a report
            end = failure(error)
        self.write(command.id, end)
        self.cancels.pop(command.id, None)
        self.watches.pop(command.id, None)

    def connect(self, id, c):
        self.clients[id] = ecsd.Client(c.target, **options(c))
        return Event(done=pb.Done())

    def close(self, _, c):
        self.clients[c.client].close()
        return Event(done=pb.Done())

    def call(self, id, c):
        rpc, kind = method(self.clients[c.client], c.method)
        request = kind.FromString(c.request)
        if c.report_request_id:
            self.write(id, Event(progress=pb.Progress(request_id=ecsd.ensure_request_id(request))))
        return response(rpc(request, timeout=seconds(c), cancel=self.cancels[id]))

    def list(self, _, c):
        name = c.method.split(".")[1]
        items = []
        for item in getattr(self.clients[c.client], snake(name))(getattr(ecsd, name + "Request").FromString(c.request)):
            items.append(item.SerializeToString())
            if c.most and len(items) == c.most:
                break
        return Event(items=pb.Items(items=items))

    def wait(self, id, c):
        results = self.clients[c.client].wait(ecsd.WaitInstancesRequest.FromString(c.request), timeout=seconds(c), cancel=self.cancels[id])
        return response(ecsd.WaitInstancesResponse(results=results))

    def renew(self, id, c):
        return response(
            self.clients[c.client].renew(
                ecsd.RenewInstanceRequest.FromString(c.request), progress=progress_of(self.write, id), timeout=seconds(c), cancel=self.cancels[id]
            )
        )

    def renew_job(self, id, c):
        return response(
            self.clients[c.client].renew_job(
                ecsd.CreateRenewalJobRequest.FromString(c.request), progress=progress_of(self.write, id), timeout=seconds(c), cancel=self.cancels[id]
            )
        )

    def convert(self, _, c):
        return convert(c)

    def measure(self, _, m):
        with grpc.insecure_channel(m.target) as channel:
            rpcs = [bare(channel), self.clients[m.client].instances.get_instance]
            took = [], []
            for _ in range(2 * m.calls):
                for rpc, times in zip(rpcs, took):
                    began = time.perf_counter_ns()
                    rpc(ecsd.GetInstanceRequest(instance_id="i-1"))
                    times.append(time.perf_counter_ns() - began)
        return Event(value=pb.Value(text=f"{median(took[0])} {median(took[1])}"))

    def watch(self, id, c):
        name, kind = WATCHES[c.subject]
        watch = self.watches[id] = getattr(self.clients[c.client], name)(kind.FromString(c.request))
        if self.cancels[id]._event.is_set():
            watch.close()
        count = 0
        if c.credit:
            self.credits[id].acquire()
        for event in watch:
            count += 1
            if not c.count_only or isinstance(event, ecsd.Checkpoint):
                o = observed(event)
                if c.count_only:
                    o.count = count
                self.write(id, Event(observed=o))
            if c.credit:
                self.credits[id].acquire()
        return Event(done=pb.Done())


class AsyncSubject:
    """Runs each command in a task."""

    def __init__(self):
        self.write = Writer()
        self.clients, self.tasks, self.credits = {}, {}, {}

    async def serve(self):
        loop = asyncio.get_running_loop()
        while (command := await loop.run_in_executor(None, read)) is not None:
            kind = command.WhichOneof("command")
            if kind == "credit":
                for _ in range(command.credit.count):
                    self.credits[command.credit.watch].release()
            elif kind == "cancel":
                if task := self.tasks.get(command.cancel.target):
                    task.cancel()
            elif kind == "connect":
                await self.run(command, kind)
            else:
                self.credits[command.id] = asyncio.Semaphore(command.watch.credit)
                self.tasks[command.id] = asyncio.ensure_future(self.run(command, kind))
        for client in self.clients.values():
            await client.close()
        for task in list(self.tasks.values()):
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)

    async def run(self, command, kind):
        try:
            end = await getattr(self, kind)(command.id, getattr(command, kind))
        except asyncio.CancelledError:
            end = Event(done=pb.Done())
        except Exception as error:  # every error is a report
            end = failure(error)
        self.write(command.id, end)
        self.tasks.pop(command.id, None)

    async def connect(self, id, c):
        self.clients[id] = ecsd.AsyncClient(c.target, **options(c))
        return Event(done=pb.Done())

    async def close(self, _, c):
        await self.clients[c.client].close()
        return Event(done=pb.Done())

    async def call(self, id, c):
        rpc, kind = method(self.clients[c.client], c.method)
        request = kind.FromString(c.request)
        if c.report_request_id:
            self.write(id, Event(progress=pb.Progress(request_id=ecsd.ensure_request_id(request))))
        return response(await rpc(request, timeout=seconds(c)))

    async def list(self, _, c):
        name = c.method.split(".")[1]
        items = []
        async for item in getattr(self.clients[c.client], snake(name))(getattr(ecsd, name + "Request").FromString(c.request)):
            items.append(item.SerializeToString())
            if c.most and len(items) == c.most:
                break
        return Event(items=pb.Items(items=items))

    async def wait(self, _, c):
        results = await self.clients[c.client].wait(ecsd.WaitInstancesRequest.FromString(c.request), timeout=seconds(c))
        return response(ecsd.WaitInstancesResponse(results=results))

    async def renew(self, id, c):
        request = ecsd.RenewInstanceRequest.FromString(c.request)
        return response(await self.clients[c.client].renew(request, progress=progress_of(self.write, id), timeout=seconds(c)))

    async def renew_job(self, id, c):
        request = ecsd.CreateRenewalJobRequest.FromString(c.request)
        return response(await self.clients[c.client].renew_job(request, progress=progress_of(self.write, id), timeout=seconds(c)))

    async def convert(self, _, c):
        return convert(c)

    async def measure(self, _, m):
        async with grpc.aio.insecure_channel(m.target) as channel:
            rpcs = [bare(channel), self.clients[m.client].instances.get_instance]
            took = [], []
            for _ in range(2 * m.calls):
                for rpc, times in zip(rpcs, took):
                    began = time.perf_counter_ns()
                    await rpc(ecsd.GetInstanceRequest(instance_id="i-1"))
                    times.append(time.perf_counter_ns() - began)
        return Event(value=pb.Value(text=f"{median(took[0])} {median(took[1])}"))

    async def watch(self, id, c):
        name, kind = WATCHES[c.subject]
        count = 0
        if c.credit:
            await self.credits[id].acquire()
        async with contextlib.aclosing(getattr(self.clients[c.client], name)(kind.FromString(c.request))) as watch:
            async for event in watch:
                count += 1
                if not c.count_only or isinstance(event, ecsd.Checkpoint):
                    o = observed(event)
                    if c.count_only:
                        o.count = count
                    self.write(id, Event(observed=o))
                if c.credit:
                    await self.credits[id].acquire()
        return Event(done=pb.Done())


if __name__ == "__main__":
    if "--async" in sys.argv:
        asyncio.run(AsyncSubject().serve())
    else:
        Subject().serve()
