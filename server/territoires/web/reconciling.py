"""`/reconcile`: the Entity Reconciliation API 0.2, for OpenRefine and whatever else matches names with things."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from flask import Blueprint, Response, json, render_template, request, url_for

import territoires
from territoires.errors import NotFoundError, OverloadedError, RequestError, Text, UnsupportedMediaTypeError
from territoires.reconcile import (
    MOST_QUERIES,
    PROPERTIES,
    TYPES,
    Candidate,
    Query,
    described,
    extend,
    properties_of,
    read_extension,
    read_queries,
    reconcile,
    type_called,
)
from territoires.reconcile.properties import IDS, SCHEMA, meta
from territoires.reconcile.types import CLASSES
from territoires.search import KINDS, Entry, fold
from territoires.web.delivery import deliver
from territoires.web.site import page_language, site

blueprint = Blueprint("reconciling", __name__)

_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_JSON: Final = "application/json"
_SUGGESTED: Final = 10
_LONGEST: Final = 200
_MOST_CURSOR: Final = 1_000
_SECONDS: Final = 5.0
"""A batch may take so long."""
_PATIENCE: Final = 10.0
"""Seconds that a batch waits for its turn."""
_turns: Final = threading.BoundedSemaphore(2)
_PREVIEW: Final = {"width": 400, "height": 180}


@blueprint.route("/reconcile", methods=["GET", "POST"], strict_slashes=False)
def service() -> Response:
    """Answer a batch of queries (§4), fetch properties (§6.2), or describe the service (§3)."""
    if request.method == "POST" and request.mimetype not in _FORMS:
        raise UnsupportedMediaTypeError(
            Text("batches are sent as a form", "les lots s'envoient en formulaire"),
            hint=Text("send application/x-www-form-urlencoded", "envoyez application/x-www-form-urlencoded"),
        )
    sent = request.values
    if "queries" in sent and "extend" in sent:
        raise RequestError(
            Text("queries and extend are both sent", "queries et extend sont envoyés ensemble"),
            hint=Text("send one of them", "envoyez l'un des deux"),
        )
    if "queries" in sent:
        with _in_turn():
            return _answered(_matched(read_queries(sent["queries"])))
    if "extend" in sent:
        asked = read_extension(sent["extend"])
        rows = extend(site().engine, site().searcher.index(), asked.ids, asked.properties, asked.limits)
        return _answered({"meta": [meta(name, page_language()) for name in asked.properties], "rows": rows})
    return _answered(_manifest())


@contextmanager
def _in_turn() -> Iterator[None]:
    """Let few batches take the processor at once, so that pages are answered beside them.

    Raises:
        OverloadedError: if none ends in time.
    """
    if not _turns.acquire(timeout=_PATIENCE):
        raise OverloadedError(
            Text("other batches are being matched", "d'autres lots sont en cours de rapprochement"),
            hint=Text("send it again in a few seconds", "renvoyez-le dans quelques secondes"),
        )
    try:
        yield
    finally:
        _turns.release()


def _matched(queries: Mapping[str, Query]) -> dict[str, Any]:
    """Return the candidates of each query.

    Raises:
        OverloadedError: if it takes too long.
    """
    index, until, found = site().searcher.index(), time.monotonic() + _SECONDS, {}
    for key, query in queries.items():
        if time.monotonic() > until:
            raise OverloadedError(
                Text(f"this batch takes more than {_SECONDS:.0f} s", f"ce lot prend plus de {_SECONDS:.0f} s"),
                hint=Text("send fewer queries at once", "envoyez moins de requêtes à la fois"),
            )
        found[key] = {"result": [_candidate(one) for one in reconcile(index, query)]}
    return found


@blueprint.get("/reconcile/suggest/<what>")
def suggest(what: str) -> Response:
    """Complete what is being typed: an entity, a type or a property (§5)."""
    prefix = request.args.get("prefix", "")
    if len(prefix) > _LONGEST:
        raise RequestError(
            Text(f"prefix has more than {_LONGEST} characters", f"prefix compte plus de {_LONGEST} caractères"),
            hint=Text("send the beginning of a name", "envoyez le début d'un nom"),
        )
    found = {"entity": _entities, "type": _types, "property": _properties}.get(what)
    if not found:
        raise NotFoundError(
            Text(f"nothing called {what!r} is suggested", f"rien de tel que {what!r} n'est proposé"),
            hint=Text("entity, type or property", "entity, type ou property"),
        )
    return _answered({"result": found(prefix, _cursor())})


@blueprint.get("/reconcile/properties")
def propose() -> Response:
    """Name the properties that can be fetched for things of a type (§6.1)."""
    name = request.args.get("type", "")
    limit = request.args.get("limit", "")
    of = type_called(name)
    known = [_named(key) for key in properties_of(TYPES[of])] if of else []
    if limit.isascii() and limit.isdigit():
        known = known[: int(limit[:6])]
    return _answered({"type": name, "properties": known})


@blueprint.get("/reconcile/preview")
def preview() -> Response:
    """Show a thing in a small frame (§7)."""
    entry = _entry(request.args.get("id", ""))
    key = ("reconcile-preview", entry.iri, request.script_root, request.args.get("lang"), page_language())
    response = deliver(
        lambda: render_template("preview.html", entry=entry, about=described(entry, page_language())),
        "text/html; charset=utf-8",
        key=key,
    )
    response.headers["Content-Language"] = page_language()
    return response


def _entry(id_: str) -> Entry:
    entry = site().searcher.index().get(IDS + id_.removeprefix(IDS))
    if entry:
        return entry
    raise NotFoundError(
        Text(f"there is nothing with the identifier {id_[:100]!r}", f"rien n'a l'identifiant {id_[:100]!r}"),
        hint=Text("for example commune/81004", "par exemple commune/81004"),
    )


def _answered(content: dict[str, Any]) -> Response:
    """Return JSON; what a GET depends on is in its address, whatever the dataset."""
    body = json.dumps(content, ensure_ascii=False, sort_keys=False)
    key = ("reconcile", request.url, page_language())
    response = deliver(lambda: body, _JSON, key=key)
    response.headers["Content-Language"] = page_language()
    return response


def _manifest() -> dict[str, Any]:
    language = page_language()
    home = request.url_root.rstrip("/")
    kept = {"lang": request.args["lang"]} if "lang" in request.args else {}
    here = url_for("reconciling.service", _external=True, lang=None)
    shown = f"{here}/preview?id={{{{id}}}}" + "".join(f"&{name}={value}" for name, value in kept.items())
    return {
        "versions": ["0.2"],
        "name": Text("Territoires d'industrie and places of France", "Territoires d'industrie et lieux de France").in_(
            language
        ),
        "identifierSpace": IDS,
        "schemaSpace": SCHEMA,
        "documentation": url_for("documents.data", _external=True, _anchor="reconcile", lang=None),
        "serviceVersion": territoires.__version__,
        "logo": url_for("static", filename="logo.svg", _external=True),
        "defaultTypes": [_type(name) for name in TYPES],
        "batchSize": MOST_QUERIES,
        "view": {"url": f"{home}/id/{{{{id}}}}"},
        "preview": {"url": shown, **_PREVIEW},
        "suggest": {
            what: {"service_url": here, "service_path": f"/suggest/{what}"} for what in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": here, "service_path": "/properties"},
            "property_settings": [
                {
                    "name": "limit",
                    "label": Text("Limit", "Limite").in_(language),
                    "type": "number",
                    "default": 0,
                    "help_text": Text(
                        "Most values of a row (0: all)", "Nombre maximal de valeurs par ligne (0 : toutes)"
                    ).in_(language),
                }
            ],
        },
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    entry = one.entry
    features = {f"match_{one.match}": True, "name_likeness": round(100 * one.likeness, 1)}
    features |= {f"property_{name}": so for name, so in one.properties.items()}
    return {
        "id": entry.iri.removeprefix(IDS),
        "name": entry.label.in_(page_language()),
        "description": described(entry, page_language()),
        "type": [_type(CLASSES[entry.kind])],
        "score": round(one.score, 1),
        "features": [{"id": name, "value": value} for name, value in features.items()],
        "match": one.sure,
    }


def _entities(prefix: str, cursor: int) -> list[dict[str, Any]]:
    hits = site().searcher.index().find(prefix, cursor + _SUGGESTED)[cursor:]
    return [
        {
            "id": hit.entry.iri.removeprefix(IDS),
            "name": hit.entry.label.in_(page_language()),
            "description": described(hit.entry, page_language()),
            "notable": [_type(CLASSES[hit.entry.kind])],
        }
        for hit in hits
    ]


def _types(prefix: str, cursor: int) -> list[dict[str, Any]]:
    return [one for name in TYPES if _begins(one := _type(name), prefix)][cursor:]


def _properties(prefix: str, cursor: int) -> list[dict[str, Any]]:
    return [one for name in PROPERTIES if _begins(one := _named(name), prefix)][cursor:]


def _begins(one: dict[str, str], prefix: str) -> bool:
    """Return whether a word of a name, or the identifier, begins so."""
    asked = fold(prefix).whole
    return any(
        text.startswith(asked) for text in (*fold(one["name"]).words, fold(one["name"]).whole, one["id"].casefold())
    )


def _type(name: str) -> dict[str, str]:
    return {"id": name, "name": KINDS[TYPES[name]].in_(page_language())}


def _named(name: str) -> dict[str, str]:
    return {"id": name, "name": PROPERTIES[name].label.in_(page_language())}


def _cursor() -> int:
    text = request.args.get("cursor", "0")
    if text.isascii() and text.isdigit() and int(text[:9]) <= _MOST_CURSOR:
        return int(text)
    raise RequestError(
        Text(
            f"cursor={text[:20]} is no number from 0 to {_MOST_CURSOR}",
            f"cursor={text[:20]} n'est pas un nombre de 0 à {_MOST_CURSOR}",
        ),
        hint=Text("for example cursor=10", "par exemple cursor=10"),
    )
