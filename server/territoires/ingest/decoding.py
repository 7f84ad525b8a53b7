"""Which encoding and delimiter a CSV file has, by rules that admit one answer or none; never by likelihood.

1. A byte order mark of UTF-8 says UTF-8; one of UTF-16 is refused.
2. What is valid UTF-8 is UTF-8.
3. What is not is Windows-1252 if it then holds an accented letter and nothing beyond ASCII but `FRENCH`. The é, è, à or
   ç of Mac OS Roman, of CP850, or of UTF-8 cut or mixed with something else is then a character outside it.
4. What is already damaged is refused: control characters, the sign of a lost character, UTF-8 encoded twice.
5. The delimiter is the one, comma or semicolon, that the first line holds most of; it must then be the wanted header.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Final

from territoires.errors import DataError, Place, Text
from territoires.files import bad_byte

FRENCH: Final = frozenset("ÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸàâäæçéèêëîïôöœùûüÿñó«»‘’“”–—…·°²³€§\u00a0")
"""Characters beyond ASCII that French text holds, names of places included."""

_ACCENTED: Final = frozenset("àâçéèêëîïôùûü")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WORD: Final = re.compile(r"[^\s,;\"]+")
_LOST: Final = "\N{REPLACEMENT CHARACTER}".encode()
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_REMEDY: Final = Text("save the file as CSV UTF-8", "enregistrez le fichier en CSV UTF-8")
_AGAIN: Final = Text(
    "export the file again from where it comes from", "exportez à nouveau le fichier depuis son origine"
)


def read_decoded(file: Path) -> tuple[str, str]:
    """Return the text of `file` without byte order mark, and the name of its encoding.

    Raises:
        DataError: if the file cannot be read, or is neither UTF-8 nor French in Windows-1252, with the line.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DataError(
            Text(f"this cannot be read: {error.strerror}", f"impossible de lire : {error.strerror}"),
            place=Place(file),
            hint=Text("give a file that you may read", "donnez un fichier que vous pouvez lire"),
        ) from error
    if content.startswith(_UTF_16):
        raise DataError(Text("this is UTF-16", "ceci est de l'UTF-16"), place=Place(file, 1), hint=_REMEDY)
    if control := _CONTROL.search(content):
        problem = Text("is a control character", "est un caractère de contrôle")
        raise bad_byte(file, content, control.start(), problem, _AGAIN)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        if not content.startswith(codecs.BOM_UTF8) and (french := _windows_1252(content)) is not None:
            return french, "Windows-1252"
        problem = Text(
            "is not UTF-8, and the file is not French in Windows-1252",
            "n'est pas de l'UTF-8, et le fichier n'est pas du français en Windows-1252",
        )
        raise bad_byte(file, content, error.start, problem, _REMEDY) from error
    _refuse_damage(file, content, text)
    marked = content.startswith(codecs.BOM_UTF8)
    return text.removeprefix("\ufeff"), "UTF-8 (BOM)" if marked else "UTF-8"


def _refuse_damage(file: Path, content: bytes, text: str) -> None:
    """Refuse UTF-8 that has lost characters, or that was taken for another encoding and encoded again."""
    if (lost := content.find(_LOST)) >= 0:
        problem = Text("stands for a character that was lost (U+FFFD)", "remplace un caractère perdu (U+FFFD)")
        raise bad_byte(file, content, lost, problem, _AGAIN)
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if once := _encoded_twice(line):
            raise DataError(
                Text(
                    f"this is UTF-8 encoded twice, for «{once}»", f"ceci est de l'UTF-8 encodé deux fois, pour «{once}»"
                ),
                place=Place(file, number),
                hint=_AGAIN,
            )


def _encoded_twice(line: str) -> str | None:
    """Return the word that «Ã©» and the like in `line` stand for, None where nothing says so."""
    words: list[str] = [] if line.isascii() else _WORD.findall(line)
    for word in words:
        for encoding in ("cp1252", "latin-1"):
            try:
                once = word.encode(encoding).decode()
            except UnicodeError:
                continue
            if once != word and _is_french(once):
                return once
    return None


def _windows_1252(content: bytes) -> str | None:
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return text if _is_french(text) and not _ACCENTED.isdisjoint(text) else None


def _is_french(text: str) -> bool:
    return all(character.isascii() or character in FRENCH for character in text)


def delimiter_of(header: str) -> str:
    """Return the one of comma and semicolon that `header` holds most of."""
    return ";" if header.count(";") > header.count(",") else ","
