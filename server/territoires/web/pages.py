"""Pages for people, and the health check."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, render_template, request

from territoires.answers import Answered, ask
from territoires.engine.failures import unreachable
from territoires.web import maps
from territoires.web.site import page_language, site

blueprint = Blueprint("pages", __name__)

_COMMUNE: Final = "is-my-commune-in-a-territory"
_SOURCES: Final = "sources"
_EXAMPLES: Final = ("territories-by-phase", "laureates-in-occitanie", "support-measures")


@blueprint.get("/")
def home() -> Response:
    """Say what this is, answer "is my commune in one?", and show three example queries answered live."""
    queries = site().queries
    commune = request.args.get("commune", "").strip()
    page = render_template(
        "home.html",
        examples=[answered(name) for name in _EXAMPLES if name in queries],
        sources=answered(_SOURCES) if _SOURCES in queries else None,
        asks=_COMMUNE in queries,
        commune=commune,
        france=maps.france(),
        found=answered(_COMMUNE, commune=commune) if commune and _COMMUNE in queries else None,
    )
    response = Response(page)
    response.headers["Content-Language"] = page_language()
    response.vary.add("Accept-Language")
    return response


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
