"""Answers that were given before are given again, by a WSGI middleware in front of Flask.

What may be kept is what `delivery.deliver` marks so: it carries a strong entity tag and `public`, thus depends on the
dataset, the program, the address and the negotiated headers alone (RFC 9111 §3). Another dataset version drops it all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.http import parse_etags

from territoires.errors import OverloadedError
from territoires.negotiation import choose_coding, choose_language
from territoires.recent import Recent
from territoires.web.lending import LARGE, Lender, Taken
from territoires.web.observing import note_of
from territoires.web.slots import Slots

_OVERHEAD: Final = 2_000
"""Bytes that an answer takes beside its body and its key, for its headers and what holds it together."""
_TAKEN: Final = 4
"""Large answers that are taken into memory at once, while they are sent for the first time."""
_LONGEST_KEY: Final = 16_000
_WHOLE: Final = frozenset({"HTTP_ACCEPT_DATETIME", "HTTP_IF_MATCH", "HTTP_RANGE", "HTTP_TRANSFER_ENCODING"})
"""Requests with one of these headers go to Flask."""
_OF_THE_BODY: Final = frozenset({"content-type", "content-length", "content-encoding"})
"""What a 304 does not repeat (RFC 9110 §15.4.5)."""

_Headers = list[tuple[str, str]]
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that was given, with what the log says of it."""

    headers: _Headers
    body: bytes
    tag: str
    """Its entity tag without quotes."""
    route: str
    query: str | None
    rows: int | None

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.body) + _OVERHEAD


class ResponseCache:
    """WSGI middleware: gives an answer to GET again, bounded by its bytes; what was asked longest ago goes first.

    Args:
        app: what answers otherwise.
        version: tells the dataset version that is served now.
        capacity: most bytes to keep.
        slots: of which a large answer takes one while it is sent again.
    """

    def __init__(self, app: WSGIApplication, version: Callable[[], str], capacity: int, slots: Slots) -> None:
        self._app = app
        self._version = version
        self._answers: Recent[_Key, _Answer] = Recent(capacity)
        self._lender = Lender(capacity, slots)
        self._taking = Slots(_TAKEN)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        key = _key(environ)
        if key is None:
            return self._app(environ, start_response)
        version = self._version()
        answer = self._answers.find(version, key)
        if answer is None:
            return self._ask(environ, start_response, version, key)
        try:
            return _again(answer, environ, start_response, self._lender)
        except OverloadedError:  # Flask sends it from a file, or tells that it cannot.
            return self._app(environ, start_response)

    def _ask(self, environ: WSGIEnvironment, start_response: StartResponse, version: str, key: _Key) -> Iterable[bytes]:
        """Let the application answer, and keep what it says where that may be kept."""
        said: list[tuple[str, _Headers]] = []

        def start(status: str, headers: _Headers, *error: object) -> Callable[[bytes], object]:
            said.append((status, headers))
            return start_response(status, headers, *error)  # type: ignore[arg-type]

        body = self._app(environ, start)
        status, headers = said[-1] if said else ("", [])
        if not _may_be_kept(status, headers):
            return body
        length = _length(headers)
        most = self._answers.largest

        def keep(content: bytes) -> None:
            # The answer is of the version that its tag was made for: of this one, unless that changed meanwhile.
            if length in {None, len(content)} and self._version() == version:
                answer = _answer(environ, headers, content)
                self._answers.keep(version, key, answer, answer.size + _size(key))

        if length is not None and length > most:
            return body
        if length is None or length > LARGE:
            with suppress(OverloadedError):  # else it is sent and not kept
                return Taken(body, length, most, keep, self._taking.take())
            return body
        try:
            content = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        keep(content)
        return [content]


def _again(answer: _Answer, environ: WSGIEnvironment, start_response: StartResponse, lender: Lender) -> Iterable[bytes]:
    """Give an answer again.

    Raises:
        OverloadedError: if it is large, and too much is being sent; nothing has been said then.
    """
    has_it = environ.get("HTTP_IF_NONE_MATCH")
    unchanged = has_it is not None and parse_etags(has_it).contains_weak(answer.tag)
    body = [answer.body] if len(answer.body) <= LARGE or unchanged else lender.lend(answer.body)
    if note := note_of(environ):
        note.cached, note.route, note.query = True, answer.route, answer.query
        note.rows = None if unchanged else answer.rows
    if unchanged:
        start_response("304 NOT MODIFIED", [pair for pair in answer.headers if pair[0].lower() not in _OF_THE_BODY])
        return []
    start_response("200 OK", answer.headers.copy())
    return body


def _answer(environ: WSGIEnvironment, headers: _Headers, body: bytes) -> _Answer:
    note = note_of(environ)
    length = [] if _length(headers) is not None else [("Content-Length", str(len(body)))]
    return _Answer(
        headers=[*headers, *length],
        body=body,
        tag=_tag(headers),
        route=note.route if note else "",
        query=note.query if note else None,
        rows=note.rows if note else None,
    )


def _key(environ: WSGIEnvironment) -> _Key | None:
    """Return what an answer depends on, or None where Flask must answer."""
    if environ["REQUEST_METHOD"] != "GET" or not _WHOLE.isdisjoint(environ):
        return None
    if environ.get("CONTENT_LENGTH", "") not in {"", "0"}:
        return None
    coding = choose_coding(environ.get("HTTP_ACCEPT_ENCODING"))
    key = (
        environ.get("wsgi.url_scheme"),
        environ.get("HTTP_HOST"),
        environ.get("SCRIPT_NAME"),
        environ.get("PATH_INFO"),
        environ.get("QUERY_STRING"),
        environ.get("HTTP_ACCEPT"),
        _languages(environ.get("HTTP_ACCEPT_LANGUAGE")),
        coding,
    )
    return key if coding and _size(key) <= _LONGEST_KEY else None


def _size(key: _Key) -> int:
    return sum(len(part) for part in key if isinstance(part, str))


def _languages(header: str | None) -> tuple[str, str]:
    """Return the languages of an answer, in French by default and in English by default."""
    return choose_language(header, "fr"), choose_language(header, "en")


def _may_be_kept(status: str, headers: _Headers) -> bool:
    found = {name.lower(): value for name, value in headers}
    return (
        status.startswith(str(HTTPStatus.OK.value))
        and found.get("etag", "W").startswith('"')
        and "public" in found.get("cache-control", "")
        and "set-cookie" not in found
    )


def _length(headers: _Headers) -> int | None:
    """Return the bytes of a body; None where it does not say."""
    return next((int(value) for name, value in headers if name.lower() == "content-length"), None)


def _tag(headers: _Headers) -> str:
    return next(value for name, value in headers if name.lower() == "etag").strip('"')
