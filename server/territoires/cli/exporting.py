"""`territoires export`: the graph as RDF, and the files that people load elsewhere."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from territoires.cli.main import AT, LOADING, language, messages, working
from territoires.editions import load_edition
from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import Text
from territoires.export import export_to
from territoires.files import replacing
from territoires.formats import GRAPH_FORMATS, format_named
from territoires.graph import load
from territoires.root import Root
from territoires.tabular.exports import Material, find_exports, pick, write_all

_FOLDER = "exports"


@click.command("export", epilog="Example: territoires export territories.csv --output territories.csv")
@click.argument("name", required=False)
@click.option("--list", "listing", is_flag=True, help="List the files that NAME may be, and what each holds.")
@click.option("--all", "everything", is_flag=True, help=f"Write all of them into the folder --output, or {_FOLDER}/.")
@click.option(
    "--format", "syntax", type=click.Choice([format_.name for format_ in GRAPH_FORMATS]), help="Write RDF instead."
)
@click.option("--graph", "source", help="With --format: only this named graph, such as anct-2024-07-04.")
@AT
@click.option("--entity", help="With --format: only what is said of this entity, such as territory/2/ti-7614.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="File to write whole, default: standard output; for NAME, it may be a folder.",
)
@click.pass_obj
def export_(root: Root, /, name: str | None, output: Path | None, **options: object) -> None:
    """Write NAME, a file to load elsewhere such as territories.csv, or RDF; the same graph gives the same bytes."""
    chosen = [name, options["listing"], options["everything"], options["syntax"]]
    if sum(bool(one) for one in chosen) != 1:
        raise click.UsageError("give one of: NAME, --list, --all, --format")
    if (options["source"] or options["entity"]) and not options["syntax"]:
        raise click.UsageError("--graph and --entity go with --format")
    if options["day"] and not options["source"]:
        raise click.UsageError("--at goes with --graph")
    if options["syntax"]:
        _rdf(root, output, str(options["syntax"]), options)
    elif options["listing"]:
        for export in find_exports(root).values():
            click.echo(f"{export.name:28}{export.title.in_(language())}")
    elif options["everything"]:
        _all(root, output or Path(_FOLDER))
    elif name:
        _one(root, name, output)


def _rdf(root: Root, output: Path | None, syntax: str, options: Mapping[str, object]) -> None:
    only = {name: str(options[name]) if options[name] else None for name in ("source", "entity")}
    day = options["day"]
    with working(LOADING):
        graph = load_edition(root, str(options["source"]), day.date()) if isinstance(day, dt.datetime) else load(root)
    format_ = format_named(syntax, GRAPH_FORMATS)
    if output is None:
        export_to(sys.stdout.buffer, graph, format_, **only)
        return
    with working(Text("writing", "écriture")), replacing(output) as file:
        export_to(file, graph, format_, **only)


def _one(root: Root, name: str, output: Path | None) -> None:
    export = pick(find_exports(root), name)
    material = _material(root)
    if output is None:
        export.write(sys.stdout.buffer, material)
        return
    file_name = output / name if output.is_dir() else output
    with working(Text("writing", "écriture")), replacing(file_name) as file:
        export.write(file, material)


def _all(root: Root, folder: Path) -> None:
    exports = find_exports(root)
    material = _material(root)
    with working(Text("writing", "écriture")) as say:
        for number, export in enumerate(write_all(folder, exports, material), 1):
            say(Text(f"{number}/{len(exports)}: {export.name}", f"{number}/{len(exports)} : {export.name}"))
    size = sum((folder / one).stat().st_size for one in exports)
    text = Text(
        f"{folder}: {len(exports)} files, {size / 1e6:.1f} MB",
        f"{folder} : {len(exports)} fichiers, {size / 1e6:.1f} Mo",
    )
    messages.print(text.in_(language()), markup=False)


def _material(root: Root) -> Material:
    with working(LOADING):
        return Material(root, EmbeddedEngine(load(root)))
