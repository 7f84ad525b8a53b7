"""The HTTP side: a Flask application that parses requests, calls the engine and renders.

`create_app` is what a WSGI server imports: `granian --interface wsgi --factory territoires.web:create_app`.
"""

from __future__ import annotations

import atexit
import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flask import Flask, Response

from territoires.commit.asking import writer
from territoires.engine import Engine
from territoires.engine.embedded import EmbeddedEngine
from territoires.engine.layers import innermost
from territoires.engine.pool import ADDRESS, Pool, PooledEngine
from territoires.engine.sandbox import end_with_parent
from territoires.planning import PlannedEngine
from territoires.root import Root, find_root
from territoires.settings import LOG, Settings, store_folder, trusted_proxies
from territoires.web import (
    api,
    changes,
    crawling,
    delivery,
    descriptions,
    documents,
    editor,
    enriching,
    entities,
    exports,
    federated,
    graphs,
    incoming,
    lookup,
    metrics,
    navigation,
    observing,
    pages,
    problems,
    published,
    reconciling,
    search,
    sparql,
    territories,
    vocabulary,
    wording,
    writing,
)
from territoires.web.assembly import assemble, beforehand, keeping
from territoires.web.caching import ResponseCache
from territoires.web.direct import DirectQueries
from territoires.web.proxies import TrustedProxies
from territoires.web.versions import Application

_HEADERS: Final = {
    "Server": "",  # An empty banner: the HTTP front would write its name.
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Allow, Content-Language, Content-Location, ETag, Link, Memento-Datetime, Repr-Digest, Retry-After"
    ),
}
_PREFLIGHT = {
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Datetime, Accept-Language, Authorization, Content-Type, If-Match, If-None-Match"
    ),
    "Access-Control-Max-Age": "86400",
}


_PARTS: Final = (
    sparql,
    editor,
    published,
    federated,
    api,
    changes,
    entities,
    graphs,
    writing,
    exports,
    descriptions,
    pages,
    search,
    enriching,
    reconciling,
    lookup,
    territories,
    documents,
    vocabulary,
    crawling,
    metrics,
)


def create_app(root: Root | None = None, engine: Engine | None = None, settings: Settings | None = None) -> Flask:
    """Return the application.

    Args:
        root: the graph folder; default: the environment variable TERRITOIRES_ROOT, else what `find_root` finds.
        engine: what answers queries; default: the pool that `territoires serve` started or the servers that
            it was given, else a pool of this process.
        settings: limits; default: the environment.

    Raises:
        TerritoiresError: if the root or a setting is wrong, or a Turtle file does not parse.
    """
    settings = settings or Settings.from_environment()
    root = root or _named_root(os.environ)
    app = Application(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body_bytes
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    wording.register(app)
    navigation.register(app)
    inner = engine or _engine(root, settings)
    kept = keeping(root, _planned(inner, settings), settings)
    parts = app.extensions["territoires"] = assemble(root, kept, settings)
    beforehand(kept, parts.queries.values(), settings)
    problems.register(app)
    for part in _PARTS:
        app.register_blueprint(part.blueprint)
    delivery.register(app)
    app.after_request(_add_headers)
    app.before_request(writing.authorise)
    app.before_request(incoming.receive)
    app.wsgi_app = DirectQueries(app.wsgi_app, parts, _HEADERS.items())  # type: ignore[method-assign]  # Flask's own way
    if settings.response_cache:
        capacity = settings.response_cache * 1_000_000
        app.wsgi_app = ResponseCache(app.wsgi_app, lambda: inner.version, capacity, parts.slots)  # type: ignore[method-assign]  # Flask's own way
    if trusted := trusted_proxies():
        app.wsgi_app = TrustedProxies(app.wsgi_app, trusted)  # type: ignore[method-assign]  # Flask's own way
    logs = [observing.log_to_stderr()] if os.environ.get(LOG) == "1" else []
    observing.register(app, [metrics.count, *logs])
    return app


def _named_root(environ: Mapping[str, str]) -> Root:
    """Return the graph folder that the environment names, with the dataset file served in its place, if any."""
    named, dataset = environ.get("TERRITOIRES_ROOT"), environ.get("TERRITOIRES_DATASET")
    root = find_root(Path(named) if named else None)
    if not dataset:
        return root
    union = environ.get("TERRITOIRES_DEFAULT_GRAPH", "union") == "union"
    return dataclasses.replace(root, dataset=Path(dataset), union=union)


def _engine(root: Root, settings: Settings) -> Engine:
    address = os.environ.get(ADDRESS)
    if address:
        end_with_parent()
        if hasattr(os, "setpgrp"):
            os.setpgrp()  # Ctrl-C in the terminal is for the server: two signals at once leave this process hanging.
        if "://" in address:  # An HTTP client, which nothing else here needs.
            from territoires.engine.remote import RemoteEngine, remote_urls  # noqa: PLC0415

            return RemoteEngine.connect(remote_urls(address), settings, metrics.count_remote)
        return PooledEngine.connect(address, settings)
    store = None if root.dataset else store_folder()
    pool = Pool(root, settings, store=store, writer=writer(root))
    atexit.register(pool.close)
    return pool.engine


def _planned(engine: Engine, settings: Settings) -> Engine:
    """Return `engine` with help for its planner; servers of others have statistics of their own."""
    ours = isinstance(innermost(engine), PooledEngine | EmbeddedEngine)
    return PlannedEngine(engine) if settings.planner and ours else engine


def _add_headers(response: Response) -> Response:
    there = {name.lower() for name, _ in response.headers}
    response.headers.extend(pair for pair in _HEADERS.items() if pair[0].lower() not in there)
    if "cache-control" not in there:
        response.headers["Cache-Control"] = "no-cache"
    if "Allow" in response.headers:
        response.headers.update(_PREFLIGHT)
        response.headers["Access-Control-Allow-Methods"] = response.headers["Allow"]
    return response
