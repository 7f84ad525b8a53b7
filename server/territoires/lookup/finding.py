"""From an identifier that was understood to our thing: by our codes, or by the links that the data state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from territoires.answers import select
from territoires.engine import Engine
from territoires.entities import exists
from territoires.errors import NotFoundError, RequestError, Text
from territoires.lookup.forms import SCHEMES, Asked, passes_luhn
from territoires.namespaces import BASE, compact
from territoires.search import KINDS

_IDS: Final = f"{BASE}id/"
_NAMED_BY_OTHERS: Final = {
    "departement": "department", "département": "department", "région": "region", "epci": "intercommunality",
    "territoire": "territory", "collectivite": "collectivity", "collectivité": "collectivity", "financeur": "funder",
    "intercommunalite": "intercommunality", "intercommunalité": "intercommunality", "responsable": "official",
}  # fmt: skip
_CODED: Final = "SELECT DISTINCT ?thing {{ ?thing {} {} }} ORDER BY ?thing"
_LINKED: Final = """SELECT DISTINCT ?thing ?property {{
  VALUES ?target {{ {} }} VALUES ?property {{ owl:sameAs schema:sameAs }} ?thing ?property ?target
}} ORDER BY ?thing"""
_LABELS: Final = "SELECT ?thing ?label {{ VALUES ?thing {{ {} }} ?thing rdfs:label ?label }}"
_BRIEF: Final = """SELECT ?s ?p ?o {{
  VALUES ?s {{ {} }}
  VALUES ?p {{ rdf:type rdfs:label igeo:codeINSEE dct:identifier ti:siren ti:phase owl:sameAs schema:sameAs }}
  ?s ?p ?o
}}"""


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of ours that an identifier leads to."""

    iri: str
    label: Text
    relation: str
    """What in our data says so: `owl:sameAs`, `schema:sameAs`, `igeo:codeINSEE`, `ti:siren`, `ti:formerCode` …"""

    @property
    def kind(self) -> str:
        """Kind, as the IRI has it; empty for what is no thing below `id/`."""
        return self.iri.removeprefix(_IDS).partition("/")[0] if self.iri.startswith(_IDS) else ""


@dataclass(frozen=True, slots=True)
class Found:
    """What an identifier leads to."""

    asked: Asked
    things: tuple[Thing, ...]
    """One, or several between which the asker must choose: never none."""
    near: tuple[Thing, ...] = ()
    """Things for which the same IRI is a page, where `things` are the very thing that it names."""

    @property
    def merged(self) -> bool:
        """Whether the code is that of a former commune, which is now in the one found."""
        return self.things[0].relation == "ti:formerCode"


def kind_named(text: str | None) -> str | None:
    """Return the kind of things called `text`, in our words or in INSEE's.

    Raises:
        RequestError: if there is none.
    """
    if not text:
        return None
    kind = _NAMED_BY_OTHERS.get(text.casefold(), text.casefold())
    if kind not in KINDS:
        kinds = ", ".join(KINDS)
        raise RequestError(
            Text(f"there is no type {text[:80]!r}", f"il n'y a pas de type {text[:80]!r}"),
            hint=Text(f"one of: {kinds}", f"au choix : {kinds}"),
        )
    return kind


def find(engine: Engine, asked: Asked, kind: str | None = None) -> Found:
    """Return what `asked` leads to, of this kind if one is given.

    Raises:
        NotFoundError: if nothing of ours is identified so.
        QueryError, OverloadedError: if the engine cannot answer.
    """
    pairs = [
        (iri, relation)
        for iri, relation in _candidates(engine, asked)
        if all(one is None or iri.startswith(f"{_IDS}{one}/") for one in (asked.kind, kind))
    ]
    if not pairs:
        raise _not_found(asked, kind)
    same = [pair for pair in pairs if pair[1] == "owl:sameAs"]
    chosen = same or pairs
    things = _described(engine, pairs)
    return Found(
        asked,
        tuple(things[iri] for iri, _ in chosen),
        tuple(things[iri] for iri, _ in pairs if (iri, _) not in chosen),
    )


def _candidates(engine: Engine, asked: Asked) -> list[tuple[str, str]]:
    """Return the IRIs of things, each with what says that it is one."""
    if asked.ours:
        return [(asked.ours, "iri")] if _exists(engine, asked.ours) else []
    if asked.targets:
        targets = " ".join(str(ox.NamedNode(target)) for target in asked.targets)
        rows = select(engine, _LINKED.format(targets))
        return [(row["thing"].value, compact(row["property"].value)) for row in rows]
    assert asked.property  # noqa: S101  (every form has one of the three)
    # A code that is in force comes before a former one.
    for property_ in (asked.property, *(("ti:formerCode",) if asked.property == "igeo:codeINSEE" else ())):
        rows = select(engine, _CODED.format(property_, ox.Literal(asked.code)))
        if rows:
            return [(row["thing"].value, property_) for row in rows]
    return []


def _exists(engine: Engine, iri: str) -> bool:
    try:
        return exists(engine, iri)
    except ValueError:  # not an IRI once its percent signs are read
        return False


def _described(engine: Engine, pairs: Iterable[tuple[str, str]]) -> dict[str, Thing]:
    """Return things with their labels: asked in a second step, since the engine reads sooner than it joins."""
    found = dict(pairs)
    labels: dict[str, dict[str, str]] = {iri: {} for iri in found}
    for row in select(engine, _LABELS.format(" ".join(f"<{iri}>" for iri in found))):
        label = row["label"]
        if isinstance(label, ox.Literal):
            labels[row["thing"].value][label.language or ""] = label.value
    things = {}
    for iri, relation in found.items():
        said, plain = labels[iri], next(iter(labels[iri].values()), compact(iri))
        things[iri] = Thing(iri, Text(said.get("en", plain), said.get("fr", plain)), relation)
    return things


def _not_found(asked: Asked, kind: str | None) -> NotFoundError:
    of = Text(f" ({KINDS[kind].en})", f" ({KINDS[kind].fr})") if kind else Text("", "")
    detail = Text(
        f"nothing here has the identifier {asked.value}{of.en}", f"rien ici n'a l'identifiant {asked.value}{of.fr}"
    )
    if asked.property == "ti:siren" and not passes_luhn(asked.code):
        hint = Text(
            f"a digit is wrong: {asked.code} fails the check of a SIREN (Luhn)",
            f"un chiffre est faux : {asked.code} ne passe pas la clé d'un SIREN (Luhn)",
        )
    elif asked.scheme == "insee":
        hint = Text(
            "is it a postal code? INSEE codes are others; find the commune by its name at /search",
            "est-ce un code postal ? Les codes Insee sont autres ; cherchez la commune par son nom à /search",
        )
    else:
        forms = SCHEMES[asked.scheme].forms
        hint = Text(
            f"known forms: {forms.en}; /lookup says which datasets are linked",
            f"formes connues : {forms.fr} ; /lookup dit quels jeux de données sont liés",
        )
    return NotFoundError(detail, hint=hint)


def brief(engine: Engine, things: Iterable[Thing]) -> list[ox.Triple]:
    """Return what tells things apart: types, names, codes, links.

    Raises:
        QueryError, OverloadedError: if the engine cannot answer.
    """
    rows = select(engine, _BRIEF.format(" ".join(f"<{thing.iri}>" for thing in things)))
    return [ox.Triple(row["s"], row["p"], row["o"]) for row in rows]  # type: ignore[arg-type]  # subjects are IRIs
