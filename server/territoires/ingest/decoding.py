"""Which encoding and delimiter a CSV file has, by rules that admit one answer or none; never by likelihood.

1. A byte order mark of UTF-8 says UTF-8; one of UTF-16 is refused.
2. What is valid UTF-8 is UTF-8.
3. What is not is Windows-1252 if it then holds an accented letter and nothing beyond ASCII but `FRENCH`. The é, è, à or
   ç of Mac OS Roman, of CP850, or of UTF-8 cut or mixed with something else is then a character outside it.
4. The delimiter is the one, comma or semicolon, by which the first line is the header that is wanted.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from territoires.errors import DataError, Place, Text

FRENCH: Final = frozenset("ÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸàâäæçéèêëîïôöœùûüÿñó«»‘’“”–—…·°²³€§\u00a0")
"""Characters beyond ASCII that French text holds, names of places included."""

_ACCENTED: Final = frozenset("àâçéèêëîïôùûü")
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_REMEDY: Final = Text("save the file as CSV UTF-8", "enregistrez le fichier en CSV UTF-8")


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
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        if not content.startswith(codecs.BOM_UTF8) and (french := _windows_1252(content)) is not None:
            return french, "Windows-1252"
        raise DataError(
            Text(
                f"byte {error.start} is not UTF-8, and the file is not French in Windows-1252",
                f"l'octet {error.start} n'est pas de l'UTF-8, et le fichier n'est pas du français en Windows-1252",
            ),
            place=Place(file, content[: error.start].count(b"\n") + 1),
            hint=_REMEDY,
        ) from error
    marked = content.startswith(codecs.BOM_UTF8)
    return text.removeprefix("\ufeff"), "UTF-8 (BOM)" if marked else "UTF-8"


def _windows_1252(content: bytes) -> str | None:
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    french = all(character.isascii() or character in FRENCH for character in text)
    return text if french and not _ACCENTED.isdisjoint(text) else None


def delimiter_of(header: str, columns: tuple[str, ...]) -> str:
    """Return the delimiter by which `header` is `columns`; a comma when neither is."""
    return ";" if header.replace('"', "").rstrip("\r\n") == ";".join(columns) else ","
