"""What a request must be before a view sees it: it names its host, and its body is there, whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from flask import abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from territoires.errors import RequestError, Text
from territoires.web.site import site

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+(?::[0-9]+)?")
"""Names of hosts in containers have underscores, which Werkzeug does not take."""
_MOST_DRAINED: Final = 32_000_000
"""Bytes of a body that is too large which are read all the same, so that its client gets to reading the answer."""
UPLOADS: Final = "enriching.complete"
CHANGES: Final = frozenset({"writing.direct", "writing.indirect", "writing.update"})
"""Views that take more than `max_body_bytes`."""
_AT_ONCE: Final = 65_536


def receive() -> None:
    """Check the head of the request of this moment, and read its body.

    Raises:
        RequestError: if the host is missing, double or malformed, or the body breaks off.
        RequestEntityTooLarge: if the body is past the limit.
        OverloadedError: if too many clients are slow at this moment.
    """
    _check_host()
    coding = request.headers.get("Transfer-Encoding", "chunked")
    if coding.strip().lower() != "chunked":
        abort(501)
    if request.endpoint == UPLOADS:
        request.max_content_length = request.max_form_memory_size = site().settings.max_upload_bytes
    elif request.endpoint in CHANGES:
        request.max_content_length = request.max_form_memory_size = site().settings.max_change_bytes
    if request.content_length or "Transfer-Encoding" in request.headers:
        with site().slots.take():
            _read()


def forget_body() -> None:
    """Read a body that nobody wants, within reason, so that its client gets to reading why.

    Raises:
        OverloadedError: if too many clients are slow at this moment.
    """
    if "Expect" not in request.headers and (request.content_length or "Transfer-Encoding" in request.headers):
        with site().slots.take():
            for _ in _rest(request.content_length):
                pass


def _check_host() -> None:
    """Refuse what RFC 9112 §3.2 does, and a name that is none: answers name the endpoint by it."""
    host = request.headers.get("Host", "")
    if not host and request.environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
        # HTTP/1.0 needs none: the address of the server stands for it.
        request.host = f"{request.environ['SERVER_NAME']}:{request.environ['SERVER_PORT']}"
    elif not request.host and _NAME.fullmatch(host):
        request.host = host
    elif not host or not request.host:  # Werkzeug's word for a malformed one
        raise RequestError(
            Text("the Host of this request is no host name", "l'hôte de cette requête n'est pas un nom d'hôte"),
            hint=Text("send one Host header as RFC 9110 §7.2 says", "envoyez un en-tête Host selon la RFC 9110 §7.2"),
        )


def _read() -> None:
    """Keep the body with the request; the rest of one that is too large is read and forgotten."""
    declared = request.content_length
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        if "Expect" not in request.headers:
            for _ in _rest(declared):
                pass
        raise
    if declared is not None and len(body) < declared:
        raise RequestError(
            Text(
                f"the body breaks off after {len(body)} of {declared} bytes",
                f"le corps s'arrête après {len(body)} octets sur {declared}",
            ),
            hint=Text("send it again", "envoyez-le de nouveau"),
        )


def _rest(declared: int | None) -> Iterator[bytes]:
    """Yield what is left of a body, unless that is very much."""
    stream = request.environ["wsgi.input"]
    left = _MOST_DRAINED if declared is None else declared
    if left > _MOST_DRAINED or (declared is None and not request.environ.get("wsgi.input_terminated")):
        return
    while left > 0 and (piece := stream.read(min(_AT_ONCE, left))):
        left -= len(piece)
        yield piece
