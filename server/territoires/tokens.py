"""The tokens of SPARQL, as far as a scanner that parses nothing has to know them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# PN_CHARS of the grammar, §19.8: letters of any script, digits, and these marks. Names are bounded so that no text
# makes the scan slow; the dot is part of a name only inside it.
_MARKS: Final = "\u00b7\u0300-\u036f\u203f\u2040"
_TOKEN: Final = re.compile(
    rf"""
      (?P<skip>[ \t\r\n]+|\#[^\n\r]*)
    | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''
                |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*>)
    | (?P<variable>[?$][\w{_MARKS}]+)
    | (?P<blank>_:[\w{_MARKS}](?:[\w{_MARKS}-]|\.(?=[\w{_MARKS}.-]))*)
    | (?P<name>(?:[^\W\d_][\w{_MARKS}.-]{{0,127}})?:
               (?:[\w{_MARKS}:-]|%[0-9A-Fa-f]{{2}}|\\.|\.(?=[\w{_MARKS}:\-%\\.]))*)
    | (?P<language>@[A-Za-z][A-Za-z0-9-]*)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<word>[^\W\d_]\w{{0,127}})
    | (?P<open>[{{(\[])
    | (?P<close>[}})\]])
    | (?P<operator>\|\||&&|\^\^|!=|<=|>=|[!|/^*+\-?=<>])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
WORDS: Final = frozenset(
    """
    A ABS ADD ADJUST ALL AS ASC ASK AVG BASE BIND BNODE BOUND BY CEIL CLEAR COALESCE CONCAT CONSTRUCT CONTAINS COPY
    COUNT CREATE DATA DATATYPE DAY DEFAULT DELETE DESC DESCRIBE DISTINCT DROP ENCODE_FOR_URI EXISTS FALSE FILTER
    FLOOR FROM GRAPH GROUP GROUP_CONCAT HASLANG HASLANGDIR HAVING HOURS IF IN INSERT INTO IRI ISBLANK ISIRI
    ISLITERAL ISNUMERIC ISTRIPLE ISURI LANG LANGDIR LANGMATCHES LATERAL LCASE LIMIT LOAD MAX MD5 MIN MINUS MINUTES
    MONTH MOVE NAMED NOT NOW OBJECT OFFSET OPTIONAL ORDER PREDICATE PREFIX RAND REDUCED REGEX REPLACE ROUND
    SAMETERM SAMPLE SECONDS SELECT SEPARATOR SERVICE SHA1 SHA256 SHA384 SHA512 SILENT STR STRAFTER STRBEFORE STRDT
    STRENDS STRLANG STRLANGDIR STRLEN STRSTARTS STRUUID SUBJECT SUBSTR SUM TIMEZONE TO TRIPLE TRUE TZ UCASE UNDEF
    UNION URI USING UUID VALUES VERSION WHERE WITH YEAR
    """.split()  # noqa: SIM905  (a list would be a page long)
)
"""Every word of SPARQL 1.1 and 1.2. The engine's parser asks for no blank between words, so that SERVICESILENT would
pass for two of them: any other word is refused, as the grammar's longest match demands."""


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a SPARQL text without blanks and comments; `lastgroup` says what each is (§19.8)."""
    return (match for match in _TOKEN.finditer(text) if match.lastgroup != "skip")
