"""Answers that were given before are given again, by a WSGI middleware in front of Flask.

What may be kept is what `delivery.deliver` marks so: it carries a strong entity tag and `public`, thus depends on the
dataset, the program, the address and the negotiated headers alone (RFC 9111 §3). Another dataset version drops it all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.http import parse_etags

from territoires.negotiation import choose_coding, choose_language
from territoires.web.observing import note_of

_OVERHEAD: Final = 2_000
"""Bytes that an answer takes beside its body and its key, for its headers and what holds it together."""
_SHARE: Final = 16
"""A single answer may take this part of the whole."""
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
    """

    def __init__(self, app: WSGIApplication, version: Callable[[], str], capacity: int) -> None:
        self._app = app
        self._version = version
        self._capacity = capacity
        self._lock = Lock()
        self._of = ""
        self._held = 0
        self._answers: OrderedDict[_Key, _Answer] = OrderedDict()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        key = _key(environ)
        if key is None:
            return self._app(environ, start_response)
        version = self._version()
        answer = self._find(version, key)
        if answer is None:
            return self._ask(environ, start_response, version, key)
        return _again(answer, environ, start_response)

    def _find(self, version: str, key: _Key) -> _Answer | None:
        with self._lock:
            if version != self._of:
                self._answers.clear()
                self._held, self._of = 0, version
            answer = self._answers.get(key)
            if answer:
                self._answers.move_to_end(key)
            return answer

    def _ask(self, environ: WSGIEnvironment, start_response: StartResponse, version: str, key: _Key) -> Iterable[bytes]:
        """Let the application answer, and keep what it says where that may be kept."""
        said: list[tuple[str, _Headers]] = []

        def start(status: str, headers: _Headers, *error: object) -> Callable[[bytes], object]:
            said.append((status, headers))
            return start_response(status, headers, *error)  # type: ignore[arg-type]

        body = self._app(environ, start)
        status, headers = said[-1] if said else ("", [])
        length = _length(status, headers)
        if length is None or length * _SHARE > self._capacity:
            return body
        try:
            content = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        if len(content) == length:
            self._keep(version, key, _answer(environ, headers, content))
        return [content]

    def _keep(self, version: str, key: _Key, answer: _Answer) -> None:
        # The answer is of the version that its tag was made for: of this one, unless that changed meanwhile.
        if self._version() != version:
            return
        with self._lock:
            if self._of != version or key in self._answers:
                return
            self._answers[key] = answer
            self._held += answer.size + _size(key)
            while self._held > self._capacity:
                oldest, gone = self._answers.popitem(last=False)
                self._held -= gone.size + _size(oldest)


def _again(answer: _Answer, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    has_it = environ.get("HTTP_IF_NONE_MATCH")
    unchanged = has_it is not None and parse_etags(has_it).contains_weak(answer.tag)
    if note := note_of(environ):
        note.cached, note.route, note.query = True, answer.route, answer.query
        note.rows = None if unchanged else answer.rows
    if unchanged:
        start_response("304 NOT MODIFIED", [pair for pair in answer.headers if pair[0].lower() not in _OF_THE_BODY])
        return []
    start_response("200 OK", answer.headers.copy())
    return [answer.body]


def _answer(environ: WSGIEnvironment, headers: _Headers, body: bytes) -> _Answer:
    note = note_of(environ)
    return _Answer(
        headers=headers.copy(),
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


def _length(status: str, headers: _Headers) -> int | None:
    """Return the bytes of an answer that may be kept, else None."""
    found = {name.lower(): value for name, value in headers}
    may = (
        status.startswith(str(HTTPStatus.OK.value))
        and found.get("etag", "W").startswith('"')
        and "public" in found.get("cache-control", "")
        and "set-cookie" not in found
    )
    length = found.get("content-length", "")
    return int(length) if may and length.isdecimal() else None


def _tag(headers: _Headers) -> str:
    return next(value for name, value in headers if name.lower() == "etag").strip('"')
