"""`/enrich`: the table of a visitor with the Territoire d'industrie of each row; nothing of it is kept."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO, Final, cast, get_args

from flask import Blueprint, Response, render_template, request

from territoires.enrich import COLUMNS, KINDS, Limits, Matcher, Phase, Report, enrich, opened, read_stated, recognise
from territoires.enrich.process import sampled
from territoires.enrich.table import Table
from territoires.enrich.writing import Format
from territoires.errors import OverloadedError, RequestError, ResultTooLargeError, Text
from territoires.negotiation import choose
from territoires.web.delivery import deliver
from territoires.web.site import page_language, site

blueprint = Blueprint("enriching", __name__)

_SECONDS: Final = 20.0
_UNPACKED: Final = 60_000_000
"""Bytes that a workbook may unpack to."""
_GROWTH: Final = 10
"""A table may become so many times the largest one that is taken."""
_SHOWN: Final = 20
"""Rows of the preview."""
_MOST_COLUMNS: Final = 10
_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_at_once = threading.BoundedSemaphore(2)
"""Tables that a process completes at once: each takes a core for seconds."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form says."""

    name: str
    file: BinaryIO
    phase: Phase
    format: Format
    stated: dict[str, str]
    report: bool
    """Whether only the report is wanted."""


class _Bounded(io.BytesIO):
    """A file in memory that refuses to grow past a limit."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, content: Any, /) -> int:  # noqa: ANN401  (any buffer)
        """Write.

        Raises:
            ResultTooLargeError: past the limit.
        """
        if self.tell() + len(content) > self._most:
            raise ResultTooLargeError(
                Text(
                    f"the table would have more than {self._most:,} bytes",
                    f"le tableau ferait plus de {self._most:,} octets",
                ),
                hint=Text(
                    "send it in parts, or use the command `territoires enrich`",
                    "envoyez-le en plusieurs parties, ou utilisez la commande `territoires enrich`",
                ),
            )
        return super().write(content)


@blueprint.get("/enrich")
def form() -> Response:
    """Show the form."""
    key = ("enrich", request.url_root, request.args.get("lang"), page_language())
    limits = {"rows": site().settings.max_upload_rows, "bytes": site().settings.max_upload_bytes}
    response = deliver(
        lambda: render_template("enrich.html", kinds=KINDS, columns=COLUMNS, limits=limits),
        "text/html; charset=utf-8",
        key=key,
    )
    response.headers["Content-Language"] = page_language()
    return response


@blueprint.post("/enrich")
def complete() -> Response:
    """Answer the table that was sent, completed; or the report of what was recognised."""
    asked = _read()
    if not _at_once.acquire(blocking=False):
        raise OverloadedError(
            Text("other tables are being completed", "d'autres tableaux sont en cours de traitement"),
            hint=Text("send it again in a few seconds", "renvoyez-le dans quelques secondes"),
        )
    try:
        limits = Limits(rows=site().settings.max_upload_rows, seconds=_SECONDS, unpacked=_UNPACKED, parquet=False)
        with opened(asked.file, asked.name, limits) as table:
            return _completed(asked, table)
    finally:
        _at_once.release()


def _completed(asked: _Asked, table: Table) -> Response:
    matcher = Matcher(site().engine, site().searcher.index(), asked.phase)
    sample, rows = sampled(table)
    columns = recognise(asked.name, table.heads, sample, matcher.index, asked.stated)
    output = _Bounded(min(site().settings.max_result_bytes, _GROWTH * site().settings.max_upload_bytes))
    format_: Format = "csv" if asked.report else asked.format
    found = enrich(table, rows, columns, matcher, output, format_, delimiter=table.delimiter or ";")
    if asked.report:
        shown = [(cells, matcher.row(columns, cells)[1]) for cells in sample[:_SHOWN]]
        return _reported(asked, table.heads, found, shown)
    response = Response(output.getvalue(), content_type=_TYPES[format_])
    name = PurePath(asked.name).stem or "table"
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}-ti.{format_}")
    response.headers["Cache-Control"] = "no-store"
    return response


def _reported(
    asked: _Asked, heads: list[str], found: Report, shown: list[tuple[list[str], tuple[str, ...]]]
) -> Response:
    if choose(request.headers.get("Accept"), (("text/html", "html"), ("application/json", "json"))) == "json":
        response = Response(found.to_json(), content_type="application/json")
    else:
        page = render_template(
            "enriched.html", name=asked.name, heads=heads, report=found, shown=shown, columns=COLUMNS, kinds=KINDS
        )
        response = Response(page, content_type="text/html; charset=utf-8")
        response.headers["Content-Language"] = page_language()
    response.headers["Cache-Control"] = "no-store"
    return response


def _read() -> _Asked:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise RequestError(
            Text("no file was sent", "aucun fichier n'a été envoyé"),
            hint=Text("send a form with the field file", "envoyez un formulaire avec le champ file"),
        )
    stated = [line for text in request.form.getlist("column") for line in text.splitlines() if line.strip()]
    if len(stated) > _MOST_COLUMNS:
        raise RequestError(Text(f"more than {_MOST_COLUMNS} columns", f"plus de {_MOST_COLUMNS} colonnes"))
    return _Asked(
        name=sent.filename[-100:],
        file=cast("BinaryIO", sent.stream),
        phase=cast("Phase", _one_of("phase", get_args(Phase), "2")),
        format=cast("Format", _one_of("format", tuple(_TYPES), "csv")),
        stated=read_stated(stated),
        report=_one_of("answer", ("table", "report"), "table") == "report",
    )


def _one_of(name: str, known: tuple[str, ...], usual: str) -> str:
    value = request.form.get(name, usual)
    if value in known:
        return value
    listed = ", ".join(known)
    raise RequestError(
        Text(f"{name}={json.dumps(value[:40])} is not known", f"{name}={json.dumps(value[:40])} est inconnu"),
        hint=Text(f"one of {listed}", f"l'un de {listed}"),
    )
