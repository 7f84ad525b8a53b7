"""Engines that stand in front of another one: they see the same dataset, and pass on what they do not do themselves."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from territoires.engine import Engine


@runtime_checkable
class Layer(Protocol):
    """An engine in front of `inner`."""

    @property
    def inner(self) -> Engine:
        """What it asks."""


def innermost(engine: Engine) -> Engine:
    """Return the engine that evaluates."""
    while isinstance(engine, Layer):
        engine = engine.inner
    return engine
