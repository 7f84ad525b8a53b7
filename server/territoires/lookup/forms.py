"""The forms in which people write identifiers, and what each asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import pyoxigraph as ox

from territoires.errors import NotFoundError, RequestError, Text
from territoires.formats import GRAPH_FORMATS
from territoires.namespaces import BASE, PREFIXES
from territoires.search import KINDS, hint

LONGEST: Final = 500
"""Characters of an identifier."""
_SHOWN: Final = 80
_SPACES: Final = re.compile(r"[\s.\u00a0\u202f-]+")
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_ITEM: Final = re.compile(r"(?:wd:|https?://(?:www\.|m\.)?wikidata\.org/(?:entity|wiki(?:/Special:EntityData)?)/)?"
                          r"(Q[1-9][0-9]{0,14})(?:\.[a-z]{2,6})?/?(?:#.*)?", re.IGNORECASE)  # fmt: skip
_ZONE: Final = re.compile(
    r"(?:https?://www\.data\.gouv\.fr/api/1/spatial/zones?/)?fr:([a-z]+):([0-9AB]{2,9})/?", re.IGNORECASE
)
_IGN: Final = re.compile(r"(?:https?://data\.ign\.fr/id/)?(?:geofla/)?([a-z]+)/([0-9AB]{2,5})/?", re.IGNORECASE)
_INSEE_COMMUNE: Final = re.compile(r"https?://id\.insee\.fr/geo/commune/([0-9AB]{5})/?", re.IGNORECASE)
_CODE: Final = re.compile(r"[0-9]{2,3}|2[AB]|[0-9][0-9AB][0-9]{3}|[0-9]{9}")
_SHORT_CODE: Final = re.compile(r"[0-9]|[0-9]{4}")
_SIREN, _SIRET = re.compile(r"[0-9]{9}"), re.compile(r"[0-9]{14}")
_ANCT: Final = re.compile(r"(?:ti-)?([0-9]{4})", re.IGNORECASE)
_OURS: Final = re.compile(rf"(?:id/|doc/)?(?:{'|'.join(KINDS)})/[A-Za-z0-9/._-]+")
"""Paths below our base, as answers and other tools name things: `commune/81004`."""
_SUFFIXES: Final = tuple(f".{suffix}" for suffix in ("html", *(format_.suffix for format_ in GRAPH_FORMATS)))


@dataclass(frozen=True, slots=True)
class Asked:
    """An identifier, understood."""

    scheme: str
    value: str
    """As the scheme writes it; what messages show."""
    property: str | None = None
    """Prefixed name of a property of ours whose value it is."""
    code: str = ""
    """That value."""
    kind: str | None = None
    """The one kind of thing that it can name, as our IRIs have it; None: any."""
    targets: tuple[str, ...] = ()
    """IRIs of others to which a link of ours may lead."""
    ours: str | None = None
    """An IRI of this project."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A system of identifiers, and how it is told to people."""

    title: Text
    forms: Text
    """The forms that are understood."""
    example: str
    read: Callable[[str], Asked | None]
    """Returns what a text asks for; None where it has none of the forms."""


def understand(scheme: str, text: str) -> Asked:
    """Return what `text`, an identifier of `scheme` (a key of `SCHEMES`), asks for.

    Raises:
        RequestError: if it is empty, too long, or has none of the forms.
        NotFoundError: if it seems to have lost its first zero: the remedy is said, nothing is guessed.
    """
    asked = SCHEMES[scheme].read(text.strip()) if len(text) <= LONGEST else None
    if asked:
        return asked
    kept = _SPACES.sub("", text)
    if scheme in {"insee", "id"} and _SHORT_CODE.fullmatch(kept):
        raise NotFoundError(
            Text(f"{kept} is no INSEE code: one digit is missing",
                 f"{kept} n'est pas un code Insee : il manque un chiffre"),
            hint=Text(f"did a spreadsheet lose the first zero? Then ask for insee=0{kept}",
                      f"un tableur a-t-il perdu le premier zéro ? Demandez alors insee=0{kept}"),
            suggestions=(f"lookup?insee=0{kept}",),
        )  # fmt: skip
    if scheme == "siren" and _SIRET.fullmatch(kept):
        raise RequestError(
            Text(f"{kept} is a SIRET: that of an establishment", f"{kept} est un SIRET : celui d'un établissement"),
            hint=Text(f"for its legal unit ask for siret={kept} or siren={kept[:9]}",
                      f"pour son unité légale, demandez siret={kept} ou siren={kept[:9]}"),
        )  # fmt: skip
    known = SCHEMES[scheme]
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    raise RequestError(
        Text(f"{shown!r} is not understood as {scheme}", f"{shown!r} n'est pas compris comme {scheme}"),
        hint=Text(f"known forms: {known.forms.en}; for example {scheme}={known.example}",
                  f"formes connues : {known.forms.fr} ; par exemple {scheme}={known.example}"),
    )  # fmt: skip


