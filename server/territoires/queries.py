"""Published queries: `queries/*.rq`, SPARQL with a TOML heading in comment lines that start with `#+`.

    #+ title = { en = "…", fr = "…" }
    #+ question = { en = "…", fr = "…" }
    #+ theme = "territories"
    #+ [parameters.region]
    #+ label = { en = "INSEE code of the region", fr = "code Insee de la région" }
    #+ pattern = "[0-9]{2}"
    #+ [columns]
    #+ inhabitants = { en = "inhabitants", fr = "habitants" }
    #+ [page]
    #+ kind = "region"
    #+ parameter = "region"
    #+ order = 10
    #+ heading = { en = "Territories", fr = "Territoires" }
    #+ none = { en = "No territory.", fr = "Aucun territoire." }
    #+ [expect]
    #+ rows = 15
    SELECT …

A parameter is a line `VALUES ?region { "76" }`, `VALUES ?most { 10 }` or `VALUES ?region { <https://…/id/region/76> }`
in the query, so that the text also runs as it stands: what stands there is the default. Its `pattern` is a regular
expression that the whole value must match; words with bars between them (`fr|en`, `(new|renewed)?`) are a list to
choose from. For an IRI it is a table with the kinds of things that fit and the pattern of their keys,
`{ region = "[0-9]{2}" }`: the value is then `76`, `region/76`, `id/region/76` or the whole IRI, and a key alone is of
the kind of the default. An IRI of others has a pattern for the whole of it.

A column `?x` with a column `?xLabel` beside it is one column for people: the label, as a link. `[page]` makes the query
a section on the page of each entity of that kind (or list of kinds), whose IRI is the parameter; `heading` stands above
it in place of the title, and `none` is said when there is no row, where without it the section is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from territoires.errors import DataError, Language, NotFoundError, Place, QueryError, RequestError, Text
from territoires.formats import Kind
from territoires.guard import admit
from territoires.headings import read_headed
from territoires.parameters import LANGUAGE, Parameter, filled, read_parameter
from territoires.root import Root


@dataclass(frozen=True, slots=True)
class Section:
    """Where on the pages of entities a query is answered."""

    kinds: tuple[str, ...]
    """Kinds of the entities, as their IRIs have it."""
    parameter: str
    """Name of the parameter that takes the IRI of the entity."""
    order: int
    """Sections of a page stand in rising order."""
    heading: Text | None = None
    """What stands above it; without one, the title of the query."""
    none: Text | None = None
    """What is said when there is no row; without it, the section is left out."""


@dataclass(frozen=True, slots=True)
class PublishedQuery:
    """A question about the graph, its SPARQL and its known answer."""

    name: str
    title: Text
    question: Text
    theme: str
    text: str
    """The SPARQL without the heading; it runs as it stands."""
    parameters: tuple[Parameter, ...] = ()
    columns: Mapping[str, Text] = field(default_factory=dict)
    """What people read at the head of a column; without an entry, the name of the variable."""
    section: Section | None = None
    expect: Mapping[str, Any] = field(default_factory=dict)
    """What the answer must be, from the sources: `rows`, and `contains`, a list of rows with some columns each."""
    kind: Kind = "bindings"
    """Form of the answer."""

    def with_values(self, values: Mapping[str, str]) -> str:
        """Return the SPARQL with `values` in place of the defaults.

        Raises:
            RequestError: for an unknown parameter, or a value that is too long or does not match its pattern.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values.keys() - known.keys():
            names = ", ".join(known) or "–"
            raise RequestError(
                Text(f"{self.name} has no parameter {name!r}", f"{self.name} n'a pas de paramètre {name!r}"),
                hint=Text(f"its parameters: {names}", f"ses paramètres : {names}"),
            )
        return filled(self.text, {name: known[name].term(value) for name, value in values.items()})

    def answering(self, values: Mapping[str, str], language: Language) -> str:
        """Return the SPARQL with `values`, and `language` where the query asks for one and `values` have none.

        Raises:
            RequestError: as `with_values` does.
        """
        asks = any(parameter.name == LANGUAGE for parameter in self.parameters)
        return self.with_values({LANGUAGE: language, **values} if asks else values)

    def in_language(self, language: Language) -> str:
        """Return the SPARQL that answers in `language`, where the query has a parameter of that name."""
        return self.answering({}, language)


def sections_of(queries: Mapping[str, PublishedQuery], kind: str) -> tuple[PublishedQuery, ...]:
    """Return the queries that are sections of the pages of `kind`, in their order."""
    found = [
        (query.section.order, name) for name, query in queries.items() if query.section and kind in query.section.kinds
    ]
    return tuple(queries[name] for _, name in sorted(found))


def load_queries(root: Root) -> dict[str, PublishedQuery]:
    """Return the published queries of `root` by name, sorted.

    Raises:
        DataError: if a heading is missing or wrong.
    """
    return {file.stem: read_query(file) for file in sorted(root.queries.glob("*.rq"))}


def find_query(root: Root, name: str) -> PublishedQuery:
    """Return the published query called `name`.

    Raises:
        NotFoundError: if there is none; the hint names those there are.
    """
    return pick(load_queries(root), name)


def pick(queries: Mapping[str, PublishedQuery], name: str) -> PublishedQuery:
    """Return the one of `queries` that is called `name`.

    Raises:
        NotFoundError: if there is none; the hint names the nearest, or all.
    """
    if name in queries:
        return queries[name]
    names = ", ".join(get_close_matches(name, queries, 5) or queries) or "–"
    raise NotFoundError(
        Text(f"there is no published query {name!r}", f"il n'y a pas de requête publiée {name!r}"),
        hint=Text(f"one of: {names}", f"au choix : {names}"),
    )


def read_query(file: Path, *, served: bool = True) -> PublishedQuery:
    """Read one `.rq` file.

    Args:
        file: SPARQL with a heading.
        served: whether this server runs it; else it is text for others, a SELECT that may call other endpoints.

    Raises:
        DataError: if its name or heading is not as this module describes.
    """
    try:
        heading, text = read_headed(file)
        return PublishedQuery(
            name=file.stem,
            title=Text(**heading["title"]),
            question=Text(**heading["question"]),
            theme=heading["theme"],
            text=text,
            parameters=tuple(
                read_parameter(name, facts, text) for name, facts in heading.get("parameters", {}).items()
            ),
            columns={name: Text(**texts) for name, texts in heading.get("columns", {}).items()},
            section=_section(heading["page"]) if "page" in heading else None,
            expect=heading.get("expect", {}),
            kind=admit(text).kind if served else "bindings",
        )
    except (QueryError, AttributeError, KeyError, TypeError, ValueError, re.error) as error:
        raise DataError(
            Text(f"the heading of this query is wrong: {error}", f"l'en-tête de cette requête est incorrect : {error}"),
            place=Place(file),
            hint=Text(
                "give title, question (each fr and en) and theme in lines that start with #+",
                "donnez title, question (chacun en fr et en) et theme dans des lignes qui commencent par #+",
            ),
        ) from error


def _section(facts: Mapping[str, Any]) -> Section:
    kinds = [facts["kind"]] if isinstance(facts["kind"], str) else facts["kind"]
    texts = {name: Text(**facts[name]) for name in ("heading", "none") if name in facts}
    return Section(tuple(kinds), facts["parameter"], facts["order"], **texts)
