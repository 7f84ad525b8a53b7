"""Runs code with a stack deep enough for any query that is admitted: the engine's parser and planner recurse."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Final, TypeVar

_BYTES: Final = 256 * 2**20
"""Of address space; only what is used takes memory. 2 MB ends at 600 expressions, 256 MB at more than fit a query."""

_T = TypeVar("_T")
_starting = threading.Lock()
_here = threading.local()


def on_deep_stack(call: Callable[[], _T]) -> _T:
    """Return what `call` returns, or raise what it raises, after running it in a thread with a deep stack.

    A call from such a thread runs at once.
    """
    if getattr(_here, "deep", False):
        return call()
    results: list[_T] = []
    errors: list[BaseException] = []

    def body() -> None:
        _here.deep = True
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001  (raised again in the thread that waits)
            _forget(error)
            errors.append(error)

    thread = threading.Thread(target=body, daemon=True)
    with _starting:
        before = threading.stack_size(_BYTES)
        try:
            thread.start()
        finally:
            threading.stack_size(before)
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _forget(error: BaseException | None) -> None:
    """Drop what the frames of an error hold: results of the engine must go in the thread that made them."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
