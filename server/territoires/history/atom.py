"""The history as an Atom feed (RFC 4287), in pages (RFC 5005 §3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from territoires.errors import Language, Text
from territoires.history.patches import MEDIA_TYPE, SUFFIX
from territoires.history.reading import Change
from territoires.namespaces import BASE

ATOM: Final = "application/atom+xml"
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_TITLE: Final = Text("Changes of the data", "Modifications des données")
_NEVER: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a page of a feed says beside its entries."""

    home: str
    """URL below which the server answers, with the slash."""
    query: str
    """What tells this feed from others of the history, such as `graph=…`, quoted; empty for the whole."""
    links: Mapping[str, str]
    """Relation (`self`, `first`, `next` …) -> address."""
    language: Language


def write_feed(feed: Feed, changes: Iterable[Change]) -> bytes:
    """Return a page of a feed: XML in UTF-8, without declaration of a document type.

    Identifiers are IRIs of the project, so that they stay wherever the server runs. A feed without entries was updated
    in 1970: it must say a time, and nothing happened yet.
    """
    shown = [*changes]
    root = ET.Element("feed", {_LANG: feed.language})
    root.set("xmlns", _NAMESPACE)
    _add(root, "id", f"{BASE}changes" + (f"?{feed.query}" if feed.query else ""))
    _add(root, "title", _TITLE.in_(feed.language))
    _add(root, "updated", _time(max((change.time for change in shown), default=_NEVER)))
    for relation, address in feed.links.items():
        ET.SubElement(root, "link", {"rel": relation, "href": address})
    for change in shown:
        _entry(root, change, feed)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(root: ET.Element, change: Change, feed: Feed) -> None:
    entry = ET.SubElement(root, "entry")
    name = Text(f"Change {change.number}", f"Modification {change.number}").in_(feed.language)
    _add(entry, "id", change.iri)
    _add(entry, "title", f"{name} – {change.title}" if change.title else name)
    _add(entry, "published", _time(change.time))
    _add(entry, "updated", _time(change.time))
    _add(ET.SubElement(entry, "author"), "name", change.agent)
    page = f"{feed.home}changes/{change.number}"
    ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": page})
    ET.SubElement(entry, "link", {"rel": "alternate", "type": MEDIA_TYPE, "href": f"{page}.{SUFFIX}"})
    for graph in change.graphs:
        ET.SubElement(entry, "category", {"term": graph})
    counts = Text(
        f"Statements added: {change.added}, removed: {change.removed}.",
        f"Énoncés ajoutés : {change.added}, retirés : {change.removed}.",
    )
    said = "\n\n".join(part for part in (change.message, counts.in_(feed.language)) if part)
    _add(entry, "summary", said)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _time(time: dt.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
