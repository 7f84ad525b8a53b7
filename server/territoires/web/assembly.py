"""Puts together what the views share, from the graph folder and the engine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import territoires
from territoires.catalogue import Catalogue
from territoires.credentials import Verifier, tokens_file
from territoires.downloads import Sizes
from territoires.drawing.outlines import load_outlines
from territoires.editions import Archive
from territoires.engine import Engine
from territoires.engine.holding import is_versioned
from territoires.engine.keeping import KeepingEngine, beneath
from territoires.engine.layers import innermost
from territoires.engine.pool import PooledEngine
from territoires.engine.stored import Stored
from territoires.federated import load_federated
from territoires.jsonld import load_context
from territoires.memory import Remembered
from territoires.queries import PublishedQuery, load_queries
from territoires.root import Root
from territoires.search import Searcher
from territoires.settings import Settings, answers_folder, contact, exports_folder
from territoires.sitemap import find_pages
from territoires.stamp import judged_by, read_stamp
from territoires.tabular.shelf import Shelf
from territoires.vocabulary import Vocabulary, read_vocabulary
from territoires.warming import Warmer
from territoires.web.lists import read_day
from territoires.web.metrics import count_answer
from territoires.web.site import Checked, Site
from territoires.web.slots import Slots

_OUTLINES: Final = Path(__file__).parent / "static/vendor/france.json"


def assemble(root: Root, engine: Engine, settings: Settings) -> Site:
    """Return the parts that views call; what takes time is made when it is first asked for, or beside the requests.

    Raises:
        DataError: if the heading of a published query, or the JSON-LD context, is wrong.
    """
    # What is worked out once for a version needs no answers that are kept.
    source = beneath(engine)
    catalogue = Catalogue(source, union=root.union)
    searcher = Searcher(source)
    searcher.prepare()
    tokens = tokens_file(root)
    return Site(
        root=root,
        engine=engine,
        settings=settings,
        queries={} if root.dataset else load_queries(root),
        context=load_context(root),
        slots=Slots(settings.slow_clients),
        catalogue=catalogue,
        searcher=searcher,
        vocabulary=Remembered(source, lambda asked: _vocabulary(asked, catalogue)),
        places=Remembered(source, find_pages),
        answers=Remembered(engine, lambda _: {}),
        described=Remembered(engine, lambda _: {}),
        sizes=Sizes(source),
        shelf=Shelf(root, source, exports_folder()),
        lists=Remembered(engine, read_day),
        archive=Archive(root),
        checked=_checked(root),
        federated={} if root.dataset else load_federated(root),
        contact=contact(),
        one_file=root.dataset is not None,
        verifier=Verifier(tokens) if tokens and not root.dataset else None,
        outlines=load_outlines(_OUTLINES),
    )


def keeping(root: Root, engine: Engine, settings: Settings) -> Engine:
    """Return an engine that keeps the answers of `engine`, or that one where they are not to be kept.

    Which version a server of others holds is known two seconds late: its answers are not kept for the next start.
    """
    if not settings.answer_cache or not is_versioned(engine):
        return engine
    folder = answers_folder() if isinstance(innermost(engine), PooledEngine) and not root.dataset else None
    # Several graph folders may be served from one machine: each has its own.
    name = hashlib.sha256(os.fsencode(root.path)).hexdigest()[:16]
    stored = Stored(folder / name, territoires.__version__) if folder else None
    return KeepingEngine(engine, settings.answer_cache * 1_000_000, stored, count_answer)


def beforehand(engine: Engine, queries: Iterable[PublishedQuery], settings: Settings) -> None:
    """Have the answers of published queries made in a thread, where there is a folder for them."""
    if isinstance(engine, KeepingEngine) and engine.stored:
        Warmer(engine, engine.stored, queries, settings).start()


def _vocabulary(engine: Engine, catalogue: Catalogue) -> Vocabulary | None:
    counts = catalogue.statistics
    return read_vocabulary(engine, {name: n.triples for name, n in counts.properties.items()} | dict(counts.classes))


def _checked(root: Root) -> Checked:
    """Return what the graph folder says of its last check; a file served in its place was never checked."""
    if root.dataset:
        return Checked(None, 0, 0)
    stamp = read_stamp(root)
    known = stamp if stamp and judged_by(root, stamp) else None
    return Checked(known, len(root.shape_files()), len(root.check_files()))
