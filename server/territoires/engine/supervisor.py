"""The process that loads the graph once, forks workers from itself, and gives each query to one of them.

It has one thread and one loop, so it may fork at any time. It reads questions and passes answers on; only the workers
evaluate. Where fork is missing it starts workers that load the graph themselves.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import multiprocessing
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from territoires.engine import failures
from territoires.engine.counts import Counts
from territoires.engine.delta import apply, unpack
from territoires.engine.embedded import EmbeddedEngine
from territoires.engine.holding import NAME, Served, tell
from territoires.engine.turns import Turns
from territoires.engine.wire import Header, listen, pack_error, receive, send
from territoires.engine.worker import Task, start
from territoires.engine.writer import Changes, Writer
from territoires.errors import DataError, TerritoiresError
from territoires.generations import Generation, find
from territoires.graph import KnowledgeGraph, load_both, same_files
from territoires.root import Root, find_root
from territoires.settings import Settings

_log: Final = logging.getLogger(__name__)
_PATIENCE: Final = 0.05
"""Seconds that a query keeps the last worker while others wait for their first turn."""
_BACKOFF: Final = 0.5
"""Seconds before another worker is started after one did not come up."""
_HANDSHAKE: Final = 5.0
"""Seconds that a front has for sending its question, which it does at once."""


@dataclass(eq=False, slots=True)
class _Job:
    """A question and the connection that waits for its answer."""

    connection: socket.socket
    question: bytes
    since: float
    version: str | None
    """Of the dataset that the question is about."""


@dataclass(eq=False, slots=True)
class _Worker:
    process: Any  # BaseProcess of either context
    channel: socket.socket
    since: float
    """When it was started, or was given its query."""
    version: str
    """Of the dataset that it was forked with."""
    ready: bool = False
    job: _Job | None = None


class Supervisor:
    """Owns the workers and the queue."""

    def __init__(
        self, address: str, task: Task, engine: EmbeddedEngine | None, *, fork: bool, writer: Writer | None = None
    ) -> None:
        """Start listening; `run` starts the workers, which share `engine` or open the generation of `task`."""
        self._task = task
        self._settings = task.settings
        loaded = engine or task.generation
        assert loaded  # noqa: S101  (for the type checker: there is one of them)
        self._served = Served(loaded.version, loaded.graphs)
        self._engine = engine if fork else None
        self._forks = fork
        self._context: Any = multiprocessing.get_context("fork" if fork else "spawn")
        self._listener = listen(address)
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []
        self._ended: list[Any] = []
        self._turns: Turns[_Job] = Turns(task.settings.query_workers)
        self._counts = Counts()
        self._wanted = self._settings.query_workers + 1  # One is idle, to take the place of one that is ended.
        self._start_after = 0.0
        self._stopped = False
        self._changes = Changes(self, task.settings, self._context, writer if fork else None)

    @property
    def graph(self) -> KnowledgeGraph | None:
        """What is loaded now, as it is changed; None where workers load it themselves."""
        return replace(self._engine.graph, merged=None) if self._engine else None

    @property
    def version(self) -> str:
        """Version of the dataset that is served now."""
        return self._served.version

    def run(self) -> None:
        """Serve until the owner is gone, then end the workers."""
        tell(self._task.spool, self._served)
        self.watch(self._listener, self._accept)
        try:
            while not self._stopped:
                self._fill()
                for key, _ in self._selector.select(self._pause()):
                    if self._selector.get_map().get(key.fd) is key:  # else an event before it has closed it
                        key.data()
                self._enforce()
                self._assign()
                self._ended = [process for process in self._ended if process.exitcode is None]
        finally:
            for worker in list(self._workers):
                self._end(worker, "closed")
            self._changes.close()
            for process in self._ended:
                process.join()
            self._selector.close()
            self._listener.close()

    # Sockets.

    def watch(self, channel: socket.socket, act: Callable[[], None]) -> None:
        """Call `act` when there is something to read in `channel`."""
        self._selector.register(channel, selectors.EVENT_READ, act)

    def drop(self, channel: socket.socket) -> None:
        """Close a channel that was watched."""
        self._selector.unregister(channel)
        channel.close()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.settimeout(_HANDSHAKE)
        self.watch(connection, lambda: self._ask(connection))

    def _ask(self, connection: socket.socket) -> None:
        try:
            header, body = receive(connection)
        except (EOFError, OSError):
            self.drop(connection)
            return
        if header["ask"] == "query":
            job = _Job(connection, body, time.monotonic(), header.get("version"))
            self._selector.modify(connection, selectors.EVENT_READ, lambda: self._abandon(job))
            self._enqueue(job)
        elif header["ask"] == "change":
            self._selector.unregister(connection)
            self._changes.add(connection, body)
        elif header["ask"] == "own":
            self._selector.modify(connection, selectors.EVENT_READ, self._stop)
        elif header["ask"] == "publish":
            self._reply(connection, self.publish(body))
        elif header["ask"] == "reload":
            self.reload()
            self._reply(connection, {})
        else:
            idle = [worker for worker in self._workers if worker.ready and worker.job is None]
            state = {"workers_idle": len(idle), "workers_busy": len(self._busy()), "waiting": len(self._turns)}
            info = {"version": self._served.version, "graphs": self._served.graphs, "store": self._places()}
            self._reply(connection, {**info, "counts": self._counts.report() | state})

    def publish(self, body: bytes) -> Header:
        """Change the store, which the workers do not share any more, and fork new workers from it.

        Old ones finish what they do. A change that fails half-way ends this process; the next one loads the files.
        """
        delta = unpack(body)
        try:
            if self._engine is None:
                raise failures.cannot_publish()
            graph = apply(self._engine.graph, delta)
        except DataError as error:
            return pack_error(error)
        self._engine = replace(self._engine, graph=graph)
        self._task = replace(self._task, version=graph.version)
        self._served = Served(graph.version, graph.graphs)
        for worker in [worker for worker in self._workers if worker.job is None]:
            self._end(worker, "replaced")
        self._fill()
        tell(self._task.spool, self._served)
        return {}

    def reload(self) -> None:
        """End; the owner starts another one, which takes the files as they are."""
        (self._task.spool / NAME).unlink(missing_ok=True)
        self._stop()

    def _places(self) -> tuple[str, str] | None:
        """Return the graph folder and the folder of generations, where the graph is on disk."""
        found = self._task.generation
        return (str(found.root.path), str(found.folder.parent)) if found else None

    def _current(self) -> list[_Worker]:
        """Return the workers of the version that is served now."""
        return [worker for worker in self._workers if worker.version == self._served.version]

    def _stop(self) -> None:
        self._stopped = True

    def _reply(self, connection: socket.socket, header: Header, body: bytes = b"") -> None:
        """Answer, and listen for the next question over the same connection."""
        try:
            send(connection, header, body)
        except OSError:
            if "file" in header:
                Path(header["file"]).unlink(missing_ok=True)
            self.drop(connection)
        else:
            self._selector.modify(connection, selectors.EVENT_READ, lambda: self._ask(connection))

    # The queue.

    def _enqueue(self, job: _Job) -> None:
        self._turns.add(job)
        self._assign()
        swapping = not any(worker.ready for worker in self._current())
        if job in self._turns and len(self._turns) > self._settings.query_queue and not swapping:
            self._turns.remove(job)
            self._reply(job.connection, pack_error(failures.queue_full(self._settings)))

    def _abandon(self, job: _Job) -> None:
        """Forget a query that nobody waits for any more."""
        self.drop(job.connection)
        self._turns.remove(job)
        for worker in [worker for worker in self._workers if worker.job is job]:
            self._end(worker, "abandoned")

    def _assign(self) -> None:
        for old in self._turns.remove_where(lambda job: job.version not in {None, self._served.version}):
            self._reply(old.connection, {"changed": self._served.version})
        idle = [worker for worker in self._current() if worker.ready and worker.job is None]
        free = self._settings.query_workers - len(self._busy())
        while idle and (job := self._turns.take(free)):
            self._start(idle.pop(), job)
            free -= 1
        if not free and self._turns.pressing:
            last = max(self._busy(), key=lambda worker: worker.since)
            if last.job and time.monotonic() >= last.since + _PATIENCE:
                last.job.since = time.monotonic()
                self._turns.add_again(last.job)
                self._end(last, "displaced")
                self._assign()

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.job]

    def _start(self, worker: _Worker, job: _Job) -> None:
        worker.job, worker.since = job, time.monotonic()
        with contextlib.suppress(OSError):  # A dead worker is noticed by its closed channel.
            send(worker.channel, {}, job.question)

    def _enforce(self) -> None:
        """End what ran or waited too long."""
        too_old = time.monotonic() - self._settings.query_timeout
        for worker in [worker for worker in self._busy() if worker.since <= too_old]:
            self._finish(worker, pack_error(failures.timed_out(self._settings)))
            self._end(worker, "timeout")
        for job in self._turns.remove_where(lambda job: job.since <= too_old):
            self._reply(job.connection, pack_error(failures.waited_too_long(self._settings)))
        self._changes.enforce()

    def _pause(self) -> float | None:
        """Return the seconds until something is due."""
        starts = [worker.since for worker in self._busy()]
        due = [since + self._settings.query_timeout for since in (*starts, *(job.since for job in self._turns))]
        if self._turns.pressing and starts:
            due.append(max(starts) + _PATIENCE)
        if len(self._current()) < self._wanted:
            due.append(self._start_after)
        if self._changes.due is not None:
            due.append(self._changes.due)
        return max(0.0, min(due) - time.monotonic()) if due else None

    # Workers.

    def _fill(self) -> None:
        """Start workers where there are too few."""
        while len(self._current()) < self._wanted and time.monotonic() >= self._start_after:
            ours, theirs = socket.socketpair()
            inherited = [ours, *self.sockets()] if self._forks else []
            process = self._context.Process(
                target=start, args=(theirs, self._task, self._engine, inherited), daemon=True
            )
            try:
                process.start()
            except OSError:  # no memory, or too many processes
                self._start_after = time.monotonic() + _BACKOFF
                ours.close()
                return
            finally:
                theirs.close()
            ours.settimeout(_HANDSHAKE)
            worker = _Worker(process, ours, time.monotonic(), self._served.version)
            self._workers.append(worker)
            self.watch(ours, lambda worker=worker: self._hear(worker))  # type: ignore[misc]

    def sockets(self) -> list[Any]:
        """Return what a forked process closes, for it belongs to this one alone."""
        watched = [key.fileobj for key in self._selector.get_map().values()]
        return [*watched, self._selector, *self._changes.connections]

    def _hear(self, worker: _Worker) -> None:
        try:
            header, body = receive(worker.channel)
        except (EOFError, OSError):
            self._died(worker)
            return
        if worker.ready:
            self._finish(worker, header, body)
        else:
            self._counts.came_up(time.monotonic() - worker.since)
        worker.ready = True
        if worker.version != self._served.version:
            self._end(worker, "replaced")

    def _finish(self, worker: _Worker, header: Header, body: bytes = b"") -> None:
        if worker.job:
            self._reply(worker.job.connection, header, body)
            worker.job = None

    def _died(self, worker: _Worker) -> None:
        worker.process.join(_HANDSHAKE)
        code = worker.process.exitcode or 0
        _log.warning("a worker ended with %d", code)
        error = failures.died(code, self._settings)
        self._finish(worker, pack_error(error))
        if not worker.ready:
            self._start_after = time.monotonic() + _BACKOFF
        self._end(worker, "died")

    def _end(self, worker: _Worker, why: str) -> None:
        """Kill a worker; another takes its place."""
        self._counts.ended[why] += 1
        worker.process.kill()
        self._ended.append(worker.process)  # Its end takes the kernel tens of milliseconds: not waited for.
        self._workers.remove(worker)
        self.drop(worker.channel)


def main() -> None:
    """Run as `python -m territoires.engine.supervisor JSON`; say on standard output when ready, or why not."""
    options = json.loads(sys.argv[1])
    if sys.platform != "win32":
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the owner.
    settings = Settings.from_environment()
    try:
        writer = _writer(options)
        if writer:
            writer.settle()
        loaded = _load(options, is_known_valid=writer is not None and writer.is_valid())
    except TerritoiresError as error:
        _say(pack_error(error))
        sys.exit(1)
    generation = loaded if isinstance(loaded, Generation) else None
    engine = None if isinstance(loaded, Generation) else EmbeddedEngine(loaded, settings.max_result_bytes)
    task = Task(loaded.root, loaded.version, settings, Path(options["spool"]), generation)
    supervisor = Supervisor(options["address"], task, engine, fork=options["fork"], writer=writer)
    _say({})
    gc.collect()
    gc.freeze()  # Forked workers share what is not touched.
    supervisor.run()


def _writer(options: Header) -> Writer | None:
    """Return what makes changes: it comes from the floors above."""
    if not options["writer"] or options["store"] or not options["fork"]:
        return None
    module, _, name = options["writer"].partition(":")
    writer: Writer = getattr(import_module(module), name)(_root(options))
    return writer


def _load(options: Header, *, is_known_valid: bool) -> KnowledgeGraph | Generation:
    """Load the graph, or find what workers open: this process opens no store, whose threads a fork would lose."""
    if options["store"]:
        generation = find(_root(options), Path(options["store"]), options["version"])
        generation.hold()
        return generation
    graph = load_both(_root(options))
    if options["version"] and not same_files(options["version"], graph.version) and not is_known_valid:
        raise failures.other_version()
    return graph


def _root(options: Header) -> Root:
    dataset = options["dataset"]
    return replace(find_root(Path(options["root"])), dataset=dataset and Path(dataset), union=options["union"])


def _say(header: Header) -> None:
    sys.stdout.write(json.dumps(header) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
