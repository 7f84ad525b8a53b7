"""Imports France's geography: npm `@etalab/decoupage-administratif`, the code officiel géographique of one year.

The package lists the 8 overseas collectivities both as regions and as departments; they are neither, and become
`ti:OverseasCollectivity`. An intercommunality is part of no department: 89 of them span several.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import Place, TableError, Text
from territoires.ingest.statements import Object, describe, french, integer, thing, year
from territoires.ingest.tables import read_records

Record = dict[str, Any]

EDITIONS: Final = {6: 2026, 5: 2025, 4: 2024, 3: 2023}
"""Major version of the package -> year of the code officiel géographique (table in the package's README)."""

POPULATION_YEARS: Final = {
    2026: {"": 2023, "976": 2017, "986": 2023, "987": 2022, "988": 2025},
    2023: {"": 2020, "976": 2017, "986": 2018, "987": 2017, "988": 2019},
}
"""Edition -> reference year of the populations, by department; "" is everywhere else (INSEE 8680726, 8680702)."""

_OVERSEAS: Final = "com"
_CLIPPERTON: Final = "989"


def read_cog(folder: Path) -> dict[str, str]:
    """Return the Turtle files (name -> text) of the unpacked package in `folder`.

    Raises:
        TableError: if a file is missing, its layout has changed, or a code is used but not defined.
    """
    edition = _edition(folder)
    regions = _read(folder, "regions", "code", "nom", "zone", "chefLieu")
    departments = _read(folder, "departements", "code", "nom", "zone", "region", "chefLieu")
    groups = [
        *_read(folder, "epci", "code", "nom", "type", "membres"),
        *_read(folder, "ept", "code", "nom", "type", "membres"),
    ]
    communes = [c for c in _read(folder, "communes", "code", "nom", "type", "zone") if c["type"] == "commune-actuelle"]
    _check_unique(folder, regions=regions, departements=departments, epci=groups, communes=communes)
    memberships = _memberships(folder, groups, communes)
    header = (
        f"Code officiel géographique {edition}, from npm @etalab/decoupage-administratif.\n"
        "Written by `territoires import cog`: run it again rather than edit this file."
    )
    parts = {
        "regions": (t for r in regions if r["zone"] != _OVERSEAS for t in _region(r)),
        "departments": (t for d in departments if d["zone"] != _OVERSEAS for t in _department(d)),
        "collectivities": (t for d in departments if d["zone"] == _OVERSEAS for t in _collectivity(d)),
        "intercommunalities": (t for g in groups for t in _intercommunality(g)),
        "communes": (t for c in communes for t in _commune(c, memberships[c["code"]], edition)),
    }
    return {f"{name}.ttl": turtle.serialize(triples, header=header) for name, triples in parts.items()}


def edition_of(folder: Path) -> int:
    """Return the year of the code officiel géographique that the package in `folder` holds.

    Raises:
        TableError: if package.json is missing or its version is not known.
    """
    return _edition(folder)


def _edition(folder: Path) -> int:
    file = folder / "package.json"
    try:
        version = str(json.loads(file.read_bytes())["version"])
        edition = EDITIONS[int(version.partition(".")[0])]
        POPULATION_YEARS[edition]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TableError(
            Text("no known edition of the package here", "aucune édition connue du paquet ici"),
            place=Place(file),
            hint=Text(
                "run `npm pack @etalab/decoupage-administratif@6.0.0`, unpack it, and give the folder `package`; "
                "for a newer edition add its reference years to POPULATION_YEARS",
                "lancez `npm pack @etalab/decoupage-administratif@6.0.0`, décompressez, donnez le dossier `package` ; "
                "pour une édition plus récente, ajoutez ses années de référence à POPULATION_YEARS",
            ),
        ) from error
    return edition


def _read(folder: Path, name: str, *keys: str) -> list[Record]:
    return read_records(folder / "data" / f"{name}.json", keys)


def _check_unique(folder: Path, **tables: list[Record]) -> None:
    for name, records in tables.items():
        seen: set[str] = set()
        for record in records:
            if record["code"] in seen:
                raise TableError(
                    Text(f"code {record['code']} stands twice", f"le code {record['code']} figure deux fois"),
                    place=Place(folder / "data" / f"{name}.json"),
                    hint=Text("keep one of the two", "n'en gardez qu'un"),
                )
            seen.add(record["code"])


def _memberships(folder: Path, groups: list[Record], communes: list[Record]) -> defaultdict[str, list[str]]:
    known = {commune["code"] for commune in communes}
    memberships: defaultdict[str, list[str]] = defaultdict(list)
    for group in groups:
        for member in group["membres"]:
            if member["code"] not in known:
                raise TableError(
                    Text(
                        f"{group['nom']} ({group['code']}) has an unknown commune {member['code']}",
                        f"{group['nom']} ({group['code']}) a une commune inconnue {member['code']}",
                    ),
                    place=Place(folder / "data" / "epci.json"),
                    hint=Text("take all files from one edition", "prenez tous les fichiers de la même édition"),
                )
            memberships[member["code"]].append(group["code"])
    return memberships


def _place(file: str, record: Record, **more: Object | list[Object] | None) -> dict[str, Object | list[Object] | None]:
    return {
        "rdfs_label": french(record["nom"]),
        "igeo_codeINSEE": ox.Literal(record["code"]),
        "igeo_nom": ox.Literal(record["nom"]),
        "ti_locator": ox.Literal(f"{file}.json, code {record['code']}"),
        **more,
    }


def _region(record: Record) -> Iterator[ox.Triple]:
    seat = thing("commune", record["chefLieu"])
    facts = _place("regions", record, igeo_chefLieu=seat)
    return describe(thing("region", record["code"]), ("ti:Region", "igeo:Region"), **facts)


def _department(record: Record) -> Iterator[ox.Triple]:
    seat = thing("commune", record["chefLieu"])
    facts = _place("departements", record, igeo_chefLieu=seat, ti_inRegion=thing("region", record["region"]))
    return describe(thing("department", record["code"]), ("ti:Department", "igeo:Departement"), **facts)


def _collectivity(record: Record) -> Iterator[ox.Triple]:
    insee = "igeo:Clipperton" if record["code"] == _CLIPPERTON else "igeo:CollectiviteDOutreMer"
    facts = _place("departements", record)
    return describe(thing("collectivity", record["code"]), ("ti:OverseasCollectivity", insee), **facts)


def _intercommunality(record: Record) -> Iterator[ox.Triple]:
    file = "ept" if record["type"] == "EPT" else "epci"
    facts = _place(file, record, ti_siren=ox.Literal(record["code"]), ti_legalForm=ox.Literal(record["type"]))
    return describe(
        thing("intercommunality", record["code"]), ("ti:Intercommunality", "igeo:Intercommunalite"), **facts
    )


def _commune(record: Record, groups: list[str], edition: int) -> Iterator[ox.Triple]:
    overseas = record["zone"] == _OVERSEAS
    years = POPULATION_YEARS[edition]
    facts = _place(
        "communes",
        record,
        ti_siren=ox.Literal(record["siren"]) if record.get("siren") else None,
        ti_inIntercommunality=[thing("intercommunality", code) for code in groups],
        ti_inDepartment=None if overseas else thing("department", record["departement"]),
        ti_inRegion=None if overseas else thing("region", record["region"]),
        ti_inCollectivity=thing("collectivity", record["departement"]) if overseas else None,
        ti_formerCode=[ox.Literal(code) for code in record.get("anciensCodes", ())],
    )
    if "population" in record:
        facts["ti_legalPopulation"] = integer(record["population"])
        facts["ti_legalPopulationYear"] = year(years.get(record["departement"], years[""]))
    return describe(thing("commune", record["code"]), ("ti:Commune", "igeo:Commune"), **facts)
