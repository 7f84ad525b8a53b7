"""Measures how well names are matched: `python -m tests.bench.reconcile`.

Two sets. By hand: misspellings and ways of writing that people use, `tests/data/reconciliation/by-hand.csv`; every
other line was looked at when the matching was tuned, the rest is held out. By rule: variants of official names that are
drawn by chance, with two seeds, of which the second is held out. What is expected are the identifiers of the names that
the variants were made from. A communes's department is given, as a column of a table would, and is left out in the
lines “alone”. Precision counts what is matched without asking (`match: true`), recall how much of all that is.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import load
from territoires.reconcile import TYPES, Constraint, Query, reconcile
from territoires.reconcile.properties import IDS
from territoires.reconcile.types import CLASSES
from territoires.root import find_root
from territoires.search import Entry, Index, gather

BY_HAND: Final = Path(__file__).parents[1] / "data/reconciliation/by-hand.csv"
_DRAWN: Final = 60
"""Names that each rule is tried on."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A way in which a name is written."""

    text: str
    type: str
    department: str
    expected: str
    """Identifier of what is meant."""
    rule: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of so many were matched, and rightly."""

    all: int
    matched: int
    right: int
    first: int
    """Those whose first candidate is right, matched or not."""

    @property
    def precision(self) -> float:
        """Share of right matches in all matches; 1 where nothing was matched."""
        return self.right / self.matched if self.matched else 1.0

    @property
    def recall(self) -> float:
        """Share of right matches in all variants."""
        return self.right / self.all if self.all else 1.0


def by_hand() -> list[Variant]:
    """Return the variants that were written by hand."""
    with BY_HAND.open(encoding="utf-8", newline="") as file:
        return [
            Variant(row["text"], row["type"], row["department"], row["expected"], "by hand")
            for row in csv.DictReader(file)
        ]


def _swapped(name: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(name) - 2)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def _dropped(name: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1 :]


def _doubled(name: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(name) - 1)
    return name[:place] + name[place] + name[place:]


def _other(name: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(name) - 1)
    return name[:place] + chance.choice("aeioulnrst") + name[place + 1 :]


def _article_behind(name: str, _: random.Random) -> str:
    article, rest = name.split(" ", 1) if " " in name else ("", name)
    return f"{rest} ({article})" if article in {"Le", "La", "Les"} else name


def _long_form(name: str, _: random.Random) -> str:
    return name.replace("CC ", "Communauté de communes ", 1).replace("CA ", "Communauté d'agglomération ", 1)


def _short_form(name: str, _: random.Random) -> str:
    return name.replace("CC ", "Com. de com. ", 1).replace("CA ", "Com. d'agglo ", 1)


_PLAIN: Final = str.maketrans("àâäçéèêëîïôöùûüÿÀÂÇÉÈÊËÎÏÔÖÙÛÜ", "aaaceeeeiioouuuyAACEEEEIIOOUUU")
RULES: Final[dict[str, Callable[[str, random.Random], str]]] = {
    "capitals": lambda name, _: name.upper(),
    "no accents": lambda name, _: name.translate(_PLAIN),
    "no hyphens": lambda name, _: name.replace("-", " "),
    "no apostrophes": lambda name, _: name.replace("'", " ").replace("’", " "),
    "St for Saint": lambda name, _: name.replace("Sainte-", "Ste-").replace("Saint-", "St "),
    "s/ for sur": lambda name, _: name.replace("-sur-", " s/ "),
    "article left out": lambda name, _: name.removeprefix("Le ").removeprefix("La ").removeprefix("Les "),
    "article behind": _article_behind,
    "legal form in full": _long_form,
    "legal form cut short": _short_form,
    "legal form left out": lambda name, _: name.removeprefix("CC ").removeprefix("CA "),
    "two letters swapped": _swapped,
    "a letter left out": _dropped,
    "a letter doubled": _doubled,
    "another letter": _other,
}


def by_rule(entries: Iterable[Entry], seed: int) -> Iterator[Variant]:
    """Yield variants of official names; a rule is tried on names that it changes, of at least six letters."""
    chance = random.Random(seed)  # noqa: S311  (no secret)
    named = [one for one in entries if CLASSES[one.kind] in {"Commune", "Intercommunality", "Territory"}]
    for rule, change in RULES.items():
        drawn = 0
        while drawn < _DRAWN:
            entry = chance.choice(named)
            if len(entry.label.fr) < len("Castres"):
                continue
            text = change(entry.label.fr, chance)
            if text != entry.label.fr:
                drawn += 1
                of = entry.within.key if entry.kind == "commune" and entry.within else ""
                yield Variant(text, CLASSES[entry.kind], of, entry.iri.removeprefix(IDS), rule)


def measured(index: Index, variants: Iterable[Variant], *, alone: bool = False) -> tuple[Outcome, list[str]]:
    """Return how well variants are matched, and what was matched wrongly."""
    matched = right = first = count = 0
    wrong = []
    for variant in variants:
        count += 1
        said = variant.department and not alone
        constraints = (Constraint("inDepartment", (variant.department,)),) if said else ()
        found = reconcile(index, Query(variant.text, frozenset({TYPES[variant.type]}), constraints=constraints))
        sure = next((one for one in found if one.sure), None)
        first += bool(found) and found[0].entry.iri == IDS + variant.expected
        if sure:
            matched += 1
            if sure.entry.iri == IDS + variant.expected:
                right += 1
            else:
                wrong.append(f"{variant.text} -> {sure.entry.label.fr}, not {variant.expected} ({variant.rule})")
    return Outcome(count, matched, right, first), wrong


def main() -> None:
    """Print the table."""
    entries = gather(EmbeddedEngine(load(find_root())))
    index = Index(entries)
    hand = by_hand()
    sets: dict[str, list[Variant]] = {"by hand, tuned on": hand[::2], "by hand, held out": hand[1::2]}
    for seed, name in ((1, "tuned on"), (2, "held out")):
        rules: defaultdict[str, list[Variant]] = defaultdict(list)
        for variant in by_rule(entries, seed):
            rules[f"by rule, {name}"].append(variant)
            rules[f"by rule, {name}: {variant.rule}"].append(variant)
        sets |= rules
    out = sys.stdout
    out.write("| variants | number | precision | recall | first | precision alone | recall alone |\n")
    out.write(f"|{'---|' * 7}\n")
    for name, variants in sets.items():
        (told, wrong), (alone, wrong_alone) = measured(index, variants), measured(index, variants, alone=True)
        out.write(
            f"| {name} | {told.all} | {told.precision:.3f} | {told.recall:.3f} | {told.first / told.all:.3f} "
            f"| {alone.precision:.3f} | {alone.recall:.3f} |\n"
        )
        if "--wrong" in sys.argv and ":" not in name and "tuned" in name:
            out.write("".join(f"  {line}\n" for line in wrong + wrong_alone))


if __name__ == "__main__":
    main()
