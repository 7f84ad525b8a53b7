"""The pages that say what this site is made of: its quality, its downloads, and itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request, url_for

from territoires.answers import Answered, select
from territoires.catalogue.void import DUMP
from territoires.errors import TerritoiresError, kinds
from territoires.formats import GRAPH_FORMATS
from territoires.namespaces import BASE, compact, expand
from territoires.stamp import Stamp
from territoires.web.delivery import deliver
from territoires.web.pages import answered
from territoires.web.problems import HTTP
from territoires.web.site import page_language, site

blueprint = Blueprint("documents", __name__)

_DATASET: Final = f"{BASE}dataset"
_CLAIMS: Final = "claims-of-the-press-release"
_DISAGREEMENTS: Final = ("declared-and-covered-departments", "perimeters-that-changed", "figures-that-were-given")
_LINKS: Final = "link-coverage"
_LINKS_BY_SOURCE: Final = "links-by-source"
_SOURCES: Final = "sources"
_EXAMPLE: Final = "territories-by-region"
_LABELS: Final = (
    "SELECT ?thing (MIN(?name) AS ?label) {{ VALUES ?thing {{ {things} }} ?thing rdfs:label ?name }} GROUP BY ?thing"
)


@blueprint.get("/quality")
def quality() -> Response:
    """Say what was checked, where sources disagree, and what is covered."""
    checked = site().checked
    stamp = checked.stamp if checked.stamp and checked.stamp.data == site().engine.version else None

    def write() -> str:
        return render_template(
            "quality.html",
            checked=checked,
            stamp=stamp,
            version=site().engine.version,
            names=_names(stamp),
            claims=_answered(_CLAIMS),
            disagreements=[found for name in _DISAGREEMENTS if (found := _answered(name))],
            links=[found for name in (_LINKS, _LINKS_BY_SOURCE) if (found := _answered(name))],
            statistics=site().catalogue.statistics,
            title=_title,
        )

    return _page(write, "quality", stamp)


@blueprint.get("/data")
def data() -> Response:
    """Offer every download, and say how to ask from other programs."""
    sizes, dump = site().sizes.known()
    written = site().shelf.known()
    home = request.url_root

    def write() -> str:
        statistics = site().catalogue.statistics
        example = _EXAMPLE if _EXAMPLE in site().queries else next(iter(site().queries), None)
        return render_template(
            "data.html",
            statistics=statistics,
            sizes=sizes,
            dump=dump,
            exports=site().shelf.exports,
            written=written,
            dump_address=f"{home}{DUMP}",
            formats=GRAPH_FORMATS,
            vocabulary=site().vocabulary.get(),
            home=home,
            version=site().engine.version,
            title=_title,
            day=_day,
            dataset=_DATASET,
            schema=_schema_org(home),
            licence=next(iter(statistics.facts(_DATASET, ox.NamedNode(expand("dct:license")))), None),
            example=site().queries.get(example) if example else None,
            federated=site().federated,
            csv=url_for("published.answer", name=example, suffix="csv", _external=True, lang=None) if example else None,
        )

    unfinished = not sizes or written is None
    return _page(write, "data", home, len(sizes), dump, written is not None, unfinished=unfinished)


def _schema_org(home: str) -> dict[str, object]:
    """Return the dataset in the words of schema.org, which engines that find datasets read."""

    def says(name: str) -> str:
        found = site().catalogue.statistics.facts(_DATASET, ox.NamedNode(expand(name)))
        ours = [one for one in found if isinstance(one, ox.Literal) and one.language == page_language()]
        return next((one.value for one in (*ours, *found)), "")

    said = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": _DATASET,
        "url": f"{home}data",
        "name": says("dct:title"),
        "description": says("dct:description"),
        "license": says("dct:license"),
        "dateModified": says("dct:modified"),
        "distribution": {
            "@type": "DataDownload",
            "contentUrl": f"{home}{DUMP}",
            "encodingFormat": "application/n-quads",
        },
    }
    return {name: value for name, value in said.items() if value}


@blueprint.get("/about")
def about() -> Response:
    """Say what this is and is not, what is logged, who can use it, and where to report an error."""
    contact = site().contact
    return _page(
        lambda: render_template("about.html", sources=_SOURCES if _SOURCES in site().queries else None),
        "about",
        contact,
    )


@blueprint.get("/problems")
def problems() -> Response:
    """List the codes that errors carry: where the `type` of each leads (RFC 9457 §3.1.1)."""
    known = sorted(kinds(), key=_rank)
    return _page(lambda: render_template("problems.html", kinds=known, http=HTTP), "problems")


def _rank(kind: type[TerritoiresError]) -> tuple[int, str]:
    return kind.status, kind.code


def _page(write: Callable[[], str], *key: object, unfinished: bool = False) -> Response:
    response = deliver(
        write,
        "text/html; charset=utf-8",
        key=(*key, page_language(), "lang" in request.args, request.script_root),
        unfinished=unfinished,
    )
    response.headers["Content-Language"] = page_language()
    return response


def _answered(name: str) -> Answered | None:
    """Return the answer to a published query without parameters, where there is one."""
    if name not in site().queries:
        return None
    kept, key = site().answers.get(), (name, page_language())
    if key not in kept:
        kept[key] = answered(name)
    return kept[key]


def _names(stamp: Stamp | None) -> dict[str, str]:
    """Return labels of the things that warnings name."""
    warnings = stamp.warnings if stamp else ()
    pairs = [pair for warning in warnings for pair in warning.things]
    things = sorted({one for pair in pairs for one in pair if one and one.startswith(BASE)})
    named = " ".join(f"<{iri}>" for iri in things)
    rows = select(site().engine, _LABELS.format(things=named)).rows if named else ()
    return {row["thing"].value: row["label"].value for row in rows if "label" in row}


def _title(iri: str) -> str:
    """Return the title of a graph in the language of the page, else in any, else its name."""
    titles = site().catalogue.statistics.facts(iri, ox.NamedNode(expand("dct:title")))
    ours = [title for title in titles if isinstance(title, ox.Literal) and title.language == page_language()]
    return next((title.value for title in (*ours, *titles)), compact(iri))


def _day(iri: str) -> str:
    """Return the day of the last change of a graph, else of its issue, as the catalogue says; else nothing."""
    for name in ("dct:modified", "dct:issued"):
        if days := site().catalogue.statistics.facts(iri, ox.NamedNode(expand(name))):
            return days[0].value
    return ""
