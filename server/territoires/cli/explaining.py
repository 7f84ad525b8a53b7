"""`territoires explain`: what a server asks in place of a query, and why."""

from __future__ import annotations

import sys

import click

from territoires.cli.main import LOADING, language, messages, working
from territoires.cli.reading import parameter_of, query_text
from territoires.engine.embedded import EmbeddedEngine
from territoires.engine.syntax import check
from territoires.errors import Text
from territoires.graph import load
from territoires.guard import admit
from territoires.parameters import given
from territoires.planning import measure, rewrite
from territoires.planning.explaining import as_written
from territoires.planning.explaining import explain as lines_of
from territoires.planning.reading import read
from territoires.root import Root
from territoires.settings import Settings

_OFF = Text(
    "TERRITOIRES_PLANNER=0: with that, the server asks it as it is written",
    "TERRITOIRES_PLANNER=0 : avec cela, le serveur la pose telle quelle",
)


@click.command(epilog="Example: territoires explain territories-by-phase")
@click.argument("query")
@click.option(
    "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Value for a parameter of a published query."
)
@click.pass_obj
def explain(root: Root, /, query: str, parameters: tuple[str, ...]) -> None:
    """Show QUERY as `serve` asks it, and the estimated rows that decided so.

    QUERY is a file, the name of a published query, SPARQL text, or - for standard input. The query is not run; the
    graph is loaded and counted first, which takes some ten seconds. Servers given by --engine plan by themselves.
    """
    settings = Settings.from_environment()
    values = given(parameter_of(text) for text in parameters)
    text = sys.stdin.read() if query == "-" else query_text(root, query, values)
    admitted = admit(text, settings, prefixes=True)
    check(admitted)
    if not read(admitted.text):
        click.echo(as_written(admitted).in_(language()))
        return
    with working(LOADING):
        statistics = measure(EmbeddedEngine(load(root)))
    rewriting = rewrite(admitted.text, statistics)
    for line in lines_of(rewriting, admitted):
        click.echo(line.in_(language()))
    if rewriting.pays:
        _, *written = rewriting.text.split("\n", admitted.declared)
        click.echo("\n" + written[-1].rstrip("\n"))
        if not settings.planner:
            messages.print(_OFF.in_(language()), markup=False)
