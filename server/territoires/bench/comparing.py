"""What comes of a comparison: loads by class, connections, server and round, and the ratios of the same rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from territoires.bench.loads import Load
from territoires.bench.questions import QueryClass

REFERENCE: Final = "oxigraph"
"""The server that ratios are taken against, where it is there: it has the same engine."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server needs before it answers."""

    load: float
    """Seconds to load the dump beforehand."""
    start: float
    """Seconds from its start to its first answer."""
    rest: float
    """MiB of all its processes after its first answer."""
    memory: float
    """MiB of all its processes after the load was put on it."""


@dataclass(slots=True)
class Comparison:
    """What was measured."""

    classes: Sequence[QueryClass]
    connections: Sequence[int]
    servers: list[str] = field(default_factory=list)
    """Those that started, in the order of the tables."""
    versions: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Facts] = field(default_factory=dict)
    loads: defaultdict[tuple[str, int, str], dict[int, Load]] = field(default_factory=lambda: defaultdict(dict))
    """Name of the class, connections, server -> the load of each round."""
    absent: dict[str, str] = field(default_factory=dict)
    """Servers that do not start -> why."""
    refusals: dict[tuple[str, str], str] = field(default_factory=dict)
    """Name of the class, server -> why it has no answer."""
    restless: set[tuple[str, int, str]] = field(default_factory=set)
    """Class, connections, server that still worked on such questions when the next load began."""
    differing: list[str] = field(default_factory=list)
    """Answers that are not the reference's."""

    @property
    def reference(self) -> str:
        """The server that ratios are taken against."""
        return REFERENCE if REFERENCE in self.servers else self.servers[0]

    @property
    def rounds(self) -> int:
        """How many rounds there are loads of."""
        return max((turn + 1 for loads in self.loads.values() for turn in loads), default=0)

    def _of(self, query: str, connections: int, server: str) -> Mapping[int, Load]:
        return self.loads.get((query, connections, server), {})

    def ratios(self, of: str, connections: int, server: str, by: Callable[[Load], float]) -> list[float]:
        """Return how many times the reference's value a server has in the same round.

        Args:
            of: name of a class.
            connections: at once.
            server: name.
            by: the value; where it is 0 for one of the two, there is no ratio.
        """
        own, other = self._of(of, connections, server), self._of(of, connections, self.reference)
        pairs = [(by(own[turn]), by(other[turn])) for turn in own if turn in other]
        return [one / two for one, two in pairs if one and two]

    def typical(self, of: str, connections: int, server: str) -> Load | None:
        """Return the medians over the rounds; None where nothing was measured."""
        loads = [*self._of(of, connections, server).values()]
        if not loads:
            return None
        return Load(
            round(median(load.answers for load in loads)),
            median(load.seconds for load in loads),
            median(load.median for load in loads),
            median(load.p99 for load in loads),
            next((load.wrong for load in loads if load.wrong), ""),
        )
