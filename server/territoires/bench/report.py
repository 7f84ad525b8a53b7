"""What was measured, as a table in Markdown and a chart in SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final
from xml.sax.saxutils import escape

from territoires.bench.comparing import Comparison

_COLOURS: Final = ("#0a5c4a", "#58a58c", "#c2571a", "#6b4fa0", "#8a8a8a", "#b8860b")
_LINE: Final = 14
_LEFT: Final = 60
_WIDE: Final = 720


def markdown(found: Comparison, how: str) -> str:
    """Return the tables; `how` says on what machine and how it was measured."""
    return "\n".join((how, "", *_needs(found), "", *_ratios(found), *_differences(found))) + "\n"


def _needs(found: Comparison) -> Iterator[str]:
    yield "| server | load | start to first answer | memory under load |"
    yield "|---|---|---|---|"
    for server in found.servers:
        facts = found.facts[server]
        load = f"{facts.load:.1f} s" if facts.load >= 1 else "at the start"
        yield f"| {server} | {load} | {facts.start:.2f} s | {facts.memory:.0f} MiB |"


def _ratios(found: Comparison) -> Iterator[str]:
    for connections in found.connections:
        yield f"Answers per second at concurrency {connections}, as a multiple of {found.reference} in the same round:"
        yield "median (least to most), and milliseconds at the median and the 99th percentile."
        yield ""
        yield "| query | " + " | ".join(found.servers) + " |"
        yield "|---|" + "---|" * len(found.servers)
        for query in found.classes:
            cells = (_cell(found, query.name, connections, server) for server in found.servers)
            yield f"| {query.title} | " + " | ".join(cells) + " |"
        yield ""


def _cell(found: Comparison, query: str, connections: int, server: str) -> str:
    ratios, load = found.ratios(query, connections, server), found.typical(query, connections, server)
    times = f"{_short(load.median)}/{_short(load.p99)} ms"
    if load.wrong:
        return f"{load.wrong}; {times}"
    if server == found.reference:
        return f"{_short(load.per_second)}/s; {times}"
    if not ratios:
        return times
    return f"**{_short(median(ratios))}** ({_short(min(ratios))} to {_short(max(ratios))}); {times}"


def _differences(found: Comparison) -> Iterator[str]:
    if found.differing:
        yield "Answers that differ:"
        yield ""
        yield from (f"- {line}" for line in found.differing)
    else:
        yield "All servers gave the same answers."


def _short(number: float) -> str:
    """Return a number with two digits that count, or whole."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004


def chart(found: Comparison, connections: int) -> str:
    """Return bars of answers per second on a logarithmic scale, a group for each class of queries."""
    rates = {
        (query.name, server): found.typical(query.name, connections, server).per_second
        for query in found.classes
        for server in found.servers
    }
    most = math.log10(max((1.0, *rates.values())) * 10)
    group = _LINE * (len(found.servers) + 2)
    height = group * len(found.classes) + _LINE * (len(found.servers) + 2)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {height}" font-family="sans-serif"',
        'font-size="11">',
        f"<title>Answers per second at concurrency {connections}, logarithmic scale</title>",
        f'<rect width="{_WIDE}" height="{height}" fill="#fff"/>',
        *_legend(found.servers),
    ]
    top = _LINE * (len(found.servers) + 1)
    for query in found.classes:
        lines.append(f'<text x="4" y="{top + _LINE}" font-weight="bold">{escape(query.title)}</text>')
        for number, server in enumerate(found.servers):
            rate = rates[query.name, server]
            width = max(1.0, (math.log10(max(rate, 0.1)) + 1) / (most + 1) * (_WIDE - _LEFT - 80))
            y = top + _LINE * (number + 1) + 4
            colour = _COLOURS[number % len(_COLOURS)]
            lines.append(f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_LINE - 3}" fill="{colour}"/>')
            lines.append(f'<text x="{_LEFT + width + 4:.1f}" y="{y + 10}">{_short(rate)}</text>')
        top += group
    return "\n".join((*lines, "</svg>")) + "\n"


def _legend(servers: Sequence[str]) -> Iterator[str]:
    for number, server in enumerate(servers):
        colour = _COLOURS[number % len(_COLOURS)]
        y = _LINE * number + 4
        yield f'<rect x="4" y="{y}" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="20" y="{y + 9}">{escape(server)}</text>'
