"""How an answer travels: entity tags and what a cache may keep (RFC 9111), content codings (RFC 9110 §8.4)."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO, Final

import brotli
from flask import Flask, Response, abort, g, request
from werkzeug.wsgi import ClosingIterator, wrap_file

import territoires
from territoires.engine import Opened
from territoires.errors import NotAcceptableError, OverloadedError, TerritoiresError, Text
from territoires.formats import Format
from territoires.guard import Query
from territoires.jsonld import EXPANDED, compact
from territoires.negotiation import CODINGS, IDENTITY, choose_coding
from territoires.web.observing import note_rows
from territoires.web.site import site

Body = bytes | str | BinaryIO
"""A whole answer; a file need not fit in memory, and is closed when it has been sent."""

WHOLE: Final = 1_000_000
"""Up to this many bytes a file is read and coded at once, so that the answer tells its length."""
_GZIP: Final = 31
"""What zlib calls the gzip format."""
ASKED: Final = "territoires.asked"
"""What the WSGI environment holds of a query that was evaluated before Flask was asked: `Asked`."""
CACHED: Final = "public, max-age=60, must-revalidate"


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of the query of a request."""

    version: str
    """Of the dataset."""
    outcome: Opened | TerritoiresError


def register(app: Flask) -> None:
    """Make `app` choose a content coding for every request, and apply it to every answer."""
    app.before_request(_choose_coding)
    app.after_request(_encode)


def deliver(
    write: Callable[[], Body],
    content_type: str,
    *,
    key: tuple[object, ...],
    volatile: bool = False,
    unfinished: bool = False,
) -> Response:
    """Return the answer that `write` gives, or 304 when the client has it already.

    Args:
        write: makes the body; not called when the client has it, or asks for a version that is no more (`If-Match`).
        content_type: value of `Content-Type`.
        key: what the answer depends on beside the dataset, the program, the content type and the coding.
        volatile: asked twice, it may differ: it gets no entity tag and is not kept.
        unfinished: something that is still being made is missing in it: whoever keeps it asks again each time.
    """
    cacheable = request.method in {"GET", "HEAD"} and not volatile
    tag = _entity_tag(content_type, *key)
    if request.if_match and not (cacheable and request.if_match.is_strong(tag)) and not request.if_match.star_tag:
        abort(412)
    if cacheable and request.if_none_match.contains_weak(tag):
        if request.if_none_match.star_tag:
            write()  # `*` stands for any answer: there must be one
        response = Response(status=304)
    else:
        response = _response(write(), content_type)
    if cacheable:
        response.set_etag(tag)
    response.headers["Cache-Control"] = "no-store" if not cacheable else "no-cache" if unfinished else CACHED
    response.vary.update(("Accept", "Accept-Language"))
    return response


def deliver_rdf(
    write: Callable[[Format], bytes | BinaryIO],
    format_: Format,
    *,
    key: tuple[object, ...],
    volatile: bool = False,
    unfinished: bool = False,
) -> Response:
    """Return RDF in `format_`; JSON-LD is compacted by the context of the graph folder where it is not too large."""
    kept = {"volatile": volatile, "unfinished": unfinished}
    if format_.name != "jsonld":
        return deliver(lambda: write(format_), format_.content_type, key=key, **kept)
    media_type = [format_.media_type]

    def compacted() -> Body:
        body = _in_memory(write(format_))
        if isinstance(body, bytes):
            body, media_type[0] = compact(body, site().context)
        else:
            media_type[0] = EXPANDED
        return body

    response = deliver(compacted, format_.content_type, key=key, **kept)
    response.headers["Content-Type"] = media_type[0]
    return response


def opened(query: Query, format_: Format) -> BinaryIO:
    """Return the answer to a query that a visitor put, counted for the log; for `deliver_rdf`."""
    asked: Asked | None = request.environ.pop(ASKED, None)
    is_current = asked is not None and asked.version == site().engine.version
    answer = asked.outcome if asked and is_current else site().engine.open(query, format_)
    if isinstance(answer, TerritoiresError):
        raise answer
    note_rows(answer.rows)
    return answer.file


