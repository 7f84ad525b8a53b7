"""The graphs themselves: SPARQL 1.1 Graph Store HTTP Protocol, read side, and the dumps."""

from __future__ import annotations

from difflib import get_close_matches
from tempfile import TemporaryFile
from typing import BinaryIO, Final
from urllib.parse import quote

from flask import Blueprint, Response, request

from territoires.catalogue.statistics import graph_query
from territoires.catalogue.void import DUMP
from territoires.errors import NotFoundError, RequestError, Text
from territoires.formats import GRAPH_FORMATS, Format, format_named
from territoires.guard import Query
from territoires.namespaces import BASE
from territoires.web import mementos
from territoires.web.arguments import check_iri
from territoires.web.delivery import deliver, deliver_rdf
from territoires.web.descriptions import links, wanted_format, wants_page
from territoires.web.entities import page
from territoires.web.mementos import AT
from territoires.web.site import site

blueprint = Blueprint("graphs", __name__)

_LONGEST: Final = 200
"""Characters of a name that are compared, and said back."""
_COMPARED: Final = 1_000
_MOST: Final = 5
"""Near names that are proposed."""
_LOOSE: Final = Query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }", "graph")
"""What the merge holds beside the named graphs."""
_SUFFIXES: Final = tuple(f".{format_.suffix}" for format_ in GRAPH_FORMATS)


@blueprint.get("/graphs")
def indirect() -> Response:
    """Return the graph that the query string names (§4.2)."""
    name = named()
    if name is not None and name not in site().engine.graphs:
        raise _unknown(name)
    if AT not in request.args:
        return _graph(name)
    if name is None:
        raise RequestError(
            Text("the default graph is there as it is now", "le graphe par défaut n'est là que tel qu'il est"),
            hint=Text("ask a named graph as of a day", "demandez un graphe nommé à un jour donné"),
        )
    return mementos.of_a_day(name, request.url_root + _path(name), None, lambda: _graph(name))


def named() -> str | None:
    """Return the IRI of the graph that the query string names, None for the default graph (§4.2).

    Raises:
        RequestError: if it names none, several, or no IRI.
    """
    names, defaults = request.args.getlist("graph"), request.args.getlist("default")
    if len(names) + len(defaults) != 1 or any(defaults):
        raise RequestError(
            Text("exactly one of ?default and ?graph=IRI is needed", "il faut ?default ou ?graph=IRI, une seule fois"),
            hint=Text("for instance /graphs?default", "par exemple /graphs?default"),
        )
    if defaults:
        return None
    [name] = names
    check_iri("graph", name)
    return name


@blueprint.get("/graph/<path:source>")
def direct(source: str) -> Response:
    """Return the graph that has this address (§4.1), for browsers a page about it; a suffix such as `.ttl` chooses."""
    iri, name, suffix = _find(source)
    address = f"{request.url_root}graph/{quote(name)}"
    if AT in request.args:
        return mementos.of_a_day(iri, address, suffix, lambda: _graph(iri, suffix))
    if led := None if suffix else mementos.lead(iri, address):
        return led
    editions = mementos.editions_of(iri)
    if suffix is None and "format" not in request.args and wants_page(GRAPH_FORMATS):
        return mementos.tell(page(iri, address, "graph", editions), address, editions)
    return mementos.tell(_graph(iri, suffix), address, editions)


@blueprint.get("/timemap/graph/<path:source>")
def timemap(source: str) -> Response:
    """List the editions of a graph (RFC 7089 §5)."""
    iri, name, suffix = _find(source)
    if suffix:
        raise _unknown(f"{BASE}graph/{source}")
    return mementos.timemap(iri, f"{request.url_root}graph/{quote(name)}")


def _find(source: str) -> tuple[str, str, str | None]:
    """Return the graph at an address: its IRI, its name, and the format that a suffix chooses.

    Raises:
        NotFoundError: if there is none; the hint names near ones.
    """
    stem, dot, suffix = source.rpartition(".")
    for name, wanted in ((source, None), (stem, suffix)):
        for iri in (f"{BASE}graph/{name}", f"{request.url_root}graph/{name}"):
            if iri in site().engine.graphs and (wanted is None or dot + suffix in _SUFFIXES):
                return iri, name, wanted
    raise _unknown(f"{BASE}graph/{source}")


@blueprint.get(f"/{DUMP}")
def dump() -> Response:
    """Return everything: each graph with its name, and what is in none, as N-Quads."""
    response = deliver(_quads, format_named("nquads").content_type, key=("dump",))
    response.headers["Content-Disposition"] = 'attachment; filename="territoires.nq"'
    return response


def _graph(name: str | None, suffix: str | None = None) -> Response:
    response = deliver_rdf(
        lambda format_: site().engine.open(graph_query(name), format_).file, wanted_format(suffix), key=("graph", name)
    )
    path = "graphs?default" if name is None else _path(name)
    joint = "&format=" if "?" in path else "."
    response.headers.extend(("Link", value) for value in links(request.url_root + path, joint))
    if name:
        response.headers.add("Link", f'<{name}>; rel="describes"')
    return response


def _run(name: str | None, format_: Format) -> bytes:
    return site().engine.run(graph_query(name), format_)


def _quads() -> BinaryIO:
    """Write N-Quads from the N-Triples of each graph: a line ends with ` .` and no literal holds a line end."""
    lines = format_named("ntriples")
    output = TemporaryFile()  # noqa: SIM115  (closed when it has been sent)
    if site().one_file:
        output.write(site().engine.run(_LOOSE if site().catalogue.union else graph_query(None), lines))
    for name in site().engine.graphs:
        output.write(_run(name, lines).replace(b" .\n", b" <%s> .\n" % name.encode()))
    return output


def _unknown(iri: str) -> NotFoundError:
    shown = iri if len(iri) <= _LONGEST else f"{iri[:_LONGEST]}…"
    near = get_close_matches(iri[:_LONGEST], site().engine.graphs[:_COMPARED], _MOST, cutoff=0)
    return NotFoundError(
        Text(f"there is no graph <{shown}>", f"il n'y a pas de graphe <{shown}>"),
        hint=Text(f"did you mean: {', '.join(near)}", f"vouliez-vous dire : {', '.join(near)}") if near else None,
        suggestions=tuple(_path(name) for name in near),
    )


def _path(name: str) -> str:
    """Return the address of a graph below that of this server."""
    for root in (BASE, request.url_root):
        if name.startswith(f"{root}graph/"):
            return quote(name.removeprefix(root))
    return f"graphs?graph={quote(name, safe='')}"
