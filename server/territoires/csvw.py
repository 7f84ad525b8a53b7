"""Metadata that says what the columns of a CSV file mean: CSV on the Web (W3C Tabular Metadata)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from territoires.errors import Text

MEDIA_TYPE: Final = "application/csvm+json"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a CSV file."""

    name: str
    """Its head in the file."""
    title: Text
    """What people call it."""
    description: Text | None = None
    datatype: str = "string"
    """A built-in datatype of CSVW: string, integer, decimal, boolean, date, anyURI …"""
    property_iri: str | None = None
    """The property whose values it holds."""


def metadata(url: str, columns: Sequence[Column], *, key: str | None = None, **about: Any) -> bytes:  # noqa: ANN401
    """Return the metadata document of a comma-separated UTF-8 file with one head line.

    Args:
        url: the file, relative to the metadata document.
        columns: all columns, in their order.
        key: name of the column whose values tell rows apart, if one does.
        about: more properties of the table, such as `**{"dc:license": "https://…"}`.
    """
    schema: dict[str, Any] = {"columns": [_column(column) for column in columns]}
    if key:
        schema["primaryKey"] = key
    table = {"@context": "http://www.w3.org/ns/csvw", "url": url, **about, "tableSchema": schema}
    return (json.dumps(table, ensure_ascii=False, indent=2) + "\n").encode()


def _column(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": column.name,
        "titles": {"und": column.name, "en": column.title.en, "fr": column.title.fr},
        "datatype": column.datatype,
    }
    if column.description:
        said["dc:description"] = [
            {"@value": column.description.en, "@language": "en"},
            {"@value": column.description.fr, "@language": "fr"},
        ]
    if column.property_iri:
        said["propertyUrl"] = column.property_iri
    return said
