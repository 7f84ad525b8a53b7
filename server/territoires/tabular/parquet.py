"""A table as Apache Parquet, through pyarrow: the extra `tables`."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, BinaryIO

from territoires.tabular.declared import Table, TableColumn
from territoires.tabular.rows import Row


def available() -> bool:
    """Return whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def write_parquet(file: BinaryIO, table: Table, rows: list[Row]) -> None:
    """Write the rows with types, lists as lists, and the titles of the columns as their metadata."""
    import pyarrow as pa  # noqa: PLC0415  (an extra, and a third of a second)
    from pyarrow import parquet  # noqa: PLC0415

    schema = pa.schema([_field(column) for column in table.columns])
    cells = zip(*rows, strict=True) if rows else [() for _ in table.columns]
    arrays = [pa.array(list(column), type=field.type) for column, field in zip(cells, schema, strict=True)]
    content = pa.Table.from_arrays(arrays, schema=schema)
    parquet.write_table(content, file, compression="zstd", use_dictionary=True)


def _field(column: TableColumn) -> Any:  # noqa: ANN401  (pyarrow has no types)
    import pyarrow as pa  # noqa: PLC0415

    types = {
        "integer": pa.int64(),
        "gYear": pa.int16(),
        "boolean": pa.bool_(),
        "decimal": pa.decimal128(24, 4),
        "double": pa.float64(),
        "date": pa.date32(),
    }
    type_ = types.get(column.datatype, pa.string())
    titles = {"title_en": column.title.en, "title_fr": column.title.fr}
    return pa.field(column.name, pa.list_(type_) if column.is_list else type_, metadata=titles)
