"""Metadata that says what the columns of a CSV file mean: CSV on the Web (W3C Tabular Metadata)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from territoires.errors import Text

MEDIA_TYPE: Final = "application/csvm+json"

Datatype = Literal["string", "integer", "decimal", "double", "boolean", "date", "gYear", "anyURI"]
"""Built-in datatypes (§5.11.1) that are used here."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a CSV file."""

    name: str
    """Its head in the file."""
    title: Text
    """What people call it."""
    description: Text | None = None
    datatype: Datatype = "string"

    property_iri: str | None = None
    """The property whose values it holds."""
    separator: str | None = None
    """What stands between the values of a cell that holds several."""
    value_url: str | None = None
    """URI template of the thing that a cell names, such as `https://…/id/region/{region}`."""


@dataclass(frozen=True, slots=True)
class Described:
    """A CSV file as one of a group: comma-separated UTF-8 with one head line."""

    url: str
    """The file, relative to the metadata document."""
    title: Text
    columns: Sequence[Column]
    key: Sequence[str]
    """Columns whose values together tell rows apart."""
    references: Sequence[tuple[str, str, str]] = ()
    """Foreign keys: a column, and the file and the column of the row that it names."""


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


def group(tables: Iterable[Described], **about: Any) -> bytes:  # noqa: ANN401
    """Return the metadata document of a group of CSV files (Tabular Metadata §5.3), with the keys between them."""
    said = {"@context": "http://www.w3.org/ns/csvw", **about, "tables": [_table(table) for table in tables]}
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def _table(table: Described) -> dict[str, Any]:
    schema: dict[str, Any] = {"columns": [_column(column) for column in table.columns], "primaryKey": [*table.key]}
    if table.references:
        schema["foreignKeys"] = [
            {"columnReference": column, "reference": {"resource": file, "columnReference": there}}
            for column, file, there in table.references
        ]
    return {"url": table.url, "dc:title": _in_languages(table.title), "tableSchema": schema}


def _in_languages(text: Text) -> list[dict[str, str]]:
    return [{"@value": text.en, "@language": "en"}, {"@value": text.fr, "@language": "fr"}]


def _column(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": column.name,
        "titles": {"und": column.name, "en": column.title.en, "fr": column.title.fr},
        "datatype": column.datatype,
    }
    if column.description:
        said["dc:description"] = _in_languages(column.description)
    if column.property_iri:
        said["propertyUrl"] = column.property_iri
    if column.separator:
        said["separator"] = column.separator
    if column.value_url:
        said["valueUrl"] = column.value_url
    return said
