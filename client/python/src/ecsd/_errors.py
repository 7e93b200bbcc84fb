"""The one family of errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Iterable, List, Optional, Sequence, Tuple

import grpc
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]

from ecsd.v1 import error_pb2

DOMAIN = "ecsd"
PUSHBACK = "grpc-retry-pushback-ms"
_DETAILS = "grpc-status-details-bin"
_PREFIX = "ERROR_REASON_"

CONNECTED, UNREACHABLE, MISCONFIGURED = range(3)


@dataclass(frozen=True)
class FieldViolation:
    """An invalid field of a request, and the rule that it breaks."""

    field: str
    description: str


class EcsdError(Exception):
    """A failed call, or a failed item of a call.

    Branch on ``reason``, not on the message. docs/errors.md of ecsd lists all reasons.
    """

    code: grpc.StatusCode
    #: Name of the reason, such as ``"INSTANCE_NOT_FOUND"``; also one that this client does not know. Empty if the error is
    #: not from ecsd, but from the network or a proxy.
    reason: str
    message: str
    metadata: "dict[str, str]"
    field_violations: List[FieldViolation]
    #: The delay after which a retry can help; None if the server does not ask for a retry.
    retry_after: Optional[timedelta]
    #: request_id of the failed request, also if the client made it. Empty if the request has none.
    request_id: str

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        metadata: "Optional[dict[str, str]]" = None,
        field_violations: Sequence[FieldViolation] = (),
        retry_after: Optional[timedelta] = None,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.reason = code, message, reason
        self.metadata = dict(metadata or {})
        self.field_violations = list(field_violations)
        self.retry_after, self.request_id = retry_after, request_id
        self._pushback: Optional[float] = None
        self._refused = False
        self._connecting = CONNECTED
        self._renewed = False

    def __str__(self) -> str:
        return f"{self.code.name}{' ' + self.reason if self.reason else ''}: {self.message}"

    @property
    def is_retryable(self) -> bool:
        """Whether a retry of the same request, with its request_id, may succeed."""
        return self.retry_after is not None or self.code == grpc.StatusCode.UNAVAILABLE

    @property
    def error_reason(self) -> "error_pb2.ErrorReason.ValueType":
        """The reason as a value of the enum; UNSPECIFIED if this client does not know it."""
        try:
            return error_pb2.ErrorReason.Value(_PREFIX + self.reason)
        except ValueError:
            return error_pb2.ERROR_REASON_UNSPECIFIED

    def _asked(self) -> float:
        """The delay that the server asks for, in seconds; 0 for none."""
        if self.retry_after is not None:
            return self.retry_after.total_seconds()
        return self._pushback or 0.0

    def _passing(self) -> bool:
        """Whether a watch survives the error. There is another token than the refused one if _renewed is set."""
        if self.retry_after is not None or self._renewed:
            return True
        if self.reason:
            return self.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
        return self.code in _NETWORK


_NETWORK = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.ABORTED,
    }
)


class UnreachableRegionsError(EcsdError):
    """The end of a list that misses regions. All items of the other regions came before it."""


def from_rpc(error: Any, target: str, plaintext: bool, request_id: str = "") -> EcsdError:
    """Returns the error of a failed call of grpc or grpc.aio."""
    code = error.code() or grpc.StatusCode.UNKNOWN
    failed = EcsdError(code, error.details() or "", request_id=request_id)
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS and isinstance(value, bytes):
            _decode(failed, value)
        elif key == PUSHBACK:
            _push_back(failed, value if isinstance(value, str) else value.decode())
    _explain(failed, target, plaintext)
    return failed


def _decode(failed: EcsdError, encoded: bytes) -> None:
    status = status_pb2.Status.FromString(encoded)
    for detail in status.details:
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo.FromString(detail.value)
            if info.domain == DOMAIN:
                failed.reason, failed.metadata = info.reason, dict(info.metadata)
        elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            delay = error_details_pb2.RetryInfo.FromString(detail.value).retry_delay
            failed.retry_after = timedelta(seconds=delay.seconds, microseconds=delay.nanos // 1000)
        elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            bad = error_details_pb2.BadRequest.FromString(detail.value)
            failed.field_violations = [FieldViolation(v.field, v.description) for v in bad.field_violations]


def _push_back(failed: EcsdError, value: str) -> None:
    try:
        milliseconds = int(value)
    except ValueError:
        milliseconds = -1
    if milliseconds < 0:
        failed._refused = True  # as gRPC's specification of retries requires
    else:
        failed._pushback = milliseconds / 1000


# Causes in the messages of gRPC, in lower case, and what to do.
_REMEDIES: List[Tuple[Tuple[str, ...], int, str]] = [
    (
        ("certificate_verify_failed", "certificate verify failed", "hostname verification", "peer name", "not in peer certificate"),
        MISCONFIGURED,
        "the server's certificate is not trusted; pass the authority that signed it (ca_file), and use the name that the certificate has",
    ),
    (
        ("wrong_version_number", "tsi_protocol_failure", "ssl handshake failed", "handshaker shutdown", "handshake failed", "tls handshake"),
        MISCONFIGURED,
        "the TLS handshake failed; if the server does not use TLS, pass insecure=True; if it requires a client certificate, pass "
        "cert_file and key_file",
    ),
    (
        ("connection refused", "dns resolution failed", "name resolution", "no route to host", "network is unreachable", "failed to connect",
         "getaddrinfo", "errors resolving", "empty address list", "timed out connecting", "connections to all backends failing"),
        UNREACHABLE,
        "check the address, and that ecsd runs there",
    ),
]
# A plaintext client sees only that a TLS server hangs up, as it does if a server is killed at that moment.
_HANG_UP = ("socket closed", "connection reset", "endpoint closing", "eof", "goaway", "end of tcp stream", "settings frame")


def _explain(failed: EcsdError, target: str, plaintext: bool) -> None:
    """Rewrites the message of a failed connection: what failed, why, and what to do."""
    if failed.code != grpc.StatusCode.UNAVAILABLE or failed.reason:
        return
    cause = failed.message.lower()
    for words, state, remedy in _REMEDIES:
        if any(word in cause for word in words):
            if state == MISCONFIGURED and plaintext:
                continue
            if plaintext and any(word in cause for word in _HANG_UP) and "refused" not in cause:
                remedy = "if the server requires TLS, leave out insecure=True"
            failed._connecting = state
            failed.message = f"cannot connect to ecsd at {target}: {failed.message}; {remedy}"
            failed.args = (failed.message,)
            return


def unreachable(regions: Iterable[Any]) -> UnreachableRegionsError:
    """Returns the error of a list that misses regions."""
    missing = list(regions)
    named = ", ".join(f"{r.region_id} ({r.error.reason})" for r in missing)
    delay = missing[0].error.retry_after
    return UnreachableRegionsError(
        grpc.StatusCode.UNAVAILABLE,
        f"the list is incomplete: cannot read {named}",
        reason=missing[0].error.reason,
        metadata={"unreachable_regions": ",".join(r.region_id for r in missing)},
        retry_after=timedelta(seconds=delay.seconds, microseconds=delay.nanos // 1000),
    )


def item_error(item: error_pb2.ItemError) -> Optional[EcsdError]:
    """Returns the error of one item of a batch call; None if the item succeeded."""
    if not item.reason and not item.code:
        return None
    codes = {code.value[0]: code for code in grpc.StatusCode}
    retry = None
    if item.HasField("retry_after"):
        retry = timedelta(seconds=item.retry_after.seconds, microseconds=item.retry_after.nanos // 1000)
    return EcsdError(
        codes.get(item.code, grpc.StatusCode.UNKNOWN), item.message, reason=item.reason, metadata=dict(item.metadata), retry_after=retry
    )
