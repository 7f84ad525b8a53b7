"""Helpers: requests over a real connection to a real server, and a listener that nobody may contact."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

BASE = "https://w3id.org/territoires-industrie/"
JSON = "application/sparql-results+json"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
PROBLEM = "application/problem+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})

Parameters = Sequence[tuple[str, str]] | Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back over the wire."""

    status: int
    headers: Message
    body: bytes

    @property
    def media_type(self) -> str:
        """Media type without parameters; empty when the answer names none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip()

    @property
    def text(self) -> str:
        """Body as text."""
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:  # noqa: ANN401  (JSON has no type)
        """Body read as JSON."""
        return json.loads(self.body)

    @property
    def rows(self) -> list[list[str]]:
        """Body read as CSV, without its heading."""
        return list(csv.reader(io.StringIO(self.text, newline="")))[1:]

    @property
    def page(self) -> Page:
        """Body read as HTML."""
        page = Page()
        page.feed(self.text)
        page.close()
        return page

    def listed(self, header: str) -> set[str]:
        """Members of a header that is a comma-separated list, in lower case."""
        values: list[str] = self.headers.get_all(header) or []
        return {member.strip().lower() for value in values for member in value.split(",")}


class Page(HTMLParser):
    """The elements of an HTML page and the text in them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[Table] = []
        self.texts: dict[str, list[str]] = {}
        """Name of an element -> text of each one, with that of the elements in it."""
        self._open: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.elements.append((tag, dict(attrs)))
        texts = self.texts.setdefault(tag, [])
        texts.append("")
        if tag not in _VOID:
            self._open.append((tag, len(texts) - 1))
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tr":
            self.tables[-1].lines.append([])

    def handle_endtag(self, tag: str) -> None:
        """Close the element, and what is still open in it."""
        while self._open:
            name, number = self._open.pop()
            if name in {"td", "th"}:
                self.tables[-1].lines[-1].append(self.texts[name][number].strip())
            elif name == "caption":
                self.tables[-1].caption = self.texts[name][number].strip()
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        """Note the text with every element it stands in."""
        for name, number in self._open:
            self.texts[name][number] += data

    def tags(self, name: str) -> list[dict[str, str | None]]:
        """Attributes of every element called `name`."""
        return [attributes for tag, attributes in self.elements if tag == name]


@dataclass
class Table:
    """One table of a page; its first line is the heading."""

    caption: str = ""
    lines: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Client:
    """Talks to one server, with one connection per request."""

    base: str
    timeout: float = 30

    def send(
        self,
        method: str,
        path: str,
        parameters: Parameters = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send a request and return the whole answer, also when the server answers before it has read the body."""
        target = f"{path}?{urlencode(parameters)}" if parameters else path
        parts = urlsplit(self.base)
        with contextlib.closing(HTTPConnection(parts.netloc, timeout=self.timeout)) as connection:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(body or b"")
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def spoken(self, sent: bytes, *, half_close: bool = False) -> bytes:
        """Return all that the server says to these bytes until it hangs up or is silent; `half_close`: send no more."""
        parts = urlsplit(self.base)
        said = b""
        with socket.create_connection((parts.hostname, parts.port), timeout=3) as connection:
            connection.sendall(sent)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                while part := connection.recv(65_536):
                    said += part
        return said

    def get(self, path: str, parameters: Parameters = (), **headers: str) -> Answer:
        """GET; `Accept_Language="fr"` sends the header Accept-Language."""
        return self.send("GET", path, parameters, {name.replace("_", "-"): value for name, value in headers.items()})

    def query(self, text: str, parameters: Parameters = (), **headers: str) -> Answer:
        """GET a query from the endpoint."""
        pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
        return self.get("/sparql", [("query", text), *pairs], **headers)

    def post(self, content_type: str | None, body: bytes, parameters: Parameters = (), **headers: str) -> Answer:
        """POST a body to the endpoint."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        typed = {"Content-Type": content_type} if content_type else {}
        return self.send("POST", "/sparql", parameters, {**typed, **named}, body)

    def rows(self, text: str, parameters: Parameters = ()) -> list[list[str]]:
        """Rows of a SELECT, as plain strings."""
        answer = self.query(text, parameters, Accept="text/csv")
        assert answer.status == 200, answer.text
        return answer.rows


@pytest.fixture(scope="session")
def client(server: str) -> Client:
    """Return a client of the server that all tests share."""
    return Client(server)


class Canary:
    """Listens on a port of this machine and counts who comes."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        self.visits = 0

    def watch(self) -> None:
        """Count and hang up, until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.visits += 1
                connection.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Return a listener; the test asserts that nobody came."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        watched = Canary(listener)
        thread = threading.Thread(target=watched.watch, daemon=True)
        thread.start()
        yield watched
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)
