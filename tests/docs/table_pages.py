"""Writes docs/reference/tables.md from the headings of queries/tables/: `python -m tests.docs.table_pages`."""

from __future__ import annotations

from pathlib import Path

from territoires.root import Root, find_root
from territoires.tabular.declared import Table, load_tables, references

PAGE = Path(__file__).parents[2] / "docs/reference/tables.md"
_HEAD = """\
# The tables

Each table is a file of `territoires export --all` and of `/exports/`: `<name>.csv`, described with the others in
`csv-metadata.json` ([CSV on the Web](https://www.w3.org/TR/tabular-metadata/)), `<name>.parquet`, and a table of
`territoires.sqlite` (with `_` for `-`). It is declared by a query in [queries/tables/](../../queries/tables/); this
page is written from those by `python -m tests.docs.table_pages`.

- CSV is UTF-8 with commas. Codes are texts: keep their zeros. A list has `|` between its values in CSV and SQLite;
  Parquet has lists.
- A thing is named by the end of its IRI: what stands in front is in the column “names”. `sources` are graphs; the table
  of that name says what they are.
- A text that begins with `=`, `+`, `-` or `@` would be run by a spreadsheet: in CSV, and only there, an apostrophe
  stands before it. No value does so today.
- **Bold** columns are the key. An arrow leads to the table whose rows a column names.
"""


def page(root: Root) -> str:
    """Return the page as Markdown."""
    tables = load_tables(root)
    return "\n".join([_HEAD, *(_section(table, tables) for table in tables.values())])


def _section(table: Table, tables: dict[str, Table]) -> str:
    led = {column: other.name for column, other, _ in references(tables, table)}
    lines = [
        f"## {table.name}",
        "",
        f"{table.title.en} · {table.title.fr}",
        "",
        "| column | datatype | names | what it holds | ce que c'est |",
        "|---|---|---|---|---|",
    ]
    for column in table.columns:
        name = f"**{column.name}**" if column.name in table.key else column.name
        datatype = f"list of {column.datatype}" if column.is_list else column.datatype
        names = f"`{column.below}`" if column.below else ""
        if column.name in led:
            names += f" → [{led[column.name]}](#{led[column.name]})"
        lines.append(f"| {name} | {datatype} | {names} | {column.title.en} | {column.title.fr} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(find_root()), encoding="utf-8")
