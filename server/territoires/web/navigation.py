"""The main navigation: what this server has of it, and where the visitor is."""

from __future__ import annotations

from typing import Final, NamedTuple

from flask import Flask, current_app, request

from territoires.errors import Text
from territoires.namespaces import BASE
from territoires.web.wording import href

_ENTRIES: Final = (
    ("territories", Text("Territories", "Territoires")),
    ("sparql", Text("Questions", "Questions")),
    ("data", Text("Data", "Données")),
    ("def", Text("Ontology", "Ontologie")),
    ("quality", Text("Quality", "Qualité")),
    ("about", Text("About", "À propos")),
)


class Entry(NamedTuple):
    """A link of the navigation."""

    href: str
    label: Text
    current: str | None
    """Value of `aria-current`."""


def register(app: Flask) -> None:
    """Give templates these functions."""
    app.jinja_env.globals.update(navigation=navigation, page_exists=page_exists)


def navigation() -> list[Entry]:
    """Return the links to the main pages of this server, in order."""
    return [Entry(href(BASE + path), label, _current(path)) for path, label in _ENTRIES if page_exists(path)]


def page_exists(path: str) -> bool:
    """Return whether this server answers GET at the address `path` below its own."""
    return current_app.create_url_adapter(request).test(f"/{path}", "GET")  # type: ignore[union-attr]  # there is a request


def _current(path: str) -> str | None:
    here = request.path.strip("/")
    if here == path:
        return "page"
    return "true" if here.startswith((f"{path}/", f"{path}.")) else None
