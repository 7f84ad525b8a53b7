"""Graphs as they were in force on a day: `?at=`, and datetime negotiation with TimeMaps (Memento, RFC 7089).

A graph's address is the original resource and its own TimeGate, with 302 to the memento (§4.1.1). A day is one of UTC:
an edition is in force from 00:00:00 GMT.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Response, json, redirect, render_template, request
from werkzeug.http import http_date, parse_date

from territoires.editions import Edition, in_force, numbered, parse_day, said_then
from territoires.engine.holding import DatasetChangedError
from territoires.errors import NotAcceptableError, RequestError, Text
from territoires.formats import GRAPH_FORMATS
from territoires.namespaces import expand
from territoires.negotiation import choose
from territoires.web.delivery import deliver, deliver_rdf
from territoires.web.descriptions import links, wanted_format, wants_page
from territoires.web.site import page_language, site

AT: Final = "at"
"""Parameter that names a day."""
_HTML: Final = "text/html; charset=utf-8"
_LIST: Final = "application/link-format"
_TIMEMAPS: Final = ((_LIST, _LIST), ("application/json", "application/json"))
_NAMED: Final = {"link": _LIST, "json": "application/json"}
_KEPT: Final = ("format", "lang")


def editions_of(iri: str) -> tuple[Edition, ...]:
    """Return the editions of the graph `iri`, the one in force last; none where the catalogue does not date it."""
    return site().archive.series(iri, _facts)


def of_a_day(iri: str, address: str, suffix: str | None, current: Callable[[], Response]) -> Response:
    """Return the edition of the graph that was in force on the day `?at=`, for browsers a page about it.

    Args:
        iri: the graph.
        address: its address, without suffix.
        suffix: the format that it chooses.
        current: answers with the present edition.

    Raises:
        RequestError: if that is no day.
        NotFoundError: if no edition of that day is known; the hint names the first day.
    """
    days = request.args.getlist(AT)
    if len(days) != 1:
        raise RequestError(Text("several days (at)", "plusieurs jours (at)"), hint=Text("give one", "donnez-en un"))
    day = parse_day(days[0])
    try:
        return _edition(iri, address, suffix, day, current)
    except FileNotFoundError as error:  # A revert takes an edition back into force, and its file goes.
        raise DatasetChangedError from error


def _edition(iri: str, address: str, suffix: str | None, day: dt.date, current: Callable[[], Response]) -> Response:
    known = editions_of(iri)
    edition = in_force(known, day)
    if suffix is None and "format" not in request.args and wants_page(GRAPH_FORMATS):
        response = _page(iri, address, known, edition)
    else:
        format_ = wanted_format(suffix)
        if edition.until is None:
            response = current()
            response.headers.pop("Link", None)
        else:
            state = edition.files[0].stat()
            key = ("edition", iri, edition.since, state.st_mtime_ns, state.st_size)
            response = deliver_rdf(lambda wanted: site().archive.open(edition, wanted), format_, key=key)
        response.headers["Content-Location"] = f"{address}.{format_.suffix}?{AT}={numbered(edition.since)}"
        response.headers.extend(("Link", value) for value in links(_memento(address, edition), "&format="))
    response.headers["Memento-Datetime"] = _moment(edition.since)
    response.headers.extend(("Link", value) for value in _links(address, known, edition))
    return response


def lead(iri: str, address: str) -> Response | None:
    """Lead to the edition that the header Accept-Datetime asks for; None where it asks for none, or none is dated.

    Before the first it leads to the first (RFC 7089 §4.5.3).

    Raises:
        RequestError: if the header is no HTTP date.
    """
    header = request.headers.get("Accept-Datetime")
    known = editions_of(iri) if header is not None else ()
    if header is None or not known:
        return None
    edition = in_force(known, max(_asked(header), known[0].since))
    more = {name: request.args[name] for name in _KEPT if name in request.args}
    target = _memento(address, edition) + (f"&{urlencode(more)}" if more else "")
    response: Response = redirect(target, HTTPStatus.FOUND, Response)  # type: ignore[assignment]  # the class given
    response.vary.update(("Accept-Datetime", "Accept", "Accept-Language"))
    response.headers.extend(("Link", value) for value in _links(address, known, edition))
    return response


def tell(response: Response, address: str, known: Sequence[Edition]) -> Response:
    """Add to an answer with the edition in force that others can be had, and where."""
    if known:
        response.vary.add("Accept-Datetime")
        response.headers.extend(("Link", value) for value in _links(address, known))
    return response


def timemap(iri: str, address: str) -> Response:
    """List the editions of a graph, as links or JSON, by `?format=` (link, json) or `Accept` (RFC 7089 §5).

    Raises:
        NotFoundError: if the catalogue does not date the graph.
        NotAcceptableError: if the client accepts neither.
    """
    known = editions_of(iri)
    in_force(known, dt.date.max)
    header, name = request.headers.get("Accept"), request.args.get("format")
    wanted = _NAMED.get(name) if name else choose(header, _TIMEMAPS)
    if wanted is None:
        raise NotAcceptableError(
            Text("a list of editions is not offered in this format", "pas de liste d'éditions dans ce format"),
            hint=Text(f"ask for {_LIST} or application/json", f"demandez {_LIST} ou application/json"),
        )
    write = _as_links if wanted == _LIST else _as_json
    return deliver(lambda: write(address, known), wanted, key=("timemap", iri, address, *known))


def _page(iri: str, address: str, known: Sequence[Edition], edition: Edition) -> Response:
    language = page_language()
    facts = said_then(edition) or _facts
    sources = [term.value for term in facts(iri, expand("dct:source")) if isinstance(term, ox.NamedNode)]

    def said(subject: str, name: str) -> str:
        terms = [term for term in facts(subject, expand(name)) if isinstance(term, ox.NamedNode | ox.Literal)]
        terms.sort(key=lambda term: getattr(term, "language", None) != language)
        return terms[0].value if terms else ""

    def write() -> str:
        return render_template(
            "edition.html",
            iri=iri,
            address=address,
            title=said(iri, "dct:title") or address.rpartition("/")[2],
            sources=[
                {name: said(one, f"{prefix}:{name}") for prefix, name in (("rdfs", "label"), ("foaf", "page"))}
                for one in sources
            ],
            edition=edition,
            editions=known,
            formats=GRAPH_FORMATS,
        )

    response = deliver(write, _HTML, key=("edition", iri, request.full_path, request.url_root, language, *known))
    response.headers["Content-Language"] = language
    return response


def _facts(subject: str, predicate: str) -> Sequence[object]:
    return site().catalogue.statistics.facts(subject, ox.NamedNode(predicate))


def _asked(header: str) -> dt.date:
    """Return the day of an HTTP date.

    Raises:
        RequestError: if it is none (RFC 7089 §4.5.4).
    """
    try:
        moment = parse_date(header)
        if moment:
            return moment.astimezone(dt.UTC).date()
    except (OverflowError, ValueError):
        pass
    raise RequestError(
        Text("Accept-Datetime is not an HTTP date", "Accept-Datetime n'est pas une date HTTP"),
        hint=Text(
            "send such as Accept-Datetime: Mon, 01 Jan 2024 00:00:00 GMT",
            "envoyez par exemple Accept-Datetime: Mon, 01 Jan 2024 00:00:00 GMT",
        ),
    )


def _as_links(address: str, known: Sequence[Edition]) -> str:
    itself = f'<{_timemap(address)}>; rel="self"; type="{_LIST}"'
    span = f'; from="{_moment(known[0].since)}"; until="{_moment(known[-1].since)}"'
    mementos = [_as_link(address, one, _ends(one, known)) for one in known]
    return ",\n".join([f'<{address}>; rel="original timegate"', itself + span, *mementos]) + "\n"


def _as_json(address: str, known: Sequence[Edition]) -> str:
    listed = [
        {
            "datetime": f"{numbered(one.since)}T00:00:00Z",
            "uri": _memento(address, one),
            "until": one.until and numbered(one.until),
        }
        for one in known
    ]
    timemaps = {"link_format": _timemap(address), "json_format": f"{_timemap(address)}?format=json"}
    return json.dumps(
        {
            "original_uri": address,
            "timegate_uri": address,
            "timemap_uri": timemaps,
            "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
        }
    )


def _links(address: str, known: Sequence[Edition], chosen: Edition | None = None) -> list[str]:
    """Return values of `Link` (§2.2): the original, its TimeMap, the first and last mementos and those around one."""
    place = known.index(chosen) if chosen else None
    said = [f'<{address}>; rel="original timegate"', f'<{_timemap(address)}>; rel="timemap"; type="{_LIST}"']
    for number, one in enumerate(known):
        names = _ends(one, known)
        if place is not None:
            names += [name for name, step in (("prev", -1), ("next", 1)) if number == place + step]
        if names or number == place:
            said.append(_as_link(address, one, names))
    return said


def _ends(edition: Edition, known: Sequence[Edition]) -> list[str]:
    return [name for name, end in (("first", known[0]), ("last", known[-1])) if end == edition]


def _as_link(address: str, edition: Edition, names: Sequence[str]) -> str:
    rel = " ".join([*names, "memento"])
    return f'<{_memento(address, edition)}>; rel="{rel}"; datetime="{_moment(edition.since)}"'


def _memento(address: str, edition: Edition) -> str:
    return f"{address}?{AT}={numbered(edition.since)}"


def _timemap(address: str) -> str:
    return f"{request.url_root}timemap/{address.removeprefix(request.url_root)}"


def _moment(day: dt.date) -> str:
    return http_date(dt.datetime.combine(day, dt.time(), dt.UTC))