def passes_luhn(digits: str) -> bool:
    """Return whether digits pass the Luhn check (ISO/IEC 7812-1, annex B), as a SIREN does."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0  # noqa: PLR2004  (digits)


def variants(iri: str) -> tuple[str, ...]:
    """Return an IRI of others as links may write it: with http or https, with or without a last slash."""
    rest = _WEB.sub("", iri, count=1).rstrip("/")
    return tuple(f"{scheme}://{rest}{slash}" for scheme in ("http", "https") for slash in ("", "/"))


def _siren(text: str) -> Asked | None:
    digits = _SPACES.sub("", text)
    return Asked("siren", digits, "ti:siren", digits) if _SIREN.fullmatch(digits) else None


def _siret(text: str) -> Asked | None:
    digits = _SPACES.sub("", text)
    return Asked("siret", digits, "ti:siren", digits[:9]) if _SIRET.fullmatch(digits) else None


def _insee(text: str) -> Asked | None:
    if _WEB.match(text):
        return _iri(text)
    code = _SPACES.sub("", text).upper()
    known = hint(code)
    if known and known.kind == "arrondissement":  # of Paris, Lyon or Marseille: the graph has the city
        return Asked("insee", code, "igeo:codeINSEE", known.code, "commune")
    return Asked("insee", code, "igeo:codeINSEE", code) if _CODE.fullmatch(code) else None


def _wikidata(text: str) -> Asked | None:
    match = _ITEM.fullmatch(text)
    if not match:
        return None
    item = match[1].upper()
    return Asked("wikidata", item, targets=(PREFIXES["wd"] + item,))


def _zone(text: str) -> Asked | None:
    match = _ZONE.fullmatch(text)
    if not match:
        return None
    level, code = match[1].lower(), match[2].upper()
    zone = f"fr:{level}:{code}"
    if level == "commune":  # not linked one by one: docs/decisions/0009
        return Asked("zone", zone, "igeo:codeINSEE", code, "commune")
    return Asked("zone", zone, targets=variants(f"https://www.data.gouv.fr/api/1/spatial/zone/{zone}/"))


def _ign(text: str) -> Asked | None:
    match = _IGN.fullmatch(text)
    if not match:
        return None
    level, code = match[1].lower(), match[2].upper()
    return Asked("ign", f"geofla/{level}/{code}", targets=variants(f"http://data.ign.fr/id/geofla/{level}/{code}"))


def _anct(text: str) -> Asked | None:
    match = _ANCT.fullmatch(text)
    return Asked("anct", f"ti-{match[1]}", "dct:identifier", f"ti-{match[1]}", "territory") if match else None


def _iri(text: str) -> Asked | None:
    if _OURS.match(text):
        return Asked("iri", text, ours=_named(text if text.startswith(("id/", "doc/")) else f"id/{text}"))
    if not _WEB.match(text) or not _is_iri(text):
        return None
    base = _WEB.sub("", BASE)
    rest = _WEB.sub("", text, count=1)
    if rest.startswith(base):
        return Asked("iri", BASE + rest.removeprefix(base), ours=_named(rest.removeprefix(base)))
    if match := _INSEE_COMMUNE.fullmatch(text):
        code = match[1].upper()
        return Asked("iri", f"http://id.insee.fr/geo/commune/{code}", "igeo:codeINSEE", code, "commune")
    return _wikidata(text) or _zone(text) or _ign(text) or Asked("iri", text, targets=variants(text))


def _named(path: str) -> str:
    """Return the IRI of what a document of ours is about, or that of anything else as it is."""
    path = unquote(path).rstrip("/")
    for folder in ("id/", "doc/"):
        if path.startswith(folder):
            key = path.removeprefix(folder).partition("?")[0].partition("#")[0]
            suffix = next((one for one in _SUFFIXES if key.endswith(one)), "")
            return f"{BASE}id/{key.removesuffix(suffix)}"
    return BASE + path


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _any(text: str) -> Asked | None:
    """Tell the scheme by the form; four digits alone are not told: they may be ANCT's, or a code without its zero."""
    readers = (_siren, _siret, _insee, _iri, _wikidata, _zone, _ign, *(() if text.isdecimal() else (_anct,)))
    return next((asked for read in readers if (asked := read(text))), None)


