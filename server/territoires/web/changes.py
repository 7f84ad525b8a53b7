"""The history: which changes were made, as pages, a feed and RDF, and what each did."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from territoires.comparing import Entity
from territoires.entities.labels import labels, property_label
from territoires.errors import DataError, NotFoundError, Text
from territoires.formats import GRAPH_FORMATS
from territoires.guard import admit
from territoires.history import (
    MEDIA_TYPE,
    Change,
    by_graph,
    changed_graphs,
    count_changes,
    find_change,
    list_changes,
    patch_file,
    read_patch,
)
from territoires.history.atom import ATOM, Feed, write_feed
from territoires.namespaces import BASE, CHANGES
from territoires.web import entities
from territoires.web.delivery import deliver, deliver_rdf
from territoires.web.descriptions import links, wanted_format, wants_page
from territoires.web.site import page_language, site

blueprint = Blueprint("changes", __name__)

_EACH: Final = 20
"""Changes on a page."""
_LONGEST: Final = 500_000
"""Bytes of a patch that a page shows: some 3,000 quads, read in 0.1 s."""
_MOST: Final = 100
"""Entities that a page shows."""
_NAMED: Final = 5
"""Entities that the list names for each change."""
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_HTML: Final = "text/html; charset=utf-8"
_TOLD: Final = f"""
CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{CHANGES}> {{
  VALUES ?change {{ %s }}
  {{ ?change prov:wasAssociatedWith? ?s }}
  ?s ?p ?o
}} }}"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page of the changes, of all or of one graph."""

    graph: str | None
    number: int
    """From 1."""
    pages: int
    count: int
    """Changes on all pages."""

    def changes(self) -> list[Change]:
        """Return the changes on this page, the last first."""
        return list_changes(site().engine, graph=self.graph, limit=_EACH, first=(self.number - 1) * _EACH)

    def query(self, number: int) -> dict[str, str]:
        """Return the parameters of the address of page `number`."""
        paged = {"page": str(number)} if number > 1 else {}
        return ({"graph": self.graph.removeprefix(f"{BASE}graph/")} if self.graph else {}) | paged

    def relations(self) -> dict[str, int]:
        """Return the pages that lead on, by their relation to this one (RFC 5005 §3)."""
        around = {"first": 1, "last": self.pages}
        if self.number > 1:
            around["previous"] = self.number - 1
        if self.number < self.pages:
            around["next"] = self.number + 1
        return around


@blueprint.get("/changes")
@blueprint.get("/changes.<suffix>")
def index(suffix: str | None = None) -> Response:
    """List the changes, the last first: a page for people, RDF for programs, by suffix, `?format=` or `Accept`."""
    asked = _read()
    if suffix != "html" and (suffix or "format" in request.args or not wants_page(GRAPH_FORMATS)):
        response = _rdf(asked, suffix)
    else:
        response = _page(lambda: _list(asked))
    address = f"{request.url_root}changes"
    response.headers.extend(("Link", value) for value in links(address))
    response.headers.add("Link", f'<{address}.atom>; rel="alternate"; type="{ATOM}"')
    for relation, number in asked.relations().items():
        response.headers.add("Link", f'<{_address(request.base_url, asked.query(number))}>; rel="{relation}"')
    return response


@blueprint.get("/changes.atom")
def feed() -> Response:
    """Give the changes to feed readers."""
    asked = _read()
    language, address = page_language(), f"{request.url_root}changes.atom"
    kept = {"lang": language} if "lang" in request.args else {}
    addresses = {"self": _address(address, asked.query(asked.number) | kept)}
    addresses |= {name: _address(address, asked.query(number) | kept) for name, number in asked.relations().items()}
    about = Feed(
        request.url_root,
        urlencode(asked.query(1)),
        {"alternate": _address(f"{request.url_root}changes", asked.query(1) | kept), **addresses},
        language,
    )
    key = ("feed", asked, request.url_root, request.args.get("lang"), language)
    response = deliver(lambda: write_feed(about, asked.changes()), ATOM, key=key)
    response.headers["Content-Language"] = language
    return response


@blueprint.get("/changes/<number>")
def one(number: str) -> BaseResponse:
    """Show what a change did; for programs, lead to what is said of it."""
    change = find_change(site().engine, _number(number))
    if not wants_page(GRAPH_FORMATS):
        return _lead(f"/doc/change/{change.number}")
    response = _page(lambda: _tell(change))
    response.headers.add("Link", f'<{change.iri}>; rel="describes"')
    response.headers.add("Link", f'<{request.base_url}.rdfp>; rel="alternate"; type="{MEDIA_TYPE}"')
    return response


@blueprint.get("/changes/<number>.rdfp")
def patch(number: str) -> Response:
    """Give the quads of a change as RDF Patch."""
    file = _patch(find_change(site().engine, _number(number)))
    return deliver(lambda: file.open("rb"), MEDIA_TYPE, key=("patch", number))


