"""Plain queries are answered by WSGI middleware below Flask: what that does for a request takes longer than most do.

A plain query is what programs send: a GET of `/sparql` with the parameter `query` alone, and an `Accept` that names one
format. Answers are those of the view `sparql.endpoint`, header by header. What is not plain goes to Flask, and so does
what became of a plain query when that is an error or a large file.
"""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from territoires.engine import Opened
from territoires.engine.holding import DatasetChangedError
from territoires.engine.pool import hold
from territoires.errors import TerritoiresError
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, Format, formats_for
from territoires.guard import Query, admit
from territoires.negotiation import IDENTITY, choose_coding
from territoires.web.delivery import ASKED, CACHED, WHOLE, Asked, coded, tag_of
from territoires.web.observing import digest, note_of
from territoires.web.site import Site

PATH: Final = "/sparql"
VARY: Final = "Accept, Accept-Language, Accept-Encoding"
_HOST: Final = re.compile(r"[a-z0-9.-]+(?!:80$|:443$)(?::[0-9]+)?")
"""Names that Flask gives back as they are."""
_BELOW: Final = re.compile(r"[A-Za-z0-9/_-]*")
_QUERY: Final = re.compile(r"query=((?:[!-$'-~]|%[0-9A-Fa-f]{2})+)")
"""A query string (URL Standard §5.1) with nothing else in it."""
_TELLING: Final = frozenset(
    f"HTTP_{name}" for name in ("AUTHORIZATION", "EXPECT", "IF_MATCH", "IF_NONE_MATCH", "TRANSFER_ENCODING")
)
"""Requests with one of these headers go to Flask."""
_OFFERED: Final[Mapping[str, Format]] = {
    one.media_type: one for one in (*RESULT_FORMATS, *GRAPH_FORMATS) if one.name != "jsonld"
}
"""By media type; JSON-LD is compacted by Flask's side."""


@dataclass(frozen=True, slots=True)
class _Plain:
    """A plain query."""

    query: str
    """As it stands in the address."""
    format: Format
    coding: str
    """Content coding of the answer."""
    address: str
    """Of the endpoint, as the client wrote it."""


class DirectQueries:
    """WSGI middleware: answers plain queries.

    Args:
        app: answers the rest.
        site: what is asked, and its limits.
        headers: what every answer has.
    """

    def __init__(self, app: WSGIApplication, site: Site, headers: Iterable[tuple[str, str]]) -> None:
        self._app = app
        self._site = site
        self._headers = [("Vary", VARY), ("Cache-Control", CACHED), *headers]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        plain = _plain(environ)
        query = self._admitted(plain) if plain else None
        if not plain or not query or query.volatile or plain.format not in formats_for(query.kind):
            return self._app(environ, start_response)
        asked = self._ask(query, plain.format)
        if asked is None:
            return self._app(environ, start_response)
        answer = asked.outcome
        if isinstance(answer, TerritoiresError) or (body := _small(answer)) is None:
            environ[ASKED] = asked
            return self._app(environ, start_response)
        if note := note_of(environ):
            note.route, note.query, note.rows = PATH, digest(query.text), answer.rows
        content_type = plain.format.content_type
        tag = tag_of(asked.version, plain.coding, content_type, query.text, None, None, query.base_iri)
        headers = [("Content-Type", content_type), ("ETag", f'"{tag}"'), *self._headers]
        if body and plain.coding != IDENTITY:
            body = b"".join(coded([body], plain.coding))
            headers.append(("Content-Encoding", plain.coding))
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _admitted(self, plain: _Plain) -> Query | None:
        """Return the query; None where Flask is to say why not."""
        try:
            text = unquote_to_bytes(plain.query.replace("+", " ")).decode()
            return dataclasses.replace(admit(text, self._site.settings), base_iri=plain.address)
        except (UnicodeDecodeError, TerritoiresError):
            return None

    def _ask(self, query: Query, format_: Format) -> Asked | None:
        """Return what the engine says; None where the dataset changes meanwhile."""
        engine = self._site.engine
        with hold(engine):
            version = engine.version
            try:
                return Asked(version, engine.open(query, format_))
            except TerritoiresError as error:
                return Asked(version, error)
            except DatasetChangedError:
                return None


def _plain(environ: WSGIEnvironment) -> _Plain | None:
    """Return what a plain query says; None for any other request."""
    format_ = _OFFERED.get(environ.get("HTTP_ACCEPT", ""))
    if format_ is None or environ["REQUEST_METHOD"] != "GET" or environ.get("PATH_INFO") != PATH:
        return None
    host, below = environ.get("HTTP_HOST", ""), environ.get("SCRIPT_NAME", "")
    query = _QUERY.fullmatch(environ.get("QUERY_STRING", ""))
    coding = choose_coding(environ.get("HTTP_ACCEPT_ENCODING"))
    body = environ.get("CONTENT_LENGTH") or "0"
    if not (query and coding and body == "0" and _HOST.fullmatch(host) and _BELOW.fullmatch(below)):
        return None
    if not _TELLING.isdisjoint(environ):
        return None
    return _Plain(query[1], format_, coding, f"{environ['wsgi.url_scheme']}://{host}{below}{PATH}")


def _small(answer: Opened) -> bytes | None:
    """Return an answer that is sent at once; a large file is left as it is."""
    size = answer.file.seek(0, io.SEEK_END)
    answer.file.seek(0)
    if size > WHOLE:
        return None
    with answer.file:
        return answer.file.read()
