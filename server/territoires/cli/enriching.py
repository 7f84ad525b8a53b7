"""`territoires enrich`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from territoires.cli.main import LOADING, language, messages, working
from territoires.engine.embedded import EmbeddedEngine
from territoires.enrich import KINDS, Matcher, Phase, enrich, opened, read_stated, recognise
from territoires.enrich.process import Report, metadata, sampled
from territoires.enrich.writing import Format, format_of
from territoires.errors import RequestError, Text
from territoires.files import replacing, write_whole
from territoires.graph import load
from territoires.root import Root
from territoires.search import Index, gather


@click.command(
    "enrich", epilog="Example: territoires enrich communes.csv --output communes-ti.csv --column 'Code=commune'"
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write whole: .csv, .xlsx or .parquet.",
)
@click.option(
    "--column",
    "stated",
    multiple=True,
    metavar="HEAD=KIND",
    help=f"Say what a column holds, with KIND one of {', '.join(KINDS)}; may be repeated.",
)
@click.option(
    "--phase",
    type=click.Choice(get_args(Phase)),
    default="2",
    show_default=True,
    help="Phase of the territories to add.",
)
@click.option("--delimiter", help="Of a CSV file to write; default: that of the CSV file read, else a comma.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="File for the report, as JSON.")
@click.pass_obj
def enrich_(  # noqa: PLR0913  (click's)
    root: Root,
    /,
    *,
    file: Path,
    output: Path,
    stated: tuple[str, ...],
    phase: Phase,
    delimiter: str | None,
    report: Path | None,
) -> None:
    """Add to each row of FILE the Territoire d'industrie of its commune, intercommunality, department or region.

    FILE is CSV (any delimiter, UTF-8 or Windows-1252), XLSX or Parquet. Every row comes out, in its order; the last
    two columns say how its place was recognised, or why not. Leading zeros that a spreadsheet took are put back.
    """
    format_ = format_of(output)
    if output.exists() and output.samefile(file):
        raise RequestError(
            Text(f"{output} is the table itself", f"{output} est le tableau lui-même"),
            hint=Text("give another --output: the original is kept", "donnez un autre --output : l'original est gardé"),
        )
    with file.open("rb") as read, opened(read, str(file)) as table:
        with working(LOADING):
            engine = EmbeddedEngine(load(root))
            matcher = Matcher(engine, Index(gather(engine)), phase)
        sample, rows = sampled(table)
        columns = recognise(str(file), table.heads, sample, matcher.index, read_stated(stated))
        between = delimiter or table.delimiter or ","
        with replacing(output) as written, _bar(file) as progress:
            found = enrich(table, rows, columns, matcher, written, format_, delimiter=between, progress=progress)
        heads = table.heads
    _tell(found, report)
    _describe(output, format_, heads, between)


def _describe(output: Path, format_: Format, heads: list[str], delimiter: str) -> None:
    if format_ == "csv":
        beside = output.with_name(f"{output.name}-metadata.json")
        write_whole(beside, metadata(output.name, heads, delimiter).decode())


def _tell(found: Report, file: Path | None) -> None:
    for line in found.lines():
        messages.print(line.in_(language()), markup=False)
    if file:
        write_whole(file, found.to_json())


@contextmanager
def _bar(file: Path) -> Iterator[Callable[[int], None]]:
    """Show how much of a file has been read, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size)
        yield lambda read: progress.update(task, completed=read)
