"""Imports links from places to other datasets: Wikidata, INSEE, IGN and data.gouv.fr.

`owl:sameAs` says that two IRIs name the very same thing, so it is only written where nothing else of ours is that
thing: Wikidata has one item for an overseas region and its only department. Those, and IRIs of pages or dated versions,
get `schema:sameAs`. A SKOS mapping would make a place a concept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import Text
from territoires.graph import load_files
from territoires.ingest.statements import Object, describe
from territoires.ingest.tables import Note, Row, ignore, read_csv, restore_zeros
from territoires.namespaces import PREFIXES, sparql_prologue

WIKIDATA_COLUMNS: Final = ("niveau", "code_insee", "nom", "qid")
VERSION_COLUMNS: Final = ("niveau", "code_insee", "uri")
LEVELS: Final = {"region": "region", "departement": "department", "epci": "intercommunality"}
"""Level as INSEE, IGN and data.gouv.fr write it -> kind in our IRIs."""

_ITEM: Final = re.compile(r"Q[1-9][0-9]*")
_VERSION: Final = "http://id.insee.fr/geo/{level}/"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACES: Final = """
SELECT ?place ?code ?name ?region ?form WHERE {
  VALUES ?class { ti:Region ti:Department ti:Intercommunality }
  ?place a ?class ; igeo:codeINSEE ?code ; rdfs:label ?name .
  OPTIONAL { ?place ti:inRegion ?region } OPTIONAL { ?place ti:legalForm ?form }
}"""


@dataclass(frozen=True, slots=True)
class CodeVocabulary:
    """A dataset whose IRIs are made of official codes."""

    title: str
    levels: tuple[str, ...]
    pattern: str
    """IRI with `{level}` and `{code}`."""
    codes: re.Pattern[str] = re.compile(r".+")
    """Which codes it is documented for."""


CODE_VOCABULARIES: Final = {
    "insee": CodeVocabulary(
        "INSEE's IRIs of regions and departments", ("region", "departement"), "http://id.insee.fr/geo/{level}/{code}"
    ),
    # IGN's dataset is older than the regions of 2016; only its metropolitan departments are documented.
    "ign": CodeVocabulary(
        "IGN's IRIs of metropolitan departments (GEOFLA)",
        ("departement",),
        "http://data.ign.fr/id/geofla/{level}/{code}",
        re.compile(r"[0-9][0-9AB]"),
    ),
    "datagouv": CodeVocabulary(
        "Zones of data.gouv.fr: regions, departments and intercommunalities (EPCI)",
        ("region", "departement", "epci"),
        "https://www.data.gouv.fr/api/1/spatial/zone/fr:{level}:{code}/",
    ),
}


@dataclass(frozen=True, slots=True)
class _Place:
    node: ox.NamedNode
    code: str
    name: str
    region: ox.NamedNode | None
    form: str


def code_links(vocabulary: str, geography: list[Path]) -> str:
    """Return the Turtle of the links that follow from official codes, for a key of `CODE_VOCABULARIES`.

    Args:
        vocabulary: name of the dataset linked to.
        geography: Turtle files of the code officiel géographique.
    """
    target = CODE_VOCABULARIES[vocabulary]
    places = _places(geography)

    def links() -> Iterator[ox.Triple]:
        for level in target.levels:
            for (kind, code), place in places.items():
                # The 11 territorial establishments of Greater Paris are no EPCI.
                if kind == LEVELS[level] and target.codes.fullmatch(code) and place.form != "EPT":
                    page = ox.NamedNode(target.pattern.format(level=level, code=code))
                    yield from describe(place.node, (), schema_sameAs=page, ti_locator=ox.Literal(f"{level} {code}"))

    return written(f"{target.title}, made of official codes.", vocabulary, links())


def read_wikidata(file: Path, geography: list[Path], note: Note = ignore) -> str:
    """Return the Turtle of links from regions and departments to Wikidata.

    Args:
        file: CSV with the columns `WIKIDATA_COLUMNS`.
        geography: Turtle files of the code officiel géographique, in which places are looked up by level and code.
        note: is told how the table was read, and which codes got a lost leading zero back.

    Raises:
        TableError: for a changed header, an unknown or repeated place, another name than the official one, a value that
            is no Wikidata item, or one item for two places other than a region and its only department.
    """
    places = _places(geography)
    seen: dict[ox.NamedNode, Row] = {}
    items: dict[str, list[_Place]] = {}
    for row in _rows(file, WIKIDATA_COLUMNS, places, note):
        place = _place(row, places, seen)
        if row["nom"] != place.name:
            problem = Text(f"the place of this code is {place.name!r}", f"le lieu de ce code est {place.name!r}")
            raise row.refuse("nom", problem, Text("a row may have shifted", "une ligne a pu se décaler"))
        item = item_of(row)
        others = items.setdefault(item, [])
        others.append(place)
        if len(others) > 1 and not _is_region_and_only_department(others, places):
            problem = Text(f"already the item of {others[0].name}", f"déjà l'élément de {others[0].name}")
            raise row.refuse("qid", problem, Text("check both rows on Wikidata", "vérifiez les deux sur Wikidata"))
    triples = (
        triple
        for item, shared in items.items()
        for place in shared
        for triple in same(place.node, item, alone=len(shared) == 1, row=seen[place.node])
    )
    return written("Wikidata's items for regions and departments.", "wikidata", triples)


def read_insee_versions(file: Path, geography: list[Path], note: Note = ignore) -> str:
    """Return the Turtle of links to INSEE's dated IRIs (UUID) of regions and departments.

    Args:
        file: CSV with the columns `VERSION_COLUMNS`.
        geography: Turtle files of the code officiel géographique, in which places are looked up by level and code.
        note: is told how the table was read, and which codes got a lost leading zero back.

    Raises:
        TableError: for a changed header, an unknown or repeated place, an IRI that is of another level or stands twice.
    """
    places = _places(geography)
    seen: dict[ox.NamedNode, Row] = {}
    versions: dict[str, Row] = {}
    triples: list[ox.Triple] = []
    for row in _rows(file, VERSION_COLUMNS, places, note):
        place = _place(row, places, seen)
        level, code, iri = row["niveau"], row["code_insee"], row["uri"]
        start = _VERSION.format(level=level)
        if not iri.startswith(start) or not _UUID.fullmatch(iri.removeprefix(start)):
            problem = Text(f"not {start} and a UUID", f"pas {start} et un UUID")
            raise row.refuse("uri", problem, Text("take the IRI from INSEE", "reprenez l'IRI de l'Insee"))
        refuse_second(row, "uri", versions.get(iri))
        versions[iri] = row
        locator = ox.Literal(f"{level} {code}")
        triples += describe(place.node, (), schema_sameAs=ox.NamedNode(iri), ti_locator=locator)
    return written("INSEE's dated IRIs (versions) as MTES used them in 2024.", "mtes-2024", triples)


def written(title: str, vocabulary: str, triples: Iterable[ox.Triple]) -> str:
    """Return the Turtle of links, under a header that says which command wrote them."""
    header = f"{title}\nWritten by `territoires import links {vocabulary}`: run it again rather than edit this file."
    return turtle.serialize(triples, header=header)


def select(files: list[Path], query: str) -> list[ox.QuerySolution]:
    """Return the rows of a SELECT over the merge of Turtle files."""
    rows = load_files(files).query(sparql_prologue() + query)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101  (a SELECT gives nothing else)
    return list(rows)


def _places(geography: list[Path]) -> dict[tuple[str, str], _Place]:
    places: dict[tuple[str, str], _Place] = {}
    for row in select(geography, _PLACES):
        node, code, name, region, form = row
        if isinstance(node, ox.NamedNode) and isinstance(code, ox.Literal) and isinstance(name, ox.Literal):
            kind = node.value.rsplit("/", 2)[1]
            places[kind, code.value] = _Place(
                node,
                code.value,
                name.value,
                region if isinstance(region, ox.NamedNode) else None,
                form.value if isinstance(form, ox.Literal) else "",
            )
    return dict(sorted(places.items()))


def _rows(file: Path, columns: tuple[str, ...], places: dict[tuple[str, str], _Place], note: Note) -> Iterator[Row]:
    def known(row: Row, code: str) -> bool:
        return (LEVELS.get(row["niveau"], ""), code) in places

    return restore_zeros(read_csv(file, columns, note), "code_insee", known, note)


def _place(row: Row, places: dict[tuple[str, str], _Place], seen: dict[ox.NamedNode, Row]) -> _Place:
    level = row["niveau"]
    if level not in {"region", "departement"}:
        hint = Text("region or departement", "region ou departement")
        raise row.refuse("niveau", Text("unknown level", "niveau inconnu"), hint)
    place = places.get((LEVELS[level], row["code_insee"]))
    if place is None:
        problem = Text(
            f"no {LEVELS[level]} of this code in the code officiel géographique",
            f"aucun lieu de ce code au niveau {level} dans la géographie officielle",
        )
        hint = Text("two or three characters, with the leading zero", "deux ou trois caractères, zéro initial compris")
        raise row.refuse("code_insee", problem, hint)
    refuse_second(row, "code_insee", seen.get(place.node))
    seen[place.node] = row
    return place


def refuse_second(row: Row, column: str, first: Row | None) -> None:
    """Refuse `row` if another row, `first`, already gives the same.

    Raises:
        TableError: naming the line of the first row.
    """
    if first is not None:
        line = first.place.line
        problem = Text(f"already given at line {line}", f"déjà donné à la ligne {line}")
        raise row.refuse(column, problem, Text("remove one of the two rows", "retirez une des deux lignes"))


def item_of(row: Row) -> str:
    """Return the Wikidata item of column qid.

    Raises:
        TableError: if it is not one.
    """
    if not _ITEM.fullmatch(row["qid"]):
        problem = Text("not a Wikidata item", "ce n'est pas un élément de Wikidata")
        raise row.refuse("qid", problem, Text("Q and digits, such as Q90", "Q et des chiffres, par exemple Q90"))
    return row["qid"]


def _is_region_and_only_department(pair: list[_Place], places: dict[tuple[str, str], _Place]) -> bool:
    departments = Counter(place.region for place in places.values() if place.region)
    regions = {place.node for place in pair if place.region is None}
    under = {place.region for place in pair if place.region}
    return len(pair) == len(regions) + len(under) == 2 and regions == under and departments[min(regions, key=str)] == 1  # noqa: PLR2004  (a pair)


def same(node: ox.NamedNode, item: str, *, alone: bool, row: Row) -> Iterator[ox.Triple]:
    """Yield the link from `node` to a Wikidata item: the very same thing only if it is `alone` to be that."""
    target = ox.NamedNode(PREFIXES["wd"] + item)
    key = f"{row['niveau']} {row['code_insee']}" if "niveau" in row.values else f"qid {item}"
    facts: dict[str, Object | list[Object] | None] = {
        "owl_sameAs" if alone else "schema_sameAs": target,
        "ti_locator": ox.Literal(key),
    }
    return describe(node, (), **facts)
