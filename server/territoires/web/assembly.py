"""Puts together what the views share, from the graph folder and the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from territoires.catalogue import Catalogue
from territoires.credentials import Verifier, tokens_file
from territoires.downloads import Sizes
from territoires.drawing.outlines import load_outlines
from territoires.editions import Archive
from territoires.engine import Engine
from territoires.federated import load_federated
from territoires.jsonld import load_context
from territoires.memory import Remembered
from territoires.queries import load_queries
from territoires.root import Root
from territoires.search import Searcher
from territoires.settings import Settings, contact, exports_folder
from territoires.sitemap import find_pages
from territoires.stamp import judged_by, read_stamp
from territoires.tabular.shelf import Shelf
from territoires.vocabulary import Vocabulary, read_vocabulary
from territoires.web.lists import read_day
from territoires.web.site import Checked, Site
from territoires.web.slots import Slots

_OUTLINES: Final = Path(__file__).parent / "static/vendor/france.json"


def assemble(root: Root, engine: Engine, settings: Settings) -> Site:
    """Return the parts that views call; what takes time is made when it is first asked for, or beside the requests.

    Raises:
        DataError: if the heading of a published query, or the JSON-LD context, is wrong.
    """
    catalogue = Catalogue(engine, union=root.union)
    searcher = Searcher(engine)
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
        vocabulary=Remembered(engine, lambda asked: _vocabulary(asked, catalogue)),
        places=Remembered(engine, find_pages),
        answers=Remembered(engine, lambda _: {}),
        described=Remembered(engine, lambda _: {}),
        sizes=Sizes(engine),
        shelf=Shelf(root, engine, exports_folder()),
        lists=Remembered(engine, read_day),
        archive=Archive(root),
        checked=_checked(root),
        federated={} if root.dataset else load_federated(root),
        contact=contact(),
        one_file=root.dataset is not None,
        verifier=Verifier(tokens) if tokens and not root.dataset else None,
        outlines=load_outlines(_OUTLINES),
    )


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
