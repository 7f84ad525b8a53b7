"""What is noted of each request: one line of JSON on standard error, and the numbers of `/metrics`.

A query is known by a digest; its text, the query string, headers and the client's address are in no log.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request

_NOTE: Final = "territoires.note"
_LONGEST: Final = 200
"""Characters of a path that are logged: a line stays short enough to be written at once."""
_log: Final = logging.getLogger("territoires.requests")
_BESIDE: Final = ("territoires.warming", "territoires.planning")
"""Loggers of what goes on beside the requests."""


@dataclass(slots=True)
class Note:
    """One request and its answer."""

    method: str
    path: str
    route: str = "none"
    """The rule that the path matched, so that strangers cannot make up new ones."""
    query: str | None = None
    """Start of the SHA-256 of a SPARQL query."""
    rows: int | None = None
    """Solutions of a SELECT that was answered."""
    cached: bool = False
    """Whether the answer was given before, and kept."""
    code: str | None = None
    """The stable code of the problem that was answered."""
    status: int = 0
    size: int = 0
    """Bytes of the body, as they were sent."""
    seconds: float = 0.0
    """From the first line of the request to the last byte given to the server."""
    start: float = field(default_factory=time.perf_counter)

    @property
    def outcome(self) -> str:
        """Say how it ended: `ok`, `not-modified`, or the code of a problem."""
        return self.code or ("not-modified" if self.status == HTTPStatus.NOT_MODIFIED else "ok")


Watcher = Callable[[Note], None]


def register(app: Flask, watchers: Iterable[Watcher]) -> None:
    """Tell `watchers` of every request that `app` has answered."""
    app.before_request(_note_route)
    app.wsgi_app = _Observed(app.wsgi_app, tuple(watchers))  # type: ignore[method-assign]  # Flask's own way


def note_query(text: str) -> None:
    """Note that the request of this moment asks the query `text`."""
    if note := _note():
        note.query = digest(text)


def digest(text: str) -> str:
    """Return what a query is known by."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def note_rows(rows: int | None) -> None:
    """Note how many rows the answer to the request of this moment has."""
    if note := _note():
        note.rows = rows


def note_problem(code: str) -> None:
    """Note that the request of this moment is answered by a problem."""
    if note := _note():
        note.code = code


def log_to_stderr() -> Watcher:
    """Return a watcher that writes one line of JSON per request."""
    beside = ((logging.getLogger(name), _Line()) for name in _BESIDE)
    for log, formatter in ((_log, logging.Formatter("%(message)s")), *beside):
        if not log.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(formatter)
            log.addHandler(handler)
            log.setLevel(logging.INFO)
            log.propagate = False
    return _write


class _Line(logging.Formatter):
    """What is told beside requests, as a line of JSON too."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {"time": _now(), "level": record.levelname.lower(), "message": record.getMessage()}
        return json.dumps(line, ensure_ascii=False)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def note_of(environ: WSGIEnvironment) -> Note | None:
    """Return what is noted of the request of `environ`; None where nobody watches."""
    note: Note | None = environ.get(_NOTE)
    return note


def _note() -> Note | None:
    return note_of(request.environ)


def _note_route() -> None:
    note = _note()
    if note and request.url_rule:
        note.route = request.url_rule.rule


def _write(note: Note) -> None:
    line = {
        "time": _now(),
        "method": note.method,
        "path": note.path,
        "status": note.status,
        "ms": round(note.seconds * 1000, 1),
        "bytes": note.size,
        "query": note.query,
        "rows": note.rows,
        "cached": note.cached,
        "outcome": note.outcome,
    }
    _log.info(json.dumps(line))


class _Observed:
    """WSGI middleware: watches a request from its first line to the last byte of its answer."""

    def __init__(self, app: WSGIApplication, watchers: tuple[Watcher, ...]) -> None:
        self._app = app
        self._watchers = watchers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")
        note = Note(environ["REQUEST_METHOD"][:20], path[:_LONGEST])
        environ[_NOTE] = note

        def start(status: str, headers: list[tuple[str, str]], *error: object) -> Callable[[bytes], object]:
            note.status = int(status.split(maxsplit=1)[0])
            return start_response(status, headers, *error)  # type: ignore[arg-type]

        return _Sending(self._app(environ, start), note, self._watchers)


class _Sending:
    """The body of an answer: counts what is sent, and tells the watchers when it is closed."""

    def __init__(self, body: Iterable[bytes], note: Note, watchers: tuple[Watcher, ...]) -> None:
        self._body = body
        self._pieces = iter(body)
        self._note = note
        self._watchers = watchers

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._note.size += len(piece)
        return piece

    def close(self) -> None:
        """Close the body; a WSGI server calls this once, also when the client has left."""
        try:
            close = getattr(self._body, "close", None)
            if close:
                close()
        finally:
            self._note.seconds = time.perf_counter() - self._note.start
            for watch in self._watchers:
                watch(self._note)
