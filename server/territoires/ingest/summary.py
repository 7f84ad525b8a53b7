"""What a new official list would change, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from territoires.comparing import Entity
from territoires.errors import Text
from territoires.namespaces import BASE, PREFIXES

_KINDS: Final = {
    "territory": Text("territories", "territoires"),
    "commune": Text("communes", "communes"),
    "department": Text("departments", "départements"),
    "region": Text("regions", "régions"),
    "intercommunality": Text("intercommunalities", "intercommunalités"),
}
_OTHERS: Final = Text("other things", "autres choses")
_EVENTS: Final = {
    "added": Text("added", "en plus"),
    "removed": Text("removed", "en moins"),
    "renamed": Text("renamed", "de nom changé"),
    "changed": Text("changed otherwise", "avec un autre changement"),
}
_MEMBERS: Final = {
    "joined": Text("members joined", "membres arrivés"),
    "left": Text("members left", "membres partis"),
}
_LABEL: Final = PREFIXES["rdfs"] + "label"
_TYPE: Final = PREFIXES["rdf"] + "type"
_INCLUDES: Final = PREFIXES["ti"] + "includes"


def in_words(entities: Iterable[Entity]) -> Text:
    """Return how many things of each kind came, went, were renamed or changed, and how many members joined or left."""
    counts: Counter[tuple[str, str]] = Counter()
    members: Counter[str] = Counter()
    for entity in entities:
        counts.update((_kind(entity), event) for event in _events(entity))
        for fact in entity.facts:
            if fact.predicate.value == _INCLUDES and entity.kind == "changed":
                members["joined"] += fact.after is not None
                members["left"] += fact.before is not None
    phrases = [
        Text(f"{_count(count, kinds.en)} {_EVENTS[event].en}", f"{_count(count, kinds.fr)} {_EVENTS[event].fr}")
        for name, kinds in (*_KINDS.items(), ("", _OTHERS))
        for event in _EVENTS
        if (count := counts[name, event])
    ]
    phrases += [
        Text(_count(members[name], words.en), _count(members[name], words.fr))
        for name, words in _MEMBERS.items()
        if members[name]
    ]
    if not phrases:
        return Text("nothing changes", "rien ne change")
    return Text(", ".join(one.en for one in phrases), ", ".join(one.fr for one in phrases))


def _count(number: int, plural: str) -> str:
    """Return a number with the words it counts, which end in s or ies when they are several."""
    words = plural if number > 1 else re.sub(r"s\b", "", re.sub(r"ies\b", "y", plural))
    return f"{number} {words}"


def _kind(entity: Entity) -> str:
    iri = entity.subject.value if isinstance(entity.subject, ox.NamedNode) else ""
    kind = iri.removeprefix(f"{BASE}id/").partition("/")[0]
    return kind if kind in _KINDS else ""


def _events(entity: Entity) -> Iterator[str]:
    changed = {fact.predicate.value for fact in entity.facts}
    if entity.kind != "changed":
        # Without its class or name a thing is only spoken of: a list may print another name of a place.
        yield entity.kind if {_TYPE, _LABEL} & changed else "changed"
        return
    if _LABEL in changed:
        yield "renamed"
    if changed - {_LABEL, _INCLUDES}:
        yield "changed"
