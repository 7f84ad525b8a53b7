"""The files that people load elsewhere: a page that lists them, and the files."""

from __future__ import annotations

import base64
from itertools import groupby
from typing import Final

from flask import Blueprint, Response, render_template, request, send_file

from territoires.tabular.comma import METADATA
from territoires.tabular.exports import INDEX, Export, pick
from territoires.web.delivery import CACHED, deliver
from territoires.web.site import page_language, site

blueprint = Blueprint("exports", __name__)

_MAIN: Final = ("territories", "members", "communes", "territoires")
"""What stands first in the list."""


@blueprint.get("/exports/")
def listing() -> Response:
    """List the files with their sizes, as far as they are written."""
    ready = site().shelf.known(start=True)
    key = ("exports", request.url_root, request.args.get("lang"), page_language(), ready is not None)
    response = deliver(
        lambda: render_template("exports.html", groups=_groups(), sizes=ready.sizes if ready else {}, index=INDEX),
        "text/html; charset=utf-8",
        key=key,
        unfinished=ready is None,
    )
    response.headers["Content-Language"] = page_language()
    return response


@blueprint.get("/exports/<name>")
def one(name: str) -> Response:
    """Give the export called `name`, whole or in ranges (RFC 9110 §14); 503 while it is being written."""
    exports = site().shelf.exports
    media_type = "application/json" if name == INDEX else pick(exports, name).media_type
    ready = site().shelf.ready()
    digest = ready.digests[name]
    response = send_file(ready.folder / name, mimetype=media_type, etag=digest, conditional=True)
    response.headers["Cache-Control"] = CACHED
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"  # RFC 9530 §3
    response.headers["Content-Type"] = media_type
    if name.endswith(".csv"):
        response.headers.add("Link", f'<{METADATA}>; rel="describedby"; type="application/csvm+json"')
    response.headers.add("Link", f'<{request.url_root}data#licence>; rel="license"')
    if request.method != "HEAD" and response.is_streamed:
        response.call_on_close(site().slots.take().close)
    return response


def _groups() -> list[tuple[str, list[Export]]]:
    """Return the exports by what they hold, the main ones first."""
    found = [
        (stem, list(inside))
        for stem, inside in groupby(
            sorted(site().shelf.exports.values(), key=lambda export: export.name), key=lambda export: _stem(export.name)
        )
    ]
    return sorted(found, key=lambda group: (_MAIN.index(group[0]) if group[0] in _MAIN else len(_MAIN), group[0]))


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
