"""Which columns of a table say where something is: by their heads, by their values, or as stated; never by guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from territoires.enrich.codes import restored
from territoires.errors import Place, RequestError, TableError, Text
from territoires.search import Index, fold

KINDS: Final[dict[str, Text]] = {
    "commune": Text("INSEE code of a commune", "code INSEE d'une commune"),
    "siren": Text("SIREN or SIRET", "SIREN ou SIRET"),
    "commune-name": Text("name of a commune", "nom d'une commune"),
    "intercommunality-name": Text("name of an intercommunality", "nom d'une intercommunalité"),
    "department": Text("code or name of a department", "code ou nom d'un département"),
    "region": Text("code or name of a region", "code ou nom d'une région"),
}
"""What a column may hold, the most precise first: a row is matched by the first of these that is filled."""

PLACES: Final = {
    "commune-name": "commune",
    "intercommunality-name": "intercommunality",
    "department": "department",
    "region": "region",
}
"""Kind of a column that may hold names -> kind of the places, as IRIs have it."""

_HEADS: Final = {
    kind: frozenset(heads.split())
    for kind, heads in {
        "commune": "codeinsee insee codecommune codgeo codegeo depcom inseecom codeinseecommune codecom com citycode"
        " codeinseedelacommune inseecommune codecommuneinsee codegeographique cominsee codinsee",
        "siren": "siren sirenepci codesiren numsiren numerosiren codeepci sirengroupement nsiren siret numsiret"
        " numerosiret epci epcisiren codesirenepci codesirendelepci",
        "commune-name": "commune nomcommune libcom libellecommune libgeo nomdelacommune ville nomcom libcommune city"
        " libelledelacommune communenom collectivite",
        "intercommunality-name": "epci nomepci intercommunalite libepci libelleepci groupement libgroupement nomdelepci"
        " nomgroupement agglomeration nomintercommunalite",
        "department": "codedepartement dep departement coddep codedep numerodepartement numdep inseedep dept codedept"
        " ndepartement depcode nomdepartement libdep libelledepartement nomdep nomdudepartement",
        "region": "coderegion reg region codreg codereg inseereg regcode nomregion libreg libelleregion nomreg"
        " nomdelaregion",
    }.items()
}
"""Folded heads that people use; a head that may be two things is the one that its values are."""
_PLAIN_HEADS: Final = {
    "commune": frozenset(["codeinsee", "insee", "codecommune", "codgeo", "depcom", "inseecom", "codeinseecommune"]),
    "siren": frozenset(["siren", "siret", "sirenepci", "numerosiren"]),
    "commune-name": frozenset(["commune", "nomcommune", "nomdelacommune", "libellecommune"]),
    "intercommunality-name": frozenset(["nomepci", "intercommunalite", "nomintercommunalite"]),
}
"""Heads that can be nothing else."""
_POSTAL: Final = frozenset({"codepostal", "cp", "codepost", "postcode", "codespostaux", "zip", "zipcode"})
_ENOUGH: Final = 0.5
"""Share of the values that must be of the kind which a head says; so that wrong ones are told, row by row."""
_ALL: Final = 0.9
"""The same where only the values speak."""
_DISTINCT: Final = 3
_SHORT_CODE: Final = re.compile(r"[0-9]{1,3}|2[AB]", re.IGNORECASE)


@dataclass(slots=True)
class Columns:
    """Which column holds what."""

    places: dict[str, int] = field(default_factory=dict)
    """Kind -> position of its column, from 0."""
    notes: list[Text] = field(default_factory=list)
    """What the person should know: columns that look like codes and were left out."""

    def used(self) -> list[tuple[str, int]]:
        """Return kinds and positions, the most precise first."""
        return [(kind, self.places[kind]) for kind in KINDS if kind in self.places]


def read_stated(texts: Iterable[str]) -> dict[str, str]:
    """Return what a person says of columns, from texts such as `Code=commune`.

    Raises:
        RequestError: if a text is not of that form, or names no kind.
    """
    stated = {}
    for text in texts:
        head, _, kind = text.rpartition("=")
        if not head.strip() or kind.strip() not in KINDS:
            known = ", ".join(KINDS)
            raise RequestError(
                Text(f"{text!r} is not HEAD=KIND", f"{text!r} n'est pas de la forme TITRE=TYPE"),
                hint=Text(f"KIND is one of {known}", f"TYPE est l'un de {known}"),
            )
        stated[head.strip()] = kind.strip()
    return stated


def recognise(
    name: str, heads: Sequence[str], sample: Sequence[Sequence[str]], index: Index, stated: Mapping[str, str]
) -> Columns:
    """Return what the columns hold.

    Args:
        name: the file, for errors.
        heads: the first line.
        sample: some rows.
        index: knows codes and names.
        stated: head of a column -> kind, as the person says.

    Raises:
        TableError: if a stated column is not there or there twice, if a code may be a region's or a department's, or if
            no column says where something is.
    """
    found = Columns()
    for head, kind in stated.items():
        found.places[kind] = _position(name, heads, head)
    taken = set(found.places.values())
    values = [_distinct(sample, position) for position in range(len(heads))]
    open_ = [position for position in range(len(heads)) if position not in taken]
    for kind in KINDS:
        fitting = [one for one in open_ if one not in taken and fold(heads[one]).whole in _HEADS[kind]]
        fitting = [one for one in fitting if values[one] and _share(kind, values[one], index) >= _ENOUGH]
        if fitting and kind not in found.places:
            found.places[kind] = fitting[0]
            taken.add(fitting[0])
    _keep_failing(found, heads, values, [one for one in open_ if one not in taken])
    for kind in ("commune", "siren"):
        if kind not in found.places:
            _by_values(found, kind, [one for one in open_ if one not in taken], values, index)
    _tell_postal(found, heads)
    if not found.places:
        raise _nothing(name, heads, values, index, found)
    return found


def _keep_failing(found: Columns, heads: Sequence[str], values: list[list[str]], positions: list[int]) -> None:
    """Take a column whose head says what it holds though few values are known: its rows fail one by one."""
    for kind in _PLAIN_HEADS:
        for position in positions:
            plain = fold(heads[position]).whole in _PLAIN_HEADS[kind]
            if plain and values[position] and kind not in found.places and position not in found.places.values():
                found.places[kind] = position
                found.notes.append(
                    Text(
                        f"few values of “{heads[position]}” are known: {KINDS[kind].en}?",
                        f"peu de valeurs de « {heads[position]} » sont connues : {KINDS[kind].fr} ?",
                    )
                )


def _by_values(found: Columns, kind: str, positions: list[int], values: list[list[str]], index: Index) -> None:
    for position in positions:
        if len(values[position]) >= _DISTINCT and _share(kind, values[position], index) >= _ALL:
            found.places[kind] = position
            return


def _position(name: str, heads: Sequence[str], head: str) -> int:
    positions = [position for position, one in enumerate(heads) if one.casefold() == head.strip().casefold()]
    if len(positions) == 1:
        return positions[0]
    listed = ", ".join(heads)
    raise TableError(
        Text(f"{len(positions)} columns are called {head!r}", f"{len(positions)} colonnes s'appellent {head!r}"),
        place=Place(Path(name), 1),
        hint=Text(f"the columns: {listed}", f"les colonnes : {listed}"),
    )


def _distinct(sample: Sequence[Sequence[str]], position: int) -> list[str]:
    return list(dict.fromkeys(row[position].strip() for row in sample if row[position].strip()))


def _share(kind: str, values: Sequence[str], index: Index) -> float:
    """Return the share of the values that are of a kind."""
    return sum(_is(kind, value, index) for value in values) / len(values)


def _is(kind: str, value: str, index: Index) -> bool:
    by_name = kind in PLACES and bool(index.called(value, frozenset({PLACES[kind]})))
    return by_name or (not kind.endswith("-name") and restored(index, kind, value) is not None)


def _tell_postal(found: Columns, heads: Sequence[str]) -> None:
    for head in heads:
        if fold(head).whole in _POSTAL:
            found.notes.append(
                Text(
                    f"“{head}” was left out: a postal code is no INSEE code, and may be that of several communes",
                    f"« {head} » n'est pas utilisée : un code postal n'est pas un code INSEE, et peut être celui de "
                    "plusieurs communes",
                )
            )


def _nothing(
    name: str, heads: Sequence[str], values: Sequence[Sequence[str]], index: Index, found: Columns
) -> TableError:
    """Return the error that asks for what cannot be known."""
    for position, head in enumerate(heads):
        codes = [value for value in values[position] if _SHORT_CODE.fullmatch(value)]
        if codes and len(codes) == len(values[position]):
            kinds = [kind for kind in ("department", "region") if _share(kind, codes, index) >= _ENOUGH]
            if kinds:
                words = Text(" or ".join(kinds), " ou ".join(KINDS[kind].fr for kind in kinds))
                return TableError(
                    Text(
                        f"column “{head}” may hold codes of a {words.en}: {', '.join(codes[:5])}",
                        f"la colonne « {head} » peut contenir : {words.fr} ({', '.join(codes[:5])})",
                    ),
                    place=Place(Path(name), 1, position + 1),
                    hint=Text(
                        f"say which: {head}={kinds[0]} (option --column, field “Columns”)",
                        f"dites laquelle : {head}={kinds[0]} (option --column, champ « Colonnes »)",
                    ),
                )
    listed, kinds_ = ", ".join(heads), ", ".join(KINDS)
    more = "".join(f"; {note.en}" for note in found.notes), "".join(f" ; {note.fr}" for note in found.notes)
    return TableError(
        Text(
            f"no column was recognised among: {listed}{more[0]}",
            f"aucune colonne n'est reconnue parmi : {listed}{more[1]}",
        ),
        place=Place(Path(name), 1),
        hint=Text(
            f"say what a column holds: HEAD=KIND (option --column, field “Columns”), with one of {kinds_}",
            f"dites ce qu'une colonne contient : TITRE=TYPE (option --column, champ « Colonnes »), l'un de {kinds_}",
        ),
    )
