"""Pages for people, and the health check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from territoires.engine.failures import unreachable
from territoires.formats import format_named
from territoires.guard import admit
from territoires.queries import PublishedQuery
from territoires.web.site import page_language, site

blueprint = Blueprint("pages", __name__)

_COMMUNE: Final = "is-my-commune-in-a-territory"
_SOURCES: Final = "sources"
_EXAMPLES: Final = ("territories-by-phase", "laureates-in-occitanie", "support-measures")


@dataclass(frozen=True, slots=True)
class _Example:
    """A published query with its answer of this moment."""

    query: PublishedQuery
    text: str
    variables: list[str]
    rows: list[list[object]]


@blueprint.get("/")
def home() -> Response:
    """Say what this is, answer "is my commune in one?", and show three example queries answered live."""
    queries = site().queries
    examples = [_run(queries[name]) for name in _EXAMPLES if name in queries]
    commune = request.args.get("commune", "").strip()
    found = _run(queries[_COMMUNE], commune=commune) if commune and _COMMUNE in queries else None
    page = render_template(
        "home.html",
        examples=examples,
        sources=_run(queries[_SOURCES]).rows if _SOURCES in queries else [],
        asks=_COMMUNE in queries,
        commune=commune,
        found=found,
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


def _run(query: PublishedQuery, **values: str) -> _Example:
    text = query.with_values(values) if values else query.in_language(page_language())
    answer = site().engine.run(admit(text, site().settings), format_named("json"))
    results = ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    if not isinstance(results, ox.QuerySolutions):
        return _Example(query, text, [], [])
    return _Example(
        query, text, [variable.value for variable in results.variables], [list(solution) for solution in results]
    )
