"""The files of rules, and the file of what they derive."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import InvalidDataError, Place, RuleError, Text
from territoires.root import Root

_FILE: Final = re.compile(r"([0-9]{2})-[a-z0-9-]+")
_ABOUT: Final = re.compile(r"^#\s*About:\s*(.*?)\s*$", re.MULTILINE)
_VARIABLE: Final = re.compile(r"\?(\w+)")
_INPUTS: Final = "Inputs: "
_HEADER: Final = f"Derived by rules/*.rq.\nWritten by `territoires build`; do not edit.\n{_INPUTS}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One CONSTRUCT query and the stratum it belongs to."""

    file: Path
    stratum: str
    text: str
    about: str | None = None
    """Name of the variable that each conclusion is about, where the rule says `# About: ?name`."""


def derived_file(root: Root) -> Path:
    """Return the file of the derived graph."""
    return root.data / "derived.ttl"


def derived_document(triples: Iterable[ox.Triple], inputs: str) -> str:
    """Return the derived graph as Turtle; `inputs` is what `inputs_digest` gives for its sources and rules."""
    return turtle.serialize(triples, header=_HEADER + inputs)


def with_inputs(content: bytes, inputs: str) -> bytes:
    """Return the file of derived facts with another digest of what they were derived from; `content` may be empty."""
    top = derived_document((), inputs).encode()
    base = re.search(rb"^@base", content, re.MULTILINE)
    return top[: top.index(b"@base")] + content[base.start() :] if base else top


def load_rules(root: Root) -> tuple[Rule, ...]:
    """Return the rules of `root` in the order in which they run.

    Raises:
        RuleError: if a file is not named `NN-name.rq`, or says `# About:` without a variable of its query.
    """
    return tuple(_read(file, root) for file in root.rule_files())


def _read(file: Path, root: Root) -> Rule:
    match = _FILE.fullmatch(file.stem)
    if not match:
        raise RuleError(
            Text("a rule is named after its stratum", "une règle porte le nom de sa strate"),
            place=Place(root.relative(file)),
            hint=Text(
                "call it NN-name.rq, such as 01-covers-commune.rq",
                "nommez-la NN-nom.rq, comme 01-covers-commune.rq",
            ),
        )
    text = file.read_text(encoding="utf-8")
    about = _ABOUT.search(text)
    if about is None:
        return Rule(file, match[1], text)
    variable = _VARIABLE.fullmatch(about[1])
    if not variable or not re.search(rf"[?$]{variable[1]}\b", _ABOUT.sub("", text)):
        raise RuleError(
            Text(
                f"a rule is about a variable of its query, not {about[1]!r}",
                f"une règle porte sur une variable de sa requête, non {about[1]!r}",
            ),
            place=Place(root.relative(file), line=text.count("\n", 0, about.start()) + 1),
            hint=Text(
                "write `# About: ?name` with the variable that each conclusion hangs on, or leave the line out",
                "écrivez `# About: ?nom` avec la variable dont dépend chaque conclusion, ou ôtez la ligne",
            ),
        )
    return Rule(file, match[1], text, variable[1])


def inputs_digest(root: Root) -> str:
    """Return the digest of what the derived graph depends on: sources and rules."""
    sources = [file for file in root.turtle_files() if file != derived_file(root)]
    return root.digest(*sources, *root.rule_files())


def ensure_fresh(root: Root) -> None:
    """Return when the derived graph was made from the present sources and rules.

    Raises:
        InvalidDataError: if it was not.
    """
    if not root.rule_files():
        return
    file = derived_file(root)
    head = file.read_text(encoding="utf-8")[:1000] if file.exists() else ""
    if f"{_INPUTS}{inputs_digest(root)}" not in head:
        raise InvalidDataError(
            Text(
                "the derived facts are older than the sources or rules",
                "les faits dérivés datent d'avant les sources ou les règles",
            ),
            place=Place(root.relative(file)),
            hint=Text("run `territoires build`", "lancez `territoires build`"),
        )
