"""The project's one way to write Turtle, and where a subject stands in a Turtle file (RDF 1.1 Turtle).

Files are sorted with one block per subject and one object per line, so that a one-fact change is a one-line diff.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final
from urllib.parse import urljoin

import pyoxigraph as ox

from territoires.errors import DataError, Place, Text, TurtleError
from territoires.namespaces import BASE, PREFIXES, compact

_TYPE: Final = PREFIXES["rdf"] + "type"
_FIRST: Final = {_TYPE: 0, PREFIXES["rdfs"] + "label": 1, PREFIXES["skos"] + "prefLabel": 2}
_BARE: Final = {
    PREFIXES["xsd"] + "integer": re.compile(r"[+-]?[0-9]+"),
    PREFIXES["xsd"] + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    PREFIXES["xsd"] + "boolean": re.compile(r"true|false"),
}
_LOCAL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_RELATIVE: Final = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:#[A-Za-z0-9_.-]*)?")
_UNICODE_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ESCAPES: Final = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_ESCAPED: Final = re.compile(r'[\\"\x00-\x1f\x7f]')
_PREFIX_PARTS: Final = 3

_TOKEN: Final = re.compile(
    r"""
      (?P<skip>\s+|\#[^\n\r]*)
    | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''
                |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<iri><[^<>"{}|^`\s]*>)
    | (?P<directive>@prefix\b|@base\b|(?i:PREFIX|BASE)(?=\s))
    | (?P<number>[+-]?(?:[0-9]*\.)?[0-9]+(?:[eE][+-]?[0-9]+)?(?![\w:]))
    | (?P<name>(?:[^\s<>"'#;,.()\[\]@^\\:][^\s<>"'#;,()\[\]@^\\:]{0,127})?:
               (?:\\.|\.(?=[^\s<>"'#;,()\[\].])|[^\s<>"'#;,.()\[\]\\])*)
    | (?P<punctuation>[.;,()\[\]])
    | (?P<other>@[A-Za-z0-9-]+|\^\^|[A-Za-z]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)


def parse(file: Path) -> Iterable[ox.Triple]:
    """Yield the triples of a Turtle file.

    Raises:
        TurtleError: where the file does not parse, with line and column.
    """
    try:
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, base_iri=BASE):
            yield quad.triple
    except SyntaxError as error:
        raise syntax_error(file, error) from error


def file_format(file: Path) -> ox.RdfFormat:
    """Return the RDF syntax that the suffix of `file` stands for.

    Raises:
        DataError: if it stands for none.
    """
    format_ = ox.RdfFormat.from_extension(file.suffix.removeprefix(".").lower())
    if format_ is None:
        raise DataError(
            Text(
                "the suffix of this file names no RDF syntax", "le suffixe de ce fichier ne désigne aucune syntaxe RDF"
            ),
            place=Place(file),
            hint=Text(
                "name it .ttl, .trig, .nt, .nq, .rdf or .jsonld", "nommez-le .ttl, .trig, .nt, .nq, .rdf ou .jsonld"
            ),
        )
    return format_


def syntax_error(file: Path, error: SyntaxError) -> TurtleError:
    """Return the parser's complaint about `file` as an error that names file, line and column."""
    reason = str(error.msg).partition(": ")[2] or str(error.msg)
    format_ = file_format(file).name
    return TurtleError(
        Text(f"this is not {format_}: {reason}", f"ce n'est pas du {format_} : {reason}"),
        place=Place(file, error.lineno, error.offset),
        hint=Text(
            "mend the statement that ends or starts at this line; a missing ; or . on the line before is usual",
            "corrigez l'énoncé qui finit ou commence à cette ligne ; souvent un ; ou un . manque à la ligne précédente",
        ),
    )


def serialize(triples: Iterable[ox.Triple], *, header: str = "") -> str:
    """Return `triples` as sorted Turtle: used prefixes, then one block per subject.

    Args:
        triples: statements; blank nodes are written with their labels.
        header: comment lines for the top of the file, without `#`.
    """
    blocks: dict[str, list[ox.Triple]] = {}
    for triple in triples:
        blocks.setdefault(subject_key(triple.subject), []).append(triple)
    used: set[str] = set()
    body = "\n".join(block(blocks[key], used) for key in sorted(blocks))
    return head(used, [f"# {line}".rstrip() for line in header.splitlines()]) + body


def write(file: BinaryIO, triples: Iterable[ox.Triple]) -> None:
    """Write what `serialize` returns, with one subject in memory; the rest waits in a file for the prefixes it uses.

    Args:
        file: where to write, from its current position.
        triples: statements, those of a subject together, subjects sorted by `subject_key`.
    """
    used: set[str] = set()
    with TemporaryFile() as body:
        for number, (_, about) in enumerate(groupby(triples, attrgetter("subject"))):
            body.write(("\n" * (number > 0) + block(about, used)).encode())
        body.seek(0)
        file.write(head(used).encode())
        shutil.copyfileobj(body, file)


def subject_key(subject: object) -> str:
    """Return what subjects are sorted by: their IRI, or the label of a blank node."""
    return subject.value if isinstance(subject, ox.NamedNode) else str(subject)


def head(used: Container[str], comments: Iterable[str] = ()) -> str:
    """Return the top of a document: lines of comment, the base, and the prefixes `used`, in the order of the table."""
    lines = [*comments, f"@base <{BASE}> ."]
    lines += [f"@prefix {prefix}: <{iri}> ." for prefix, iri in PREFIXES.items() if prefix in used]
    return "\n".join(lines) + "\n\n"


@dataclass(slots=True)
class Statement:
    """A statement of a Turtle document as it stands there."""

    subject: str
    """IRI, or `_:` and a label; empty for a directive and for what opens with a bracket."""
    line: int
    """Where it starts, from 1."""
    before: str
    """White space and comments since the statement before; of the last one, which is empty, those at the end."""
    comment: int | None = None
    """Line of the first comment within it."""
    is_directive: bool = False


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of the Turtle document `text` in their order, and at last an empty one (Turtle §2).

    Works on hand-written files too; a document that does not parse gives what was understood up to there.
    """
    prefixes: dict[str, str] = {}
    base = BASE
    line, depth, skipped = 1, 0, ""
    parts: list[str] = []
    current: Statement | None = None
    for match in _TOKEN.finditer(text):
        kind, written = str(match.lastgroup), match.group()
        if kind == "skip":
            if current is None:
                skipped += written
            elif written.startswith("#"):
                current.comment = current.comment or line
        else:
            if current is None:
                subject = (_resolve(written, prefixes, base) if kind in {"iri", "name"} else None) or ""
                current = Statement(subject, line, skipped, is_directive=kind == "directive")
            parts = [*parts, written] if len(parts) < _PREFIX_PARTS else parts
            depth += (written in "([") - (written in ")]") if kind == "punctuation" else 0
            directive = parts[0].lower()
            if directive in {"prefix", "@prefix"} and kind == "iri":
                prefixes[parts[1].removesuffix(":")] = _absolute(written, base)
            elif directive in {"base", "@base"} and kind == "iri":
                base = _absolute(written, base)
            if (directive in {"prefix", "base"} and kind == "iri") or (written == "." and depth == 0):
                yield current
                current, skipped, parts = None, "", []
        line += written.count("\n")
    if current:
        yield current
    yield Statement("", line, skipped)


def subject_lines(text: str) -> dict[str, int]:
    """Return the line, counted from 1, where each IRI first opens a statement of the Turtle document `text`."""
    found: dict[str, int] = {}
    for statement in statements(text):
        if statement.subject and not statement.subject.startswith("_:"):
            found.setdefault(statement.subject, statement.line)
    return found


def relative(iri: str) -> str | None:
    """Return `iri` relative to the base where that is plain to read, else None."""
    reference = iri.removeprefix(BASE)
    return reference if reference != iri and _RELATIVE.fullmatch(reference) else None


def _resolve(token: str, prefixes: dict[str, str], base: str) -> str | None:
    if token.startswith("<"):
        return _absolute(token, base)
    prefix, _, local = token.partition(":")
    if prefix == "_":
        return token
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local) if prefix in prefixes else None


def _absolute(token: str, base: str) -> str:
    reference = _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), token[1:-1])
    # urljoin drops an empty fragment, which is part of the IRI.
    joined = urljoin(base, reference)
    return joined + "#" if reference.endswith("#") and not joined.endswith("#") else joined


@lru_cache(maxsize=10_000)
def _short(iri: str) -> tuple[str, str | None]:
    """Return how `iri` is written, and the prefix that this needs."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}", prefix
    return f"<{relative(iri) or iri}>", None


def _term(node: object, name: Callable[[str], str]) -> str:
    if isinstance(node, ox.NamedNode):
        return name(node.value)
    if isinstance(node, ox.Triple):
        subject, predicate, object_ = (_term(part, name) for part in (node.subject, node.predicate, node.object))
        return f"<<( {subject} {predicate} {object_} )>>"
    return _literal(node, name) if isinstance(node, ox.Literal) else str(node)


def _literal(literal: ox.Literal, name: Callable[[str], str]) -> str:
    datatype = literal.datatype.value
    if datatype in _BARE and _BARE[datatype].fullmatch(literal.value):
        return literal.value
    text = _ESCAPED.sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}", literal.value)
    if literal.language:
        direction = f"--{literal.direction.value}" if literal.direction else ""
        return f'"{text}"@{literal.language}{direction}'
    return f'"{text}"' if datatype == PREFIXES["xsd"] + "string" else f'"{text}"^^{name(datatype)}'


def block(triples: Iterable[ox.Triple], used: set[str]) -> str:
    """Return the statements about one subject; `used` learns which prefixes they need."""

    def name(iri: str) -> str:
        written, prefix = _short(iri)
        if prefix:
            used.add(prefix)
        return written

    subject, facts = "", dict[str, set[str]]()
    for triple in triples:
        subject = subject or _term(triple.subject, name)
        facts.setdefault(triple.predicate.value, set()).add(_term(triple.object, name))
    parts = []
    for predicate in sorted(facts, key=lambda predicate: (_FIRST.get(predicate, 9), compact(predicate))):
        objects = sorted(facts[predicate])
        if predicate == _TYPE:
            parts.append(f"    a {', '.join(objects)}")
        elif len(objects) == 1:
            parts.append(f"    {name(predicate)} {objects[0]}")
        else:
            listed = " ,\n".join(f"        {object_}" for object_ in objects)
            parts.append(f"    {name(predicate)}\n{listed}")
    return subject + "\n" + " ;\n".join(parts) + " .\n"
