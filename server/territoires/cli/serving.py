"""`territoires serve`."""

from __future__ import annotations

import os

import click

from territoires import stamp
from territoires.cli.main import language, messages, working
from territoires.errors import Text
from territoires.root import Root
from territoires.settings import Settings


@click.command(epilog="Example: territoires serve --port 8080")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
@click.pass_obj
def serve(root: Root, host: str, port: int, workers: int) -> None:
    """Check the graph (by its stamp when it has not changed) and serve it over HTTP."""
    from granian import Granian  # noqa: PLC0415  (other commands need no server)
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    Settings.from_environment()
    with working(Text("checking the graph", "vérification du graphe")) as progress:
        stamp.ensure_valid(root, progress=progress)
    os.environ["TERRITOIRES_ROOT"] = str(root.path)
    place = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    text = Text(
        f"Serving {root.path} on {place} (Ctrl-C to stop)", f"{root.path} est servi sur {place} (Ctrl-C pour arrêter)"
    )
    messages.print(text.in_(language()), markup=False)
    server = Granian(
        "territoires.web:create_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        factory=True,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    )
    server.serve()
