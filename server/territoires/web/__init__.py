"""The HTTP side: a Flask application that parses requests, calls the engine and renders.

`create_app` is what a WSGI server imports: `granian --interface wsgi --factory territoires.web:create_app`.
"""

from __future__ import annotations

import atexit
import os
from pathlib import Path

from flask import Flask, Response

from territoires.engine import Engine
from territoires.engine.pool import ADDRESS, Pool, PooledEngine
from territoires.engine.sandbox import end_with_parent
from territoires.namespaces import compact
from territoires.queries import load_queries
from territoires.root import Root, find_root
from territoires.settings import Settings
from territoires.web import pages, problems, sparql
from territoires.web.site import Site, page_language

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Allow, Content-Language, ETag, Link",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def create_app(root: Root | None = None, engine: Engine | None = None, settings: Settings | None = None) -> Flask:
    """Return the application.

    Args:
        root: the graph folder; default: the environment variable TERRITOIRES_ROOT, else what `find_root` finds.
        engine: what answers queries; default: the pool that `territoires serve` started, else one of this process.
        settings: limits; default: the environment.

    Raises:
        TerritoiresError: if the root or a setting is wrong, or a Turtle file does not parse.
    """
    settings = settings or Settings.from_environment()
    if root is None:
        named = os.environ.get("TERRITOIRES_ROOT")
        root = find_root(Path(named) if named else None)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body_bytes
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["compact"] = compact
    app.extensions["territoires"] = Site(
        engine=engine or _engine(root, settings), settings=settings, queries=load_queries(root)
    )
    problems.register(app)
    app.register_blueprint(sparql.blueprint)
    app.register_blueprint(pages.blueprint)
    app.after_request(_add_headers)
    app.context_processor(lambda: {"language": page_language()})
    return app


def _engine(root: Root, settings: Settings) -> Engine:
    address = os.environ.get(ADDRESS)
    if address:
        end_with_parent()
        return PooledEngine.connect(address, settings)
    pool = Pool(root, settings)
    atexit.register(pool.close)
    return pool.engine


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if "Allow" in response.headers:
        response.headers.update(_PREFLIGHT)
    return response
