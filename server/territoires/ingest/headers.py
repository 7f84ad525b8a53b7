"""Refuses a header that has changed, and says what a column is called here when it stands under another name."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

from territoires.errors import Place, TableError, Text

SYNONYMS: Final = {
    "id_ti": ("ti", "identifiant_ti", "code_ti", "id_territoire"),
    "lib_ti": ("nom_ti", "libelle_ti", "territoire"),
    "lib_groupement": ("groupement", "nom_groupement", "libelle_groupement", "nom_epci", "lib_epci"),
    "siren_groupement": ("siren", "siren_epci", "code_epci", "n_siren", "epci"),
    "nature_juridique": ("nature", "nat_jur", "forme_juridique"),
    "code_insee": ("insee", "codgeo", "code_commune", "insee_com", "com", "code"),
    "longitude": ("lon", "lng", "long", "x"),
    "latitude": ("lat", "y"),
    "niveau": ("level", "type"),
    "nom": ("name", "libelle", "lib", "label"),
    "qid": ("wikidata", "item", "wikidata_id"),
    "siren": ("siren_groupement", "n_siren", "num_siren", "siret"),
    "uri": ("iri", "url"),
}
"""Column -> names under which other files have it. They are refused: the same name may mean another thing there."""


def check_header(file: Path, header: tuple[str, ...], columns: tuple[str, ...], delimiter: str = ",") -> None:
    """Refuse a header other than `columns`.

    Raises:
        TableError: naming the columns that are missing, unknown, or known here by another name.
    """
    if header == columns:
        return
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    en, fr = "the header has changed", "l'en-tête a changé"
    if missing:
        en, fr = f"{en}: no column {', '.join(missing)}", f"{fr} : pas de colonne {', '.join(missing)}"
    if unknown:
        names = ", ".join(name or "«»" for name in unknown)
        en, fr = f"{en}; unknown: {names}", f"{fr} ; inconnu : {names}"
    for name in unknown:
        for column in missing:
            if _plain(name) in {column, *SYNONYMS.get(column, ())}:
                en, fr = f"{en}; {name} is called {column} here", f"{fr} ; {name} s'appelle {column} ici"
    if not missing and not unknown:
        en, fr = f"{en}: columns in another order or repeated", f"{fr} : colonnes dans un autre ordre ou répétées"
    wanted = delimiter.join(columns)
    raise TableError(
        Text(en, fr),
        place=Place(file, 1),
        hint=Text(f"the first line must be: {wanted}", f"la première ligne doit être : {wanted}"),
    )


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join("_" if one in " -." else one for one in letters if not unicodedata.combining(one))
