"""What the supervisor counts since its start; `/metrics` publishes it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

ENDINGS: Final = ("timeout", "displaced", "abandoned", "died", "replaced", "closed")
"""Why a worker ended: its query passed the time limit; it gave way to another query; its client left; by itself (no
memory, or a crash); a new version was published; with the pool."""


@dataclass(slots=True)
class Counts:
    """Workers that came up, how long that took, and why they ended."""

    started_at: float = field(default_factory=time.time)
    """Of the supervisor, in seconds of Unix time: another value means another supervisor."""
    starts: int = 0
    start_seconds: float = 0.0
    ended: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(ENDINGS, 0)))

    def came_up(self, seconds: float) -> None:
        """Count a worker that became ready `seconds` after it was started."""
        self.starts += 1
        self.start_seconds += seconds

    def report(self) -> dict[str, float]:
        """Return one number per name: those of `ended` are called `ended_<why>`."""
        return {
            "started_at": self.started_at,
            "starts": self.starts,
            "start_seconds": self.start_seconds,
            **{f"ended_{why}": count for why, count in self.ended.items()},
        }
