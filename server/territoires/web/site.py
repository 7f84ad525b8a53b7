"""What the views share: the engine, the limits, the published queries and the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, request

from territoires.catalogue import Catalogue
from territoires.drawing.outlines import Outlines
from territoires.engine import Engine
from territoires.errors import Language
from territoires.jsonld import Context
from territoires.negotiation import choose_language
from territoires.queries import PublishedQuery
from territoires.search import Searcher
from territoires.settings import Settings
from territoires.web.slots import Slots


@dataclass(frozen=True, slots=True)
class Site:
    """The parts a view may call."""

    engine: Engine
    settings: Settings
    queries: Mapping[str, PublishedQuery]
    context: Context
    """JSON-LD context of the graph folder."""
    slots: Slots
    catalogue: Catalogue
    searcher: Searcher
    one_file: bool
    """Whether one file is served in place of the graph folder: triples may stand in no named graph then."""
    outlines: Outlines | None = None
    """Map of the departments; None where the front end was not built."""


def site() -> Site:
    """Return the parts of the running application."""
    found: Site = current_app.extensions["territoires"]
    return found


def page_language(default: Language = "fr") -> Language:
    """Return the language to answer in: `?lang=`, else `Accept-Language`, else `default`."""
    match request.args.get("lang"):
        case "fr":
            return "fr"
        case "en":
            return "en"
    return choose_language(request.headers.get("Accept-Language"), default)
