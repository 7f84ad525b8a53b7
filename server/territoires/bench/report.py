"""What was measured, as tables in Markdown: one that fits a page first, then all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from typing import Final

from territoires.bench.comparing import Comparison
from territoires.bench.loads import Load
from territoires.bench.questions import QueryClass

_SHOWN: Final = 8
"""Concurrency of the first table, where it was measured."""


def markdown(found: Comparison, how: str) -> str:
    """Return the tables; `how` says on what machine and how it was measured."""
    parts = (how, "", *_summary(found), "", *_needs(found), "", *_absent(found), *_differences(found), "", *_all(found))
    return "\n".join(parts).rstrip("\n") + "\n"


def _rate(load: Load) -> float:
    return load.per_second


def _p99(load: Load) -> float:
    return load.p99 if load.answers else 0.0


def _summary(found: Comparison) -> Iterator[str]:
    shown = _SHOWN if _SHOWN in found.connections else found.connections[len(found.connections) // 2]
    yield (
        f"Answers per second over {shown} connections, as a multiple of {found.reference}'s in the same round: "
        f"median (least–most) of {found.rounds} rounds."
    )
    yield ""
    yield from _head(found)
    for query in found.classes:
        yield _row(query.title, (_ratio(found, query, shown, server, _rate) for server in found.servers))
    for query in (one for one in found.classes if one.is_mix):
        cells = (_ratio(found, query, shown, server, _p99) for server in found.servers)
        yield _row("99th percentile of the mix in time: less is better", cells)


def _needs(found: Comparison) -> Iterator[str]:
    yield "| server | version | load | start to first answer | memory at rest | memory under load |"
    yield "|---|---|---|---|---|---|"
    for server in found.servers:
        facts = found.facts[server]
        load = f"{facts.load:.1f} s" if facts.load >= 1 else "at the start"
        start, weights = f"{facts.start:.2f} s", f"{facts.rest:.0f} MiB | {facts.memory:.0f} MiB"
        yield f"| {server} | {found.versions.get(server, '')} | {load} | {start} | {weights} |"


def _absent(found: Comparison) -> Iterator[str]:
    for name, why in found.absent.items():
        yield f"- {name} does not start: {why}"
    if found.absent:
        yield ""


def _differences(found: Comparison) -> Iterator[str]:
    if found.differing or found.refusals:
        yield "Answers that differ, or did not come:"
        yield ""
        yield from (f"- {line}" for line in found.differing)
        yield from (f"- {query}: {server}: {why}" for (query, server), why in found.refusals.items())
    else:
        yield "All servers gave the same answers."
    if found.restless:
        yield ""
        yield "Still at work on these when the next load began, which may have been slower for it:"
        yield ""
        yield from (f"- {query} at {connections}: {server}" for query, connections, server in sorted(found.restless))


def _all(found: Comparison) -> Iterator[str]:
    for connections in found.connections:
        yield f"Over {connections} connections: the same ratio, and milliseconds at the median / the 99th percentile."
        yield ""
        yield from _head(found)
        for query in found.classes:
            yield _row(query.title, (_cell(found, query, connections, server) for server in found.servers))
        yield ""


def _head(found: Comparison) -> Iterator[str]:
    yield _row("query", found.servers)
    yield "|---|" + "---|" * len(found.servers)


def _row(title: str, cells: Iterator[str] | list[str]) -> str:
    return f"| {title} | " + " | ".join(cells) + " |"


def _cell(found: Comparison, query: QueryClass, connections: int, server: str) -> str:
    load, ratio = found.typical(query.name, connections, server), _ratio(found, query, connections, server, _rate)
    if load is None or not load.answers:
        return ratio
    times = f"{short(load.median)} / {short(load.p99)} ms"
    return f"{ratio}; {times}" if server != found.reference else f"{short(load.per_second)}/s; {times}"


def _ratio(found: Comparison, query: QueryClass, connections: int, server: str, by: Callable[[Load], float]) -> str:
    """Return a ratio with its spread; where there is none, why."""
    if why := found.refusals.get((query.name, server)):
        return why
    load = found.typical(query.name, connections, server)
    if load is None:
        return "not measured"
    if load.wrong or not load.answers:
        return load.wrong or f"> {load.seconds:.0f} s"
    own = f"{short(load.p99)} ms" if by is _p99 else f"{short(load.per_second)}/s"
    ratios = found.ratios(query.name, connections, server, by)
    if server == found.reference or not ratios:  # The reference may have no answer to compare with.
        return f"1 = {own}" if server == found.reference else own
    least, most = short(min(ratios)), short(max(ratios))
    return f"**{short(median(ratios))}**" + (f" ({least}–{most})" if least != most else "")


def short(number: float) -> str:
    """Return a number with two digits that count, or whole."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004
