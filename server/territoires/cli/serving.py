"""`territoires serve`."""

from __future__ import annotations

import dataclasses
import gc
import os
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from territoires import stamp
from territoires.cli.main import LOADING, language, messages, working
from territoires.commit.asking import writer
from territoires.engine.keeping import MOST_WAITING
from territoires.engine.pool import ADDRESS, Pool
from territoires.errors import RequestError, Text
from territoires.root import Root
from territoires.settings import EXPORTS, LOG, METRICS, STORE, TRUSTED_PROXIES, Settings, trusted_proxies
from territoires.turtle import file_format

_SPARE_THREADS = 64
"""Beside those that queries and slow clients may hold; idle ones are ended."""
_STOPS_IN = 10
"""Seconds that answers which are being sent have when the server stops."""
_HEAD_TIMEOUT = 10_000
"""Milliseconds that the head of a request may take."""


@click.command(epilog="Example: territoires serve --port 8080")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that speak HTTP.")
@click.option(
    "--engine",
    "engines",
    multiple=True,
    metavar="URL",
    envvar=ADDRESS,
    help="Ask this SPARQL 1.1 server, to which `territoires publish` sent the graph, in place of processes of this "
    "machine; may be repeated: a further one is asked when those before it cannot be had.",
)
@click.option(
    "--data",
    "dataset",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path),
    help="Serve this RDF file (.ttl, .trig, .nt, .nq …) in place of the graph folder.",
)
@click.option(
    "--default-graph",
    type=click.Choice(["union", "separate"]),
    default="union",
    show_default=True,
    help="With --data: what a query without FROM sees, the merge of all graphs or the file's own default graph.",
)
@click.option(
    "--store",
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    envvar=STORE,
    help="Serve from disk: the folder that `territoires build --store` has filled.",
)
@click.option("--no-check", is_flag=True, help="With --data: do not judge the file by the shapes of the graph folder.")
@click.option(
    "--trusted-proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="Reverse proxy whose X-Forwarded-* headers count: an address or a network; may be repeated.",
)
@click.option(
    "--log/--no-log",
    default=True,
    show_default=True,
    envvar=LOG,
    help="Write a line of JSON for each request to standard error.",
)
@click.pass_obj
def serve(
    root: Root,
    /,
    *,
    host: str,
    port: int,
    workers: int,
    log: bool,
    engines: tuple[str, ...],
    **options: Any,  # noqa: ANN401  (click's)
) -> None:
    """Check the graph (by its stamp when it has not changed) and serve it over HTTP."""
    settings = Settings.from_environment()
    store: Path | None = options.pop("store")
    if engines and (options["dataset"] or store):
        raise click.UsageError("--engine goes with neither --data nor --store")
    if store and options["dataset"]:
        raise click.UsageError("--store is for the graph folder, not for --data")
    root = _prepare(root, **options)
    os.environ[LOG] = str(int(log))
    with (
        _port_held(host, port),
        TemporaryDirectory(prefix="territoires-metrics-", ignore_cleanup_errors=True) as metrics,
    ):
        os.environ[METRICS] = metrics
        # All processes of the HTTP front share what one of them writes.
        os.environ.setdefault(EXPORTS, str(Path(metrics, "exports")))
        gc.disable()  # Imports leave nothing to collect, and looking for it takes an eighth of their time.
        # The processes of the HTTP front, where they are forked, have imported it then.
        helper = ThreadPoolExecutor(1)
        front = helper.map(import_module, ("granian", "territoires.web"))
        helper.shutdown(wait=False)  # Its thread ends with the imports.
        engine = _remote(engines, settings) if engines else _pool(root, settings, store, check=not options["no_check"])
        with engine as (address, served):
            os.environ[ADDRESS] = address
            list(front)  # raises what they raise
            gc.freeze()  # What was imported stays; processes that are forked share it.
            gc.enable()
            place = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            text = Text(
                f"Serving {served} on {place} (Ctrl-C to stop)", f"{served} est servi sur {place} (Ctrl-C pour arrêter)"
            )
            messages.print(text.in_(language()), markup=False)
            _serve_http(settings, address=host, port=port, workers=workers)


@contextmanager
def _pool(root: Root, settings: Settings, store: Path | None, *, check: bool) -> Iterator[tuple[str, str]]:
    """Yield the address of a pool over the graph folder, and what it serves."""
    with working(LOADING):
        pool = Pool(root, settings, store=store, writer=writer(root))
    with pool:
        if check:
            with working(Text("checking the graph", "vérification du graphe")) as progress:
                stamp.ensure_valid(root, version=pool.engine.version, progress=progress)
        yield pool.address, str(root.dataset or root.path)


@contextmanager
def _remote(urls: tuple[str, ...], settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the address of an engine on other servers, which must hold what was published, and what it serves."""
    # An HTTP client, which nothing else here needs.
    from territoires.engine.endpoint import check_url  # noqa: PLC0415
    from territoires.engine.remote import RemoteEngine  # noqa: PLC0415

    address = " ".join(map(check_url, urls))
    with working(Text("asking the engine", "interrogation du moteur")):
        RemoteEngine.connect(urls, settings).close()
    yield address, address


def _serve_http(settings: Settings, *, address: str, port: int, workers: int) -> None:
    from granian import Granian  # noqa: PLC0415  (while the graph is being loaded)
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    Granian(
        "territoires.web:create_app",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        # Every query that the pool takes or queues holds a thread; the spare ones say 503, or serve the rest.
        blocking_threads=settings.query_workers
        + settings.query_queue
        + MOST_WAITING
        + settings.slow_clients
        + _SPARE_THREADS,
        factory=True,
        # HTTP/1.1 is what proxies speak to it, and what has a limit on slow heads.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_TIMEOUT),
        respawn_failed_workers=True,
        workers_kill_timeout=_STOPS_IN,
        log_level=LogLevels.error,  # It warns of many threads; most of ours only wait.
    ).serve()


@contextmanager
def _port_held(host: str, port: int) -> Iterator[None]:
    """Refuse a port that another server listens on: the HTTP front would share it, and half the requests.

    On Linux, where the front binds sockets that may share a port with others of this user, it is held until the end.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as held:
        try:
            if os.name == "posix":  # else connections that were closed just now would keep the port
                held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind((host, port))
        except OSError as error:
            raise RequestError(
                Text(f"nothing can listen on {host}:{port}: {error.strerror}", f"{host}:{port} : {error.strerror}"),
                hint=Text(
                    "stop what listens there, or give another --port", "arrêtez ce qui y écoute, ou donnez --port"
                ),
            ) from error
        if sys.platform == "linux":
            # Nobody but the front may bind it now: that takes SO_REUSEPORT on both sides (socket(7)).
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        else:
            held.close()
        yield


def _prepare(root: Root, *, dataset: Path | None, default_graph: str, no_check: bool, proxies: tuple[str, ...]) -> Root:
    """Hand the place of what is to be served to the server's processes, and return it."""
    if no_check and not dataset:
        raise click.UsageError("--no-check goes with --data: a graph folder is always checked")
    root = dataclasses.replace(root, dataset=dataset, union=default_graph == "union")
    if dataset:
        file_format(dataset)
        os.environ["TERRITOIRES_DATASET"] = str(dataset)
        os.environ["TERRITOIRES_DEFAULT_GRAPH"] = default_graph
    if proxies:
        os.environ[TRUSTED_PROXIES] = ",".join(proxies)
    trusted_proxies()
    os.environ["TERRITOIRES_ROOT"] = str(root.path)
    return root
