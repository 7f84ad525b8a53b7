"""Finding things by what people type: whole name, then beginning, then words, then near misses."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from itertools import chain
from operator import itemgetter
from typing import Final, Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from territoires.search.entries import KINDS, Entry, places
from territoires.search.folding import LEGAL_FORMS, Folded, fold

Match = Literal["code", "former", "exact", "bare", "prefix", "words", "near"]
"""How a thing was found: by its code, by the code of a commune that is now within it, by its whole name (with the place
it is in, perhaps), by its name without articles or another name of it, by the beginning or words of a name, or by a
name that is spelt much like what was asked."""

SCORES: Final[dict[Match, float]] = {
    "code": 100, "exact": 100, "former": 95, "bare": 90, "prefix": 75, "words": 60, "near": 50,
}  # fmt: skip
LONGEST: Final = 100
"""Characters of a text to find that count."""
_NEAR: Final = 0.72
"""Least similarity (optimal string alignment, 0 to 1) of a near miss: one error in four letters, three in eleven."""
_NEARER: Final = 0.8
"""The same beside better hits."""
_SHORTEST_NEAR: Final = 3
_MOST_NEAR: Final = 100
_SURE: Final = frozenset({"code", "exact", "former", "bare"})
_GROUPED: Final = frozenset({"territory", "intercommunality"})
_GROUPED_FOR: Final = 10
"""So many inhabitants of a group of communes count as one of a commune, where only the beginning was typed."""
_ORDER: Final = {kind: -order for order, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found, and how well it answers."""

    entry: Entry
    match: Match
    score: float
    """0 to 100: `SCORES` of the match; for a near miss, that times its similarity."""


