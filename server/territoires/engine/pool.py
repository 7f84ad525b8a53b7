"""The engine that servers use: queries run in processes that may be killed, one pool for all HTTP processes.

`Pool` starts the supervisor and keeps it running; `PooledEngine` asks it over a local socket, from any process.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from territoires.engine import Engine, Opened, failures
from territoires.engine.channels import Channels
from territoires.engine.delta import Delta
from territoires.engine.holding import NAME, DatasetChangedError, Served, held, holding, is_versioned, told
from territoires.engine.wire import Header, connect, pack_query, receive, send, unpack_error
from territoires.errors import DataError, Place, TerritoiresError, Text
from territoires.formats import Format
from territoires.guard import Query
from territoires.root import Root
from territoires.settings import Settings

ADDRESS: Final = "TERRITOIRES_ENGINE"
"""Environment variable by which `territoires serve` tells its HTTP processes where the engine is: the socket of its
pool, or the addresses of `--engine` with blanks between them."""

_log: Final = logging.getLogger(__name__)
_RETRY: Final = 0.05
_PAUSE: Final = 2.0
_STOPS_IN: Final = 5.0
_RELOADS_IN: Final = 60.0


@dataclass(slots=True)
class PooledEngine:
    """Asks the pool at `address`; safe to use from many threads and processes."""

    address: str
    settings: Settings
    _served: Served
    """What is served, as far as this process knows."""
    _stamp: tuple[int, int] | None = None
    _channels: Channels = field(init=False)
    _told: str = field(init=False)

    def __post_init__(self) -> None:
        self._channels = Channels(self.address)
        self._told = str(Path(self.address).parent / NAME)

    @classmethod
    def connect(cls, address: str, settings: Settings) -> Self:
        """Return an engine on a pool that is ready.

        Raises:
            OverloadedError: if there is none.
        """
        engine = cls(address, settings, Served("", ()))
        info, _ = engine._ask({"ask": "info"})
        engine._served = Served(info["version"], tuple(info["graphs"]))
        return engine

    @property
    def version(self) -> str:
        """Digest of the dataset: the version that is held, else the one that is served now."""
        return self.seen().version

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs of that version, sorted."""
        return self.seen().graphs

    def seen(self) -> Served:
        """Return the version that is held, else the one that is served now."""
        return (held.get() or {}).get(self.address) or self._now()

    def _now(self) -> Served:
        """Return what is served now; the supervisor says it in a file, which is looked at and seldom read."""
        with contextlib.suppress(OSError):
            found = os.stat(self._told)  # noqa: PTH116  (for each request: a path object takes five times as long)
            stamp = (found.st_ino, found.st_mtime_ns)
            if stamp != self._stamp:
                self._served = told(Path(self.address).parent) or self._served
                self._stamp = stamp
        return self._served

    def publish(self, delta: Delta) -> None:
        """Swap to the dataset that `delta` leads to: from the return on, new requests see it, in every process.

        Raises:
            DataError: if the change needs `reload`; nothing has changed then.
        """
        header, _ = self._ask({"ask": "publish"}, delta.pack())
        if "error" in header:
            raise unpack_error(header)

    def reload(self) -> None:
        """Load the graph folder again, and wait for it; queries that come meanwhile, and those that run, wait too.

        The folder must be known to load: with one that does not, nothing is served until it is mended. Of a graph on
        disk a new generation is built first, while the old one is served.

        Raises:
            DataError: if the new generation cannot be built; the old one is served then.
            OverloadedError: if it is not served within a minute.
        """
        info, _ = self._ask({"ask": "info"})
        if info["store"]:
            _build(*info["store"])
        self._ask({"ask": "reload"})
        self._await_reload()

    def _await_reload(self) -> None:
        until = time.monotonic() + _RELOADS_IN
        while told(Path(self.address).parent) is None:
            if time.monotonic() > until:
                raise failures.unreachable()
            time.sleep(_RETRY)

    def change(self, body: bytes) -> Header:
        """Let the writer of the pool make a change, and return what it says; new requests see it from then on.

        Raises:
            TerritoiresError: whatever the writer raises.
            OverloadedError: if the engine is not there, or was lost meanwhile: then it may have been made or not.
        """
        try:
            with self._connected() as channel:
                send(channel, {"ask": "change"}, body)
                header, _ = receive(channel)
        except (OSError, EOFError) as error:
            raise failures.outcome_unknown() from error
        if header.pop("reload", False):
            self._await_reload()
        if "error" in header:
            raise unpack_error(header)
        return header

    def _connected(self) -> socket.socket:
        """Connect to the supervisor; wait for one that is being replaced: nothing was asked of it yet."""
        seconds = self.settings.change_timeout * (self.settings.change_queue + 2)
        until = time.monotonic() + _RELOADS_IN
        while True:
            try:
                return connect(self.address, seconds)
            except OSError as error:
                if not Path(self.address).parent.exists() or time.monotonic() > until:
                    raise failures.unreachable() from error
            time.sleep(_RETRY)

    @property
    def ready(self) -> bool:
        """Whether the supervisor answers now."""
        return bool(self.counts())

    def counts(self) -> Mapping[str, float]:
        """Return what the supervisor counted since its start; empty when it does not answer now."""
        try:
            with connect(self.address, 1) as channel:
                send(channel, {"ask": "info"})
                counts: dict[str, float] = receive(channel)[0]["counts"]
        except (OSError, EOFError):
            return {}
        return counts

    def run(self, query: Query, format_: Format) -> bytes:
        """Return the answer; see `Engine.run`."""
        with self.open(query, format_).file as file:
            return file.read()

    def open(self, query: Query, format_: Format) -> Opened:
        """Return the answer as a file, which is on disk when it is large; see `Engine.open`."""
        question = {"ask": "query", "version": self.version}
        header, content = self._ask(question, pack_query(query, format_))
        if "changed" in header:
            if self.address in (held.get() or {}):
                raise DatasetChangedError
            return self.open(query, format_)
        if "error" in header:
            raise unpack_error(header)
        if "file" not in header:
            return Opened(io.BytesIO(content), header["rows"])
        file = Path(header["file"])
        opened = file.open("rb")
        with contextlib.suppress(PermissionError):  # Windows keeps it until the pool is closed.
            file.unlink()
        return Opened(opened, header["rows"])

    def _ask(self, question: Header, body: bytes = b"") -> tuple[Header, bytes]:
        """Ask the supervisor; see `Channels.ask`."""
        return self._channels.ask(question, body, self.settings.query_timeout)


