"""Imports ANCT's list of territories and members (`liste-ti-grpt*.csv`), one phase of the programme at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import Text
from territoires.graph import load_files
from territoires.ingest.statements import describe, french, thing
from territoires.ingest.tables import Note, Row, ignore, read_csv
from territoires.namespaces import sparql_prologue

COLUMNS: Final = ("id_ti", "lib_ti", "lib_groupement", "siren_groupement", "nature_juridique")
FORMS: Final = frozenset({"CC", "CA", "CU", "METRO", "EPT", "COM"})
_ID: Final = re.compile(r"ti-([0-9]{2})[0-9]{2}")
_COMMUNE: Final = "COM"
_PLACES: Final = """
SELECT ?place ?siren ?name ?code WHERE {
  ?place rdfs:label ?name ; igeo:codeINSEE ?code .
  { ?place a ti:Intercommunality } UNION { ?place a ti:Commune } UNION { ?place a ti:Region }
  OPTIONAL { ?place ti:siren ?siren }
}
"""


@dataclass(frozen=True, slots=True)
class _Geography:
    members: dict[str, tuple[ox.NamedNode, str]]
    """SIREN -> commune or intercommunality, and its official name."""
    regions: frozenset[ox.NamedNode]


def read_anct(file: Path, phase: int, geography: list[Path], note: Note = ignore) -> str:
    """Return the Turtle of ANCT's list `file` for `phase` (1 or 2).

    Args:
        file: CSV with the columns `COLUMNS`, one row per member.
        phase: phase of the programme that the list belongs to; ANCT uses ids again from one phase to the other.
        geography: Turtle files of the code officiel géographique, in which members are looked up by SIREN.
        note: is told how the table was read.

    Raises:
        TableError: for a changed header, an unknown SIREN or region, a repeated member, two names for one id.
    """
    places = _geography(geography)
    names: dict[str, str] = {}
    members: dict[str, dict[str, Row]] = {}
    for row in read_csv(file, COLUMNS, note):
        _check(row, names, members, places)
        names.setdefault(row["id_ti"], row["lib_ti"])
        members.setdefault(row["id_ti"], {})[row["siren_groupement"]] = row
    header = (
        f"ANCT, list of the territories of phase {phase} and their members.\n"
        f"Written by `territoires import anct-groupements --phase {phase}`: run it again rather than edit this file."
    )
    triples = (t for key, name in names.items() for t in _territory(phase, key, name, members[key], places))
    return turtle.serialize(triples, header=header)


def _geography(files: list[Path]) -> _Geography:
    members: dict[str, tuple[ox.NamedNode, str]] = {}
    regions: set[ox.NamedNode] = set()
    rows = load_files(files).query(sparql_prologue() + _PLACES)
    for place, siren, name, _code in rows if isinstance(rows, ox.QuerySolutions) else ():
        if isinstance(place, ox.NamedNode) and isinstance(name, ox.Literal):
            if isinstance(siren, ox.Literal):
                members[siren.value] = (place, name.value)
            else:
                regions.add(place)
    return _Geography(members, frozenset(regions))


def _check(row: Row, names: dict[str, str], members: dict[str, dict[str, Row]], places: _Geography) -> None:
    key, siren, form = row["id_ti"], row["siren_groupement"], row["nature_juridique"]
    match = _ID.fullmatch(key)
    if not match or thing("region", match[1]) not in places.regions:
        problem = Text("not `ti-` + a region's code + two digits", "pas `ti-` + le code d'une région + deux chiffres")
        raise row.refuse(
            "id_ti", problem, Text("take the id from ANCT's list", "reprenez l'identifiant de la liste de l'ANCT")
        )
    if not row["lib_ti"] or names.get(key, row["lib_ti"]) != row["lib_ti"]:
        problem = Text(
            f"{key} is named {names.get(key, '')!r} above", f"{key} s'appelle {names.get(key, '')!r} plus haut"
        )
        raise row.refuse("lib_ti", problem, Text("one id, one name", "un identifiant, un nom"))
    if form not in FORMS:
        known = ", ".join(sorted(FORMS))
        raise row.refuse(
            "nature_juridique", Text("unknown legal form", "nature juridique inconnue"), Text(known, known)
        )
    if siren not in places.members or ("/commune/" in places.members[siren][0].value) != (form == _COMMUNE):
        problem = Text(
            f"no such {'commune' if form == _COMMUNE else 'intercommunality'} in the code officiel géographique",
            f"aucune {'commune' if form == _COMMUNE else 'intercommunalité'} de ce SIREN dans la géographie officielle",
        )
        hint = Text(
            "check the nine digits; after a merger give the SIREN of the successor",
            "vérifiez les neuf chiffres ; après une fusion donnez le SIREN du successeur",
        )
        raise row.refuse("siren_groupement", problem, hint)
    if siren in members.get(key, {}):
        first = members[key][siren].place.line
        problem = Text(f"already a member of {key} at line {first}", f"déjà membre de {key} à la ligne {first}")
        raise row.refuse("siren_groupement", problem, Text("remove one of the two rows", "retirez une des deux lignes"))


def _territory(phase: int, key: str, name: str, members: dict[str, Row], places: _Geography) -> Iterator[ox.Triple]:
    source = f"liste-ti-grpt, phase {phase}"
    yield from describe(
        thing("territory", f"{phase}/{key}"),
        ("ti:Territory",),
        rdfs_label=french(name),
        dct_identifier=ox.Literal(key),
        ti_phase=thing("phase", str(phase)),
        ti_filedUnder=thing("region", key[3:5]),
        ti_includes=[places.members[siren][0] for siren in members],
        ti_locator=ox.Literal(f"{source}, id_ti {key}"),
    )
    for siren, row in members.items():
        place, official = places.members[siren]
        if row["lib_groupement"] not in {"", official}:
            locator = ox.Literal(f"{source}, siren_groupement {siren}")
            yield from describe(place, (), skos_altLabel=french(row["lib_groupement"]), ti_locator=locator)
