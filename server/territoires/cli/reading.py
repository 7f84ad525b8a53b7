"""`territoires query` and `queries`: they read the graph and change nothing."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click
import pyoxigraph as ox
from rich.console import Console
from rich.table import Table

from territoires.cli.main import AT, LOADING, language, messages, working
from territoires.editions import load_edition
from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import NotFoundError, Text
from territoires.files import read_text
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, format_named, formats_for
from territoires.graph import load
from territoires.guard import Query, admit
from territoires.namespaces import compact
from territoires.parameters import given
from territoires.queries import find_query, load_queries
from territoires.root import Root
from territoires.settings import Settings

_WIDE = 100_000
_PATH = re.compile(r"[^{}<>?\s]{1,250}|[^{}<>?\n]{1,250}\.(rq|sparql)")
"""What may name a file or a published query; anything else is SPARQL text."""
_QUERY_FORMATS = ("table", *dict.fromkeys(format_.name for format_ in (*RESULT_FORMATS, *GRAPH_FORMATS)))


@click.command(epilog="Example: territoires query members-of-a-territory --param territory=2/ti-7614 --format csv")
@click.argument("query")
@click.option("--format", "name", type=click.Choice(_QUERY_FORMATS), default="table", show_default=True)
@click.option(
    "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Value for a parameter of a published query."
)
@click.option("--graph", "source", help="With --at: the one graph that is asked, such as anct-2024-07-04.")
@AT
@click.pass_obj
def query(root: Root, /, query: str, name: str, parameters: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401  (click's)
    """Answer QUERY: SPARQL text, a file, or the name of a published query.

    The project's prefixes (ti:, igeo:, skos: …) need no declaration here.
    """
    source, day = options["source"], options["day"]
    if (source is None) != (day is None):
        raise click.UsageError("--graph and --at go together; else write GRAPH in the query")
    values = given(parameter_of(text) for text in parameters)
    admitted = admit(query_text(root, query, values), Settings.from_environment(), prefixes=True)
    offered = formats_for(admitted.kind)
    format_ = format_named({"table": offered[0].name}.get(name, name), offered)
    with working(LOADING):
        engine = EmbeddedEngine(load_edition(root, source, day.date()) if day else load(root))
    answer = engine.run(admitted, format_)
    if name == "table":
        _print_table(admitted, answer)
    else:
        click.echo(answer, nl=not answer.endswith(b"\n"))


@click.command(epilog="Example: territoires queries")
@click.pass_obj
def queries(root: Root) -> None:
    """List the published queries, with the question each answers and its parameters."""
    for published in load_queries(root).values():
        click.echo(published.name)
        click.echo(f"    {published.question.in_(language())}")
        for parameter in published.parameters:
            click.echo(f"    --param {parameter.name}={parameter.example}    {parameter.label.in_(language())}")


def parameter_of(text: str) -> tuple[str, str]:
    """Return name and value of an option `--param`."""
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--param")
    return name, value


def query_text(root: Root, query: str, values: dict[str, str]) -> str:
    """Return the SPARQL of what a command was given: text, a file, or the name of a published query.

    Raises:
        NotFoundError: if there is no such query, or file.
        RequestError: for a value that its parameter does not take.
    """
    file = Path(query) if _PATH.fullmatch(query) else None
    text = query if file is None else read_text(file) if file.is_file() else None
    if text is None and "/" in query:
        raise NotFoundError(Text(f"there is no file {query}", f"il n'y a pas de fichier {query}"))
    if text is None:
        return find_query(root, query.removesuffix(".rq")).with_values(values)
    if values:
        raise click.UsageError("--param is for a published query; here, write the value in the SPARQL text")
    return text


def _print_table(query: Query, answer: bytes) -> None:
    if query.kind == "graph":
        click.echo(answer, nl=False)
        return
    results = ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    if isinstance(results, ox.QueryBoolean):
        click.echo("true" if results else "false")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for variable in results.variables:
        table.add_column(variable.value, overflow="fold")
    count = 0
    for count, solution in enumerate(results, 1):  # noqa: B007  (the count is printed below)
        table.add_row(*(_cell(term) for term in solution))
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False, emoji=False).print(
        table, crop=False
    )
    messages.print(Text(f"{count} rows", f"{count} lignes").in_(language()))


def _cell(term: object) -> str:
    match term:
        case ox.NamedNode():
            return compact(term.value)
        case ox.Literal():
            return term.value
    return "" if term is None else str(term)
