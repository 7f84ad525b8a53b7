"""What the views share: the engine, the limits, the published queries and the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, request

from territoires.answers import Answered
from territoires.catalogue import Catalogue
from territoires.credentials import Verifier
from territoires.downloads import Sizes
from territoires.drawing.outlines import Outlines
from territoires.editions import Archive
from territoires.engine import Engine
from territoires.errors import Language
from territoires.jsonld import Context
from territoires.memory import Remembered
from territoires.negotiation import choose_language
from territoires.queries import PublishedQuery
from territoires.root import Root
from territoires.search import Searcher
from territoires.settings import Settings
from territoires.stamp import Stamp
from territoires.tabular.shelf import Shelf
from territoires.vocabulary import Vocabulary
from territoires.web.slots import Slots


@dataclass(frozen=True, slots=True)
class Checked:
    """What this server can know of the check of its data, without judging them again."""

    stamp: Stamp | None
    """The stamp that came with the graph folder, where it is of the shapes and rules that came with it."""
    shapes: int
    """Files of shapes."""
    queries: int
    """Queries that judge the named graphs beside the shapes."""


@dataclass(frozen=True, slots=True)
class Site:
    """The parts a view may call."""

    root: Root
    engine: Engine
    settings: Settings
    queries: Mapping[str, PublishedQuery]
    context: Context
    """JSON-LD context of the graph folder."""
    slots: Slots
    catalogue: Catalogue
    searcher: Searcher
    vocabulary: Remembered[Vocabulary | None]
    """The ontology of the dataset, for its page."""
    places: Remembered[Mapping[str, tuple[str, ...]]]
    """Pages of things, by part of the sitemap."""
    answers: Remembered[dict[tuple[str, Language], Answered]]
    """Answers that pages show again and again, by name of the published query and language."""
    described: Remembered[dict[Language, dict[str, Any]]]
    """The OpenAPI description by language, as far as it depends on nothing else."""
    sizes: Sizes
    shelf: Shelf
    """The files that people load elsewhere."""
    lists: Remembered[str]
    """Since when ANCT's lists are in force; empty where the catalogue does not say."""
    archive: Archive
    """Editions of graphs that were replaced."""
    checked: Checked
    federated: Mapping[str, PublishedQuery]
    """Queries that join this endpoint with others, to be run elsewhere."""
    contact: str | None
    """Where to report an error: an address of the web or `mailto:`."""
    one_file: bool
    """Whether one file is served in place of the graph folder: triples may stand in no named graph then."""
    verifier: Verifier | None = None
    """Knows whose token may write; None where nobody may."""
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