SCHEMES: Final[dict[str, Scheme]] = {
    "siren": Scheme(
        Text("SIREN of an intercommunality, commune or organisation",
             "SIREN d'une intercommunalité, commune ou organisation"),
        Text("nine digits, with spaces or not", "neuf chiffres, avec ou sans espaces"),
        "200066124", _siren,
    ),
    "siret": Scheme(
        Text("SIRET: leads to the legal unit of the establishment", "SIRET : mène à l'unité légale de l'établissement"),
        Text("fourteen digits, with spaces or not", "quatorze chiffres, avec ou sans espaces"),
        "20006612400013", _siret,
    ),
    "insee": Scheme(
        Text("INSEE code of a commune, department, region or overseas collectivity, or IRI of id.insee.fr",
             "code Insee de commune, département, région ou collectivité d'outre-mer, ou IRI d'id.insee.fr"),
        Text("81004, 2A004, 81, 2A, 971, 76, http://id.insee.fr/geo/…",
             "81004, 2A004, 81, 2A, 971, 76, http://id.insee.fr/geo/…"),
        "81004", _insee,
    ),
    "wikidata": Scheme(
        Text("Wikidata item", "élément de Wikidata"),
        Text("Q12772, wd:Q12772, or the address of its page", "Q12772, wd:Q12772, ou l'adresse de sa page"),
        "Q12772", _wikidata,
    ),
    "zone": Scheme(
        Text("zone of data.gouv.fr", "zone de data.gouv.fr"),
        Text("fr:commune:81004, fr:epci:200066124, fr:departement:81, fr:region:76, or the address of the zone",
             "fr:commune:81004, fr:epci:200066124, fr:departement:81, fr:region:76, ou l'adresse de la zone"),
        "fr:departement:81", _zone,
    ),
    "ign": Scheme(
        Text("IRI of IGN (GEOFLA), metropolitan departments", "IRI de l'IGN (GEOFLA), départements de métropole"),
        Text("geofla/departement/81, or http://data.ign.fr/id/geofla/departement/81",
             "geofla/departement/81, ou http://data.ign.fr/id/geofla/departement/81"),
        "geofla/departement/81", _ign,
    ),
    "anct": Scheme(
        Text("ANCT's identifier of a territory; both phases may have it",
             "identifiant ANCT d'un territoire ; il peut servir aux deux phases"),
        Text("ti-7614 or 7614", "ti-7614 ou 7614"),
        "ti-7614", _anct,
    ),
    "iri": Scheme(
        Text("any IRI that we link to, or one of ours", "tout IRI auquel nous lions, ou l'un des nôtres"),
        Text("an address that starts with http:// or https://, or a path of ours such as commune/81004",
             "une adresse qui commence par http:// ou https://, ou un chemin à nous tel que commune/81004"),
        "http://id.insee.fr/geo/commune/81004", _iri,
    ),
    "id": Scheme(
        Text("any of these", "n'importe lequel d'entre eux"),
        Text("any of the forms above", "toutes les formes ci-dessus"),
        "Q12772", _any,
    ),
}  # fmt: skip
"""Name of the parameter -> scheme."""
