"""The settings of a client."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

import grpc

from ecsd._policy import CHANNEL_OPTIONS, Token, Tokens

_CALLER = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/@+")


class Options:
    """Validated settings. ValueError names the one that is invalid, and what is allowed."""

    def __init__(
        self,
        target: str,
        insecure: bool,
        ca_file: Optional[str],
        cert_file: Optional[str],
        key_file: Optional[str],
        token: Optional[Token],
        caller: Optional[str],
        timeout: float,
        channel_options: Sequence[Tuple[str, Any]],
    ) -> None:
        if not target:
            raise ValueError("invalid target: empty; want host:port, such as ecsd.example.com:443")
        if insecure and (ca_file or cert_file or key_file):
            raise ValueError("invalid options: insecure excludes ca_file, cert_file and key_file")
        if bool(cert_file) != bool(key_file):
            raise ValueError("invalid options: cert_file and key_file need each other")
        if caller is not None and (not 1 <= len(caller) <= 64 or not set(caller) <= _CALLER):
            raise ValueError(f"invalid caller {caller!r}: want 1 to 64 letters, digits and . _ - : / @ +")
        if timeout <= 0:
            raise ValueError(f"invalid timeout {timeout}: want more than 0 seconds")
        self.target, self.insecure, self.caller, self.timeout = target, insecure, caller, timeout
        self._files = (ca_file, cert_file, key_file)
        self._tokens = None if token is None else Tokens(token)
        self._channel_options: List[Tuple[str, Any]] = [*CHANNEL_OPTIONS, *channel_options]

    def channel(self, module: Any) -> Any:
        """Returns a channel of grpc or grpc.aio."""
        if self.insecure:
            return module.insecure_channel(self.target, options=self._channel_options)
        ca, cert, key = (_read(path) for path in self._files)
        return module.secure_channel(self.target, grpc.ssl_channel_credentials(ca, key, cert), options=self._channel_options)

    def token(self) -> str:
        """Returns the current token; "" for none."""
        return "" if self._tokens is None else self._tokens.get()

    def refresh(self, refused: str) -> bool:
        """Returns whether there is another token than the refused one."""
        return self._tokens is not None and self._tokens.refresh(refused)


def _read(path: Optional[str]) -> Optional[bytes]:
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()


def metadata(options: Options, token: str) -> List[Tuple[str, str]]:
    """Returns the metadata of a call."""
    pairs = []
    if options.caller is not None:
        pairs.append(("ecsd-caller", options.caller))
    if token:
        pairs.append(("authorization", "Bearer " + token))
    return pairs