def entity_tags(content_type: str, *key: object) -> set[str]:
    """Return the tags that an answer has now, in every content coding."""
    return {_tag_of(coding, content_type, *key) for coding in (*CODINGS, IDENTITY)}


def _response(body: Body, content_type: str) -> Response:
    if not isinstance(body, str):
        body = _in_memory(body)
    if isinstance(body, bytes | str):
        return Response(body, content_type=content_type)
    response = Response(content_type=content_type)
    if request.method != "HEAD":
        try:
            response.call_on_close(site().slots.take().close)
        except OverloadedError:
            body.close()
            raise
    size = body.seek(0, io.SEEK_END)
    body.seek(0)
    response.response = wrap_file(request.environ, body)
    response.content_length = size
    return response


def _in_memory(body: bytes | BinaryIO) -> bytes | BinaryIO:
    """Return the content of a small file, or the large file."""
    if isinstance(body, bytes):
        return body
    size = body.seek(0, io.SEEK_END)
    body.seek(0)
    if size > WHOLE:
        return body
    with body:
        return body.read()


def _entity_tag(*parts: object) -> str:
    return _tag_of(g.coding, *parts)


def _tag_of(coding: str, *parts: object) -> str:
    """Return a strong tag: the same parts over the same dataset give the same bytes."""
    return tag_of(site().engine.version, coding, *parts)


def tag_of(version: str, coding: str, *parts: object) -> str:
    """Return the strong tag of an answer over a `version` of the dataset, in a content coding."""
    total = hashlib.sha256()
    for part in (version, territoires.__version__, *parts):
        total.update(repr(part).encode() + b"\0")
    return f"{total.hexdigest()[:32]}-{coding}"


def _choose_coding() -> None:
    header = request.headers.get("Accept-Encoding")
    coding = choose_coding(header)
    g.coding = coding or IDENTITY
    if coding is None:
        offered = ", ".join((*CODINGS, IDENTITY))
        raise NotAcceptableError(
            Text(
                f"no content coding offered here matches Accept-Encoding: {header}",
                f"aucun codage offert ici ne répond à Accept-Encoding : {header}",
            ),
            hint=Text(f"accept one of: {offered}", f"acceptez l'un de : {offered}"),
        )


def _encode(response: Response) -> Response:
    response.vary.add("Accept-Encoding")
    if request.endpoint == "static" and response.direct_passthrough:
        _read_file(response)
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        response.headers.pop("Content-Type", None)
    coding = g.get("coding", IDENTITY)
    if coding == IDENTITY or response.direct_passthrough or "Content-Encoding" in response.headers:
        return response
    if not response.is_sequence:
        close = getattr(response.response, "close", lambda: None)
        response.response = ClosingIterator(coded(response.iter_encoded(), coding), close)
        response.headers.pop("Content-Length", None)
    elif body := response.get_data():
        response.set_data(b"".join(coded([body], coding)))
    else:
        return response
    response.headers["Content-Encoding"] = coding
    return response


def _read_file(response: Response) -> None:
    """Take a file of the site into memory, so that it is coded like the pages; its tag then stands for every coding."""
    if response.status_code == HTTPStatus.OK and "Range" not in request.headers:
        response.direct_passthrough = False
        response.make_sequence()
        response.headers.pop("Accept-Ranges", None)
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(tag, weak=True)


def coded(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield `pieces` coded, fast rather than small; without a date, so that the same answer gives the same bytes."""
    if coding == "br":
        brotler = brotli.Compressor(quality=4)
        yield from (brotler.process(piece) for piece in pieces)
        yield brotler.finish()
    else:
        zipper = zlib.compressobj(level=5, wbits=_GZIP)
        yield from (zipper.compress(piece) for piece in pieces)
        yield zipper.flush()
