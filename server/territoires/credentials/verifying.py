"""Whether a request may write a graph (RFC 6750)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Final

from territoires.credentials.hashing import NOBODY, Hashed
from territoires.credentials.keeping import Token, not_for, read
from territoires.errors import OverloadedError, Text, TooManyFailuresError, UnauthorizedError

_BEARER: Final = re.compile(r"bearer +([a-z0-9-]{1,40})\.([A-Za-z0-9_-]{43})", re.IGNORECASE | re.ASCII)
_KNOWN: Final = 256
"""Tokens that are remembered as good."""
_CLIENTS: Final = 1_024
"""Clients whose failures are remembered."""
_FAILURES: Final = 10
_MINUTE: Final = 60.0
_PATIENCE: Final = 2.0
"""Seconds that a request waits for those before it to be hashed."""

_Stamp = tuple[int, int, int]


class Verifier:
    """Checks `Authorization` headers against the file of tokens; safe to use from many threads.

    What was found good is remembered by a keyed digest, so that hashing is paid once per token and process, and the
    token is not kept. The file is looked at on each request: who is revoked is refused at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pepper = secrets.token_bytes(32)
        self._lock = Lock()
        self._hashing = Lock()
        self._read: tuple[_Stamp | None, Mapping[str, Token]] | None = None
        self._good: OrderedDict[bytes, Hashed] = OrderedDict()
        self._failed: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def verify(self, header: str | None, graph: str | None = None, *, client: str = "") -> Token:
        """Return the token of a request that may write `graph`.

        Args:
            header: value of `Authorization`, None without it.
            graph: IRI of the graph; None where the request tells only later which it writes.
            client: whose failures are counted together, such as an address.

        Raises:
            UnauthorizedError: without a token, or with one that is unknown, wrong or past its time.
            ForbiddenError: if the token is not for that graph.
            TooManyFailuresError: if this client failed too often in the last minute.
            OverloadedError: if too many tokens are being checked.
            DataError: if the file of tokens cannot be read.
        """
        if header is None:
            raise _unauthorized(Text("this needs a token", "il faut un jeton"), error=False)
        match = _BEARER.fullmatch(header.strip())
        token = self._tokens().get(match[1]) if match else None
        good = match and self._is_good(match[2], token, f"{match[1]}.{match[2]}", client)
        if not good:
            if not match:
                self._check_failures(client)
                self._count_failure(client)
            raise _unauthorized(Text("the token is unknown", "le jeton est inconnu"))
        assert token  # noqa: S101  (for the type checker)
        if token.expires <= datetime.now(UTC):
            day = token.expires.date()
            raise _unauthorized(Text(f"the token expired on {day}", f"le jeton a expiré le {day}"))
        if graph is not None and not token.may_write(graph):
            raise not_for(token.name, token.graphs, graph)
        return token

    def _is_good(self, secret: str, token: Token | None, whole: str, client: str) -> bool:
        digest = hmac.digest(self._pepper, whole.encode(), hashlib.sha256)
        with self._lock:
            known = self._good.get(digest)
            if token and known == token.secret:
                self._good.move_to_end(digest)
                return True
        self._check_failures(client)
        if not self._hashing.acquire(timeout=_PATIENCE):
            raise OverloadedError(
                Text("too many tokens are being checked", "trop de jetons sont en cours de vérification"),
                hint=Text("ask again in a few seconds", "redemandez dans quelques secondes"),
            )
        try:
            fits = (token.secret if token else NOBODY).fits(secret)
        finally:
            self._hashing.release()
        if not fits or not token:
            self._count_failure(client)
            return False
        with self._lock:
            self._good[digest] = token.secret
            while len(self._good) > _KNOWN:
                self._good.popitem(last=False)
        return True

    def _tokens(self) -> Mapping[str, Token]:
        stamp = _stamp(self._path)
        with self._lock:
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, read(self._path))
            return self._read[1]

    def _check_failures(self, client: str) -> None:
        with self._lock:
            since, count = self._failed.get(client, (0.0, 0))
        if count >= _FAILURES and time.monotonic() < since + _MINUTE:
            raise TooManyFailuresError(
                Text(f"{count} wrong tokens within a minute", f"{count} jetons faux en une minute"),
                hint=Text("wait a minute and check the token", "attendez une minute et vérifiez le jeton"),
            )

    def _count_failure(self, client: str) -> None:
        now = time.monotonic()
        with self._lock:
            since, count = self._failed.pop(client, (now, 0))
            self._failed[client] = (since, count + 1) if now < since + _MINUTE else (now, 1)
            while len(self._failed) > _CLIENTS:
                self._failed.popitem(last=False)


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _unauthorized(detail: Text, *, error: bool = True) -> UnauthorizedError:
    return UnauthorizedError(
        detail,
        hint=Text(
            "send Authorization: Bearer with a token of `territoires token create`",
            "envoyez Authorization: Bearer avec un jeton de `territoires token create`",
        ),
        invalid=error,
    )
