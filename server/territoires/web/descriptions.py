"""VoID at its well-known place, the DCAT-AP catalogue, and how any description is written."""

from __future__ import annotations

from collections.abc import Callable

import pyoxigraph as ox
from flask import Blueprint, Response, request

from territoires.export import write_triples
from territoires.formats import GRAPH_FORMATS, Format, format_named
from territoires.namespaces import BASE, expand
from territoires.negotiation import choose_format, prefers_page
from territoires.web.delivery import deliver_rdf
from territoires.web.site import site

blueprint = Blueprint("descriptions", __name__)


@blueprint.get("/.well-known/void")
@blueprint.get("/.well-known/void.<suffix>")
def void(suffix: str | None = None) -> Response:
    """Describe the dataset (VoID §7.2)."""
    return described(site().catalogue.void, request.url_root, suffix)


@blueprint.get("/catalog")
@blueprint.get("/catalog.<suffix>")
def catalog(suffix: str | None = None) -> Response:
    """Give the catalogue that portals harvest (DCAT-AP 3.0.1); exports are in it once they can be downloaded."""
    exports = site().shelf.exports.values() if site().shelf.known() else ()

    def catalogue(home: str) -> list[ox.Triple]:
        files = ((f"exports/{one.name}", one.media_type.partition(";")[0], one.title) for one in exports)
        return site().catalogue.dcat(home, files)

    return described(catalogue, request.url_root, suffix, len(exports), unfinished=not exports)


def described(
    describe: Callable[[str], list[ox.Triple]],
    place: str,
    name: str | None = None,
    *more: object,
    unfinished: bool = False,
) -> Response:
    """Return what `describe` says of the URL `place`, in the format called `name`, else by `?format=` or `Accept`.

    What the answer depends on beside these and the dataset is in `more`.
    """
    key = (describe.__name__, place, *more)
    response = deliver_rdf(
        lambda wanted: write_triples(describe(place), wanted), wanted_format(name), key=key, unfinished=unfinished
    )
    joint = "?format=" if request.path == "/sparql" else "."
    address = request.url_root.rstrip("/") + request.path.removesuffix(f".{name}")
    response.headers.extend(("Link", value) for value in links(address, joint))
    return response


def links(address: str, joint: str = ".") -> list[str]:
    """Return values of `Link` (RFC 8288): the formats of what stands at `address`, its licence and its catalogue.

    Args:
        address: without format.
        joint: what stands between it and the name of a format.
    """
    alternates = [
        f'<{address}{joint}{format_.suffix}>; rel="alternate"; type="{format_.media_type}"' for format_ in GRAPH_FORMATS
    ]
    licences = site().catalogue.statistics.facts(f"{BASE}dataset", ox.NamedNode(expand("dct:license")))
    return [
        *alternates,
        *(f'<{licence.value}>; rel="license"' for licence in licences if isinstance(licence, ox.NamedNode)),
        f'<{request.url_root}catalog>; rel="describedby"',
    ]


def wanted_format(name: str | None) -> Format:
    """Return the RDF format to write: called `name`, else by `?format=`, else by `Accept`.

    Raises:
        NotFoundError: if there is no format of that name.
        NotAcceptableError: if the client accepts none.
    """
    name = name or request.args.get("format")
    if name:
        return format_named(name, GRAPH_FORMATS)
    return choose_format(request.headers.get("Accept"), GRAPH_FORMATS)


def wants_page(offered: tuple[Format, ...]) -> bool:
    """Return whether the client wants a page more than any of the formats."""
    return prefers_page(request.headers.get("Accept"), offered)
