"""How an answer travels: entity tags and what a cache may keep (RFC 9111), content codings (RFC 9110 §8.4)."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import brotli
from flask import Flask, Response, g, request

import territoires
from territoires.errors import NotAcceptableError, Text
from territoires.formats import Format
from territoires.jsonld import compact
from territoires.negotiation import CODINGS, IDENTITY, choose_coding
from territoires.web.site import site

_CODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    # Fast rather than smallest, and without a date: the same answer gives the same bytes.
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, 5, mtime=0),
}
_CACHED: Final = "public, max-age=60, must-revalidate"


def register(app: Flask) -> None:
    """Make `app` choose a content coding for every request, and apply it to every answer."""
    app.before_request(_choose_coding)
    app.after_request(_encode)


def deliver(
    write: Callable[[], bytes | str], content_type: str, *, key: tuple[object, ...], volatile: bool = False
) -> Response:
    """Return the answer that `write` gives, or 304 when the client has it already.

    Args:
        write: makes the body; not called when the client has it.
        content_type: value of `Content-Type`.
        key: what the answer depends on beside the dataset, the program, the content type and the coding.
        volatile: asked twice, it may differ: it gets no entity tag and is not kept.
    """
    cacheable = request.method in {"GET", "HEAD"} and not volatile
    tag = _entity_tag(content_type, *key)
    if cacheable and request.if_none_match.contains_weak(tag):
        if request.if_none_match.star_tag:
            write()  # `*` stands for any answer: there must be one
        response = Response(status=304)
    else:
        response = Response(write(), content_type=content_type)
    if cacheable:
        response.set_etag(tag)
    response.headers["Cache-Control"] = _CACHED if cacheable else "no-store"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def deliver_rdf(
    write: Callable[[Format], bytes], format_: Format, *, key: tuple[object, ...], volatile: bool = False
) -> Response:
    """Return RDF in `format_`; JSON-LD is compacted by the context of the graph folder where it is not too large."""
    if format_.name != "jsonld":
        return deliver(lambda: write(format_), format_.content_type, key=key, volatile=volatile)
    media_type = [format_.media_type]

    def compacted() -> bytes:
        body, media_type[0] = compact(write(format_), site().context)
        return body

    response = deliver(compacted, format_.content_type, key=key, volatile=volatile)
    response.headers["Content-Type"] = media_type[0]
    return response


def _entity_tag(*parts: object) -> str:
    """Return a strong tag: the same parts over the same dataset give the same bytes."""
    total = hashlib.sha256()
    for part in (site().engine.version, territoires.__version__, *parts):
        total.update(repr(part).encode() + b"\0")
    return f"{total.hexdigest()[:32]}-{g.coding}"


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
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        response.headers.pop("Content-Type", None)
    coder = _CODERS.get(g.get("coding", IDENTITY))
    body = b"" if response.direct_passthrough else response.get_data()
    if coder and body and "Content-Encoding" not in response.headers:
        response.set_data(coder(body))
        response.headers["Content-Encoding"] = g.coding
    return response
