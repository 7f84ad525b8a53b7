r"""Territoires: a public programme published as a knowledge graph.

The public API is what `__all__` names; everything else may change without notice.

    >>> import territoires
    >>> graph = territoires.load(territoires.find_root())
    >>> engine = territoires.EmbeddedEngine(graph)
    >>> query = territoires.admit("SELECT (COUNT(?t) AS ?n) { ?t a ti:Territory }", prefixes=True)
    >>> engine.run(query, territoires.format_named("csv"))
    b'n\r\n332\r\n'
"""

from typing import TYPE_CHECKING, Any

from territoires.engine import Engine
from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import TerritoiresError
from territoires.export import export
from territoires.formats import Format, format_named
from territoires.graph import KnowledgeGraph, load
from territoires.guard import Query, admit
from territoires.root import Root, find_root
from territoires.settings import Settings

if TYPE_CHECKING:
    from territoires.validation import Report, validate

__version__ = "0.1.0"

__all__ = [
    "EmbeddedEngine",
    "Engine",
    "Format",
    "KnowledgeGraph",
    "Query",
    "Report",
    "Root",
    "Settings",
    "TerritoiresError",
    "__version__",
    "admit",
    "export",
    "find_root",
    "format_named",
    "load",
    "validate",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  (PEP 562)
    """Import what judges when it is asked for: serving and querying need not wait for rdflib."""
    if name in {"Report", "validate"}:
        from territoires import validation  # noqa: PLC0415

        return getattr(validation, name)
    raise AttributeError(name)
