"""`territoires serve`."""

from __future__ import annotations

import os

import click

from territoires import stamp
from territoires.cli.main import LOADING, language, messages, working
from territoires.engine.pool import ADDRESS, Pool
from territoires.errors import Text
from territoires.root import Root
from territoires.settings import Settings

_SPARE_THREADS = 8


@click.command(epilog="Example: territoires serve --port 8080")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that speak HTTP.")
@click.pass_obj
def serve(root: Root, host: str, port: int, workers: int) -> None:
    """Check the graph (by its stamp when it has not changed) and serve it over HTTP."""
    from granian import Granian  # noqa: PLC0415  (other commands need no server)
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    settings = Settings.from_environment()
    with working(Text("checking the graph", "vérification du graphe")) as progress:
        stamp.ensure_valid(root, progress=progress)
        progress(LOADING)
        pool = Pool(root, settings)
    os.environ |= {"TERRITOIRES_ROOT": str(root.path), ADDRESS: pool.address}
    place = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    text = Text(
        f"Serving {root.path} on {place} (Ctrl-C to stop)", f"{root.path} est servi sur {place} (Ctrl-C pour arrêter)"
    )
    messages.print(text.in_(language()), markup=False)
    with pool:
        Granian(
            "territoires.web:create_app",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            # Every query that the pool takes or queues holds a thread; the spare ones say 503, or serve the rest.
            blocking_threads=settings.query_workers + settings.query_queue + _SPARE_THREADS,
            factory=True,
            respawn_failed_workers=True,
            log_level=LogLevels.error,  # It warns of many threads; most of ours only wait.
        ).serve()
