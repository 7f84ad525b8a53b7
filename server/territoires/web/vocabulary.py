"""The ontology at its address: a page for people, RDF for programs, each term at its fragment of the page."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from territoires.catalogue.statistics import graph_query
from territoires.drawing.classes import draw_classes
from territoires.errors import NotFoundError, Text
from territoires.formats import GRAPH_FORMATS
from territoires.vocabulary import Vocabulary
from territoires.web.delivery import deliver, deliver_rdf
from territoires.web.descriptions import wanted_format, wants_page
from territoires.web.site import page_language, site

blueprint = Blueprint("vocabulary", __name__)


@blueprint.get("/def")
@blueprint.get("/def.<suffix>")
def current(suffix: str | None = None) -> Response:
    """Return the ontology: by suffix, else by `?format=`, else by `Accept`."""
    return _answer(_vocabulary(), suffix)


@blueprint.get("/def/<version>")
def versioned(version: str) -> Response:
    """Return the ontology by the address of its version (`owl:versionIRI`); a suffix chooses the format."""
    vocabulary = _vocabulary()
    number = vocabulary.version
    rest = version.removeprefix(number)
    if not number or rest == version or (rest and not rest.startswith(".")):
        here = url_for("vocabulary.current", _external=True)
        raise NotFoundError(
            Text(
                f"there is no version {version!r} of the ontology",
                f"il n'y a pas de version {version!r} de l'ontologie",
            ),
            hint=Text(
                f"the version served is {number or '(unnumbered)'}: {here}",
                f"la version servie est {number or '(sans numéro)'} : {here}",
            ),
        )
    return _answer(vocabulary, rest[1:] or None)


def _vocabulary() -> Vocabulary:
    found = site().vocabulary.get()
    if found is None:
        raise NotFoundError(
            Text("this dataset holds no ontology", "ce jeu de données ne contient pas d'ontologie"),
            hint=Text("see the graphs at /data", "voyez les graphes dans /data"),
        )
    return found


def _answer(vocabulary: Vocabulary, suffix: str | None) -> Response:
    if suffix == "html" or (suffix is None and "format" not in request.args and wants_page(GRAPH_FORMATS)):
        response = _page(vocabulary)
        own = "html"
    else:
        format_ = wanted_format(suffix)
        response = deliver_rdf(
            lambda wanted: site().engine.open(graph_query(vocabulary.graph), wanted).file,
            format_,
            key=("vocabulary", vocabulary.graph),
        )
        own = format_.suffix
    response.headers["Content-Location"] = url_for("vocabulary.current", suffix=own, lang=None)
    for format_ in GRAPH_FORMATS:
        address = url_for("vocabulary.current", suffix=format_.suffix, lang=None)
        response.headers.add("Link", f'<{address}>; rel="alternate"; type="{format_.media_type}"')
    if licence := vocabulary.says("dct:license"):
        response.headers.add("Link", f'<{licence}>; rel="license"')
    return response


def _page(vocabulary: Vocabulary) -> Response:
    def write() -> str:
        return render_template(
            "def.html",
            vocabulary=vocabulary,
            diagram=draw_classes(vocabulary, page_language()),
            formats=GRAPH_FORMATS,
        )

    response = deliver(write, "text/html; charset=utf-8", key=("vocabulary", page_language(), "lang" in request.args))
    response.headers["Content-Language"] = page_language()
    return response
