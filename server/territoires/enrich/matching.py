"""From the cells of a row to a place and the territories that it is in, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from territoires.answers import select
from territoires.engine import Engine
from territoires.enrich.codes import restored
from territoires.enrich.columns import PLACES, Columns
from territoires.search import Entry, Hit, Index, fold, places

Phase = Literal["1", "2", "all"]
How = Literal["code", "code restauré", "ancien code", "arrondissement", "nom", "nom et département", ""]
"""How a place was found, as the output says it; empty where none was."""

_STATUS: Final = "SELECT ?thing ?label { ?thing ti:computedStatus/rdfs:label ?label FILTER(LANG(?label) = 'fr') }"
_EITHER: Final = frozenset({"department", "region"})
_MOST_CACHED: Final = 200_000
_CANDIDATES: Final = 5
_SEPARATOR: Final = " | "


@dataclass(frozen=True, slots=True)
class Match:
    """What a row leads to."""

    entry: Entry | None
    how: How
    remark: str = ""
    """Why there is no place, or what is special about how it was found; French, for the output."""
    problem: str = ""
    """Short name of the reason, by which the report counts; empty where a place was found."""


class Matcher:
    """Finds places and their territories; what was asked once is remembered.

    Args:
        engine: tells the status of territories.
        index: knows codes and names.
        phase: of the territories that are added; “all”: of both.
    """

    def __init__(self, engine: Engine, index: Index, phase: Phase = "2") -> None:
        self.index = index
        self._phase = phase
        self._statuses = {row["thing"].value: row["label"].value for row in select(engine, _STATUS)}
        self._known: dict[tuple[str, ...], tuple[Match, tuple[str, ...]]] = {}

    def row(self, columns: Columns, cells: Sequence[str]) -> tuple[Match, tuple[str, ...]]:
        """Return what a row leads to, and the cells that are added for it (`process.COLUMNS`)."""
        used = columns.used()
        key = tuple(cells[position] for _, position in used)
        known = self._known.get(key)
        if known is None:
            match = self._match({kind: cells[position].strip() for kind, position in used})
            known = match, self._cells(match)
            if len(self._known) >= _MOST_CACHED:
                self._known.clear()
            self._known[key] = known
        return known

    def _match(self, values: Mapping[str, str]) -> Match:
        kind = next((kind for kind, value in values.items() if value), None)
        if kind is None:
            return Match(None, "", "aucune valeur dans les colonnes reconnues", "vide")
        value = values[kind]
        if kind in _EITHER and next(iter(values)) not in _EITHER:
            return Match(None, "", f"rien de plus précis que {value}", "vide")
        if kind not in PLACES or (kind in _EITHER and any(map(str.isdecimal, value))):
            match = self._coded(kind, value)
            return _doubted(match, values.get("commune-name", "")) if kind == "commune" else match
        return self._named(PLACES[kind], value, self._around(values) if kind == "commune-name" else None)

    def _coded(self, kind: str, value: str) -> Match:
        found = restored(self.index, kind, value)
        if found is None:
            if "E+" in value.upper():
                return Match(None, "", f"« {value} » a été arrondi par un tableur : le code est perdu", "code perdu")
            return Match(None, "", f"code inconnu : {value}", "code inconnu")
        entry, hit = found.hit.entry, found.hit
        if found.part_of:
            return Match(entry, "arrondissement", f"arrondissement de {entry.label.fr}")
        if hit.match == "former":
            return Match(entry, "ancien code", f"{found.code} est aujourd'hui dans {entry.label.fr} ({entry.key})")
        if found.changed:
            return Match(entry, "code restauré", f"{value} lu comme {found.code}")
        return Match(entry, "code")

    def _around(self, values: Mapping[str, str]) -> Entry | None:
        """Return the department that a row names."""
        value = values.get("department", "")
        if found := restored(self.index, "department", value):
            return found.hit.entry
        hits = self.index.called(value, frozenset({"department", "collectivity"}))
        return hits[0].entry if len(hits) == 1 else None

    def _named(self, kind: str, name: str, department: Entry | None) -> Match:
        kinds = frozenset({kind})
        hits = self.index.called(name, kinds)
        if department:
            hits = [hit for hit in hits if any(place is department for place in places(hit.entry))]
        exact = [hit for hit in hits if hit.match == "exact"] or hits
        if len(exact) == 1:
            return Match(exact[0].entry, "nom et département" if department else "nom")
        if exact:
            listed = ", ".join(f"{hit.entry.label.fr} ({hit.entry.key})" for hit in exact[:_CANDIDATES])
            more = "…" if len(exact) > _CANDIDATES else ""
            return Match(None, "", f"plusieurs s'appellent ainsi : {listed}{more}", "nom ambigu")
        where = f" dans {department.label.fr}" if department else ""
        return Match(None, "", f"nom inconnu{where} : {name}{self._guess(kinds, name, department)}", "nom inconnu")

    def _guess(self, kinds: frozenset[str], name: str, department: Entry | None) -> str:
        near: list[Hit] = [
            hit
            for hit in self.index.find(name, 20, kinds)
            if hit.match in {"near", "prefix"} and (not department or department in places(hit.entry))
        ]
        return f" (peut-être {near[0].entry.label.fr}, {near[0].entry.key})" if near else ""

    def _cells(self, match: Match) -> tuple[str, ...]:
        entry = match.entry
        if entry is None:
            return ("",) * 8 + ("", match.remark)
        territories = [one for one in entry.territories if self._phase in {"all", one.phase}]
        territories.sort(key=lambda one: (-int(one.phase), one.key))  # the latest phase first
        phase = "" if self._phase == "all" else f" en phase {self._phase}"
        remark = (
            match.remark if territories else "; ".join(filter(None, (match.remark, f"dans aucun territoire{phase}")))
        )
        return (
            entry.key,
            entry.label.fr,
            _joined(one.key.partition("/")[2] for one in territories),
            _joined(one.label.fr for one in territories),
            _joined(one.phase for one in territories),
            _joined(self._statuses.get(one.iri, "") for one in territories),
            _joined(one.within.label.fr if one.within else "" for one in territories),
            _joined(one.iri for one in territories),
            match.how,
            remark,
        )


def _doubted(match: Match, name: str) -> Match:
    """Return a match by code, with a remark where the row calls the commune otherwise."""
    entry = match.entry
    if entry is None or match.how not in {"code", "code restauré"} or not name:
        return match
    said = fold(name).bare
    # Lists cut names short, or add to them: only another name altogether is worth a word.
    if any(said in own or own in said for own in (fold(one).bare for one in (entry.label.fr, *entry.names))):
        return match
    remark = f"la ligne dit « {name} », le code est celui de {entry.label.fr}"
    return replace(match, remark="; ".join(filter(None, (match.remark, remark))))


def _joined(values: object) -> str:
    return _SEPARATOR.join(values)  # type: ignore[arg-type]