class _Keys:
    """Strings in order, each with the number of the entry that it leads to."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        ordered = sorted(pairs, key=itemgetter(0))  # stable, and twice as fast as by the pairs
        self.texts = [text for text, _ in ordered]
        self.entries = array("I", (number for _, number in ordered))

    def equal(self, text: str) -> Sequence[int]:
        start = bisect_left(self.texts, text)
        return self.entries[start : bisect_left(self.texts, text + "\0", start)]

    def starting(self, text: str) -> Sequence[int]:
        start = bisect_left(self.texts, text)
        return self.entries[start : bisect_left(self.texts, text + "\U0010ffff", start)]


class Index:
    """Names and codes of entries; it does not change once it is built."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        labels: list[tuple[str, int]] = []
        names: list[tuple[str, int]] = []
        words: list[tuple[str, int]] = []
        named: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, entry in enumerate(entries):
            for place, name in enumerate(_names(entry)):
                folded = fold(name)
                whole, telling = folded.whole, folded.telling
                (names if place else labels).append((whole, number))
                names.append((whole if telling is folded.words else "".join(telling), number))
                named[entry.kind].append(names[-1])
                words.extend([(word, number) for word in telling])
        self._labels, self._names, self._words = _Keys(labels), _Keys(names), _Keys(words)
        self._named = {kind: _Keys(pairs) for kind, pairs in named.items()}
        self._codes = _Keys((_code(code), n) for n, entry in enumerate(entries) for code in entry.codes)
        self._former = _Keys((code.casefold(), n) for n, entry in enumerate(entries) for code in entry.former)
        self._places = _words_of_places(entries)

    def __len__(self) -> int:
        """Return the number of things that can be found."""
        return len(self.entries)

    def get(self, iri: str) -> Entry | None:
        """Return the thing named `iri`, if it can be found here."""
        number = self._numbers.get(iri)
        return None if number is None else self.entries[number]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {entry.iri: number for number, entry in enumerate(self.entries)}

    def coded(self, code: str, kinds: frozenset[str] | None = None) -> list[Hit]:
        """Return what has exactly this code: an INSEE code, a SIREN, an identifier, or the code of a former commune.

        A code may be that of several things: `76` is a region and a department. What has a code now comes before what
        had it once.
        """
        key = _code(code.strip()[:LONGEST])
        return self._hits((("code", self._codes.equal(key)), ("former", self._former.equal(key))), kinds)

    def called(self, name: str, kinds: frozenset[str] | None = None) -> list[Hit]:
        """Return what is called exactly so, however it is spelt: accents, case, hyphens and articles do not count.

        What has the name as its label comes before what has it as another name. Several things may share a name.
        """
        asked = fold(name.strip()[:LONGEST])
        if not asked.words:
            return []
        exact, bare = self._labels.equal(asked.whole), (self._names.equal(asked.whole), self._names.equal(asked.bare))
        return self._hits((("exact", exact), ("bare", chain(*bare))), kinds)

    def _hits(self, found: Iterable[tuple[Match, Iterable[int]]], kinds: frozenset[str] | None) -> list[Hit]:
        """Return each thing of these kinds once, with the first way in which it was found."""
        matches: dict[int, Match] = {}
        for match, numbers in found:
            for number in numbers:
                if kinds is None or self.entries[number].kind in kinds:
                    matches.setdefault(number, match)
        return [Hit(self.entries[number], match, SCORES[match]) for number, match in matches.items()]

    def find(self, text: str, limit: int = 20, kinds: frozenset[str] | None = None) -> list[Hit]:
        """Return the best `limit` things called much like `text`, best first: by match, then by inhabitants.

        Args:
            text: a name, the beginning of one, words of one with the place it is in, or a code.
            limit: most things to return.
            kinds: only things of these kinds.
        """
        asked = fold(text[:LONGEST])
        if not asked.words:
            return []
        best: dict[int, tuple[float, Match]] = {}
        for match, found in self._matches(asked):
            if len(best) >= limit and match not in _SURE:
                break
            for number in found:
                if kinds is None or self.entries[number].kind in kinds:
                    best.setdefault(number, (SCORES[match], match))
        if len(best) < limit and all(match in {"prefix", "words"} for _, match in best.values()):
            for number, score in self._near(asked, _NEARER if best else _NEAR, kinds):
                best.setdefault(number, (score, "near"))
        # “Puy-en-Velay” is the town, “CA Puy-en-Velay” is not, though more people live in the intercommunality.
        group_asked = not LEGAL_FORMS.isdisjoint(asked.words)

        def rank(number: int) -> tuple[float, bool, int, int, int]:
            entry, score = self.entries[number], round(best[number][0])
            kind_fits = score < SCORES["bare"] or (entry.kind == "intercommunality") == group_asked
            around = score < SCORES["bare"] and not group_asked and entry.kind in _GROUPED
            inhabitants = entry.inhabitants // _GROUPED_FOR if around else entry.inhabitants
            return score, kind_fits, inhabitants, _ORDER[entry.kind], -number

        ranked = nlargest(limit, best, key=rank)
        return [Hit(self.entries[number], best[number][1], best[number][0]) for number in ranked]

    def _matches(self, asked: Folded) -> Iterator[tuple[Match, Iterable[int]]]:
        """Yield what is found in every way but by likeness, the best way first."""
        yield "code", self._codes.equal(asked.whole)
        yield "exact", self._labels.equal(asked.whole)
        yield "exact", (numbers := self._within_places(asked))[0]
        yield "former", self._former.equal(asked.whole)
        yield "bare", self._names.equal(asked.whole)
        yield "bare", self._names.equal(asked.bare)
        if len(asked.whole) > 1:
            codes = self._codes.starting(asked.whole) if asked.whole[0].isdigit() else ()
            yield "prefix", chain(self._labels.starting(asked.whole), self._names.starting(asked.bare), codes)
            yield "words", numbers[1]

    def _within_places(self, asked: Folded) -> tuple[set[int], set[int]]:
        """Return what has all words in its name or the names of its places, one in its name at least.

        First those whose whole name was asked with a place, as in “Valence Drôme”; then all.
        """
        *most, last = asked.telling
        named = [set(self._words.equal(word)) for word in most] + [set(self._words.starting(last))]
        placed = [self._places.get(word, frozenset[int]()) for word in asked.telling]
        found = set[int].union(*named)
        for in_name, in_place in zip(named, placed, strict=True):
            found = {number for number in found if number in in_name or id(self.entries[number].within) in in_place}
        whole = (
            {number for number in found if self._is_whole(number, asked)}
            if len(placed) > 1 and any(placed)
            else set[int]()
        )
        return whole, found

    def _is_whole(self, number: int, asked: Folded) -> bool:
        """Return whether the words asked are the name of a thing, and words of its place."""
        name, place = fold(self.entries[number].label.fr).telling, id(self.entries[number].within)
        rest = [word for word in asked.telling if word not in name]
        in_place = all(place in self._places.get(word, ()) for word in rest)
        return bool(rest) and in_place and tuple(word for word in asked.telling if word in name) == name

    def _near(self, asked: Folded, least: float, kinds: frozenset[str] | None) -> Iterator[tuple[int, float]]:
        """Yield what is spelt at least so much like `asked`, with its score."""
        if len(asked.bare) < _SHORTEST_NEAR:
            return
        for names in (keys for kind, keys in self._named.items() if kinds is None or kind in kinds):
            for _, similarity, position in process.extract(
                asked.bare, names.texts, scorer=OSA.normalized_similarity, score_cutoff=least, limit=_MOST_NEAR
            ):
                yield names.entries[position], SCORES["near"] * similarity


def _names(entry: Entry) -> Iterator[str]:
    """Yield the names of a thing, its label first, each also without, and as, what stands in parentheses."""
    labels = dict.fromkeys((entry.label.fr, entry.label.en, *entry.names))
    yield from labels
    for name in labels:
        before, opening, rest = name.partition("(")
        if opening:
            yield before
            yield rest.partition(")")[0]


def _code(text: str) -> str:
    """Return the folded form of a code; most are digits, for which this is ten times as fast."""
    return text if text.isdecimal() and text.isascii() else fold(text).whole


def _words_of_places(entries: Sequence[Entry]) -> dict[str, set[int]]:
    """Return the words and codes of places, each with the identities of the places whose things it tells apart."""
    words: defaultdict[str, set[int]] = defaultdict(set)
    direct = {id(entry.within): entry.within for entry in entries if entry.within}
    for identity, place in direct.items():
        for around in (place, *places(place)):
            for word in (*fold(around.label.fr).telling, *map(str.casefold, around.codes)):
                words[word].add(identity)
    return dict(words)
