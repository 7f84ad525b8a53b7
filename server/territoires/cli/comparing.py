"""`territoires diff`: how two states of the graph differ, for people, reviews and programs."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterable, Iterator

import click
import pyoxigraph as ox

from territoires.cli.main import LOADING, language, messages, working
from territoires.comparing import Entity, Fact, compare, read_side
from territoires.errors import FetchError, TerritoiresError, Text
from territoires.namespaces import compact
from territoires.root import Root

_COLOURS = {"+": "green", "-": "red", "~": "yellow"}
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_SECONDS = 60
_LARGEST = 1 << 30


@click.command(epilog="Example: territoires diff HEAD   or   territoires diff old.ttl new.ttl --format markdown")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B", required=False)
@click.option(
    "--format", "format_", type=click.Choice(["text", "markdown", "patch"]), default="text", show_default=True
)
@click.pass_obj
def diff(root: Root, before: str, after: str | None, format_: str) -> None:
    """Show how B differs from A by entity; exit 1 when it does, 2 on errors.

    A and B are files, folders, git revisions (HEAD, HEAD:data/x.ttl) or the address of a server; B is the graph folder
    when left out.
    """
    try:
        with working(LOADING):
            found = compare(read_side(before, root, _fetch), read_side(after or str(root.path), root, _fetch))
    except TerritoiresError as error:  # 1 means that they differ.
        messages.print(f"{error.title.in_(language())} — {error.in_(language())}", markup=False)
        raise click.exceptions.Exit(2) from error
    write = {"text": text_lines, "markdown": _markdown, "patch": _patch}[format_]
    for line in write(found):
        click.echo(line)
    if found:
        raise click.exceptions.Exit(1)


def text_lines(found: Iterable[Entity]) -> Iterator[str]:
    """Yield entities and their facts for a terminal, coloured."""
    for entity in found:
        sign = _SIGNS[entity.kind]
        yield click.style(f"{sign} {_title(entity)}", fg=_COLOURS[sign], bold=True)
        for line in _lines(entity.facts):
            yield click.style(f"    {line}", fg=_COLOURS[line[0]])


def _markdown(found: Iterable[Entity]) -> Iterator[str]:
    for entity in found:
        title = re.sub(r"([\\`*_<>\[\]#|])", r"\\\1", _title(entity))
        yield f"### {_SIGNS[entity.kind]} {title}\n\n```diff"
        for fact in entity.facts:
            yield from (f"- {_pair(fact, value)}" for value in (fact.before,) if value is not None)
            yield from (f"+ {_pair(fact, value)}" for value in (fact.after,) if value is not None)
        yield "```\n"


def _patch(found: Iterable[Entity]) -> Iterator[str]:
    """Yield RDF Patch: one transaction of deletions (D) and additions (A)."""
    yield "TX ."
    for entity in found:
        for fact in entity.facts:
            for sign, value in (("D", fact.before), ("A", fact.after)):
                if value is not None:
                    yield f"{sign} {entity.subject} {fact.predicate} {value} ."
    yield "TC ."


def _title(entity: Entity) -> str:
    name = _short(entity.subject)
    return f"{' '.join(entity.label.split())} ({name})" if entity.label else name


def _lines(facts: Iterable[Fact]) -> Iterator[str]:
    for fact in facts:
        if fact.before is not None and fact.after is not None:
            yield f"~ {_pair(fact, fact.before)} → {_short(fact.after)}"
        elif fact.before is not None:
            yield f"- {_pair(fact, fact.before)}"
        else:
            yield f"+ {_pair(fact, fact.after)}"


def _pair(fact: Fact, value: object) -> str:
    return f"{compact(fact.predicate.value)} {_short(value)}"


def _short(term: object) -> str:
    return compact(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _fetch(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310  (http or https, see read_side)
            content: bytes = answer.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise FetchError(
            Text(f"{address}: {error}", f"{address} : {error}"),
            hint=Text("give the address of a running server", "donnez l'adresse d'un serveur en marche"),
        ) from error
    if len(content) > _LARGEST:
        raise FetchError(Text(f"{address}: more than {_LARGEST} bytes", f"{address} : plus de {_LARGEST} octets"))
    return content
