"""The comparison: all servers answer the same queries in turns, so that what else the machine does hits them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from territoires.bench.answers import ask, media_type
from territoires.bench.loads import Load, put
from territoires.bench.peers import Peer, timed
from territoires.bench.processes import Running
from territoires.errors import Text
from territoires.headings import read_headed

REFERENCE: Final = "oxigraph"
"""The server that ratios are taken against, where it is there: it has the same engine."""


@dataclass(frozen=True, slots=True)
class QueryClass:
    """A kind of query, by one example."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server needs before it answers."""

    load: float
    """Seconds to load the dump beforehand."""
    start: float
    """Seconds from its start to its first answer."""
    memory: float
    """MiB of all its processes after the load was put on it."""


@dataclass(slots=True)
class Comparison:
    """What was measured."""

    classes: Sequence[QueryClass]
    connections: Sequence[int]
    servers: list[str] = field(default_factory=list)
    facts: dict[str, Facts] = field(default_factory=dict)
    loads: defaultdict[tuple[str, int, str], list[Load]] = field(default_factory=lambda: defaultdict(list))
    """Name of the class, connections, server -> one load a round."""
    differing: list[str] = field(default_factory=list)
    """Answers that are not the reference's, or that did not come."""

    @property
    def reference(self) -> str:
        """The server that ratios are taken against."""
        return REFERENCE if REFERENCE in self.servers else self.servers[0]

    def ratios(self, of: str, connections: int, server: str) -> list[float]:
        """Return how many times as many answers a server gave as the reference did in the same round."""
        pairs = zip(self.loads[of, connections, server], self.loads[of, connections, self.reference], strict=True)
        return [one.per_second / other.per_second for one, other in pairs if other.per_second]

    def typical(self, of: str, connections: int, server: str) -> Load:
        """Return the medians over the rounds."""
        loads = self.loads[of, connections, server]
        return Load(
            median(load.per_second for load in loads),
            median(load.median for load in loads),
            median(load.p99 for load in loads),
            next((load.wrong for load in loads if load.wrong), ""),
        )


def read_classes(folder: Path) -> list[QueryClass]:
    """Return the query classes of a folder, by name of their files.

    Raises:
        DataError: if a file is not UTF-8.
        KeyError, tomllib.TOMLDecodeError: if a heading has no title, or is not TOML.
    """
    found = []
    for file in sorted(folder.glob("*.rq")):
        heading, text = read_headed(file)
        found.append(QueryClass(file.stem, heading["title"], text))
    return found


def compare(  # noqa: PLR0913  (what a measurement is made of)
    dump: Path,
    folder: Path,
    peers: Sequence[Peer],
    classes: Sequence[QueryClass],
    connections: Sequence[int],
    *,
    seconds: int,
    rounds: int,
    progress: Callable[[Text], None],
) -> Comparison:
    """Load the dump into every peer, start them all, and put the same loads on each in turn.

    Args:
        dump: N-Quads.
        folder: for what the servers keep; nothing of it is needed afterwards.
        peers: what is compared.
        classes: what is asked.
        connections: how many clients ask at once; one after the other.
        seconds: of each load.
        rounds: how often each load is repeated, the servers taking turns.
        progress: is told what is being done.

    Raises:
        DataError: if a server does not start, or wrk is not installed.
    """
    result = Comparison(classes, connections)
    loading = {}
    for number, peer in enumerate(peers):
        progress(Text(f"loading: {peer.name}", f"chargement : {peer.name}"))
        loading[peer.name] = timed(peer, dump, folder / str(number))
    with ExitStack() as stack:
        running: list[Running] = []
        for number, peer in enumerate(peers):
            progress(Text(f"starting: {peer.name}", f"démarrage : {peer.name}"))
            running.append(stack.enter_context(peer.start(dump, folder / str(number))))
        result.servers = [server.name for server in running]
        for query in classes:
            _agree(result, query, running)
        for turn in range(rounds):
            for query in classes:
                for count in connections:
                    for server in running:
                        said = f"{turn + 1}/{rounds}: {query.name}, {count}, {server.name}"
                        progress(Text(said, said))
                        load = put(server.endpoint, query.text, media_type(query.text), count, seconds)
                        result.loads[query.name, count, server.name].append(load)
        for server in running:
            result.facts[server.name] = Facts(loading[server.name], server.seconds, server.mebibytes)
    return result


def _agree(result: Comparison, query: QueryClass, running: Sequence[Running]) -> None:
    """Ask every server once, and note whose answer differs from the reference's."""
    said = {}
    for server in running:
        try:
            said[server.name] = ask(server.endpoint, query.text)
        except (OSError, ValueError, SyntaxError, KeyError) as error:
            result.differing.append(f"{query.name}: {server.name}: {error}")
    expected = said.get(result.reference)
    for name, answer in said.items():
        if expected is not None and answer != expected:
            more, less = (answer - expected).total(), (expected - answer).total()
            result.differing.append(f"{query.name}: {name}: {more} more, {less} less than {result.reference}")
