"""What crawlers and browsers ask for by themselves: robots.txt, the sitemap, the icon."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from territoires.errors import NotFoundError, Text
from territoires.namespaces import BASE, expand
from territoires.sitemap import PAGES, write_index, write_part
from territoires.web.delivery import deliver
from territoires.web.navigation import page_exists
from territoires.web.site import site

blueprint = Blueprint("crawling", __name__)

_XML: Final = "application/xml"
_CLOSED: Final = ("/sparql?", "/graphs?", "/search?", "/metrics", "/dump.nq")
"""What costs the server much and is of no use to people who search."""


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Welcome crawlers to the pages, not to every query and format (RFC 9309)."""
    home = request.url_root
    closed = "".join(f"Disallow: {request.script_root}{path}\n" for path in _CLOSED)
    text = f"User-agent: *\n{closed}\nSitemap: {home}sitemap.xml\n"
    return deliver(lambda: text, "text/plain; charset=utf-8", key=("robots", home))


@blueprint.get("/sitemap.xml")
def index() -> Response:
    """List the parts of the sitemap."""
    home = request.url_root
    return deliver(lambda: write_index(home, ("pages", *site().places.get())), _XML, key=("sitemap", home))


@blueprint.get("/sitemap-<part>.xml")
def part(part: str) -> Response:
    """List the pages of one part."""
    home, places = request.url_root, site().places.get()
    pages = tuple(filter(page_exists, PAGES)) if part == "pages" else places.get(part)
    if pages is None:
        raise NotFoundError(
            Text(f"the sitemap has no part {part!r}", f"le plan du site n'a pas de partie {part!r}"),
            hint=Text(f"its parts stand in {home}sitemap.xml", f"ses parties sont dans {home}sitemap.xml"),
        )
    facts = site().catalogue.statistics.facts(f"{BASE}dataset", ox.NamedNode(expand("dct:modified")))
    modified = facts[0].value if facts else None
    return deliver(lambda: write_part(home, pages, modified), _XML, key=("sitemap", home, part))


@blueprint.get("/favicon.ico")
def icon() -> Redirect:
    """Lead to the icon, which pages name by its own address."""
    return redirect(url_for("static", filename="logo.svg"), 301)
