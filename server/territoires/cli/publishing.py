"""`territoires publish`: the graph folder on a SPARQL server of its own."""

from __future__ import annotations

import click

from territoires import stamp
from territoires.cli.main import LOADING, language, messages, working
from territoires.engine.credentials import CREDENTIALS, Credentials
from territoires.engine.endpoint import check_url
from territoires.errors import Text
from territoires.graph import load
from territoires.publishing import GraphStore
from territoires.publishing import publish as publish_
from territoires.root import Root


@click.command(
    epilog="Example: TERRITOIRES_ENGINE_CREDENTIALS=dba:… territoires publish --engine http://localhost:8890/sparql",
    help=f"""Send the graphs that changed to a SPARQL server, delete those that are gone, and note what it holds then.

    Only data that pass their check are sent. A run that was stopped is taken up where it was by the next one.
    {CREDENTIALS} holds user:password, or Bearer TOKEN.""",
)
@click.option("--engine", required=True, metavar="URL", help="Where the server takes queries.")
@click.option(
    "--graph-store",
    metavar="URL",
    help="Where it takes graphs (Graph Store Protocol); known of Virtuoso and of Oxigraph.",
)
@click.pass_obj
def publish(root: Root, engine: str, graph_store: str | None) -> None:
    """Send the graphs that changed."""
    store = GraphStore(check_url(engine), graph_store and check_url(graph_store), Credentials.from_environment())
    with working(LOADING) as say:
        graph = load(root)
        stamp.ensure_valid(root, version=graph.version, progress=say)

    with working(Text("comparing", "comparaison")) as say:
        done = publish_(graph, store, lambda name, place, of: say(Text(*[f"{place}/{of}: {name}"] * 2)))
    text = Text(
        f"{engine} holds version {graph.version[:12]}: {len(done.sent)} graphs sent, {len(done.deleted)} deleted, "
        f"{done.unchanged} as they were",
        f"{engine} porte la version {graph.version[:12]} : {len(done.sent)} graphes envoyés, "
        f"{len(done.deleted)} supprimés, {done.unchanged} inchangés",
    )
    messages.print(text.in_(language()), markup=False)
