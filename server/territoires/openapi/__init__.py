"""What programs may ask of this server, as an OpenAPI 3.1 description that is made from the published queries.

    describe(queries, Service(…), "en")

`operations` turns a published query into an operation, `schemas` holds what operations share, and `others` lists the
paths that are described by hand: that is where a new one goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from territoires.errors import Language, Text
from territoires.openapi.operations import operation
from territoires.openapi.others import OTHERS
from territoires.openapi.schemas import components
from territoires.queries import PublishedQuery

VERSION: Final = "3.1.1"
"""Version of the OpenAPI Specification."""
MEDIA_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Service:
    """What a description says of the server as a whole (OpenAPI 3.1 §4.8.2)."""

    title: Text
    description: Text
    version: str
    """Version of the program."""
    themes: Mapping[str, Text]
    """Themes of published queries, in their order."""
    others: Text
    """What the operations that are no published query are called together."""


def describe(queries: Mapping[str, PublishedQuery], service: Service, language: Language) -> dict[str, Any]:
    """Return the description, without address and licence; the same arguments give the same content.

    Args:
        queries: the published queries by name.
        service: what to say of the server.
        language: of titles and descriptions; those of operations stand in the other one below `x-translations`.
    """
    described = {
        f"/queries/{query.name}.{{format}}": {"get": operation(query, service.themes, language)}
        for query in queries.values()
    }
    others = {path: item(language) for path, item in OTHERS.items()}
    tags = [{"name": theme, "description": text.in_(language)} for theme, text in service.themes.items()]
    return {
        "openapi": VERSION,
        "info": {
            "title": service.title.in_(language),
            "description": service.description.in_(language),
            "version": service.version,
        },
        "paths": {**described, **others},
        "components": components(language),
        "tags": [*tags, {"name": "server", "description": service.others.in_(language)}],
    }
