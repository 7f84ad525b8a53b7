"""What a machine reads to find its way: service description, VoID and DCAT-AP, computed from what the engine serves.

Every document is a list of triples without blank nodes; the writer of the format is the caller's choice. The counts
are made once per dataset version.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from territoires.catalogue import dcat, service, void
from territoires.catalogue.statistics import Statistics, measure
from territoires.engine import Engine
from territoires.memory import Remembered


class Catalogue:
    """Describes the dataset of one engine.

    Args:
        engine: what is described.
        union: whether a query without `FROM` sees the merge of all graphs.
    """

    def __init__(self, engine: Engine, *, union: bool = True) -> None:
        self.union = union
        self._statistics = Remembered(engine, measure)

    @property
    def statistics(self) -> Statistics:
        """Counts of the dataset version that the engine serves now."""
        return self._statistics.get()

    def service_description(self, endpoint: str) -> list[ox.Triple]:
        """Return the description of the SPARQL service at the URL `endpoint` (SPARQL 1.1 Service Description)."""
        return service.describe(self.statistics, endpoint, union=self.union)

    def void(self, home: str) -> list[ox.Triple]:
        """Return the VoID description of the dataset served below the URL `home`."""
        return void.describe(self.statistics, home)

    def dcat(self, home: str, files: Iterable[dcat.File] = ()) -> list[ox.Triple]:
        """Return the DCAT-AP 3.0.1 catalogue of what is served below the URL `home`, `files` among it."""
        return dcat.describe(self.statistics, home, files)
