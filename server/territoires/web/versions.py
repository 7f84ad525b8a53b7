"""Each request sees one version of the dataset, whatever is published meanwhile."""

from __future__ import annotations

import contextlib
from typing import Final

from flask import Flask
from flask.typing import ResponseReturnValue

from territoires.engine.holding import DatasetChangedError
from territoires.engine.pool import hold
from territoires.errors import OverloadedError, Text
from territoires.web.site import site

_TRIES: Final = 20


class Application(Flask):
    """Flask, but a view during which another version was published is called again: views only read."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Return what the view does.

        Raises:
            OverloadedError: if versions follow each other faster than the view reads.
        """
        for _ in range(_TRIES):
            with contextlib.suppress(DatasetChangedError), hold(site().engine):
                return super().dispatch_request()
        raise OverloadedError(
            Text("the data is changing too fast", "les données changent trop vite"),
            hint=Text("ask again in a few seconds", "redemandez dans quelques secondes"),
        )
