"""JSON-LD as people read it: the expanded form that the engine writes, compacted by the project's context.

The context is a file of the graph folder (`ontology/context.jsonld`) and is written into the document, so that nobody
has to fetch anything to read it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from territoires.namespaces import PREFIXES
from territoires.root import Root

COMPACTED: Final = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"'
EXPANDED: Final = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"'
_LARGEST: Final = 250_000
"""Most bytes of expanded JSON-LD that are compacted: half a second's work."""
_TYPE: Final = PREFIXES["rdf"] + "type"
_INTEGER: Final = PREFIXES["xsd"] + "integer"
_BOOLEAN: Final = PREFIXES["xsd"] + "boolean"
_EXACT: Final = 2**53

Context = Mapping[str, Any]


def load_context(root: Root) -> Context:
    """Return the JSON-LD context of `root`; an empty one when it has none.

    Raises:
        OSError: if the file cannot be read.
    """
    file = root.ontology / "context.jsonld"
    context: Context = json.loads(file.read_bytes())["@context"] if file.exists() else {}
    return context


def compact(expanded: bytes, context: Context) -> tuple[bytes, str]:
    """Return a JSON-LD document compacted by `context`, and its media type with the profile (JSON-LD 1.1 §6.2).

    A document too large to be compacted in a moment stays expanded, and the profile says so.

    Args:
        expanded: what pyoxigraph writes.
        context: terms; it must not name a remote context.
    """
    if not context or len(expanded) > _LARGEST:
        return expanded, EXPANDED
    from pyld import jsonld  # noqa: PLC0415  (a tenth of a second that a server need not start with)

    document = jsonld.compact(
        _with_native_values(json.loads(expanded)), {"@context": context}, {"documentLoader": _refuse, "graph": True}
    )
    return json.dumps(document, ensure_ascii=False, indent=1).encode(), COMPACTED


def _refuse(url: str, _options: object) -> None:
    raise ValueError(url)


def _with_native_values(node: Any) -> Any:  # noqa: ANN401  (JSON has no type)
    """Write types as `@type`, and integers and booleans as JSON does where nothing is lost."""
    if isinstance(node, list):
        return [_with_native_values(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "@value" in node:
        return native(node)
    members = {key: _with_native_values(value) for key, value in node.items() if key != _TYPE}
    types = node.get(_TYPE, [])
    if types and all("@id" in type_ for type_ in types):
        members["@type"] = [*members.get("@type", []), *(type_["@id"] for type_ in types)]
    elif types:
        members[_TYPE] = _with_native_values(types)
    return members


def native(literal: dict[str, Any]) -> dict[str, Any]:
    """Return a value object with the number or boolean that JSON has for it, where that loses nothing."""
    value, datatype = literal["@value"], literal.get("@type")
    if datatype == _BOOLEAN and value in {"true", "false"}:
        return {"@value": value == "true"}
    if datatype == _INTEGER and value.removeprefix("-").isdecimal():
        number = int(value) if len(value) < len(str(_EXACT)) else _EXACT
        if abs(number) < _EXACT and str(number) == value:
            return {"@value": number}
    return literal
