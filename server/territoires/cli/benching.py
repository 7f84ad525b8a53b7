"""`territoires bench`."""

from __future__ import annotations

import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

import territoires
from territoires.bench.chart import chart
from territoires.bench.comparing import Comparison
from territoires.bench.known import PEERS, installed
from territoires.bench.loads import wrk
from territoires.bench.measuring import Pace, Watch, compare
from territoires.bench.peer import Given
from territoires.bench.questions import QueryClass, mixed, read_classes
from territoires.bench.report import markdown
from territoires.cli.main import language, messages, working, write
from territoires.errors import NotFoundError, Text
from territoires.export import export_to
from territoires.formats import format_named
from territoires.graph import load
from territoires.root import Root

_NAMES = "; ".join(peer.name for peer in PEERS)
_SERVERS = f"Server to compare; may be repeated. Known: {_NAMES}. Default: all that are installed."


@click.command(epilog="Example: territoires bench --server territoires --server oxigraph --seconds 2 --output bench")
@click.option("--server", "names", multiple=True, help=_SERVERS)
@click.option(
    "--queries",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of .rq files, a class of queries each; default: tests/bench/queries of the graph folder.",
)
@click.option("--only", multiple=True, metavar="NAME", help="Only the classes whose name begins so; `mix` is all.")
@click.option(
    "--concurrency",
    multiple=True,
    default=(1, 8, 32),
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Clients at once; may be repeated.",
)
@click.option("--seconds", default=3, show_default=True, type=click.IntRange(1), help="Length of each load.")
@click.option(
    "--longest",
    default=60,
    show_default=True,
    type=click.IntRange(1),
    help="Seconds that a load is drawn out to, at most, for answers that are slow.",
)
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="How often each is repeated.")
@click.option(
    "--minutes", default=60.0, show_default=True, type=click.FloatRange(0), help="After which no load is begun."
)
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path),
    help="N-Quads to compare on, for all; default: the graph folder for ours, as it is served, and a dump of it.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for bench.md and the charts, written after each round; default: the tables on standard output.",
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
    longest: int,
    rounds: int,
    minutes: float,
    data: Path | None,
    output: Path | None,
) -> None:
    """Compare this server with others that are installed, on the same data, with the same queries, on this machine."""
    wrk()
    chosen = installed(list(names))
    classes = _classes(queries or root.path / "tests/bench/queries", only)
    found = Comparison(classes, concurrency)
    pace = Pace(seconds, max(seconds, longest), rounds, minutes, _cores())
    with TemporaryDirectory(prefix="territoires-bench-") as folder, _ended_whole(), _telling() as say:
        say(Text("writing the dump", "écriture des données"))
        given = Given(data or _dump(root, Path(folder)), None if data else root.path.resolve())
        watch = Watch(say, lambda found: _keep(found, pace, output) if output else None)
        compare(given, Path(folder), chosen, found, pace, watch)
    if not output:
        click.echo(markdown(found, _how(pace)), nl=False)


@contextmanager
def _ended_whole() -> Iterator[None]:
    """Stop the servers too when this process is told to end."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _telling() -> Iterator[Callable[[Text], None]]:
    """Say what is being done: on a terminal in one line, else each in a line of its own, for it takes long."""
    if messages.is_terminal:
        with working(Text("", "")) as say:
            yield say
    else:
        yield lambda text: messages.print(text.in_(language()), markup=False)


def _keep(found: Comparison, pace: Pace, output: Path) -> None:
    """Write what was measured so far."""
    output.mkdir(parents=True, exist_ok=True)
    write(output / "bench.md", markdown(found, _how(pace)))
    for connections in found.connections:
        write(output / f"bench-{connections}.svg", chart(found, connections))


def _classes(folder: Path, only: tuple[str, ...]) -> list[QueryClass]:
    every = read_classes(folder)
    if len(every) > 1:
        every.append(mixed(every))
    classes = [one for one in every if not only or one.name.startswith(only)]
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


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _how(pace: Pace) -> str:
    day = datetime.now(UTC).date().isoformat()
    system = f"{pace.cores} cores of {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    load = f"wrk beside the servers, {pace.seconds} to {pace.longest} s a load, up to {pace.rounds} rounds in turns"
    return f"territoires {territoires.__version__}, {day}; {system}; {load}."
