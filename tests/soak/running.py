"""Runs the load against a server of its own and says what is left of it."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.conftest import answers_health, running_processes, running_server
from tests.protocol.conftest import Client
from tests.soak.load import Report, keep, send_good, send_hostile, write_data

LIMIT: Final = 2
WORKERS: Final = 3
GROWTH: Final = 100
"""Megabytes by which the resident memory of all processes together may grow between the first third and the end."""
_SETTINGS: Final = {
    "TERRITOIRES_QUERY_TIMEOUT": str(LIMIT),
    "TERRITOIRES_QUERY_WORKERS": str(WORKERS),
    "TERRITOIRES_QUERY_MEMORY": "200",
    "TERRITOIRES_MAX_RESULT_BYTES": "1000000",
    "TERRITOIRES_ANSWER_CACHE": "0",
    "TERRITOIRES_RESPONSE_CACHE": "0",  # The engine is what is put to the test.
}


@dataclass(frozen=True)
class Soaked:
    """The figures of one soak."""

    report: Report
    before: float
    after: float
    idle: int
    same_supervisor: bool
    start_ms: float
    """Mean time until a new worker takes queries."""
    killed: int

    def is_well(self) -> bool:
        """Say whether no answer was wrong, no worker is missing and memory is flat."""
        flat = self.after - self.before < GROWTH
        return not self.report.wrong and self.idle == WORKERS + 1 and self.same_supervisor and flat

    def text(self) -> str:
        """Return the figures, one per line."""
        report = self.report
        lines = [
            f"good requests      {report.good}, median {report.median() * 1000:.0f} ms, refused {report.refused}",
            f"hostile requests   {report.hostile.total()}: {dict(sorted(report.hostile.items()))}",
            f"wrong answers      {len(report.wrong)} {report.wrong[:5]}",
            f"workers at the end {self.idle} of {WORKERS + 1}; {self.killed} ended",
            f"same supervisor    {self.same_supervisor}",
            f"kill latency       {min(report.late, default=0) * 1000:.0f} ms at best",
            f"worker start       {self.start_ms:.0f} ms mean",
            f"memory             {self.before:.0f} MB, then {self.after:.0f} MB",
        ]
        return "\n".join(lines) + "\n"


def soak(seconds: int) -> Soaked:
    """Load a server for so many `seconds`: a third to warm it up, then measure what it holds, then the rest."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_data(Path(folder))
        serve = ["--data", str(file), "--no-check", "--workers", "2"]
        with running_server([], None, serve, **_SETTINGS) as url:
            client, report = Client(url), Report()
            supervisor = _numbers(client)["territoires_supervisor_start_time_seconds"]
            _load(client, report, seconds / 3)
            _settle(client)
            before = resident(str(file))
            _load(client, report, seconds * 2 / 3)
            found = _settle(client)
            assert answers_health(url)["status"] == "ok"
            starts = found["territoires_worker_start_seconds_count"]
            return Soaked(
                report,
                before,
                resident(str(file)),
                int(found['territoires_workers{state="idle"}']),
                found["territoires_supervisor_start_time_seconds"] == supervisor,
                1000 * found["territoires_worker_start_seconds_sum"] / starts,
                int(sum(value for name, value in found.items() if "workers_ended_total" in name)),
            )


def _load(client: Client, report: Report, seconds: float) -> None:
    threads = keep(lambda: send_good(client, report), seconds, 2)
    threads += keep(lambda: send_hostile(client, LIMIT, report), seconds, 6)
    for thread in threads:
        thread.join()


def _settle(client: Client) -> dict[str, float]:
    """Wait until no query runs and all workers are back, at most for a while; return the numbers."""
    until = time.monotonic() + 4 * LIMIT
    while True:
        found = _numbers(client)
        if found['territoires_workers{state="idle"}'] == WORKERS + 1 or time.monotonic() > until:
            return found
        time.sleep(0.1)


def _numbers(client: Client) -> dict[str, float]:
    lines = [line for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def resident(mark: str) -> float:
    """Return the resident megabytes of the processes whose command holds `mark`, and of their children."""
    found = running_processes()
    ours = {pid for pid, (_, command) in found.items() if mark in command}
    while more := {pid for pid, (parent, _) in found.items() if parent in ours} - ours:
        ours |= more
    return sum(_rss(pid) for pid in ours)


def _rss(pid: int) -> float:
    """Return the proportional share on Linux, where pages are shared; 0 for a process that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) / 1000 for line in lines if line.startswith("Pss:"))
