"""Things by their IRIs: `/id/…` leads with 303 to `/doc/…`, a page or RDF (Cool URIs for the Semantic Web, §4.2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from territoires.answers import Answered, ask
from territoires.drawing.neighbourhood import draw
from territoires.drawing.territory import perimeter
from territoires.editions import Edition
from territoires.entities import describe, exists, in_order, listing, statements, suggest, write_quads
from territoires.entities.model import Entity, Property
from territoires.entities.neighbours import ties
from territoires.entities.schema import schema_org
from territoires.errors import NotFoundError, RequestError, Text
from territoires.formats import GRAPH_FORMATS, Format
from territoires.namespaces import BASE, compact, expand
from territoires.queries import PublishedQuery, sections_of
from territoires.web.delivery import deliver, deliver_rdf
from territoires.web.descriptions import links, wanted_format, wants_page
from territoires.web.site import page_language, site
from territoires.web.wording import href

blueprint = Blueprint("entities", __name__)

HTML: Final = "text/html; charset=utf-8"
_LONGEST: Final = 200
"""Letters of a key; those of this project have 60 at the most."""
_SHOWN_BY_SECTION: Final = {"members-of-a-territory": "ti:declaredMember"}
_LAST_PAGE: Final = 1_000_000
_FORMATS: Final[Mapping[str, Format]] = {format_.suffix: format_ for format_ in GRAPH_FORMATS}


class _Found(NamedTuple):
    iri: str
    key: str
    """Path below `doc/`, without suffix."""
    suffix: str | None


@blueprint.get("/id/<path:key>")
def thing(key: str) -> BaseResponse:
    """Lead to the document about a thing: a thing itself cannot be sent."""
    found = _find(key)
    response = redirect(_address(key), HTTPStatus.SEE_OTHER, Response)
    response.headers["Link"] = f'<{request.url_root}doc/{quote(found.key)}>; rel="describedby"'
    response.vary.update(("Accept", "Accept-Language"))
    return response


@blueprint.get("/doc/<path:key>")
def document(key: str) -> BaseResponse:
    """Describe a thing: a page for people, RDF for programs, by suffix, `?format=` or `Accept`."""
    if key.endswith("/"):
        return redirect(_address(key), HTTPStatus.MOVED_PERMANENTLY)
    found = _find(key)
    return _document(found, f"{request.url_root}doc/{quote(found.key)}")


@blueprint.get("/<any(dataset, shapes):name>")
@blueprint.get("/<any(dataset, shapes):name>.<suffix>")
def part(name: str, suffix: str | None = None) -> Response:
    """Describe what the catalogue names beside things and graphs: the dataset, and the shapes."""
    iri = BASE + name
    if not exists(site().engine, iri) or suffix not in {None, "html", *_FORMATS}:
        raise NotFoundError(Text(f"nothing here is called {name}", f"rien ne s'appelle {name} ici"))
    return _document(_Found(iri, name, suffix), request.url_root + name)


def _document(found: _Found, address: str) -> Response:
    name = found.suffix or request.args.get("format")
    if name == "html" or (name is None and wants_page(GRAPH_FORMATS)):
        response = page(found.iri, address)
    else:
        response = _rdf(found, address)
    response.headers.extend([("Link", value) for value in _link_headers(found.iri, address)])
    return response


def page(iri: str, address: str, kind: str = "", editions: Sequence[Edition] = ()) -> Response:
    """Return the page about `iri`, a thing or, where `kind` is `graph`, a graph; `address` is that without suffix.

    Of a graph, `editions` are listed where there are several.

    With `?links=` or `?facts=` it is a list of what stands at the other end of a property.
    """
    if {"links", "facts"} & set(request.args):
        return _links_page(iri)
    language = page_language()

    def write() -> str:
        entity = describe(site().engine, iri, language)
        source = entity.first("dct:source") if kind == "graph" else None
        sections = _sections(iri, kind or entity.kind)
        return render_template(
            "entity.html",
            entity=entity,
            source=describe(site().engine, source.value.value, language)
            if source and isinstance(source.value, ox.NamedNode)
            else None,
            kind=kind or entity.kind,
            sections=sections,
            brief_of=lambda one: _brief(one, sections),
            map=perimeter(site().engine, site().outlines, iri) if entity.kind == "territory" else None,
            neighbourhood=draw(entity.label, ties(entity)),
            schema=schema_org(entity, address),
            address=address,
            address_of_tie=lambda tie: (
                href(tie.iri) if tie.iri else list_address(entity, compact(tie.many), inward=tie.inward)
            ),
            list_address=list_address,
            formats=GRAPH_FORMATS,
            editions=editions,
        )

    response = deliver(write, HTML, key=("entity", iri, request.full_path, request.url_root, language, *editions))
    response.headers["Content-Language"] = language
    return response


def _sections(iri: str, kind: str) -> dict[str, Answered]:
    """Answer the published queries that are sections of the pages of `kind`; without rows or a word for it, none."""
    answered = {
        query.name: ask(site().engine, query, {query.section.parameter: iri}, page_language(), site().settings)
        for query in sections_of(site().queries, kind)
        if query.section and _takes(query, iri)
    }
    return {
        name: dataclasses.replace(one, answer=one.answer.without_empty())
        for name, one in answered.items()
        if one.answer.rows or (one.query.section is not None and one.query.section.none)
    }


def _brief(entity: Entity, sections: Mapping[str, Answered]) -> tuple[Property, ...]:
    """Return what is told in brief: what a section of the page shows is not."""
    shown = {expand(name) for section, name in _SHOWN_BY_SECTION.items() if section in sections}
    return in_order((one for one in entity.telling if one.iri not in shown), entity.numbers, page_language())


def _takes(query: PublishedQuery, iri: str) -> bool:
    """Return whether `iri` is a value for the parameter of a section: a pattern may leave some out."""
    try:
        query.with_values({query.section.parameter: iri} if query.section else {})
    except RequestError:
        return False
    return True


def _links_page(iri: str) -> Response:
    """Return one page of the things at the other end of a property."""
    inward = "links" in request.args
    name = request.args["links" if inward else "facts"]
    number = _page_number()
    language = page_language()

    def write() -> str:
        engine = site().engine
        found = listing(engine, iri, name[:_LONGEST], number, language, links=inward)
        entity = describe(engine, iri, language)
        return render_template(
            "links.html", entity=entity, found=found, name=name, inward=inward, list_address=list_address
        )

    response = deliver(write, HTML, key=("links", iri, request.full_path, language))
    response.headers["Content-Language"] = language
    return response


def _rdf(found: _Found, address: str) -> Response:
    format_ = wanted_format(found.suffix)
    number = _page_number()
    quads, more = statements(site().engine, found.iri, number)
    response = deliver_rdf(lambda wanted: write_quads(quads, wanted), format_, key=("doc", found.iri, number))
    here = f"{address}.{format_.suffix}"
    response.headers["Content-Location"] = here
    if more:
        response.headers.add("Link", f'<{here}?page={number + 1}>; rel="next"')
    if number > 1:
        response.headers.add("Link", f'<{here}?page={number - 1}>; rel="prev"')
    return response


def _link_headers(iri: str, address: str) -> list[str]:
    """Return the values of `Link` that lead to the thing (RFC 6892), its other formats, its licence and catalogue."""
    page_ = f'<{address}.html>; rel="alternate"; type="text/html"'
    return [f'<{address}>; rel="canonical"', f'<{iri}>; rel="describes"', page_, *links(address)]


def _find(key: str) -> _Found:
    """Return the thing with this key, which may end in the suffix of a format.

    Raises:
        NotFoundError: if there is none; the hint names near ones.
    """
    asked = key.rstrip("/")
    stem, dot, suffix = asked.rpartition(".")
    candidates: list[tuple[str, str | None]] = [(asked, None)]
    if dot and (suffix in _FORMATS or suffix == "html"):
        candidates.append((stem, suffix))
    for name, wanted in candidates if len(key) <= _LONGEST else ():
        for root in dict.fromkeys((BASE, request.url_root)):
            iri = f"{root}id/{name}"
            if _is_iri(iri) and exists(site().engine, iri):
                return _Found(iri, name, wanted)
    near = tuple(one.removeprefix(BASE).replace("id/", "doc/", 1) for one in suggest(site().engine, candidates[-1][0]))
    shown = asked if len(asked) <= _LONGEST else f"{asked[:_LONGEST]}…"
    raise NotFoundError(
        Text(f"nothing here is called id/{shown}", f"rien ne s'appelle id/{shown} ici"),
        hint=Text(f"did you mean: {', '.join(near)}", f"vouliez-vous dire : {', '.join(near)}")
        if near
        else Text(
            "keys are official codes, such as commune/81004, department/81 or territory/2/ti-7614",
            "les clés sont des codes officiels, par exemple commune/81004, department/81 ou territory/2/ti-7614",
        ),
        suggestions=near,
    )


def _page_number() -> int:
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_PAGE)) else 0
    if not 1 <= number <= _LAST_PAGE:
        raise NotFoundError(Text("there is no such page", "cette page n'existe pas"))
    return number


def _address(key: str) -> str:
    """Return the path of the document with this key, with the choices of the client: language, format and page."""
    kept: dict[str, Any] = {name: request.args[name] for name in ("lang", "format", "page") if name in request.args}
    return url_for("entities.document", key=key.rstrip("/"), **kept)


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def list_address(entity: Entity, name: str, *, inward: bool, number: int = 1) -> str:
    """Return the address of the list of what stands at the other end of a property of `entity`."""
    path = entity.iri.removeprefix(BASE).removeprefix(request.url_root)
    path = f"doc/{path.removeprefix('id/')}" if path.startswith("id/") else path
    query = {"links" if inward else "facts": name, **({"page": str(number)} if number > 1 else {})}
    if "lang" in request.args:
        query["lang"] = page_language()
    return f"{request.script_root}/{quote(path)}?{urlencode(query)}"
