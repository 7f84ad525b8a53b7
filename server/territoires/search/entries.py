"""What can be found: every thing of the graph that has a name, asked from the engine once per dataset version."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from territoires.engine import Engine
from territoires.errors import Language, Text
from territoires.formats import format_named
from territoires.guard import admit
from territoires.namespaces import BASE

_IDS: Final = f"{BASE}id/"
_UNNAMED: Final = Text("", "")

KINDS: Final[dict[str, Text]] = {
    "commune": Text("commune", "commune"),
    "intercommunality": Text("intercommunality", "intercommunalité"),
    "territory": Text("Territoire d'industrie", "Territoire d'industrie"),
    "department": Text("department", "département"),
    "region": Text("region", "région"),
    "collectivity": Text("overseas collectivity", "collectivité d'outre-mer"),
    "official": Text("public office holder", "responsable public"),
    "funder": Text("funder", "financeur"),
    "organisation": Text("organisation", "organisation"),
    "post": Text("post", "fonction"),
    "measure": Text("support measure", "mesure de soutien"),
    "axis": Text("axis", "axe"),
}
"""Kind in IRIs of the things that are found -> what people call one; the first comes first among equals."""

_LABELS: Final = "SELECT ?thing ?label (LANG(?label) AS ?language) { ?thing rdfs:label ?label }"
_CALLED: Final = "SELECT ?thing ?name {{ ?thing {} ?name }}"
_PROPERTIES: Final = (
    ("names", "skos:altLabel"),
    ("codes", "igeo:codeINSEE"),
    ("codes", "dct:identifier"),
    ("codes", "ti:siren"),
    ("former", "ti:formerCode"),
)
"""What they mean here, and the property; one at a time, since engines read faster than they join or merge."""
_INHABITANTS: Final = "SELECT ?commune ?inhabitants { ?commune ti:legalPopulation ?inhabitants }"
_AROUND: Final = (
    "SELECT ?commune ?department { ?commune ti:inDepartment ?department }",
    "SELECT ?commune ?collectivity { ?commune ti:inCollectivity ?collectivity }",
)
_GROUPS: Final = "SELECT ?commune ?group { ?commune ti:inIntercommunality ?group }"
_REGIONS: Final = "SELECT ?department ?region { ?department a ti:Department ; ti:inRegion ?region }"
_TERRITORIES: Final = """
SELECT ?territory ?inhabitants ?region {
  ?territory a ti:Territory .
  OPTIONAL { ?territory ti:population ?inhabitants }
  OPTIONAL { ?territory ti:filedUnder ?region }
}"""
_COVERED: Final = (
    "SELECT ?territory ?place { ?territory a ti:Territory ; ti:coversCommune ?place }",
    "SELECT ?territory ?place { ?territory a ti:Territory ; ti:includes ?place . ?place a ti:Intercommunality }",
    "SELECT ?territory ?place { ?territory a ti:Territory ; ti:coversDepartment ?place }",
    "SELECT ?territory ?place { ?territory a ti:Territory ; ti:countedUnder ?place }",
)


@dataclass(slots=True, eq=False)
class Entry:
    """A thing that can be found."""

    kind: str
    key: str
    label: Text
    names: tuple[str, ...] = ()
    """Other names."""
    codes: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    """Codes of communes that are now within this one."""
    inhabitants: int = 0
    within: Entry | None = None
    """The place that tells it from others of the same name: a department or region."""
    territories: tuple[Entry, ...] = ()
    """Those that cover a commune, have an intercommunality as a member, have communes in a department, or are counted
    under a region; latest phase first."""

    @property
    def iri(self) -> str:
        """IRI of the thing."""
        return f"{_IDS}{self.kind}/{self.key}"

    @property
    def phase(self) -> str:
        """Phase of a territory, as its IRI has it."""
        return self.key.partition("/")[0]


def gather(engine: Engine) -> list[Entry]:
    """Return everything of `KINDS` that the dataset of `engine` names; nothing where it has none under our IRIs.

    Raises:
        QueryError, OverloadedError: if the engine cannot answer.
    """
    found: dict[str, Entry] = {}
    for iri, label, language in _rows(engine, _LABELS):
        if iri.startswith(_IDS):
            kind, _, key = iri.removeprefix(_IDS).partition("/")
            if kind in KINDS:
                _label(found.setdefault(iri, Entry(sys.intern(kind), key, _UNNAMED)), label, language)
    for role, property_ in _PROPERTIES:
        for iri, name in _rows(engine, _CALLED.format(property_)):
            if entry := found.get(iri):
                names: tuple[str, ...] = getattr(entry, role)
                if name not in names:
                    setattr(entry, role, (*names, name))
    _place_communes(found, engine)
    _place_territories(found, engine)
    return list(found.values())


def _rows(engine: Engine, query: str) -> Iterator[list[str]]:
    """Yield the rows of an answer as plain strings, a tenth of the work that terms are; empty where unbound."""
    content = engine.run(admit(query, prefixes=True), format_named("csv"))
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline=""))
    next(rows)
    return rows


def _label(entry: Entry, label: str, language: str) -> None:
    if language == "en":
        entry.label = Text(label, entry.label.fr or label)
    else:
        entry.label = Text(entry.label.en or label, label)


def _place_communes(found: dict[str, Entry], engine: Engine) -> None:
    """Say where communes are, and add up their inhabitants for the places around them."""
    for iri, inhabitants in _rows(engine, _INHABITANTS):
        if commune := found.get(iri):
            commune.inhabitants = _number(inhabitants)
    for query in _AROUND:
        for iri, around in _rows(engine, query):
            commune, department = found.get(iri), found.get(around)
            if commune and department:
                commune.within = department
                department.inhabitants += commune.inhabitants
    for iri, around in _rows(engine, _REGIONS):
        department, region = found.get(iri), found.get(around)
        if department and region:
            department.within = region
            region.inhabitants += department.inhabitants
    _place_groups(found, engine)


def _place_groups(found: dict[str, Entry], engine: Engine) -> None:
    """Say in which department most communes of an intercommunality are, and add up its inhabitants."""
    departments: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for iri, around in _rows(engine, _GROUPS):
        commune, group = found.get(iri), found.get(around)
        if commune and group:
            group.inhabitants += commune.inhabitants
            if commune.within:
                departments[around][commune.within.iri] += 1
    for iri, counts in departments.items():
        found[iri].within = found[counts.most_common(1)[0][0]]


def _place_territories(found: dict[str, Entry], engine: Engine) -> None:
    """Say where territories are filed, and which places are in them."""
    for iri, inhabitants, region in _rows(engine, _TERRITORIES):
        if entry := found.get(iri):
            entry.inhabitants, entry.within = _number(inhabitants), found.get(region)
    for query in _COVERED:
        for iri, place in _rows(engine, query):
            if iri in found and place in found:
                territories = {*found[place].territories, found[iri]}
                found[place].territories = tuple(sorted(territories, key=lambda of: of.key, reverse=True))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def placed(entry: Entry, language: Language) -> str:
    """Return what tells a thing from others of its name: the place it is in, the phase of a territory; else nothing."""
    said = [entry.within.label.in_(language)] if entry.within else []
    if entry.kind == "territory":
        said.append(f"phase {entry.phase}")
    return ", ".join(said)


def places(entry: Entry) -> Iterator[Entry]:
    """Yield the places that `entry` is within, nearest first."""
    while entry.within:
        entry = entry.within
        yield entry
