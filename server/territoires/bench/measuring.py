"""The course of a comparison: all servers answer the same in turns, so that what else the machine does hits them all.

Each server is warmed by every class, and its answers are judged, before the first load. A load lasts long enough to
see answers of the slow, and is followed by a wait until the server rests.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from territoires.bench.answers import Said, fetch, read
from territoires.bench.comparing import Comparison, Facts
from territoires.bench.loads import Load, length, put
from territoires.bench.peer import Given, Peer, timed
from territoires.bench.processes import Running
from territoires.bench.questions import QueryClass
from territoires.errors import DataError, Text

_ASKED: Final = 4
"""How often a class is asked before its first load: several processes may answer, each with a cache of its own."""
_WARM: Final = 8
"""Connections of the load that warms what answers at once."""
_QUICK: Final = 0.05
"""Seconds below which an answer counts as such."""
_SLOW: Final = 1.0
"""Seconds from which an answer is asked for twice alone."""
_ANSWERS: Final = 20
"""How many answers a load shall see of a class, at the least."""
_MIXED: Final = 200
"""And of the mix, whose 99th percentile would be its maximum otherwise."""
_PAUSE: Final = 0.3
"""Seconds between two loads, for the estimate."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is measured."""

    seconds: int
    """Of a load, at the least."""
    longest: int
    """Seconds of a load, at the most: an answer that takes longer is given as that."""
    rounds: int
    minutes: float
    """After which nothing is begun any more."""
    cores: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of the course."""

    say: Callable[[Text], None]
    """What is being done."""
    round_done: Callable[[Comparison], None]
    """What was measured so far."""


def compare(given: Given, folder: Path, peers: Sequence[Peer], found: Comparison, pace: Pace, watch: Watch) -> None:
    """Load the data into every peer, start them all, and put the same loads on each in turn.

    Args:
        given: what is served.
        folder: for what the servers keep; nothing of it is needed afterwards.
        peers: what is compared; one that cannot be loaded or started is noted, and the others go on.
        found: with what is asked, and by how many at once; takes what is measured.
        pace: how long.
        watch: is told of the course.

    Raises:
        DataError: if no server starts, or wrk cannot run.
    """
    until = time.perf_counter() + 60 * pace.minutes
    with ExitStack() as stack:
        servers = _started(found, stack, given, folder, peers, watch)
        if not servers:
            reasons = "; ".join(f"{name}: {why}" for name, why in found.absent.items())
            raise DataError(Text(f"no server starts: {reasons}", f"aucun serveur ne démarre : {reasons}"))
        each = _warmed(found, servers, pace, watch)
        for turn in range(pace.rounds):
            _round(found, turn, _Course(servers, each, pace, watch, until))
            for server in servers:
                facts = found.facts[server.name]
                found.facts[server.name] = replace(facts, memory=max(facts.memory, server.mebibytes))
            watch.round_done(found)


@dataclass(frozen=True, slots=True)
class _Course:
    """What does not change from round to round."""

    servers: Sequence[Running]
    each: Mapping[tuple[str, str], float]
    """Name of the class, server -> seconds that an answer takes alone."""
    pace: Pace
    watch: Watch
    until: float
    """On the clock of `perf_counter`."""

    def seconds(self, query: QueryClass, count: int, server: str) -> int:
        """Return how long a load lasts."""
        alone, wanted = self.each.get((query.name, server), 0.0), _MIXED if query.is_mix else _ANSWERS
        return length(alone, count, self.pace.cores, answers=wanted, least=self.pace.seconds, most=self.pace.longest)

    def expected(self, groups: Sequence[tuple[QueryClass, int]]) -> float:
        """Return how many seconds these classes take at so many connections."""
        return sum(self.seconds(query, count, one.name) + _PAUSE for query, count in groups for one in self.servers)

    def loaded(self, server: Running, query: QueryClass, count: int) -> Load:
        """Put a load on a server; again, as long as may be, where less than an answer for each client came."""
        seconds = self.seconds(query, count, server.name)
        load = put(server.endpoint, query.texts, count, seconds)
        if load.answers < count and seconds < self.pace.longest:
            server.settle(self.pace.longest)
            load = put(server.endpoint, query.texts, count, self.pace.longest)
        return load


def _round(found: Comparison, turn: int, course: _Course) -> None:
    """Put each load on each server once, in turns, until the time is over; each begins when the one before rests."""
    groups = [(query, count) for query in found.classes for count in found.connections]
    rounds = course.pace.rounds
    for number, (query, count) in enumerate(groups):
        rest = course.until - time.perf_counter()
        if rest < 0:
            course.watch.say(Text("the time is over", "le temps est écoulé"))
            return
        left = course.expected(groups[number:]) + course.expected(groups) * (rounds - turn - 1)
        minutes = f"{min(left, rest) / 60:.0f}"
        course.watch.say(
            Text(
                f"round {turn + 1} of {rounds}: {query.name} at {count}; about {minutes} min left",
                f"tour {turn + 1} sur {rounds} : {query.name} à {count} ; encore {minutes} min environ",
            )
        )
        for server in course.servers:
            if (query.name, server.name) not in found.refusals:
                found.loads[query.name, count, server.name][turn] = course.loaded(server, query, count)
                if not server.settle(course.pace.longest):
                    found.restless.add((query.name, count, server.name))


def _started(
    found: Comparison, stack: ExitStack, given: Given, folder: Path, peers: Sequence[Peer], watch: Watch
) -> list[Running]:
    servers = []
    for number, peer in enumerate(peers):
        place = folder / str(number)
        try:
            watch.say(Text(f"loading: {peer.name}", f"chargement : {peer.name}"))
            loading = timed(peer, given, place)
            watch.say(Text(f"starting: {peer.name}", f"démarrage : {peer.name}"))
            server = stack.enter_context(peer.start(given, place))
        except (DataError, OSError, subprocess.CalledProcessError) as error:
            remedy = f" ({peer.remedy})" if peer.remedy else ""
            found.absent[peer.name] = f"{_reason(error)}{remedy}"
            continue
        servers.append(server)
        found.servers.append(peer.name)
        found.versions[peer.name] = peer.version()
        server.settle(5)
        found.facts[peer.name] = Facts(loading, server.seconds, server.mebibytes, 0)
    return servers


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        written: bytes = error.stderr or error.stdout or b""
        return written.decode(errors="replace").strip().replace("\n", " / ") or str(error)
    return str(error)


def _warmed(found: Comparison, servers: Sequence[Running], pace: Pace, watch: Watch) -> dict[tuple[str, str], float]:
    """Ask each server each class, note whose answers differ, and return the seconds that an answer takes alone."""
    each: dict[tuple[str, str], float] = {}
    for query in found.classes:
        watch.say(Text(f"warming: {query.name}", f"mise en train : {query.name}"))
        answers: dict[str, Said] = {}
        for server in servers:
            if query.is_mix:
                times = [each[one.name, server.name] for one in found.classes if (one.name, server.name) in each]
                each[query.name, server.name] = sum(times) / max(len(times), 1)
                continue
            try:
                content, each[query.name, server.name] = _asked(server, query.texts[0], pace)
                answers[server.name] = read(content, query.texts[0])
            except TimeoutError:
                found.refusals[query.name, server.name] = f"> {pace.longest} s"
            except (OSError, ValueError, SyntaxError, KeyError) as error:
                found.refusals[query.name, server.name] = str(error)
            if each.get((query.name, server.name), 1) < _QUICK:
                put(server.endpoint, query.texts, _WARM, 1)
        expected = answers.get(found.reference)
        for name, answer in answers.items():
            if expected is not None and answer != expected:
                more, less = (answer - expected).total(), (expected - answer).total()
                found.differing.append(f"{query.name}: {name}: {more} more, {less} less than {found.reference}")
    return each


def _asked(server: Running, query: str, pace: Pace) -> tuple[bytes, float]:
    """Return an answer, and the least time that it took."""
    content, least = fetch(server.endpoint, query, patience=pace.longest)
    for number in range(1, _ASKED):
        if number > 1 and least > _SLOW:
            break
        least = min(least, fetch(server.endpoint, query, patience=pace.longest)[1])
    return content, least
