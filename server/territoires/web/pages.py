"""The home page, and the health check."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for

from territoires.answers import Answered, ask
from territoires.engine.failures import unreachable
from territoires.web import maps
from territoires.web.api import links as service_links
from territoires.web.delivery import deliver
from territoires.web.regions import regions
from territoires.web.site import page_language, site

blueprint = Blueprint("pages", __name__)

_FIGURES: Final = {"covered": "covered-in-each-phase", "new": "wholly-new-territories", "sources": "sources"}
"""What the template calls them -> published queries whose answers the home page shows."""


@blueprint.get("/")
def home() -> Response:
    """Say what this is, ask what the visitor looks for, and show what the programme is in a few figures."""
    if "commune" in request.args:
        return redirect(url_for("search.search", q=request.args["commune"]))  # type: ignore[return-value]  # a Response
    key = ("home", maps.asked_phase(), request.url_root, request.args.get("lang"), page_language())
    response = deliver(_home, "text/html; charset=utf-8", key=key)
    response.headers["Content-Language"] = page_language()
    response.headers.extend(("Link", value) for value in service_links())
    return response


def _home() -> str:
    known = {name: answered(query) for name, query in _FIGURES.items() if query in site().queries}
    known_regions = regions(maps.asked_phase())
    return render_template("home.html", queries=site().queries, france=maps.france(), regions=known_regions, **known)


@blueprint.get("/health")
def health() -> dict[str, object]:
    """Say that the graph is loaded, and which version of it; 503 while queries cannot be taken."""
    if not site().engine.ready:
        raise unreachable()
    return {"status": "ok", "version": site().engine.version, "graphs": len(site().engine.graphs)}


def answered(name: str, **values: str) -> Answered:
    """Answer the published query called `name`, in the language of the page where it has one.

    Raises:
        RequestError: for a value out of the pattern of its parameter.
    """
    return ask(site().engine, site().queries[name], values, page_language(), site().settings)
