"""`territoires fmt`: Turtle in the project's layout, by hand or before a commit."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from territoires.cli.main import language, messages
from territoires.cli.writing import say_written, write_as_one
from territoires.errors import TerritoiresError, Text
from territoires.files import read_text
from territoires.layout import formatted
from territoires.root import Root


@click.command(epilog="Example: territoires fmt --check data/catalogue.ttl")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show the lines that would change.")
@click.pass_obj
def fmt(root: Root, files: tuple[Path, ...], *, check: bool, diff: bool) -> None:
    """Rewrite Turtle FILES in the project's layout; default: all of ontology/ and data/.

    Statements, comments and the order of subjects stay. A file that cannot keep a comment is refused, with the line.
    """
    changed: dict[Path, str] = {}
    refused = 0
    for file in files or root.turtle_files():
        try:
            old = read_text(file)
            new = formatted(old, file)
        except TerritoiresError as error:
            messages.print(f"{error.title.in_(language())} — {error.in_(language())}", markup=False)
            refused += 1
            continue
        if new == old:
            continue
        changed[file] = new
        if diff:
            lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), str(file), str(file))  # noqa: FBT003
            click.echo("".join(lines), nl=False)
        elif check:
            click.echo(f"{file}: {Text('would change', 'changerait').in_(language())}")
    if not check and not diff:
        write_as_one(root, changed)
        for file in changed:
            say_written(file, changed=True)
    if refused or (check and changed):
        raise click.exceptions.Exit(1)
