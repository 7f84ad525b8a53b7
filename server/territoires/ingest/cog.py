"""Imports France's geography: npm `@etalab/decoupage-administratif`, the code officiel géographique of one year.

The package lists the 8 overseas collectivities both as regions and as departments; they are neither, and become
`ti:OverseasCollectivity`. An intercommunality is part of no department: 89 of them span several.
"""

from __future__ import annotations

import json
import re
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

_KEYS: Final = {
    "regions": ("code", "nom", "zone", "chefLieu"),
    "departements": ("code", "nom", "zone", "region", "chefLieu"),
    "epci": ("code", "nom", "type", "membres"),
    "ept": ("code", "nom", "type", "membres"),
    "communes": ("code", "nom", "type", "zone", "departement", "region"),
}
"""File of the package -> keys that every object of it has."""

_CODE: Final = re.compile(r"[0-9AB]{1,9}")
_OVERSEAS: Final = "com"
_CLIPPERTON: Final = "989"


def read_cog(folder: Path) -> dict[str, str]:
    """Return the Turtle files (name -> text) of the unpacked package in `folder`.

    Raises:
        TableError: if a file is missing, its layout has changed, or a code is used but not defined.
    """
    edition = _edition(folder)
    tables = {name: _Table(folder / "data" / f"{name}.json", keys) for name, keys in _KEYS.items()}
    regions, departments = tables["regions"], tables["departements"]
    groups = [*tables["epci"].records, *tables["ept"].records]
    communes = tables["communes"]
    communes.records = [record for record in communes.records if record["type"] == "commune-actuelle"]
    for table in tables.values():
        table.check_unique()
    regions.check_uses("chefLieu", communes, but=_OVERSEAS)
    departments.check_uses("chefLieu", communes, but=_OVERSEAS)
    departments.check_uses("region", regions)
    communes.check_uses("departement", departments)
    communes.check_uses("region", regions)
    memberships = _memberships([tables["epci"], tables["ept"]], communes)
    header = (
        f"Code officiel géographique {edition}, from npm @etalab/decoupage-administratif.\n"
        "Written by `territoires import cog`: run it again rather than edit this file."
    )
    parts = {
        "regions": (t for r in regions.records if r["zone"] != _OVERSEAS for t in _region(r)),
        "departments": (t for d in departments.records if d["zone"] != _OVERSEAS for t in _department(d)),
        "collectivities": (t for d in departments.records if d["zone"] == _OVERSEAS for t in _collectivity(d)),
        "intercommunalities": (t for g in groups for t in _intercommunality(g)),
        "communes": (t for c in communes.records for t in _commune(c, memberships[c["code"]], edition)),
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
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
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


class _Table:
    """One file of the package: its records, and what may be wrong with them."""

    def __init__(self, file: Path, keys: tuple[str, ...]) -> None:
        self.file = file
        self.records: list[Record] = read_records(file, keys)
        for number, record in enumerate(self.records, 1):
            self._check_values(number, record, keys)

    @property
    def codes(self) -> set[str]:
        return {record["code"] for record in self.records}

    def refuse(self, en: str, fr: str) -> TableError:
        hint = Text("take all files from one edition", "prenez tous les fichiers de la même édition")
        return TableError(Text(en, fr), place=Place(self.file), hint=hint)

    def _check_values(self, number: int, record: Record, keys: tuple[str, ...]) -> None:
        former, population = record.get("anciensCodes", []), record.get("population", 0)
        texts = [record[key] for key in keys if key != "membres"] + [record.get("siren") or ""]
        codes = [record["code"], *(former if isinstance(former, list) else [None])]
        # Half a surrogate pair is a character to JSON, but none that can be written.
        if (
            not all(isinstance(text, str) and text.isprintable() for text in texts)
            or not all(isinstance(code, str) and _CODE.fullmatch(code) for code in codes)
            or type(population) is not int
        ):
            raise self.refuse(
                f"object {number} has a value that is no text, code or number where there must be one",
                f"l'objet {number} a une valeur qui n'est ni texte, ni code, ni nombre là où il en faut",
            )

    def check_unique(self) -> None:
        seen: set[str] = set()
        for record in self.records:
            if record["code"] in seen:
                raise self.refuse(f"code {record['code']} stands twice", f"le code {record['code']} figure deux fois")
            seen.add(record["code"])

    def check_uses(self, key: str, other: _Table, *, but: str | None = None) -> None:
        """Refuse a record whose `key` is no code of `other`, leaving out those of the zone `but`."""
        known = other.codes
        for record in self.records:
            if record[key] not in known and record["zone"] != but:
                named = f"{record['nom']} ({record['code']})"
                raise self.refuse(
                    f"{named}: its {key} {record[key]} is not in {other.file.name}",
                    f"{named} : son {key} {record[key]} n'est pas dans {other.file.name}",
                )


def _memberships(tables: list[_Table], communes: _Table) -> defaultdict[str, list[str]]:
    known = communes.codes
    memberships: defaultdict[str, list[str]] = defaultdict(list)
    for table in tables:
        for group in table.records:
            named, members = f"{group['nom']} ({group['code']})", group["membres"]
            if not isinstance(members, list) or not all(
                isinstance(one, dict) and isinstance(one.get("code"), str) for one in members
            ):
                raise table.refuse(
                    f"{named}: its membres are no objects with a code",
                    f"{named} : ses membres ne sont pas des objets avec un code",
                )
            for member in members:
                if member["code"] not in known:
                    raise table.refuse(
                        f"{named} has an unknown commune {member['code']}",
                        f"{named} a une commune inconnue {member['code']}",
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
