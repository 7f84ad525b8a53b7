"""Other people's tables, row by row, with the Territoire d'industrie that each place is in; without a web.

Data flows one way: `reading` (CSV, XLSX, Parquet -> rows) -> `columns` (what they hold) -> `matching` (a cell -> a
place) -> `writing`; `process` runs it and counts what happened.
"""

from territoires.enrich.columns import KINDS, Columns, read_stated, recognise
from territoires.enrich.matching import Matcher, Phase
from territoires.enrich.process import COLUMNS, Report, enrich
from territoires.enrich.reading import opened
from territoires.enrich.table import Limits, Table

__all__ = [
    "COLUMNS",
    "KINDS",
    "Columns",
    "Limits",
    "Matcher",
    "Phase",
    "Report",
    "Table",
    "enrich",
    "opened",
    "read_stated",
    "recognise",
]
