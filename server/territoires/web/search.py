"""Search: a page, and JSON for suggestions and programs; one place is told whether it is in a territory."""

from __future__ import annotations

from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, json, render_template, request, url_for

from territoires.answers import Answered, Row
from territoires.errors import NotAcceptableError, NotFoundError, RequestError, Text
from territoires.namespaces import BASE
from territoires.negotiation import choose
from territoires.search import KINDS, Entry, Finding, Hit, before, look_up, may_be_postal, merged, now, placed
from territoires.web.delivery import deliver
from territoires.web.pages import answered
from territoires.web.site import page_language, site
from territoires.web.territories import TABLE
from territoires.web.wording import href

blueprint = Blueprint("search", __name__)

_OFFERED: Final = (("text/html", "html"), ("application/json", "json"))
_CONTENT: Final = {"html": "text/html; charset=utf-8", "json": "application/json"}
_MOST: Final = 50
_USUAL: Final = {"html": 30, "json": 10}
_LONGEST: Final = 200


@blueprint.get("/search")
def search() -> Response:
    """Find things by name or code, and answer "is it in a territory?" where one place was asked for."""
    form = _form()
    text = " ".join(request.args.get("q", "").split())
    if len(text) > _LONGEST:
        raise RequestError(
            Text(f"q has more than {_LONGEST} characters", f"q compte plus de {_LONGEST} caractères"),
            hint=Text("search for a name or a code", "cherchez un nom ou un code"),
        )
    limit = _limit(_USUAL[form])
    write = _page if form == "html" else _json
    key = ("search", text, limit, request.script_root, request.args.get("lang"), page_language())
    response = deliver(lambda: write(look_up(site().searcher.index(), text, limit)), _CONTENT[form], key=key)
    response.headers["Content-Language"] = page_language()
    return response


def _form() -> str:
    form = request.args.get("format") or choose(request.headers.get("Accept"), _OFFERED)
    if form is None:
        raise NotAcceptableError(
            Text("a search is answered as a page or as JSON", "une recherche donne une page ou du JSON"),
            hint=Text("accept text/html or application/json", "acceptez text/html ou application/json"),
        )
    if form not in _CONTENT:
        raise NotFoundError(
            Text(f"there is no format {form!r} of a search", f"il n'y a pas de format {form!r} pour une recherche"),
            hint=Text("html or json", "html ou json"),
        )
    return form


def _limit(usual: int) -> int:
    text = request.args.get("limit", str(usual))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _MOST):
        raise RequestError(
            Text(f"limit={text} is no number from 1 to {_MOST}", f"limit={text} n'est pas un nombre de 1 à {_MOST}"),
            hint=Text(f"for example limit={usual}", f"par exemple limit={usual}"),
        )
    return int(text)


def _page(finding: Finding) -> str:
    entry, sections = finding.answer, dict[str, Any]()
    if entry:
        territory = next(iter(now(entry) or before(entry)), None)
        sections["places"] = _asked("territories-of-a-place", place=entry)
        if now(entry):
            sections["opens"] = opens = _asked("support-of-a-territory", territory=territory)
            sections["opened"] = _by_kind(opens)
            sections["steers"] = steers = _asked("who-steers-a-territory", territory=territory)
            sections["levels"] = merged(steers.answer) if steers else {}
            sections["named"] = named = _asked("who-is-named-in-a-local-pair", territory=territory)
            sections["holders"] = _holders(named)
            sections["issued"] = _issued()
        elif entry.kind == "commune":
            sections["near"] = _asked("territories-near-a-commune", commune=entry)
    words = {"now": now, "before": before, "kinds": KINDS, "path": path, "place": place, "queries": site().queries}
    return render_template("search.html", finding=finding, has_table=TABLE in site().queries, **words, **sections)


def _by_kind(opens: Answered | None) -> dict[str, list[Row]]:
    """Return what a territory opens by the kind of thing: `axis`, `measure`, `figure`."""
    kinds: dict[str, list[Row]] = {}
    for row in opens.answer if opens else ():
        what = row["what"]
        if isinstance(what, ox.NamedNode):
            kinds.setdefault(what.value.removeprefix(f"{BASE}id/").partition("/")[0], []).append(row)
    return kinds


def _holders(named: Answered | None) -> dict[str, str]:
    """Return who held the posts of a local pair, by the name of the post."""
    rows = named.answer if named else ()
    return {row["actor"].value: row["holder"].value for row in rows if "holder" in row}


def _issued() -> dict[str, str]:
    """Return the days on which sources were published, by the IRI of their graph."""
    known = _asked("sources")
    return {row["graph"].value: row["issued"].value for row in known.answer if "issued" in row} if known else {}


def _asked(name: str, **entries: Entry | None) -> Answered | None:
    """Answer a published query about things that were found; None where this graph folder has no such query."""
    values = {parameter: entry.iri for parameter, entry in entries.items() if entry}
    return answered(name, **values) if name in site().queries else None


def _json(finding: Finding) -> str:
    content = {"query": finding.text, "hits": [_hit(hit) for hit in finding.hits]}
    return json.dumps(content, ensure_ascii=False)


def _hit(hit: Hit) -> dict[str, Any]:
    language, entry = page_language(), hit.entry
    content = {
        "iri": entry.iri,
        "url": href(entry.iri),
        "kind": entry.kind,
        "kindLabel": KINDS[entry.kind].in_(language),
        "label": entry.label.in_(language),
        "context": place(entry),
        "score": round(hit.score, 1),
        "match": hit.match,
    }
    if entry.kind in {"commune", "intercommunality"}:
        content["answer"] = path(entry)
        content["inTerritory"] = bool(now(entry))
        content["territories"] = [
            {"iri": of.iri, "url": href(of.iri), "label": of.label.in_(language), "phase": int(of.phase)}
            for of in entry.territories
        ]
    return content


def path(entry: Entry) -> str:
    """Return where a thing that was found leads: for what may be in a territory, to the answer."""
    if entry.kind == "commune" and may_be_postal(entry.key):
        return url_for("search.search", q=f"commune {entry.key}")
    if entry.kind in {"commune", "intercommunality"}:
        return url_for("search.search", q=entry.key)
    return href(entry.iri)


def place(entry: Entry) -> str:
    """Return what tells a thing from others of its name: the place it is in, the phase of a territory."""
    return placed(entry, page_language())
