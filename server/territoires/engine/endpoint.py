"""HTTP to one address of a remote SPARQL server: pooled connections, a deadline, a bound on what comes back.

Only addresses that the operator names are asked: no redirect is followed, and no proxy of the environment is used.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Final
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3 import exceptions

from territoires.engine.credentials import Credentials
from territoires.engine.embedded import too_large
from territoires.errors import RequestError, Text

_CONNECTS_IN: Final = 2.0
"""Seconds until another address is tried where there is one."""
_PIECE: Final = 64 * 1024
_IN_MEMORY: Final = 1_000_000
"""Bytes from which what comes back goes to a temporary file."""
_MESSAGE: Final = 2_000
"""Most bytes of an error that are read."""
FORM: Final = "application/x-www-form-urlencoded"
_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, 502, HTTPStatus.SERVICE_UNAVAILABLE})


class NotReachedError(Exception):
    """The server did not take the request, so another may have it."""


class LostError(Exception):
    """The server took the request and gave no whole answer: it may have been the request that ended it."""


class TooLateError(Exception):
    """The time was over before the answer was there."""


class SaidNoError(Exception):
    """The server answered by an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: IO[bytes]

    @property
    def media_type(self) -> str:
        """Media type without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class Endpoint:
    """One address; safe to use from many threads."""

    def __init__(self, url: str, credentials: Credentials, connections: int) -> None:
        """Take an address, which may have a query string of its own, and keep so many connections open."""
        self.url = url
        self._credentials = credentials
        self._http = urllib3.PoolManager(maxsize=connections, retries=False)

    def ask(self, fields: Iterable[tuple[str, str]], accept: str, until: float, limit: int) -> Reply:
        """POST a query (SPARQL 1.1 Protocol §2.1.2).

        Args:
            fields: `query` and what goes with it.
            accept: value of `Accept`.
            until: when the answer must be there, by `time.monotonic`.
            limit: most bytes of it.

        Raises:
            NotReachedError, LostError, TooLateError, SaidNoError: as they say.
            ResultTooLargeError: past `limit`.
        """
        body = urlencode(list(fields)).encode()
        return self.send("POST", self.url, until=until, limit=limit, body=body, type_=FORM, accept=accept)

    def send(  # noqa: PLR0913  (what a request is made of)
        self,
        method: str,
        url: str,
        *,
        until: float,
        limit: int,
        body: bytes = b"",
        type_: str = "",
        accept: str = "*/*",
    ) -> Reply:
        """Send a request; see `ask`."""
        headers = {"Accept": accept, "User-Agent": "territoires", **({"Content-Type": type_} if type_ else {})}
        response = self._open(method, url, headers, body, until)
        if response.status == HTTPStatus.UNAUTHORIZED:
            challenge = response.headers.get("WWW-Authenticate", "")
            if self._credentials.challenged(challenge, url):
                response.drain_conn()
                response.release_conn()
                response = self._open(method, url, headers, body, until)
        try:
            return _receive(response, until, limit)
        finally:
            response.release_conn()

    def _open(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, until: float
    ) -> urllib3.BaseHTTPResponse:
        try:
            return self._http.request(
                method,
                url,
                body=body or None,
                headers={**headers, **self._credentials.headers(method, url)},
                preload_content=False,
                decode_content=False,
                redirect=False,
                timeout=_timeout(until),
            )
        except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError) as error:
            raise NotReachedError(str(error)) from error
        except exceptions.ReadTimeoutError as error:
            raise TooLateError(str(error)) from error
        except exceptions.HTTPError as error:
            raise LostError(str(error)) from error


def _timeout(until: float) -> urllib3.Timeout:
    left = until - time.monotonic()
    if left <= 0:
        raise TooLateError
    return urllib3.Timeout(connect=min(_CONNECTS_IN, left), read=left)


def _receive(response: urllib3.BaseHTTPResponse, until: float, limit: int) -> Reply:
    if response.status in _BUSY:
        response.close()
        raise NotReachedError(f"status {response.status}")
    if response.status >= HTTPStatus.BAD_REQUEST:
        message = response.read(_MESSAGE, decode_content=False).decode("utf-8", "replace")
        response.close()
        raise SaidNoError(response.status, message)
    if (
        response.status >= HTTPStatus.MULTIPLE_CHOICES
        or response.headers.get("Content-Encoding", "identity") != "identity"
    ):
        response.close()
        raise SaidNoError(response.status, "a redirection, or a content coding that was not asked for")
    body = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  (whoever reads it closes it)
    try:
        _copy(response, body, until, limit)
    except BaseException:
        body.close()
        response.close()  # The connection ends with the rest of the answer still in it.
        raise
    body.seek(0)
    return Reply(response.status, response.headers, body)


def _copy(response: urllib3.BaseHTTPResponse, body: IO[bytes], until: float, limit: int) -> None:
    size = 0
    try:
        while piece := response.read1(_PIECE, decode_content=False):
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            if time.monotonic() > until:
                raise TooLateError
            body.write(piece)
    except exceptions.ReadTimeoutError as error:
        raise TooLateError(str(error)) from error
    except exceptions.HTTPError as error:
        raise LostError(str(error)) from error


def check_url(url: str) -> str:
    """Return `url` if it can be asked.

    Raises:
        RequestError: if it is no address of the web, or holds a password: those are read from the environment.
    """
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and parts.hostname and not parts.username:
        return url
    shown = f"…@{url.rpartition('@')[2]}" if "@" in url else url
    raise RequestError(
        Text(f"{shown} is no address of a SPARQL endpoint", f"{shown} n'est pas l'adresse d'un point d'accès SPARQL"),
        hint=Text(
            "write it as http://host:port/path; name and password go into TERRITOIRES_ENGINE_CREDENTIALS",
            "écrivez-la http://hôte:port/chemin ; nom et mot de passe vont dans TERRITOIRES_ENGINE_CREDENTIALS",
        ),
    )
