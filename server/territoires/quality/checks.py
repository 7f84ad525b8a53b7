"""What a check is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from territoires.errors import Place, Text
from territoires.quality.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check does not accept."""

    message: Text
    term: str | None = None
    """IRI of the term it is about; None for the ontology as a whole."""
    place: Place | None = None
    """File and line where the term is described, when known."""


UNLISTED: Final = Text(
    "is not in ontology/external-terms.toml: look it up where it is defined, then add it",
    "n'est pas dans ontology/external-terms.toml : cherchez-le là où il est défini, puis ajoutez-le",
)

Run = Callable[[Ontology], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A named check of the ontology."""

    id: str
    title: Text
    run: Run
    """Its docstring says what the check means and where that is defined."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found; nothing when the ontology passes."""

    check: Check
    findings: tuple[Finding, ...]


def check(identifier: str, en: str, fr: str) -> Callable[[Run], Check]:
    """Return a decorator that makes a function the check called `identifier`."""
    return lambda run: Check(identifier, Text(en, fr), run)


def about(ontology: Ontology, term: str, en: str, fr: str) -> Finding:
    """Return a finding about `term`, with the place where it is described."""
    return Finding(Text(en, fr), str(term), ontology.place(str(term)))
