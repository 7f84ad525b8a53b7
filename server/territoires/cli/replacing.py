"""What all importers share: a preview in words, a question, the new edition of a list, and the door."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from territoires.cli.main import language, messages
from territoires.cli.writing import write_sources
from territoires.comparing import compare
from territoires.differences import difference
from territoires.editions import CATALOGUE, dated, editions
from territoires.errors import RequestError, Text
from territoires.graph import graph_files
from territoires.ingest.summary import in_words
from territoires.root import Root

_WRITE: Final = Text("write this?", "écrire cela ?")


def written(command: Callable[..., None]) -> Callable[..., None]:
    """Add what all importers share; the command gets `put`, which takes the text of a file."""

    @click.option(
        "--dry-run",
        "dry",
        is_flag=True,
        help="Show what would change, by entity; a terminal is asked whether to write it.",
    )
    @click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
    @click.option(
        "--issued",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="YYYY-MM-DD",
        help="This is a new edition, of this day: date its source in the catalogue, and keep the one it replaces.",
    )
    @click.option("--no-check", is_flag=True, help="Write without deriving and judging: for a folder not whole yet.")
    @wraps(command)
    def chosen(*arguments: Any, issued: dt.datetime | None, **options: Any) -> None:  # noqa: ANN401  (the command's)
        choices = {name: options.pop(name) for name in ("dry", "yes", "no_check")}
        root = click.get_current_context().find_object(Root)
        files: dict[Path, str] = {}
        command(*arguments, put=files.__setitem__, **options)
        if root is None:
            return
        catalogue = _new_edition(root, files, issued.date()) if issued else {}
        if _is_agreed({**files, **catalogue}, dry=choices["dry"], yes=choices["yes"]):
            write_sources(root, {**files, **catalogue}, check=not choices["no_check"])

    return chosen


def _is_agreed(files: Mapping[Path, str], *, dry: bool, yes: bool) -> bool:
    """Show what would change where that is asked for or a file is replaced; return whether to write it.

    Raises:
        click.Abort: if the terminal says no where it was not only asked to show.
    """
    asks = sys.stdin.isatty() and sys.stdout.isatty() and not yes
    changes = [_say(file, text) for file, text in files.items()] if dry or asks else []
    if dry:
        for file, text in files.items():
            for line in difference(file, text):
                click.echo(line if isinstance(line, str) else line.in_(language()))
    if dry and not (asks and any(changes)):
        return False
    if asks and (dry or (any(changes) and any(file.exists() for file in files))):
        return click.confirm(_WRITE.in_(language()), abort=not dry)
    return True


def _say(file: Path, text: str) -> bool:
    """Say in words what `text` would change in `file`; return whether anything."""
    before = {file.name: file.read_bytes()} if file.exists() else {}
    found = compare(before, {file.name: text.encode()})
    click.echo(f"{file}: {in_words(found).in_(language())}")
    return bool(found)


def _new_edition(root: Root, files: Mapping[Path, str], day: dt.date) -> dict[Path, str]:
    """Return the catalogue with `day` as the date of the graph whose files are imported; say what is kept.

    Raises:
        RequestError: if they replace no dated graph, or one that is not older.
    """
    names = [iri for iri, parts in graph_files(root).items() if {file.resolve() for file in files} & {*parts}]
    known = editions(root, *names) if len(names) == 1 else ()
    if not known:
        raise RequestError(
            Text(
                "--issued: no dated graph of the catalogue is replaced", "--issued : aucun graphe daté n'est remplacé"
            ),
            hint=Text(
                "import into the files of a graph that is there, whose dct:source has a dct:issued",
                "importez dans les fichiers d'un graphe qui existe, dont la dct:source a un dct:issued",
            ),
        )
    old = known[-1].since
    if day < old:
        raise RequestError(
            Text(f"--issued {day} is before the edition in force", f"--issued {day} précède l'édition en vigueur"),
            hint=Text(f"that is of {old}", f"celle-ci est du {old}"),
        )
    if day > old:
        kept = Text(
            f"a new edition, of {day}; that of {old} is kept", f"nouvelle édition, du {day} ; celle du {old} est gardée"
        )
        messages.print(kept.in_(language()), markup=False)
    return {root.path / CATALOGUE: dated(root, names[0], day).decode()}