@contextlib.contextmanager
def hold(engine: Engine) -> Iterator[None]:
    """Let the block see one version of the dataset.

    Raises:
        DatasetChangedError: by `run` and `open`, once another version is served.
    """
    if is_versioned(engine):
        with holding(engine.address, engine.seen()):
            yield
    else:
        yield


def _build(root: str, store: str) -> None:
    """Build a generation in a process of its own: its memory and threads go with it."""
    command = [sys.executable, "-m", "territoires", "--root", root, "build", "--store", store]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own command)
    if done.returncode:
        reason = done.stderr.strip()
        raise DataError(
            Text(f"nothing was built: {reason}", f"rien n'a été construit : {reason}"), place=Place(Path(store))
        )


class Pool:
    """Keeps a supervisor with its workers running until it is closed, or this process ends."""

    def __init__(
        self,
        root: Root,
        settings: Settings,
        *,
        fork: bool | None = None,
        store: Path | None = None,
        writer: str | None = None,
    ) -> None:
        """Start the processes and wait until the graph is loaded.

        Args:
            root: the graph folder.
            settings: limits.
            fork: share the loaded graph by forking; default: where the platform can.
            store: serve the current generation in this folder, on disk, in place of loading the graph.
            writer: `module:class` of the `Writer` that makes changes, called with the root; None: nothing changes.

        Raises:
            TerritoiresError: if the graph does not load, or the generation is not that of its files.
        """
        self._settings = settings
        self._owner = os.getpid()
        # The folder also keeps other users of this machine away from the socket.
        self._folder = tempfile.mkdtemp(prefix="territoires-")
        self.address = str(Path(self._folder, "socket")) if hasattr(socket, "AF_UNIX") else _free_address()
        self._options = {
            "root": str(root.path),
            "dataset": root.dataset and str(root.dataset),
            "union": root.union,
            "store": store and str(store),
            "address": self.address,
            "spool": self._folder,
            "fork": "fork" in multiprocessing.get_all_start_methods() if fork is None else fork,
            "version": None,
            "writer": writer,
        }
        self._closing = threading.Event()
        try:
            self._launch()
            self.engine = PooledEngine.connect(self.address, settings)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._options["version"] = self.engine.version
        self._keeper = threading.Thread(target=self._keep, name="territoires-pool", daemon=True)
        self._keeper.start()

    def _launch(self) -> None:
        """Start a supervisor and wait until it has loaded the graph."""
        self._process = subprocess.Popen(  # noqa: S603  (our own module)
            [sys.executable, "-m", "territoires.engine.supervisor", json.dumps(self._options)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # A worker out of memory has nothing to spend on a stack trace.
            env={**os.environ, **self._settings.to_environment(), "RUST_BACKTRACE": "0"},
        )
        assert self._process.stdout  # noqa: S101  (for the type checker: a pipe was asked for)
        with self._process.stdout as output:
            said = output.readline()
        if said == b"{}\n":
            # It ends when the last copy of this connection closes: with this process and those forked from it.
            self._lifeline = connect(self.address, _STOPS_IN)
            send(self._lifeline, {"ask": "own"})
            return
        self._process.wait()
        raise unpack_error(json.loads(said)) if said else failures.unreachable()

    def _keep(self) -> None:
        """Replace a supervisor that was killed."""
        while True:
            code = self._process.wait()
            self._lifeline.close()
            if self._closing.wait(_RETRY):
                return
            # What was published since is what the files hold now; a reload takes them as they are.
            served = told(Path(self._folder))
            self._options["version"] = served.version if served else None
            _log.log(
                logging.ERROR if served else logging.INFO, "the query engine ended with %d; it is started again", code
            )
            try:
                self._launch()
            except (TerritoiresError, OSError) as error:
                _log.error("the query engine does not start: %s", error)
                self._closing.wait(_PAUSE)

    def close(self) -> None:
        """End all processes of the pool; queries that run now are lost. In a process forked from its owner: nothing."""
        if os.getpid() != self._owner:
            return
        self._closing.set()
        while self._keeper.is_alive():  # It may be starting another one just now.
            process = self._process
            try:
                self._lifeline.send(b"\0")
                process.wait(_STOPS_IN)
            except (OSError, subprocess.TimeoutExpired):
                process.kill()
            self._keeper.join(_RETRY)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"
