"""`territoires history` and `revert`: who changed what, when and why, and undoing it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import getpass
import json
import sys
from collections.abc import Iterable

import click
import pyoxigraph as ox
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from territoires.cli.comparing import text_lines
from territoires.cli.main import LOADING, language, working
from territoires.commit import door
from territoires.comparing import Entity
from territoires.edits import Edit
from territoires.engine.embedded import EmbeddedEngine
from territoires.entities.labels import labels
from territoires.errors import NotFoundError, Text
from territoires.graph import load, load_only
from territoires.history import (
    Change,
    Signature,
    by_graph,
    changed_graphs,
    edit_that_undoes,
    find_change,
    list_changes,
    load_patch,
    patch_file,
)
from territoires.namespaces import BASE, CHANGES
from territoires.root import Root

_WIDE = 100_000


@click.command(epilog="Example: territoires history   or   territoires history 12 --format patch")
@click.argument("number", metavar="[N]", type=click.IntRange(min=1), required=False)
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many changes, last first."
)
@click.option("--graph", "graph_name", metavar="NAME", help="Only changes of this graph, such as anct-2024-07-04.")
@click.option("--format", "format_", type=click.Choice(["table", "json", "patch"]), default="table", show_default=True)
@click.pass_obj
def history(root: Root, number: int | None, limit: int, graph_name: str | None, format_: str) -> None:
    """List the changes that were made to the data, the last first; or tell what change N did, by entity."""
    if format_ == "patch" and number is None:
        raise click.UsageError("--format patch is for one change: name its number")
    with working(LOADING):
        engine = EmbeddedEngine(load_only(root, [CHANGES]))
    if number is None:
        only = _iri(engine, graph_name) if graph_name else None
        changes = list_changes(engine, graph=only, limit=limit)
        if format_ == "json":
            click.echo(json.dumps([_as_json(change) for change in changes], ensure_ascii=False, indent=1))
        else:
            _print_table(changes)
        return
    change = find_change(engine, number)
    if format_ == "patch":
        click.echo(patch_file(root, number).read_bytes(), nl=False)
        return
    edit = load_patch(root, number)
    if format_ == "json":
        click.echo(json.dumps(_as_json(change) | _quads(edit), ensure_ascii=False, indent=1))
    else:
        with working(LOADING):
            engine = EmbeddedEngine(load_only(root, [*change.graphs, f"{BASE}graph/ontology"]))
        _print_change(change, edit, engine)


@click.command(epilog='Example: territoires revert 12 --message "The new list was a draft"')
@click.argument("number", metavar="N", type=click.IntRange(min=1))
@click.option("--message", help="Why; default: that it undoes change N.")
@click.pass_obj
def revert(root: Root, number: int, message: str | None) -> None:
    """Undo change N by a new change, where no later one touched the same facts."""
    said = Text(f"Revert of change {number}", f"Annulation de la modification {number}").in_(language())
    signature = Signature(getpass.getuser(), said if message is None else message, _now())
    with working(LOADING) as progress:
        graph = load(root)
        made = door.change(graph, edit_that_undoes(root, graph, number), signature=signature, progress=progress).number
    done = Text(f"change {made} undoes change {number}", f"la modification {made} annule la modification {number}")
    click.echo(done.in_(language()))


def _iri(engine: EmbeddedEngine, name: str) -> str:
    """Return the IRI of the graph called `name` that was changed."""
    known = changed_graphs(engine)
    for candidate in (name, f"{BASE}graph/{name}"):
        if candidate in known:
            return candidate
    names = ", ".join(map(_graph_name, known)) or "–"
    raise NotFoundError(
        Text(f"no change has touched a graph {name!r}", f"aucune modification n'a touché de graphe {name!r}"),
        hint=Text(f"one of: {names}", f"au choix : {names}"),
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _print_table(changes: Iterable[Change]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    heads = (
        Text("change", "modification"),
        Text("when (UTC)", "quand (UTC)"),
        Text("who", "qui"),
        Text("why", "pourquoi"),
        Text("graphs", "graphes"),
        Text("-", "-"),
        Text("+", "+"),
    )
    for head in heads:
        table.add_column(head.in_(language()), overflow="fold")
    count = 0
    for count, change in enumerate(changes, 1):  # noqa: B007  (the count is looked at below)
        table.add_row(
            str(change.number),
            f"{change.time:%Y-%m-%d %H:%M}",
            escape(change.agent),
            escape(change.title),
            escape(", ".join(_graph_name(name) for name in change.graphs)),
            f"[red]{change.removed}[/red]",
            f"[green]{change.added}[/green]",
        )
    if not count:
        click.echo(Text("no change", "aucune modification").in_(language()))
        return
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, emoji=False).print(table, crop=False)


def _print_change(change: Change, edit: Edit, engine: EmbeddedEngine) -> None:
    click.secho(Text(f"change {change.number}", f"modification {change.number}").in_(language()), bold=True)
    click.echo(f"{change.time:%Y-%m-%d %H:%M:%S} UTC, {change.agent}")
    for line in change.message.splitlines():
        click.echo(f"    {line}")
    for name, entities in by_graph(edit).items():
        click.echo(f"\n{_graph_name(name)}")
        names = labels(
            engine, (one.subject.value for one in entities if isinstance(one.subject, ox.NamedNode)), language()
        )
        for line in text_lines(_named(entity, names) for entity in entities):
            click.echo(line)


def _named(entity: Entity, names: dict[str, str]) -> Entity:
    known = names.get(entity.subject.value) if isinstance(entity.subject, ox.NamedNode) else None
    return dataclasses.replace(entity, label=known or entity.label)


def _graph_name(iri: str) -> str:
    return iri.removeprefix(f"{BASE}graph/")


def _as_json(change: Change) -> dict[str, object]:
    return {**dataclasses.asdict(change), "iri": change.iri, "time": change.time.isoformat()}


def _quads(edit: Edit) -> dict[str, object]:
    return {
        f"{name}Quads": sorted(map(str, quads)) for name, quads in (("removed", edit.removed), ("added", edit.added))
    }