@blueprint.get("/id/change/<number>")
def thing(number: str) -> BaseResponse:
    """Lead to the page of a change or, for programs, to what is said of it."""
    if not _NUMBER.fullmatch(number) or not wants_page(GRAPH_FORMATS):
        return entities.thing(f"change/{number}")
    return _lead(f"/changes/{find_change(site().engine, int(number)).number}")


@blueprint.get("/doc/change/<number>")
def document(number: str) -> BaseResponse:
    """Give RDF about a change, by suffix or `Accept`; its page is another."""
    is_page = _NUMBER.fullmatch(number) and "format" not in request.args and wants_page(GRAPH_FORMATS)
    return thing(number) if is_page else entities.document(f"change/{number}")


def _lead(path: str) -> BaseResponse:
    kept = f"?lang={page_language()}" if "lang" in request.args else ""
    response = redirect(f"{request.script_root}{path}{kept}", HTTPStatus.SEE_OTHER, Response)
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _read() -> _Asked:
    """Read what the address asks for.

    Raises:
        NotFoundError: if there is no such graph or page.
    """
    graph = _graph(request.args.get("graph", ""))
    count = count_changes(site().engine, graph)
    pages = max(1, -(-count // _EACH))
    written = request.args.get("page", "1")
    if not _NUMBER.fullmatch(written) or int(written) > pages:
        raise NotFoundError(
            Text("there is no such page", "cette page n'existe pas"),
            hint=Text(f"pages: 1 to {pages}", f"pages : 1 à {pages}"),
        )
    return _Asked(graph, int(written), pages, count)


def _graph(name: str) -> str | None:
    if not name:
        return None
    known = {*changed_graphs(site().engine), *site().engine.graphs}
    for candidate in (name, f"{BASE}graph/{name}"):
        if candidate in known:
            return candidate
    raise NotFoundError(
        Text("there is no such graph", "ce graphe n'existe pas"),
        hint=Text("choose one of those that were changed", "choisissez l'un de ceux qui ont été modifiés"),
        suggestions=("changes",),
    )


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise NotFoundError(
            Text("changes are named by their number", "les modifications sont nommées par leur numéro"),
            suggestions=("changes",),
        )
    return int(text)


def _patch(change: Change) -> Path:
    """Return the file of a patch.

    Raises:
        NotFoundError: if this server does not have it.
    """
    try:
        return patch_file(site().root, change.number)
    except DataError as error:
        raise NotFoundError(
            Text(
                "this server does not have the patch of this change",
                "ce serveur n'a pas le patch de cette modification",
            ),
            hint=Text("ask who keeps the data", "demandez-le à qui tient les données"),
        ) from error


def _rdf(asked: _Asked, suffix: str | None) -> Response:
    named = " ".join(f"<{change.iri}>" for change in asked.changes())
    query = admit(_TOLD % named, prefixes=True)
    return deliver_rdf(
        lambda format_: site().engine.open(query, format_).file, wanted_format(suffix), key=("changes", query.text)
    )


def _list(asked: _Asked) -> str:
    changes, language = asked.changes(), page_language()
    graphs = changed_graphs(site().engine)
    things = [one for change in changes for one in (*change.graphs, *change.entities[:_NAMED])]
    return render_template(
        "changes.html",
        asked=asked,
        changes=changes,
        graphs=graphs,
        named=_NAMED,
        names=labels(site().engine, [*graphs, *things], language),
        formats=GRAPH_FORMATS,
        atom=ATOM,
    )


def _tell(change: Change) -> str:
    """Render what a change did, as far as its patch is here and not too long."""
    engine, language = site().engine, page_language()
    try:
        file = _patch(change)
    except NotFoundError:
        size, found = None, {}
    else:
        size = file.stat().st_size
        found = by_graph(read_patch(file.read_bytes(), file)) if size <= _LONGEST else {}
    parts = _first(found)
    names = labels(engine, [*change.graphs, *_mentioned(parts)], language)
    return render_template(
        "change.html",
        change=change,
        last=count_changes(engine),
        size=size,
        parts=parts,
        left=sum(map(len, found.values())) - sum(map(len, parts.values())),
        names=names,
        property_name=lambda iri: property_label(iri, names, language),
        formats=GRAPH_FORMATS,
    )


def _first(found: Mapping[str, list[Entity]]) -> dict[str, list[Entity]]:
    """Return the first entities, so that a page stays one."""
    room, parts = _MOST, dict[str, list[Entity]]()
    for name, differing in found.items():
        if room:
            parts[name] = differing[:room]
            room -= len(parts[name])
    return parts


def _mentioned(parts: Mapping[str, list[Entity]]) -> Iterable[str]:
    for differing in parts.values():
        for entity in differing:
            terms = [
                entity.subject,
                *(term for fact in entity.facts for term in (fact.predicate, fact.before, fact.after)),
            ]
            yield from (term.value for term in terms if isinstance(term, ox.NamedNode))


def _page(write: Callable[[], str]) -> Response:
    language = page_language()
    response = deliver(write, _HTML, key=("changes", request.full_path, request.url_root, language))
    response.headers["Content-Language"] = language
    return response


def _address(address: str, query: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address
