"""Candidates for a query, each with a score that can be explained, and whether it is surely what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from territoires.reconcile.asking import Constraint, Query
from territoires.reconcile.properties import CODES, IDS
from territoires.search import SCORES, Entry, Hit, Index, Match, fold, places, unwrap

_AROUND: Final = {
    "inDepartment": frozenset({"department", "collectivity"}),
    "inRegion": frozenset({"region", "collectivity"}),
}
"""Property -> kinds of the places that it names."""
_COMMUNE: Final = frozenset({"commune"})
_CORSICA: Final = ["2A", "2B"]
_BETWEEN: Final = re.compile(r"\s[-–—:]\s|[()]")
_PLACE_CODE: Final = re.compile(r"(?:FR-)?0?([0-9]{1,3}|2[AB])(?:[.,]0+|[DM])?", re.IGNORECASE)
_BEFORE: Final = re.compile(
    r"^(?:d[ée]p(?:artement|t)?\.?|r[ée]gion|ville|m[ée]tropole)\s+(?:de\s+la\s+|de\s+l['’]|des\s+|du\s+|de\s+|d['’])?",
    re.IGNORECASE,
)
"""What people put before the name of a department or region."""
_AFTER_CODE: Final = re.compile(r"^[0-9]{5}\s+(?=[^\W\d_])")
"""A code before a name: the name is asked."""
_SHORTENED: Final = re.compile(r"[0-9]{4}")
_BLANKS: Final = re.compile(r"[\s\u00a0\u202f]+")
_PHASE: Final = re.compile(r"[0-9]+")
_POOL: Final = 100
"""Candidates that are looked at, so that namesakes are seen."""
_NAMED: Final[frozenset[Match]] = frozenset({"exact", "bare"})
_UNLIKE: Final[frozenset[Match]] = frozenset({"prefix", "words", "near"})
_NEAR: Final = 90.0
"""Score of a name that is spelt the same but for nothing; times the likeness."""
_MISS: Final = 30.0
"""What each property that is not as asked takes away."""


class _Bar(NamedTuple):
    """What a name that is not quite what was asked must reach to be taken for it."""

    likeness: float
    """Least likeness (optimal string alignment, 0 to 1)."""
    gap: float
    """How much less the next name must be like it."""
    letters: int
    """Fewest letters of what was asked: in short names one other letter makes another name."""


_TOLD: Final = _Bar(likeness=0.75, gap=0.05, letters=4)
"""Where a property, such as the department, speaks for the thing."""
_ALONE: Final = _Bar(likeness=0.85, gap=0.1, letters=6)
"""Where the name alone does, and one type was asked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be meant."""

    entry: Entry
    match: Match
    score: float
    """0 to 100."""
    likeness: float
    """0 to 1: how much its name is like what was asked; 1 for a code."""
    properties: dict[str, bool] = field(default_factory=dict)
    """Property that was asked -> whether it is so; without those that the thing cannot have."""
    sure: bool = False
    """Whether it is surely what was meant, and nothing else can be."""

    @property
    def fits(self) -> bool:
        """Whether no property speaks against it."""
        return all(self.properties.values())


def reconcile(index: Index, query: Query) -> list[Candidate]:
    """Return the candidates for a query, best first; at most one of them is sure."""
    meant = {one.property: _places(index, one) for one in query.constraints if one.property in _AROUND}
    asked = fold(query.text).bare
    found = [_judged(hit, asked, query.constraints, meant) for hit in _hits(index, query)]
    found.sort(key=lambda one: -one.score)  # stable: among equals the index knows best
    sure = _sure(found, query, len(asked))
    return [replace(one, sure=True) if one is sure else one for one in found[: query.limit]]


def _hits(index: Index, query: Query) -> Iterator[Hit]:
    """Yield what may be meant, each thing once."""
    seen: set[str] = set()
    for hit in _found(index, query):
        if hit.entry.iri not in seen:
            seen.add(hit.entry.iri)
            yield hit


def _found(index: Index, query: Query) -> Iterator[Hit]:
    for constraint in query.constraints:
        if constraint.property in CODES:
            for code in _written(constraint):
                yield from index.coded(code, query.kinds)
    text = _AFTER_CODE.sub("", query.text.strip().removeprefix(IDS))
    entry = index.get(IDS + text)
    if entry and (query.kinds is None or entry.kind in query.kinds):
        yield Hit(entry, "code", SCORES["code"])
    if _SHORTENED.fullmatch(text):  # a code without its zero: likely, not sure
        kinds = _COMMUNE if query.kinds is None else _COMMUNE & query.kinds
        yield from (Hit(hit.entry, "bare", SCORES["bare"]) for hit in index.coded(f"0{text}", kinds))
    hits = index.find(text, _POOL, query.kinds)
    wording = None if any(hit.match in _NAMED for hit in hits) else unwrap(text)
    if wording and wording.kind and (query.kinds is None or wording.kind in query.kinds):
        yield from (hit for hit in index.find(wording.name, _POOL, frozenset({wording.kind})) if hit.match in _NAMED)
    yield from hits


def _judged(hit: Hit, asked: str, constraints: Iterable[Constraint], meant: Mapping[str, frozenset[str]]) -> Candidate:
    likeness, score = 1.0, hit.score
    if hit.match in _UNLIKE:
        names = (fold(name).bare for name in (hit.entry.label.fr, *hit.entry.names))
        likeness = max(OSA.normalized_similarity(asked, name) for name in names)
        score = max(score, _NEAR * likeness)
    properties = {
        constraint.property: so
        for constraint in constraints
        if (so := _holds(hit.entry, constraint, meant)) is not None
    }
    score = max(0.0, score - _MISS * sum(not so for so in properties.values()))
    return Candidate(hit.entry, hit.match, score, likeness, properties)


def _holds(entry: Entry, asked: Constraint, meant: Mapping[str, frozenset[str]]) -> bool | None:
    """Return whether a thing has the property so; None where it has none, or nobody knows what was meant."""
    if asked.property in CODES:
        codes = {code.casefold() for code in (*entry.codes, *entry.former)}
        return not codes.isdisjoint(_written(asked)) if codes else None
    if asked.property == "phase":
        phases = {digit for value in asked.values for digit in _PHASE.findall(value)}
        return entry.phase in phases if entry.kind == "territory" and phases else None
    around = [place.iri for place in places(entry) if place.kind in _AROUND.get(asked.property, ())]
    if not around or not meant.get(asked.property):
        return None
    return not meant[asked.property].isdisjoint(around)


def _written(asked: Constraint) -> set[str]:
    """Return codes as they are written officially: without blanks and decimals, with their first zero."""
    codes = {_BLANKS.sub("", value.casefold()).removesuffix(".0") for value in asked.values}
    return codes | {f"0{code}" for code in codes if _SHORTENED.fullmatch(code)}


def _places(index: Index, asked: Constraint) -> frozenset[str]:
    """Return the IRIs of the departments or regions that values name, by identifier, code or name, as “81 - Tarn”."""
    kinds, found = _AROUND[asked.property], set[str]()
    for value in asked.values:
        if entry := index.get(IDS + value.strip().removeprefix(IDS)):
            found.add(entry.iri)
        for part in filter(None, map(str.strip, _BETWEEN.split(value))):
            code = _PLACE_CODE.fullmatch(part)
            codes = _CORSICA if code and code[1] == "20" else [code[1].upper().zfill(2)] if code else []
            hits = [hit for one in codes for hit in index.coded(one, kinds)]
            hits = hits or index.called(_BEFORE.sub("", part), kinds) or index.called(part, kinds)
            found |= {hit.entry.iri for hit in hits}
    return frozenset(found)


def _sure(found: list[Candidate], query: Query, letters: int) -> Candidate | None:
    """Return the candidate that alone can be meant: by code, by its whole name, or by a name that is almost it."""
    fitting = [one for one in found if one.fits]
    most = max((len(one.properties) for one in fitting), default=0)
    fitting = [one for one in fitting if len(one.properties) == most]
    for matches in ({"code"}, {"exact"}, {"former"}, {"bare"}):
        these = [one for one in fitting if one.match in matches]
        if these:
            return these[0] if len(these) == 1 else None
    bar = _TOLD if any(one.properties for one in fitting) else _ALONE
    if bar is _ALONE and (query.kinds is None or len(query.kinds) > 1):
        return None
    if not fitting or letters < bar.letters:
        return None
    best, *rest = sorted(fitting, key=lambda one: -one.likeness)
    if best.likeness < bar.likeness:
        return None
    return best if not rest or rest[0].likeness <= best.likeness - bar.gap else None
