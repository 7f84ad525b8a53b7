"""Properties of the service: those by which candidates are told apart (§4.1), and those that can be fetched (§6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from territoires.answers import select
from territoires.engine import Engine
from territoires.errors import Language, Text
from territoires.namespaces import BASE
from territoires.reconcile.types import CLASSES
from territoires.search import CURRENT, KINDS, Entry, Index

IDS: Final = f"{BASE}id/"
"""The identifier space: identifiers of the service are what follows, such as `commune/81004`."""
SCHEMA: Final = f"{BASE}def#"
_MOST_VALUES: Final = 2_000
"""Values of one property that are fetched for all things of a request together."""

Value = Mapping[str, str | int | float]
"""A cell as §6.3 has it: `{"str": …}`, `{"int": …}` or `{"id": …, "name": …}`."""


@dataclass(frozen=True, slots=True)
class Property:
    """What can be asked or said of things."""

    label: Text
    path: str
    """SPARQL property path from the thing to its values."""
    kinds: frozenset[str]
    """Kinds of the things that have it."""
    target: str | None = None
    """Kind of its values where these are things of ours; None: texts, numbers or foreign IRIs."""
    current: bool | None = None
    """Of territories: whether only those of the current phase count, or only the others."""


def _of(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


_COVERED: Final = "^ti:coversCommune|^ti:includes|^ti:coversDepartment"

PROPERTIES: Final[dict[str, Property]] = {
    "codeINSEE": Property(Text("INSEE code", "code INSEE"), "igeo:codeINSEE", _of("commune", "department", "region")),
    "siren": Property(
        Text("SIREN number", "numéro SIREN"), "ti:siren", _of("commune", "intercommunality", "organisation", "funder")
    ),
    "identifier": Property(Text("ANCT identifier", "identifiant ANCT"), "dct:identifier", _of("territory")),
    "inDepartment": Property(
        Text("department", "département"),
        "ti:inDepartment|ti:coversDepartment|^ti:inIntercommunality/ti:inDepartment",
        _of("commune", "intercommunality", "territory"),
        "department",
    ),
    "inRegion": Property(
        Text("region", "région"),
        "ti:inRegion|(ti:inDepartment|^ti:inIntercommunality/ti:inDepartment)/ti:inRegion|ti:countedUnder",
        _of("commune", "department", "intercommunality", "territory"),
        "region",
    ),
    "phase": Property(Text("phase", "phase"), "ti:phase", _of("territory"), "phase"),
    "inIntercommunality": Property(
        Text("intercommunality", "intercommunalité"), "ti:inIntercommunality", _of("commune"), "intercommunality"
    ),
    "territory": Property(
        Text("Territoire d'industrie today", "Territoire d'industrie actuel"),
        _COVERED,
        _of("commune", "intercommunality", "department"),
        "territory",
        current=True,
    ),
    "formerTerritory": Property(
        Text("Territoire d'industrie before", "ancien Territoire d'industrie"),
        _COVERED,
        _of("commune", "intercommunality", "department"),
        "territory",
        current=False,
    ),
    "computedStatus": Property(Text("status", "statut"), "ti:computedStatus", _of("territory"), "status"),
    "includes": Property(Text("members", "membres"), "ti:includes", _of("territory"), "intercommunality"),
    "population": Property(
        Text("inhabitants", "habitants"), "ti:legalPopulation|ti:population", _of("commune", "territory")
    ),
    "sameAs": Property(
        Text("same thing elsewhere", "la même chose ailleurs"),
        "owl:sameAs|schema:sameAs",
        _of("department", "region", "intercommunality", "organisation", "funder", "official"),
    ),
}
"""Name in the ontology -> property."""
CODES: Final = ("codeINSEE", "siren", "identifier")
"""Those whose value finds a thing."""


def properties_of(kind: str | None) -> dict[str, Property]:
    """Return the properties that things of a kind have; of any kind for None."""
    return {name: one for name, one in PROPERTIES.items() if kind is None or kind in one.kinds}


def extend(
    engine: Engine, index: Index, ids: Iterable[str], names: Iterable[str], limits: Mapping[str, int]
) -> dict[str, dict[str, list[Value]]]:
    """Return the values of properties by thing and property; nothing for what is no thing of ours.

    Args:
        engine: what is asked, once for each property.
        index: gives the names of things.
        ids: identifiers below `IDS`.
        names: of `PROPERTIES`.
        limits: most values of a property.

    Raises:
        QueryError: if the engine cannot answer.
    """
    entries = {id_: entry for id_ in ids if (entry := index.get(IDS + id_))}
    rows: dict[str, dict[str, list[Value]]] = {id_: {name: [] for name in names} for id_ in ids}
    for name in names:
        wanted = [entry for entry in entries.values() if entry.kind in PROPERTIES[name].kinds]
        found = _values(engine, index, PROPERTIES[name], wanted)
        for id_, entry in entries.items():
            values = found.get(entry.iri, [])
            rows[id_][name] = values[: limits.get(name, len(values))]
    return rows


def _values(engine: Engine, index: Index, of: Property, wanted: list[Entry]) -> dict[str, list[Value]]:
    values: defaultdict[str, list[Value]] = defaultdict(list)
    if not wanted:
        return values
    things = " ".join(f"<{entry.iri}>" for entry in wanted)
    query = (
        f"SELECT DISTINCT ?thing ?value {{ VALUES ?thing {{ {things} }} ?thing {of.path} ?value }} "
        f"ORDER BY ?thing ?value LIMIT {_MOST_VALUES}"
    )
    for row in select(engine, query):
        value = row["value"].value
        if of.current is None or of.current == value.startswith(f"{IDS}territory/{CURRENT}/"):
            values[row["thing"].value].append(_cell(index, of, value))
    return values


def _cell(index: Index, of: Property, value: str) -> Value:
    entry = index.get(value) if of.target else None
    if entry:
        return {"id": value.removeprefix(IDS), "name": entry.label.fr}
    if of.path.endswith("opulation") and value.isdecimal():
        return {"int": int(value)}
    return {"str": value.rpartition("/")[2] if value.startswith(IDS) else value}


def meta(name: str, language: Language) -> dict[str, object]:
    """Return what a column of an extension is called, and the type of its things."""
    of = PROPERTIES[name]
    said: dict[str, object] = {"id": name, "name": of.label.in_(language)}
    if of.target and of.target in CLASSES:
        said["type"] = {"id": CLASSES[of.target], "name": KINDS[of.target].in_(language)}
    return said
