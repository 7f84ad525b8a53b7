"""From what was found to what people asked: is this place in a territory, and which did they mean?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from territoires.search.entries import Entry
from territoires.search.hints import Hint, hint
from territoires.search.index import Hit, Index

CURRENT: Final = "2"
"""The phase that people mean when they ask whether a place is in a territory, as IRIs have it."""
_ASKED: Final = frozenset({"commune", "intercommunality"})
_SURE: Final = frozenset({"code", "exact", "former", "bare"})
_COMMUNES: Final = frozenset({"commune"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search leads to."""

    text: str
    hits: Sequence[Hit]
    """What was found, best first; for what may be a postal code, the places that begin with its department's code."""
    answer: Entry | None = None
    """The one commune or intercommunality that was asked for."""
    choices: Sequence[Entry] = ()
    """Things of the very name that was asked, when there are several."""
    hint: Hint | None = None
    """What the text is, if it is no name and no code that we hold."""

    @property
    def others(self) -> list[Hit]:
        """What was found beside the answer and the choices."""
        said = [self.answer, *self.choices]
        return [hit for hit in self.hits if not any(hit.entry is entry for entry in said)]


def look_up(index: Index, text: str, limit: int) -> Finding:
    """Return what `text` leads to, with at most `limit` hits."""
    known, hits = hint(text), index.find(text, limit)
    if known and known.kind == "arrondissement":
        hits = index.find(known.code, limit)
    elif known and not hits:
        return Finding(text, _around(index, known.code, limit), hint=known)
    sure = [hit.entry for hit in hits if hit.match in _SURE and hit.score == hits[0].score]
    # A territory is often named for the commune in it: whoever asks for that name asks for the commune.
    first = next((entry for entry in sure if entry.kind != "territory"), None)
    if first and first.kind in _ASKED and sum(entry.kind == first.kind for entry in sure) == 1:
        return Finding(text, hits, answer=first, hint=known)
    return Finding(text, hits, choices=sure if len(sure) > 1 else (), hint=known)


def _around(index: Index, department: str, limit: int) -> list[Hit]:
    """Return the department of that code, and its largest communes."""
    own = [hit for hit in index.find(department, limit) if hit.match == "code" and hit.entry.kind != "region"]
    return (own + [hit for hit in index.find(department, limit, _COMMUNES) if hit.match == "prefix"])[:limit]


def now(entry: Entry) -> list[Entry]:
    """Return the territories of the current phase that a place is in."""
    return [territory for territory in entry.territories if territory.phase == CURRENT]


def before(entry: Entry) -> list[Entry]:
    """Return the territories of earlier phases that a place was in."""
    return [territory for territory in entry.territories if territory.phase < CURRENT]
