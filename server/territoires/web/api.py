"""The published queries as an API: its OpenAPI description, and the page that people read."""

from __future__ import annotations

from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, json, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

import territoires
from territoires.errors import Language, RequestError, Text
from territoires.namespaces import BASE, expand
from territoires.openapi import MEDIA_TYPE, Service, describe
from territoires.openapi.operations import suffixes
from territoires.parameters import LANGUAGE, given
from territoires.queries import PublishedQuery
from territoires.web.arguments import pairs_in
from territoires.web.delivery import deliver
from territoires.web.editor import THEMES, themes
from territoires.web.site import page_language, site

blueprint = Blueprint("api", __name__)

_SERVICE: Final = Service(
    title=Text("Territoires d'industrie: questions", "Territoires d'industrie : questions"),
    description=Text(
        "Each published question has an address that gives today's answer: CSV, TSV, JSON or XML by its ending. Values "
        "that are left out take their default. `/queries/<name>` without ending is a page, or a format by `Accept` or "
        "`?format=`. Only reading; no key is needed.",
        "Chaque question publiée a une adresse qui donne sa réponse du jour : CSV, TSV, JSON ou XML selon sa fin. Une "
        "valeur omise prend sa valeur par défaut. `/queries/<nom>` sans fin est une page, ou un format selon `Accept` "
        "ou `?format=`. Lecture seule ; sans clé.",
    ),
    version=territoires.__version__,
    themes=THEMES,
    others=Text("This server", "Ce serveur"),
)
_LICENCE: Final = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
_EXAMPLE: Final = "territories-of-a-region"


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Describe the API to programs (OpenAPI 3.1), in English unless French is asked for."""
    language, home = _language(), request.url_root.rstrip("/")
    response = deliver(lambda: _written(language, home), MEDIA_TYPE, key=("openapi", language, home))
    response.headers["Content-Language"] = language
    return response


@blueprint.get("/api")
def api() -> Response:
    """Show the API to people: each question with its address, its parameters and what to try."""
    home = request.url_root

    def write() -> str:
        example = site().queries.get(_EXAMPLE) or next(iter(site().queries.values()), None)
        return render_template(
            "api.html",
            themes=themes(),
            address=_address,
            language_parameter=LANGUAGE,
            example=example,
            suffixes=suffixes,
        )

    key = ("api", home, page_language(), "lang" in request.args)
    response = deliver(write, "text/html; charset=utf-8", key=key)
    response.headers["Content-Language"] = page_language()
    response.headers.extend(("Link", value) for value in links())
    return response


@blueprint.get("/queries")
@blueprint.get("/queries/")
def queries() -> Redirect:
    """Lead to the list of the published queries."""
    response = redirect(url_for("api.api"), 303)
    response.headers.extend(("Link", value) for value in links())
    return response


def links() -> list[str]:
    """Return values of `Link` that lead to the description of the API, for programs and for people (RFC 8631)."""
    home = request.url_root
    return [
        f'<{home}openapi.json>; rel="service-desc"; type="{MEDIA_TYPE}"',
        f'<{home}api>; rel="service-doc"; type="text/html"',
    ]


def _language() -> Language:
    values = given(pairs_in(request.query_string))
    unknown = sorted(values.keys() - {"lang"})
    if unknown or values.get("lang", "en") not in {"fr", "en"}:
        raise RequestError(
            Text("only lang may be given, fr or en", "seul lang peut être donné, fr ou en"),
            hint=Text("for example ?lang=fr", "par exemple ?lang=fr"),
        )
    return page_language("en")


def _written(language: Language, home: str) -> str:
    kept = site().described.get()
    if language not in kept:
        kept[language] = describe(site().queries, _SERVICE, language)
    described = kept[language]
    licences = site().catalogue.statistics.facts(f"{BASE}dataset", ox.NamedNode(expand("dct:license")))
    licence = {"license": _licence(licences[0].value)} if licences else {}
    contact = {"contact": {"url": site().contact}} if site().contact else {}
    around: dict[str, Any] = {
        "info": {**described["info"], **contact, **licence, "x-dataset-version": site().engine.version},
        "servers": [{"url": home}],
        "externalDocs": {"url": f"{home}/api"},
    }
    return json.dumps({**described, **around}, ensure_ascii=False, sort_keys=False)


def _address(query: PublishedQuery, suffix: str) -> str:
    """Return the address of an answer, with an example for each parameter but the language."""
    values = {p.name: p.example for p in query.parameters if p.name != LANGUAGE and p.example}
    return url_for("published.answer", name=query.name, suffix=suffix, _external=True, lang=None, **values)


def _licence(iri: str) -> dict[str, str]:
    return {"name": "Licence Ouverte 2.0" if iri == _LICENCE else iri, "url": iri}
