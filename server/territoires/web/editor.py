"""The query page: published questions, the editor, and the answer as a table, a chart, a map or as it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, json, render_template, request, url_for

from territoires.answers import select
from territoires.catalogue.terms import terms
from territoires.drawing import results
from territoires.drawing.france import Choropleth
from territoires.errors import NotFoundError, QueryError, RequestError, TerritoiresError, Text
from territoires.excerpts import excerpt
from territoires.fields import fields
from territoires.formats import format_named, formats_for
from territoires.guard import Query, admit
from territoires.namespaces import PREFIXES
from territoires.parameters import given
from territoires.queries import PublishedQuery
from territoires.web.delivery import deliver
from territoires.web.observing import note_problem, note_query, note_rows
from territoires.web.published import answer_in, wanted
from territoires.web.site import page_language, site

blueprint = Blueprint("editor", __name__)

ROWS: Final = 500
"""Rows of an answer that the page shows."""
_CHARACTERS: Final = 100_000
_VIEWS: Final = {
    "table": Text("Table", "Tableau"),
    "chart": Text("Chart", "Graphique"),
    "map": Text("Map", "Carte"),
    "raw": Text("Raw", "Brut"),
}
THEMES: Final = {
    "territories": Text("The territories", "Les territoires"),
    "coverage": Text("Communes, departments, regions", "Communes, départements, régions"),
    "phases": Text("From one phase to the next", "D'une phase à l'autre"),
    "programme": Text("The programme", "Le programme"),
    "support": Text("Support and money", "Aides et montants"),
    "governance": Text("Who decides, who acts", "Qui décide, qui agit"),
    "links": Text("From others' identifiers", "Depuis les identifiants d'ailleurs"),
    "quality": Text("Sources and quality", "Sources et qualité"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is about."""

    text: str = ""
    """The SPARQL in the editor."""
    query: Query | None = None
    """The query to answer; None where there is none, or it is wrong."""
    published: PublishedQuery | None = None
    values: tuple[tuple[str, str], ...] = ()
    """Values for the parameters of the published query."""


@blueprint.get("/queries/<name>")
def question(name: str) -> Response:
    """Answer a published query, with the values of its parameters in the address."""
    published = site().queries.get(name)
    if published is None:
        raise NotFoundError(
            Text("there is no published query of that name", "il n'y a pas de requête publiée de ce nom"),
            hint=Text(f"see {url_for('sparql.endpoint')}", f"voir {url_for('sparql.endpoint')}"),
        )
    if format_ := wanted(published):
        return answer_in(published, format_, "format", "view")
    names = {parameter.name for parameter in published.parameters}
    sent = [(name, value.strip()) for name, value in request.args.items(multi=True) if name in names]
    text = published.text
    try:
        text = published.answering(given(sent), page_language())
        note_query(text)
        return page(Asked(text, admit(text, site().settings), published, tuple(sent)))
    except (RequestError, QueryError) as error:
        note_problem(error.code)
        return page(Asked(text, published=published, values=tuple(sent)), error)


@blueprint.get("/sparql/vocabulary.json")
def vocabulary() -> Response:
    """Give the editor what it may propose."""

    def write() -> str:
        found = terms(site().engine, site().catalogue.statistics, page_language())
        return json.dumps({"prefixes": PREFIXES, "terms": [asdict(term) for term in found]}, ensure_ascii=False)

    return deliver(write, "application/json", key=("vocabulary", page_language()))


def page(asked: Asked, error: TerritoiresError | None = None) -> Response:
    """Return the page about what was asked, with its answer or with what is wrong.

    Raises:
        QueryError: if the engine cannot answer.
    """
    view = request.args.get("view", "")

    def write() -> str:
        answer = _answer(asked.query, view) if asked.query else {}
        return render_template("sparql.html", **_around(asked, error), **answer)

    graphs = asked.query and (asked.query.default_graphs, asked.query.named_graphs, asked.query.base_iri)
    name = asked.published and asked.published.name
    key = (asked.text, name, asked.values, graphs, view if view in _VIEWS else "", page_language())
    volatile = error is not None or (asked.query is not None and asked.query.volatile)
    response = deliver(write, "text/html; charset=utf-8", key=key, volatile=volatile)
    if error:
        response.status_code = error.status
    response.headers["Content-Language"] = page_language()
    return response


def _around(asked: Asked, error: TerritoiresError | None) -> dict[str, Any]:
    """Return what stands around the answer: the form, the questions, what is wrong."""
    place = error.place if error else None
    graphs = asked.query or Query("", "bindings")
    request_ = {
        "query": asked.text,
        "default-graph-uri": list(graphs.default_graphs or ()),
        "named-graph-uri": list(graphs.named_graphs or ()),
    }
    filled = fields(asked.published, dict(asked.values), site().engine, page_language()) if asked.published else ()
    return {
        "asked": asked,
        "request_": request_,
        "fields": filled,
        "themes": themes(),
        "error": error,
        "excerpt": excerpt(asked.text, place.line, place.column or 1) if place and place.line else None,
        "editor": site().outlines is not None,
    }


def themes() -> list[tuple[Text, list[PublishedQuery]]]:
    """Return the published queries by theme, in the order of the themes."""
    order = {name: number for number, name in enumerate(THEMES)}
    queries = sorted(site().queries.values(), key=lambda query: (order.get(query.theme, len(order)), query.theme))
    return [
        (THEMES.get(theme, Text(theme, theme)), list(found))
        for theme, found in groupby(queries, key=lambda query: query.theme)
    ]


def _answer(query: Query, view: str) -> dict[str, Any]:
    """Return the answer in the form that the page shows."""
    formats = {"formats": formats_for(query.kind)}
    if query.kind == "boolean":
        said = site().engine.run(query, format_named("json"))
        return {"boolean": bool(ox.parse_query_results(said, format=ox.QueryResultsFormat.JSON)), **formats}
    if query.kind == "graph":
        return {"raw": _cut(site().engine.run(query, format_named("turtle")).decode()), **formats}
    answer = select(site().engine, query)
    note_rows(len(answer))
    drawings = {"chart": results.chart(answer), "map": results.map_(answer, site().outlines)}
    views = {name: text for name, text in _VIEWS.items() if name in {"table", "raw"} or drawings[name]}
    chosen = view if view in views else "table"
    raw = _cut(site().engine.run(query, format_named("tsv")).decode()) if chosen == "raw" else None
    return {
        "answer": answer,
        "shown": ROWS,
        "views": views,
        "view": chosen,
        "raw": raw,
        "shaded": isinstance(drawings["map"], Choropleth),
        **drawings,
        **formats,
    }


def _cut(text: str) -> tuple[str, bool]:
    """Return the beginning of a text, up to the end of a line, and whether that is all of it."""
    if len(text) <= _CHARACTERS:
        return text, True
    return text[:_CHARACTERS].rpartition("\n")[0], False
