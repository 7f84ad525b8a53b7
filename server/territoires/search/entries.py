"""What can be found: every thing of the graph that has a name, asked from the engine once per dataset version."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from territoires.engine import Engine
from territoires.errors import Text
from territoires.formats import format_named
from territoires.guard import admit
from territoires.namespaces import BASE

_IDS: Final = f"{BASE}id/"

KINDS: Final[dict[str, tuple[str, Text]]] = {
    "commune": ("ti:Commune", Text("commune", "commune")),
    "intercommunality": ("ti:Intercommunality", Text("intercommunality", "intercommunalité")),
    "territory": ("ti:Territory", Text("Territoire d'industrie", "Territoire d'industrie")),
    "department": ("ti:Department", Text("department", "département")),
    "region": ("ti:Region", Text("region", "région")),
    "collectivity": ("ti:OverseasCollectivity", Text("overseas collectivity", "collectivité d'outre-mer")),
    "official": ("ti:Official", Text("public office holder", "responsable public")),
    "funder": ("ti:Funder", Text("funder", "financeur")),
    "organisation": ("ti:Organisation", Text("organisation", "organisation")),
    "post": ("ti:Post", Text("post", "fonction")),
    "measure": ("ti:SupportMeasure", Text("support measure", "mesure de soutien")),
    "axis": ("ti:Axis", Text("axis", "axe")),
}
"""Kind in IRIs -> class of the things that are found, and what people call one; the first comes first among equals."""

_PROPERTIES: Final = {
    "label": "rdfs:label",
    "names": "skos:altLabel",
    "codes": "igeo:codeINSEE|dct:identifier|ti:siren",
    "former": "ti:formerCode",
}
_NAMES: Final = (
    'SELECT ?thing ?name (LANG(?name) AS ?language) {{ ?thing a {} ; {} ?name FILTER(STRSTARTS(STR(?thing), "{}")) }}'
)
_COMMUNES: Final = """
SELECT ?commune ?inhabitants ?department {
  ?commune a ti:Commune .
  OPTIONAL { ?commune ti:legalPopulation ?inhabitants }
  OPTIONAL { ?commune ti:inDepartment|ti:inCollectivity ?department }
}"""
_GROUPS: Final = "SELECT ?commune ?group { ?commune a ti:Commune ; ti:inIntercommunality ?group }"
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
)


@dataclass(slots=True)
class Entry:
    """A thing that can be found."""

    kind: str
    key: str
    label: Text
    names: list[str] = field(default_factory=list)
    """Other names."""
    codes: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    """Codes of communes that are now within this one."""
    inhabitants: int = 0
    within: Entry | None = None
    """The place that tells it from others of the same name: a department or region."""
    territories: list[Entry] = field(default_factory=list)
    """Those that cover a commune, or that have an intercommunality as a member; latest phase first."""

    @property
    def iri(self) -> str:
        """IRI of the thing."""
        return f"{_IDS}{self.kind}/{self.key}"

    @property
    def phase(self) -> str:
        """Phase of a territory, as its IRI has it."""
        return self.key.partition("/")[0]


def gather(engine: Engine) -> list[Entry]:
    """Return everything of `KINDS` that the dataset of `engine` names; nothing where it knows none of these classes.

    Raises:
        QueryError, OverloadedError: if the engine cannot answer.
    """
    found: dict[str, Entry] = {}
    for kind, (class_, _) in KINDS.items():
        for role, property_ in _PROPERTIES.items():
            for iri, name, language in _rows(engine, _NAMES.format(class_, property_, f"{_IDS}{kind}/")):
                if iri not in found:
                    found[iri] = Entry(kind, iri.removeprefix(f"{_IDS}{kind}/"), Text("", ""))
                _name(found[iri], role, name, language)
    _place_communes(found, engine)
    _place_territories(found, engine)
    return [entry for entry in found.values() if entry.label.fr]


def _rows(engine: Engine, query: str) -> Iterator[list[str]]:
    """Yield the rows of an answer as plain strings, a tenth of the work that terms are; empty where unbound."""
    content = engine.run(admit(query, prefixes=True), format_named("csv"))
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    next(rows)
    return rows


def _name(entry: Entry, role: str, name: str, language: str) -> None:
    if role != "label":
        values: list[str] = getattr(entry, role)
        if name not in values:
            values.append(name)
    elif language == "en":
        entry.label = Text(name, entry.label.fr or name)
    else:
        entry.label = Text(entry.label.en or name, name)


def _place_communes(found: dict[str, Entry], engine: Engine) -> None:
    """Say where communes are, and add up their inhabitants for the places around them."""
    for iri, inhabitants, around in _rows(engine, _COMMUNES):
        commune, department = found.get(iri), found.get(around)
        if commune:
            commune.inhabitants, commune.within = _number(inhabitants), department
            if department:
                department.inhabitants += commune.inhabitants
    for iri, around in _rows(engine, _REGIONS):
        department, region = found.get(iri), found.get(around)
        if department and region:
            department.within = region
            region.inhabitants += department.inhabitants
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
                found[place].territories.append(found[iri])
    for entry in found.values():
        entry.territories.sort(key=lambda territory: territory.key, reverse=True)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def places(entry: Entry) -> Iterator[Entry]:
    """Yield the places that `entry` is within, nearest first."""
    while entry.within:
        entry = entry.within
        yield entry
