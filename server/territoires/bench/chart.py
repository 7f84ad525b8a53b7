"""What was measured, as a chart in SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from territoires.bench.comparing import Comparison
from territoires.bench.report import short

_COLOURS: Final = ("#0a5c4a", "#58a58c", "#b5d6c8", "#c2571a", "#6b4fa0", "#8a8a8a", "#b8860b")
_LINE: Final = 14
_LEFT: Final = 60
_WIDE: Final = 720


def chart(found: Comparison, connections: int) -> str:
    """Return bars of answers per second on a logarithmic scale, a group for each class of queries."""
    loads = {
        (query.name, server): found.typical(query.name, connections, server)
        for query in found.classes
        for server in found.servers
    }
    rates = {key: load.per_second if load else 0.0 for key, load in loads.items()}
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
            lines.append(f'<text x="{_LEFT + width + 4:.1f}" y="{y + 10}">{short(rate)}</text>')
        top += group
    return "\n".join((*lines, "</svg>")) + "\n"


def _legend(servers: Sequence[str]) -> Iterator[str]:
    for number, server in enumerate(servers):
        colour = _COLOURS[number % len(_COLOURS)]
        y = _LINE * number + 4
        yield f'<rect x="4" y="{y}" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="20" y="{y + 9}">{escape(server)}</text>'
