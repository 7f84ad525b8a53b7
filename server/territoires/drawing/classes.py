"""The class diagram of an ontology: families of classes as boxes in three columns, properties as labelled arrows.

A family is a class under no other of the ontology, with its subclasses listed in its box. What only points stands
left, what is mostly pointed at stands right, the rest between. All properties from one family to another share one
arrow, with their names above it in a slot of their own, so that no two labels meet; a property within a column is a
line of its box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from statistics import fmean
from typing import Final, TypeVar

from territoires.drawing.families import Families, Tie
from territoires.errors import Language
from territoires.vocabulary import Vocabulary, VocabularyTerm

_BOX: Final = 230
_GAP: Final = 214
_SLOT: Final = 164
"""Width of the level part of an arrow, above which its names stand."""
_LINE: Final = 18
_HEAD: Final = 30
_SPACE: Final = 24
_SWEEPS: Final = 4
_LETTERS: Final = 30
"""Longest text of a line, in characters; the page says the whole."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that leads to a term; its place is where it starts, in a box, or its middle, on an arrow."""

    x: int
    y: int
    text: str
    term: VocabularyTerm


@dataclass(frozen=True, slots=True)
class Box:
    """A family of classes: its name, its subclasses, then the properties that stay in the column."""

    x: int
    y: int
    width: int
    height: int
    head: Line
    classes: tuple[Line, ...]
    properties: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line through `points` to a family, with the names of its properties."""

    points: tuple[tuple[int, int], ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ClassDiagram:
    """The whole drawing, in pixels."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass(slots=True, eq=False)
class _Node:
    """What takes room in a column: a family, or the passage of a long arrow."""

    height: int
    column: int
    top: int = 0

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def draw_classes(vocabulary: Vocabulary, language: Language) -> ClassDiagram | None:
    """Return the diagram with names in `language`, or None where no class points to another.

    Left out: the inverses of properties that the data states, and properties of anything (`owl:Thing`).
    """
    families = Families(vocabulary)
    if not families.ties:
        return None
    return _Layout(families, language).draw()


def _settle(wishes: Iterable[tuple[float, int, _T]], total: int) -> list[tuple[_T, int]]:
    """Return the top of each thing: as near as may be to where its middle is wished, one below the other.

    Args:
        wishes: wished middle, height with the space around it, and the thing.
        total: height within which all must stand; it is enough for them.
    """
    ordered = sorted(wishes, key=lambda wish: wish[0])
    tops: list[int] = []
    floor = 0
    for middle, room, _ in ordered:
        top = floor if middle == inf else max(floor, round(middle - room / 2))
        tops.append(top)
        floor = top + room
    ceiling = total
    for number in reversed(range(len(ordered))):
        tops[number] = min(tops[number], ceiling - ordered[number][1])
        ceiling = tops[number]
    return [(thing, top) for (_, _, thing), top in zip(ordered, tops, strict=True)]


