"""`/lookup`: from anyone's identifier to our thing (303), or to a choice where it names several (300)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, json, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from territoires.errors import NotAcceptableError, RequestError, Text
from territoires.export import write_triples
from territoires.formats import GRAPH_FORMATS, Format, format_named
from territoires.lookup import SCHEMES, Asked, Found, Thing, brief, find, kind_named, understand
from territoires.namespaces import BASE
from territoires.negotiation import choose
from territoires.search import KINDS
from territoires.web.delivery import deliver, deliver_rdf
from territoires.web.site import page_language, site

blueprint = Blueprint("lookup", __name__)

_HTML, _JSON = "text/html; charset=utf-8", "application/json"
_FORMS: Final = {"html": "text/html", "json": _JSON}
_OTHERS: Final = frozenset({"type", "lang", "format", "page"})


@blueprint.get("/lookup")
def lookup() -> BaseResponse:
    """Lead from an identifier to the thing it names; without one, say which are known, with a form."""
    asked = _asked()
    if asked is None:
        return _form()
    found = find(site().engine, asked, kind_named(request.args.get("type")))
    return _lead(found) if len(found.things) == 1 else _choices(found)


def _asked() -> Asked | None:
    """Return the one identifier of the request; None where it has none.

    Raises:
        RequestError: if it has several, a parameter that is unknown, or an identifier that is not understood.
    """
    known = ", ".join(SCHEMES)
    for name in request.args:
        if name not in SCHEMES and name not in _OTHERS:
            raise RequestError(
                Text(f"a look-up has no parameter {name[:80]!r}", f"une recherche n'a pas de paramètre {name[:80]!r}"),
                hint=Text(f"one of: {known}; with type, format, lang", f"au choix : {known} ; avec type, format, lang"),
            )
        if name in _OTHERS and len(request.args.getlist(name)) > 1:
            raise RequestError(
                Text(f"{name} is given twice", f"{name} est donné deux fois"),
                hint=Text("send it once", "donnez-le une fois"),
            )
    given = [(name, value) for name, value in request.args.items(multi=True) if name in SCHEMES]
    if len(given) > 1:
        raise RequestError(
            Text("there is more than one identifier", "il y a plus d'un identifiant"),
            hint=Text("ask for one at a time", "demandez-en un à la fois"),
        )
    if not given and choose(request.headers.get("Accept"), [("text/html", "html")]) is None:
        raise RequestError(
            Text("there is no identifier to look up", "il n'y a pas d'identifiant à rechercher"),
            hint=Text(f"one of: {known}; for example ?insee=81004", f"au choix : {known} ; par exemple ?insee=81004"),
        )
    return understand(*_local(*given[0])) if given else None


def _local(scheme: str, value: str) -> tuple[str, str]:
    """Return an identifier with the address of this server, if it starts with that, as our IRIs have it."""
    text = value.strip()
    ours = scheme in {"iri", "id"} and text.startswith(request.url_root)
    return scheme, BASE + text.removeprefix(request.url_root) if ours else text


def _form() -> Response:
    language = page_language()
    response = deliver(
        lambda: render_template("lookup.html", schemes=SCHEMES, kinds=KINDS),
        _HTML,
        key=("lookup", request.url_root, request.args.get("lang"), language),
    )
    response.headers["Content-Language"] = language
    return response


def _lead(found: Found) -> BaseResponse:
    """Lead to the thing, as `/id/` leads to its document: language, format and page go along."""
    thing, language = found.things[0], page_language()
    response = redirect(_address(thing), HTTPStatus.SEE_OTHER, Response)
    said = thing.iri
    if found.merged:
        said += "\n" + Text(
            f"{found.asked.code} is the code of a former commune, which is now in {thing.label.en}",
            f"{found.asked.code} est le code d'une ancienne commune, désormais dans {thing.label.fr}",
        ).in_(language)
        former = f"http://id.insee.fr/geo/commune/{found.asked.code}"
        response.headers.add("Link", f'<{thing.iri}>; rel="successor-version"; anchor="{former}"')
    for near in found.near:
        response.headers.add("Link", f'<{_root(near)}>; rel="related"; {_title(near)}')
    response.set_data(f"{said}\n")
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Language"] = language
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _choices(found: Found) -> Response:
    """Offer the things that share an identifier (RFC 9110 §15.4.1): a page, JSON or RDF, and `Link`s."""
    form = _wanted()
    key = ("lookup", request.full_path, request.url_root, page_language())
    if isinstance(form, Format):
        triples = brief(site().engine, found.things)
        response = deliver_rdf(lambda wanted: write_triples(triples, wanted), form, key=key)
    elif form == "json":
        response = deliver(lambda: json.dumps(_described(found), ensure_ascii=False), _JSON, key=key)
    else:
        words = {"found": found, "kinds": KINDS, "address": _address, "alone": _alone}
        response = deliver(lambda: render_template("lookup_choices.html", **words), _HTML, key=key)
        response.headers["Content-Language"] = page_language()
    if response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.MULTIPLE_CHOICES
    for thing in found.things:
        response.headers.add("Link", f'<{_root(thing)}>; rel="alternate"; {_title(thing)}')
    return response


def _wanted() -> Format | str:
    """Return `html`, `json` or a format of RDF: by `?format=`, else by `Accept`.

    Raises:
        NotAcceptableError, NotFoundError: if there is no such format.
    """
    name = request.args.get("format")
    if name:
        return name if name in _FORMS else format_named(name, GRAPH_FORMATS)
    offered: list[tuple[str, Format | str]] = [(media_type, form) for form, media_type in _FORMS.items()]
    offered += [(format_.media_type, format_) for format_ in GRAPH_FORMATS]
    chosen = choose(request.headers.get("Accept"), offered)
    if chosen is None:
        types = ", ".join(media_type for media_type, _ in offered)
        raise NotAcceptableError(
            Text(
                "a choice between things is a page, JSON or RDF",
                "un choix entre choses est une page, du JSON ou du RDF",
            ),
            hint=Text(f"accept one of: {types}", f"acceptez l'un de : {types}"),
        )
    return chosen


def _described(found: Found) -> dict[str, Any]:
    language = page_language("en")
    choices = [
        {
            "iri": thing.iri,
            "url": _root(thing),
            "kind": thing.kind,
            "kindLabel": KINDS[thing.kind].in_(language) if thing.kind in KINDS else None,
            "label": thing.label.in_(language),
            "relation": thing.relation,
        }
        for thing in found.things
    ]
    return {"scheme": found.asked.scheme, "identifier": found.asked.value, "choices": choices}


def _address(thing: Thing) -> str:
    """Return the path of a thing on this server, with the choices of the client."""
    kept: dict[str, Any] = {name: request.args[name] for name in ("lang", "format", "page") if name in request.args}
    if thing.kind:
        return url_for("entities.thing", key=thing.iri.removeprefix(f"{BASE}id/"), **kept)
    path, _, fragment = thing.iri.removeprefix(BASE).partition("#")
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{request.script_root}/{quote(path)}{query}" + (f"#{fragment}" if fragment else "")


def _root(thing: Thing) -> str:
    """Return the whole address of a thing on this server."""
    return request.url_root + quote(thing.iri.removeprefix(BASE))


def _alone(thing: Thing) -> str:
    """Return the address of the same look-up for this type of thing alone."""
    values = {name: value for name, value in request.args.items() if name != "type"}
    return url_for("lookup.lookup", **{**values, "type": thing.kind})  # type: ignore[arg-type]  # names of parameters


def _title(thing: Thing) -> str:
    """Return a parameter of `Link` that says what a thing is called (RFC 8187)."""
    kind = KINDS[thing.kind].en if thing.kind in KINDS else thing.kind
    return f"title*=UTF-8''{quote(f'{thing.label.en} ({kind})', safe='')}"
