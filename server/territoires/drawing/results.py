"""What can be drawn of any answer: a chart of labels and one number, a map of departments or points."""

from __future__ import annotations

import re
from typing import Final

from territoires.answers import Answer, number_in, text_in
from territoires.drawing.bars import Chart, bars
from territoires.drawing.france import Choropleth, Count, shaded
from territoires.drawing.outlines import Outlines
from territoires.drawing.territory import Map, dots, located
from territoires.drawing.wkt import point
from territoires.namespaces import BASE

MOST_BARS: Final = 60
"""More bars are not read as a chart."""
MOST_DOTS: Final = 2000
"""More rows are not drawn on a map."""
_DEPARTMENT: Final = re.compile(rf"(?:{re.escape(BASE)}id/department/)?(0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-46])")
_CODE: Final = re.compile(r"[0-9][0-9AB][0-9]{0,7}|ti-[0-9]{4}")
_HEAD: Final = 2


def chart(answer: Answer) -> Chart | None:
    """Return a bar chart of the answer, or None unless it has one column of numbers and one of labels.

    Columns of codes are not counted as labels where there is another one.
    """
    numbers = _numbers(answer)
    if len(numbers) != 1 or not _HEAD <= len(answer) <= MOST_BARS:
        return None
    labels = [name for name in _texts(answer) if not all(_CODE.fullmatch(text_in(row, name) or "") for row in answer)]
    if len(labels) != 1:
        return None
    return bars([(text_in(row, labels[0]) or "", number_in(row, numbers[0]) or 0.0) for row in answer])


def map_(answer: Answer, outlines: Outlines | None) -> Choropleth | Map | None:
    """Return a map of the answer, or None unless it has points, or departments with a number."""
    if len(answer) > MOST_DOTS:
        return None
    return _points(answer, outlines) or _departments(answer, outlines)


def _points(answer: Answer, outlines: Outlines | None) -> Map | None:
    for name in answer.variables:
        if len(answer) and all(point(text_in(row, name) or "") for row in answer):
            label = next((column for column in _texts(answer) if column != name), name)
            return located(dots(answer, name, label), outlines=outlines)
    return None


def _departments(answer: Answer, outlines: Outlines | None) -> Choropleth | None:
    numbers = _numbers(answer)
    place = next((name for name in answer.variables if _all_departments(answer, name)), None)
    if outlines is None or not numbers or place is None:
        return None
    label = next((name for name in _texts(answer) if name != place), place)
    counts = [
        Count(f"{BASE}id/department/{code}", code, text_in(row, label) or code, number_in(row, numbers[-1]) or 0.0)
        for row in answer
        if (code := _code(text_in(row, place)))
    ]
    return shaded(counts, outlines)


def _all_departments(answer: Answer, name: str) -> bool:
    """Return whether the column names departments, each once.

    Regions have codes of the same form: codes alone count where a column is called after departments.
    """
    texts = [text_in(row, name) or "" for row in answer]
    if not any("dep" in variable.lower() for variable in answer.variables) and not all(map(_is_iri, texts)):
        return False
    codes = [_code(text) for text in texts]
    return len(codes) >= _HEAD and all(codes) and len(set(codes)) == len(codes)


def _code(text: str | None) -> str | None:
    match = _DEPARTMENT.fullmatch(text or "")
    return match[1] if match else None


def _is_iri(text: str) -> bool:
    return text.startswith(BASE)


def _numbers(answer: Answer) -> list[str]:
    return [
        name for name in answer.variables if len(answer) and all(number_in(row, name) is not None for row in answer)
    ]


def _texts(answer: Answer) -> list[str]:
    """Return the columns that people read as text, those with a number and IRIs with a label beside them left out."""
    shown = {f"{name}Label" if f"{name}Label" in answer.variables else name for name in answer.columns}
    return [name for name in answer.variables if name in shown and all(number_in(row, name) is None for row in answer)]
