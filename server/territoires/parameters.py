"""The parameters of published queries: what each takes, as people write it, and the SPARQL term that it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyoxigraph as ox

from territoires.errors import RequestError, Text
from territoires.namespaces import BASE

LONGEST: Final = 300
"""Most characters of a value."""
MOST: Final = 999_999_999
"""Largest number that a parameter takes, where its pattern does not say otherwise."""
INTEGER: Final = "[0-9]{1,9}"
"""Pattern of those numbers."""
LANGUAGE: Final = "language"
"""Name of the parameter that takes the language of the answer."""

Type = Literal["text", "integer", "iri"]

_LINE: Final = re.compile(r'(VALUES \?(\w+) \{ )(?:"([^"]*)"|<([^>]*)>|([0-9]+))(?= \})')
_CHOICE: Final = re.compile(r"(?P<optional>\()?(?P<words>[\w-]+(?:\|[\w-]+)+)(?(optional)\)\?)")
_GRAPH: Final = "graph"
"""The kind whose IRIs stand beside `id/`, not below it."""
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r"})
"""What a string in double quotes cannot hold as it is (SPARQL 1.1 §19.8, STRING_LITERAL2)."""
_BASE_PATTERN: Final = BASE.replace(".", r"\.")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the user may choose."""

    name: str
    label: Text
    pattern: str
    """Regular expression that the whole value must match, as people write it (see `iri_pattern` for things)."""
    default: str
    """Its value in the query as it stands: the text, the digits, or the whole IRI."""
    type: Type = "text"
    kinds: tuple[tuple[str, str], ...] = ()
    """Of an IRI of ours: the kinds of things that it may name, each with the pattern of their keys."""

    @property
    def is_iri(self) -> bool:
        """Whether the value is an IRI, not a text or a number."""
        return self.type == "iri"

    @property
    def example(self) -> str:
        """The default as people write it."""
        return self.shortened(self.default)

    @property
    def choices(self) -> tuple[str, ...]:
        """Every value there is, where the pattern lists words: `fr|en`, or `(new|renewed)?` with the empty one."""
        match = None if self.kinds else _CHOICE.fullmatch(self.pattern)
        if not match:
            return ()
        return (*([""] if match["optional"] else []), *match["words"].split("|"))

    def shortened(self, value: str) -> str:
        """Return a value as people write it: of an IRI the key, with its kind where the default is of another."""
        if not self.kinds:
            return value
        path = value.removeprefix(BASE).removeprefix("id/")
        own = f"{_kind(self.default)}/"
        return path.removeprefix(own) if path.startswith(own) else path

    def read(self, value: str) -> str:
        """Return what `value` means: the text, the digits, or the whole IRI of a thing that was named by a short form.

        Raises:
            RequestError: if it is too long or does not match the pattern.
        """
        if len(value) > LONGEST:
            raise RequestError(
                Text(f"the value of {self.name} is too long", f"la valeur de {self.name} est trop longue"),
                hint=Text(f"at most {LONGEST} characters", f"{LONGEST} caractères au plus"),
            )
        whole = self._whole(value) if re.fullmatch(self.pattern, value) else None
        if whole is None:
            raise self._unfit(value)
        return whole

    def term(self, value: str) -> str:
        """Return the SPARQL term for `value`.

        Raises:
            RequestError: as `read` does.
        """
        read = self.read(value)
        if self.is_iri:
            return f"<{read}>"
        return read if self.type == "integer" else f'"{read.translate(_ESCAPES)}"'

    def _whole(self, value: str) -> str | None:
        if not self.kinds:
            return value if not self.is_iri or _is_iri(value) else None
        kind, _, key = value.removeprefix(BASE).removeprefix("id/").partition("/")
        keys = dict(self.kinds)
        if kind not in keys or not re.fullmatch(keys[kind], key):
            kind, key = _kind(self.default), value
        iri = f"{BASE}{_path(kind)}{key}"
        return iri if _is_iri(iri) else None

    def _unfit(self, value: str) -> RequestError:
        said = self.choices or ((self.example,) if self.example else ())
        listed = ", ".join(choice or "“”" for choice in said)
        hint = Text(f"one of: {listed}", f"au choix : {listed}") if self.choices else None
        if said and not hint:
            hint = Text(f"for example {listed}", f"par exemple {listed}")
        return RequestError(
            Text(
                f"{value!r} does not fit “{self.label.en}” ({self.name})",
                f"{value!r} ne convient pas pour « {self.label.fr} » ({self.name})",
            ),
            hint=hint,
        )


def read_parameter(name: str, facts: Mapping[str, Any], text: str) -> Parameter:
    """Return the parameter that a heading describes and the SPARQL `text` holds.

    Raises:
        KeyError, TypeError, ValueError, re.error: if either lacks something or says it wrongly.
    """
    match = next((found for found in _LINE.finditer(text) if found[2] == name), None)
    if not match:
        raise ValueError(f'VALUES ?{name} {{ "…" }}')
    label = Text(**facts["label"])
    if match[5] is not None:
        parameter = Parameter(name, label, facts.get("pattern", INTEGER), match[5], "integer")
    elif match[4] is not None and not match[4].startswith(BASE):
        parameter = Parameter(name, label, facts["pattern"], match[4], "iri")
    elif match[4] is not None:
        keys = facts["pattern"]
        if not isinstance(keys, Mapping) or _kind(match[4]) not in keys:
            raise ValueError(f'{name}: pattern = {{ {_kind(match[4])} = "…" }}')
        parameter = Parameter(name, label, iri_pattern(keys, _kind(match[4])), match[4], "iri", tuple(keys.items()))
    else:
        parameter = Parameter(name, label, facts["pattern"], match[3])
    re.compile(parameter.pattern)
    return parameter


def iri_pattern(keys: Mapping[str, str], usual: str) -> str:
    """Return a pattern for things: whole IRI, `id/region/76`, `region/76`, or the key alone of the `usual` kind.

    Args:
        keys: kind -> pattern of its keys.
        usual: the kind that a key alone means.
    """
    base = f"(?:{_BASE_PATTERN})?"
    before = {kind: base if kind == _GRAPH else f"(?:{base}id/)?" for kind in keys}
    return "|".join((*(f"{before[kind]}{kind}/(?:{key})" for kind, key in keys.items()), f"(?:{keys[usual]})"))


def given(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the values that a visitor gave, by name.

    Raises:
        RequestError: if one is given twice.
    """
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise RequestError(
                Text(f"{name} is given twice", f"{name} est donné deux fois"),
                hint=Text("send it once", "donnez-le une fois"),
            )
        values[name] = value
    return values


def filled(text: str, terms: Mapping[str, str]) -> str:
    """Return the SPARQL `text` with `terms`, by name of the parameter, in place of its defaults."""
    # In one pass, so that a value which looks like a parameter is not taken for one.
    return _LINE.sub(lambda match: match[1] + terms[match[2]] if match[2] in terms else match[0], text)


def _kind(iri: str) -> str:
    return iri.removeprefix(BASE).removeprefix("id/").partition("/")[0]


def _path(kind: str) -> str:
    """Return what stands between the base and the keys of a kind."""
    return f"{kind}/" if kind == _GRAPH else f"id/{kind}/"


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True
