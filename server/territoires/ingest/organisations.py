"""Imports the SIREN and Wikidata items of organisations and officials.

Wikidata has one item for a Region and its council: an item that is already another thing of ours gets `schema:sameAs`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires.errors import Text
from territoires.ingest.links import item_of, refuse_second, same, select, written
from territoires.ingest.statements import describe
from territoires.ingest.tables import Note, Row, ignore, read_csv
from territoires.namespaces import PREFIXES

COLUMNS: Final = ("nom", "siren", "qid")

_SIREN: Final = re.compile(r"[0-9]{9}")
_REMARK: Final = re.compile(r"\s+\([^()]*\)$")
_ACTORS: Final = """
SELECT DISTINCT ?actor ?name ?class WHERE {
  VALUES ?class { ti:Organisation ti:Funder ti:Official }
  ?actor a ?class ; rdfs:label|skos:altLabel ?name . FILTER(LANG(?name) = "fr")
}"""
_ITEMS: Final = "SELECT ?thing ?item WHERE { ?thing owl:sameAs|schema:sameAs ?item }"


def read_organisations(file: Path, described: list[Path], note: Note = ignore) -> str:
    """Return the Turtle of SIREN numbers and Wikidata items of organisations and officials.

    A name may end with a remark in brackets, which is not part of it.

    Args:
        file: CSV with the columns `COLUMNS`; an empty cell is a number or item that is not known.
        described: Turtle files that name the actors, and those that link things to Wikidata.
        note: is told how the table was read.

    Raises:
        TableError: for a changed header, an unknown, ambiguous or repeated name, a SIREN that fails its check digit or
            is a person's, a value that is no Wikidata item, or a row without either.
    """
    actors, officials = _actors(described)
    taken = {
        (thing_.value, item.value.removeprefix(PREFIXES["wd"]))
        for thing_, item in select(described, _ITEMS)
        if isinstance(thing_, ox.NamedNode) and isinstance(item, ox.NamedNode)
    }
    seen: dict[ox.NamedNode, Row] = {}
    triples: list[ox.Triple] = []
    for row in read_csv(file, COLUMNS, note):
        actor = _actor(row, actors)
        refuse_second(row, "nom", seen.get(actor))
        seen[actor] = row
        if not row["siren"] and not row["qid"]:
            problem = Text("neither SIREN nor item", "ni SIREN ni élément")
            raise row.refuse("nom", problem, Text("remove the row", "retirez la ligne"))
        if row["siren"]:
            _check_siren(row, person=actor in officials)
            locator = ox.Literal(f"siren {row['siren']}")
            triples += describe(actor, (), ti_siren=ox.Literal(row["siren"]), ti_locator=locator)
        if row["qid"]:
            item = item_of(row)
            alone = all(other == actor.value for other, known in taken if known == item)
            triples += same(actor, item, alone=alone, row=row)
            taken.add((actor.value, item))
    return written("SIREN and Wikidata items of organisations and officials.", "organisations", triples)


def _actors(files: list[Path]) -> tuple[dict[str, set[ox.NamedNode]], set[ox.NamedNode]]:
    actors: dict[str, set[ox.NamedNode]] = {}
    officials: set[ox.NamedNode] = set()
    for actor, name, class_ in select(files, _ACTORS):
        if isinstance(actor, ox.NamedNode) and isinstance(name, ox.Literal) and isinstance(class_, ox.NamedNode):
            actors.setdefault(name.value, set()).add(actor)
            if class_.value == PREFIXES["ti"] + "Official":
                officials.add(actor)
    return actors, officials


def _actor(row: Row, actors: dict[str, set[ox.NamedNode]]) -> ox.NamedNode:
    found = actors.get(_REMARK.sub("", row["nom"]), set())
    if len(found) != 1:
        problem = (
            Text("two actors have this name", "deux acteurs portent ce nom")
            if found
            else Text("no actor of this name in the data", "aucun acteur de ce nom dans les données")
        )
        hint = Text(
            "give the French label, or describe the actor in data/ first",
            "donnez le libellé français, ou décrivez d'abord l'acteur dans data/",
        )
        raise row.refuse("nom", problem, hint)
    return next(iter(found))


def _check_siren(row: Row, *, person: bool) -> None:
    siren = row["siren"]
    digits = [int(digit) * (1 + place % 2) for place, digit in enumerate(siren)] if _SIREN.fullmatch(siren) else [1]
    if person or sum(divmod(digit, 10)[0] + digit % 10 for digit in digits) % 10:
        problem = (
            Text("a person has no SIREN here", "une personne n'a pas de SIREN ici")
            if person
            else Text("not nine digits with a right check digit", "pas neuf chiffres dont la clé est juste")
        )
        raise row.refuse(
            "siren", problem, Text("check it on the Sirene register", "vérifiez dans le répertoire Sirene")
        )
