"""From what was found to what people asked: is this place in a territory, and which did they mean?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from territoires.search.entries import Entry
from territoires.search.hints import Hint, hint
from territoires.search.index import Hit, Index
from territoires.search.wordings import unwrap

CURRENT: Final = "2"
"""The phase that people mean when they ask whether a place is in a territory, as IRIs have it."""
_ASKED: Final = frozenset({"commune", "intercommunality"})
_SURE: Final = frozenset({"code", "exact", "former", "bare"})
_COMMUNES: Final = frozenset({"commune"})
_LEADING: Final = frozenset({"region", "department"})
"""Kinds that people mean by their word, though an institution has the very name: “Région Occitanie”."""
_NEIGHBOURS: Final = 5
_POSTAL_CITIES: Final = {"13": 16, "69": 9}
"""Department -> arrondissements of its city, whose postal codes do not end with 0: `13001`, `69009`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search leads to."""

    text: str
    hits: Sequence[Hit]
    """What was found, best first; for what may be a postal code, the places that begin with its department's code."""
    answer: Entry | None = None
    """The one commune or intercommunality that was asked for."""
    guessed: bool = False
    """Whether `answer` or `one` is not what was asked but the only thing that comes near."""
    one: Entry | None = None
    """The one thing of another kind that was asked for."""
    choices: Sequence[Entry] = ()
    """Things of the very name that was asked, when there are several."""
    hint: Hint | None = None
    """What the text is, if it is no name and no code that we hold."""
    around: Sequence[Entry] = ()
    """For an INSEE code that may be meant as a postal code: the largest communes of its department."""

    @property
    def others(self) -> list[Hit]:
        """What was found beside the answer and the choices."""
        said = [self.answer, self.one, *self.choices]
        return [hit for hit in self.hits if not any(hit.entry is entry for entry in said)]


def look_up(index: Index, text: str, limit: int) -> Finding:
    """Return what `text` leads to, with at most `limit` hits."""
    known, hits = hint(text), index.find(text, limit)
    if known and known.kind == "arrondissement":
        hits = index.find(known.code, limit)
    elif known and not hits:
        return Finding(text, _around(index, known.code, limit), hint=known)
    if not known and (named := _unwrapped(index, text, hits, limit)):
        return named
    finding = _decide(text, hits, hint_=known)
    if finding.answer and known and may_be_postal(text.strip()):
        around = [hit.entry for hit in _around(index, known.code, _NEIGHBOURS + 2) if hit.entry.kind == "commune"]
        others = [entry for entry in around if entry is not finding.answer][:_NEIGHBOURS]
        return replace(finding, around=others)
    return finding


def may_be_postal(code: str) -> bool:
    """Return whether five digits are also how a postal code is written: most end with 0, those of big cities do not."""
    return len(code) == len("81100") and (code[-1] == "0" or 1 <= int(code[2:]) <= _POSTAL_CITIES.get(code[:2], 0))


def _decide(text: str, hits: Sequence[Hit], *, hint_: Hint | None = None) -> Finding:
    """Tell whether one thing was asked for, or several have that name, or one alone comes near."""
    sure = [hit.entry for hit in hits if hit.match in _SURE and hit.score == hits[0].score]
    # A territory is often named for the commune in it: whoever asks for that name asks for the commune.
    first = next((entry for entry in sure if entry.kind != "territory"), None)
    if first and first.kind in _ASKED and sum(entry.kind == first.kind for entry in sure) == 1:
        return Finding(text, hits, answer=first, hint=hint_)
    if len(sure) > 1:
        return Finding(text, hits, choices=sure, hint=hint_)
    only = sure[0] if sure else hits[0].entry if len(hits) == 1 else None
    if only and only.kind in _ASKED:
        return Finding(text, hits, answer=only, guessed=True, hint=hint_)
    return Finding(text, hits, one=only, guessed=only is not None and not sure, hint=hint_)


def _unwrapped(index: Index, text: str, hits: Sequence[Hit], limit: int) -> Finding | None:
    """Return what the name within “région …” or “Grand …” leads to, where the whole is no name or means a place."""
    wording = unwrap(text)
    if wording is None or (any(hit.match in _SURE for hit in hits) and wording.kind not in _LEADING):
        return None
    kinds = frozenset({wording.kind}) if wording.kind else None
    named = [hit for hit in index.find(wording.name, limit, kinds) if hit.match in _SURE]
    if not named:
        return None
    finding = _decide(text, named)
    listed = {hit.entry.iri for hit in named}
    rest = [hit for hit in hits if hit.match != "near" and hit.entry.iri not in listed]
    return replace(finding, hits=[*named, *rest][:limit], guessed=wording.kind is None)


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