class _Layout:
    def __init__(self, families: Families, language: Language) -> None:
        self._families = families
        self._language = language
        column = families.columns()
        self._inner: dict[str, list[VocabularyTerm]] = defaultdict(list)
        self._across: dict[Tie, list[VocabularyTerm]] = {}
        for tie, terms in sorted(families.ties.items()):
            if column[tie[0]] == column[tie[1]]:
                self._inner[tie[0]] += terms
            else:
                self._across[tie] = terms
        self._nodes: dict[str | Tie, _Node] = {
            one: _Node(_HEAD + _LINE * (len(members) - 1 + len(self._inner[one])) + 8, column[one])
            for one, members in sorted(families.members.items())
        }
        long = [tie for tie in self._across if abs(column[tie[0]] - column[tie[1]]) > 1]
        self._nodes |= {tie: _Node(0, 1) for tie in long}
        self._columns = max(column.values()) + 1

    def draw(self) -> ClassDiagram:
        """Place boxes, then the slots of the arrows between them, then the arrows."""
        gaps = [[tie for tie in self._across if self._crosses(tie, gap)] for gap in range(self._columns - 1)]
        rooms = [sum(self._room(tie, number) for tie in gap) for number, gap in enumerate(gaps)]
        rooms += [sum(node.height + _SPACE for node in self._in_column(number)) for number in range(self._columns)]
        total = max(rooms)
        self._place(total)
        slots = [self._slots(gap, number, total) for number, gap in enumerate(gaps)]
        ports = self._ports(slots)
        arrows = tuple(self._arrow(tie, slots, ports) for tie in self._across)
        boxes = tuple(self._box(one) for one in self._families.members)
        return ClassDiagram(self._columns * _BOX + (self._columns - 1) * _GAP, total, boxes, arrows)

    def _in_column(self, number: int) -> list[_Node]:
        return [node for node in self._nodes.values() if node.column == number]

    def _path(self, tie: Tie) -> list[_Node]:
        """Return what an arrow leads through, from left to right."""
        nodes = [self._nodes[tie[0]], self._nodes[tie[1]]]
        nodes += [self._nodes[tie]] if tie in self._nodes else []
        return sorted(nodes, key=lambda node: node.column)

    def _crosses(self, tie: Tie, gap: int) -> bool:
        path = self._path(tie)
        return path[0].column <= gap < path[-1].column

    def _room(self, tie: Tie, gap: int) -> int:
        """Return the height that an arrow needs in a gap: its names stand in the first."""
        first = self._path(tie)[0].column == gap
        return _LINE * len(self._across[tie]) * first + _SPACE

    def _place(self, total: int) -> None:
        """Spread each column over the height, then draw its boxes, in turns, towards what they are tied to."""
        for number in range(self._columns):
            nodes = self._in_column(number)
            spare = (total - sum(node.height for node in nodes)) / len(nodes)
            top = spare / 2
            for node in nodes:
                node.top = round(top)
                top += node.height + spare
        for sweep in range(_SWEEPS):
            for number in range(self._columns) if sweep % 2 else reversed(range(self._columns)):
                wishes = [(self._pull(node), node.height + _SPACE, node) for node in self._in_column(number)]
                for node, top in _settle(wishes, total):
                    node.top = top + _SPACE // 2

    def _pull(self, node: _Node) -> float:
        """Return where the middle of a node is wished: at that of what it is tied to; below all without ties."""
        others = [
            (other.middle, len(terms))
            for tie, terms in self._across.items()
            if node in self._path(tie)
            for other in self._path(tie)
            if abs(other.column - node.column) == 1
        ]
        return fmean(*zip(*others, strict=True)) if others else inf

    def _slots(self, ties: Iterable[Tie], gap: int, total: int) -> dict[Tie, int]:
        """Return the height at which each arrow crosses a gap: near its ends, and clear of the labels of the others."""
        wishes = [
            (fmean(node.middle for node in self._path(tie) if node.column in {gap, gap + 1}), self._room(tie, gap), tie)
            for tie in ties
        ]
        return {tie: top + self._room(tie, gap) - 8 for tie, top in _settle(wishes, total)}

    def _ports(self, slots: Sequence[dict[Tie, int]]) -> dict[tuple[Tie, int], tuple[int, int]]:
        """Return, for each arrow and gap, the heights at which it leaves the left column and meets the right one."""
        ends: dict[tuple[Tie, int], list[int]] = {(tie, gap): [0, 0] for gap, ties in enumerate(slots) for tie in ties}
        for gap, ties in enumerate(slots):
            for side in (0, 1):
                by_node: dict[int, list[Tie]] = defaultdict(list)
                nodes = {id(node): node for node in self._in_column(gap + side)}
                for tie in sorted(ties, key=ties.__getitem__):
                    [node] = [node for node in self._path(tie) if node.column == gap + side]
                    by_node[id(node)].append(tie)
                for key, meeting in by_node.items():
                    node = nodes[key]
                    for order, tie in enumerate(meeting, start=1):
                        ends[tie, gap][side] = round(node.top + node.height * order / (len(meeting) + 1))
        return {key: (left, right) for key, (left, right) in ends.items()}

    def _arrow(self, tie: Tie, slots: Sequence[dict[Tie, int]], ports: dict[tuple[Tie, int], tuple[int, int]]) -> Arrow:
        points: list[tuple[int, int]] = []
        lines: list[Line] = []
        for gap, ties in enumerate(slots):
            if tie not in ties:
                continue
            left = (gap + 1) * _BOX + gap * _GAP
            start, level = left + (_GAP - _SLOT) // 2, ties[tie]
            out, in_ = ports[tie, gap]
            points += [(left, out), (start, level), (start + _SLOT, level), (left + _GAP, in_)]
            if not lines:
                terms = self._across[tie]
                middle, top = start + _SLOT // 2, level - 6 - _LINE * (len(terms) - 1)
                lines = [
                    Line(middle, top + _LINE * number, self._text(term), term) for number, term in enumerate(terms)
                ]
        backwards = self._nodes[tie[0]].column > self._nodes[tie[1]].column
        return Arrow(tuple(reversed(points) if backwards else points), tuple(lines))

    def _box(self, family: str) -> Box:
        node = self._nodes[family]
        x, y = node.column * (_BOX + _GAP), node.top
        term = self._families.terms[family]
        members = [one for one in self._families.members[family] if one.iri != family]
        heights: Callable[[int], int] = lambda line: y + _HEAD + 12 + _LINE * line  # noqa: E731  (one expression)
        classes = [Line(x + 24, heights(order), self._text(one), one) for order, one in enumerate(members)]
        inner = [
            Line(x + 12, heights(order), _cut(f"{self._text(one)} → {self._targets(one)}"), one)
            for order, one in enumerate(self._inner[family], start=len(members))
        ]
        return Box(x, y, _BOX, node.height, Line(x + 12, y + 20, self._text(term), term), tuple(classes), tuple(inner))

    def _targets(self, term: VocabularyTerm) -> str:
        return ", ".join(self._text(self._families.terms[one]) for one in term.relations["rdfs:range"])

    def _text(self, term: VocabularyTerm) -> str:
        return _cut(term.label(self._language))


def _cut(text: str) -> str:
    return text if len(text) <= _LETTERS else text[: _LETTERS - 1].rstrip() + "…"
