"""`territoires bench`."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

import territoires
from territoires.bench import comparing, peers, report
from territoires.bench.loads import wrk
from territoires.cli.main import LOADING, working, write
from territoires.errors import NotFoundError, Text
from territoires.export import export_to
from territoires.formats import format_named
from territoires.graph import load
from territoires.root import Root


@click.command(epilog="Example: territoires bench --server territoires --server oxigraph --seconds 2 --output bench")
@click.option("--server", "names", multiple=True, help="Server to compare; default: all that are installed.")
@click.option(
    "--queries",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of .rq files, a class of queries each; default: tests/bench/queries of the graph folder.",
)
@click.option("--only", multiple=True, metavar="NAME", help="Only the classes whose name begins so.")
@click.option("--concurrency", multiple=True, default=(1, 8, 32), show_default=True, type=click.IntRange(1, 1000))
@click.option("--seconds", default=3, show_default=True, type=click.IntRange(1), help="Length of each load.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="How often each is repeated.")
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path),
    help="N-Quads to compare on; default: the graph folder.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for bench.md and the charts; default: the table on standard output.",
)
@click.pass_obj
def bench(  # noqa: PLR0913  (click's)
    root: Root,
    /,
    *,
    names: tuple[str, ...],
    queries: Path | None,
    only: tuple[str, ...],
    concurrency: tuple[int, ...],
    seconds: int,
    rounds: int,
    data: Path | None,
    output: Path | None,
) -> None:
    """Compare this server with others that are installed, on the same data, with the same queries, on this machine."""
    wrk()
    chosen = peers.installed(list(names))
    classes = _classes(queries or root.path / "tests/bench/queries", only)
    with TemporaryDirectory(prefix="territoires-bench-") as folder, working(LOADING) as progress:
        dump = data or _dump(root, Path(folder))
        found = comparing.compare(
            dump, Path(folder), chosen, classes, concurrency, seconds=seconds, rounds=rounds, progress=progress
        )
    text = report.markdown(found, _how(seconds, rounds))
    if not output:
        click.echo(text, nl=False)
        return
    output.mkdir(parents=True, exist_ok=True)
    write(output / "bench.md", text)
    for connections in concurrency:
        write(output / f"bench-{connections}.svg", report.chart(found, connections))


def _classes(folder: Path, only: tuple[str, ...]) -> list[comparing.QueryClass]:
    classes = [one for one in comparing.read_classes(folder) if not only or one.name.startswith(only)]
    if not classes:
        raise NotFoundError(
            Text(f"{folder} has no such queries", f"{folder} n'a pas de telles requêtes"),
            hint=Text("name a folder of .rq files: --queries", "nommez un dossier de fichiers .rq : --queries"),
        )
    return classes


def _dump(root: Root, folder: Path) -> Path:
    file = folder / "dump.nq"
    with file.open("wb") as written:
        export_to(written, load(root), format_named("nquads"))
    return file


def _how(seconds: int, rounds: int) -> str:
    day = datetime.now(UTC).date().isoformat()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{cores} cores of {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    load = f"wrk beside the servers, {seconds} s a load, {rounds} rounds in turns"
    return f"territoires {territoires.__version__}, {day}; {system}; {load}."
