"""Reads an entity: a few small queries, each bounded, however much the graph says of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from territoires.answers import Row, Term, select
from territoires.engine import Engine
from territoires.entities.common import INVERSE
from territoires.entities.labels import labels, property_label
from territoires.entities.model import Entity, Fact, Links, Listing, Named, Origin, Property
from territoires.errors import Language, NotFoundError, Text
from territoires.namespaces import compact, expand

PAGE: Final = 100
"""Things on one page of a listing."""
_ALL: Final = 24
"""Up to this many values a property is given whole."""
_FIRST: Final = 8
"""Values, or things that point here, that stand for many."""
_VALUES_COUNTED: Final = "SELECT ?p (COUNT(*) AS ?n) { %s ?p ?o } GROUP BY ?p"
_LINKS_COUNTED: Final = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p %s } GROUP BY ?p"
_FACTS: Final = """
SELECT ?p ?o ?g {
  VALUES ?p { %(few)s }
  { GRAPH ?g { %(thing)s ?p ?o } } UNION { %(thing)s ?p ?o FILTER NOT EXISTS { GRAPH ?h { %(thing)s ?p ?o } } }
}"""
_FIRST_FACTS: Final = """
SELECT ?p ?o ?g { { SELECT ?p ?o { VALUES ?p { %(one)s } %(thing)s ?p ?o } ORDER BY ?o LIMIT %(first)d }
  OPTIONAL { GRAPH ?g { %(thing)s ?p ?o } } }"""
_FIRST_LINKS: Final = "{ SELECT ?p ?s { VALUES ?p { %(one)s } ?s ?p %(thing)s } ORDER BY ?s LIMIT %(first)d }"
_INVERSES: Final = "SELECT ?p ?inverse { VALUES ?p { %s } ?inverse owl:inverseOf ?p FILTER(ISIRI(?inverse)) }"
_ORIGINS: Final = """
SELECT ?g ?source ?date ?page {
  VALUES ?g { %s }
  OPTIONAL {
    ?g dct:source ?source
    OPTIONAL { ?source dct:issued ?issued } OPTIONAL { ?source dct:date ?day } BIND(COALESCE(?issued, ?day) AS ?date)
    OPTIONAL { ?source foaf:page ?page }
  }
}"""
_TIES: Final = (("ti:coveringTerritory", "ti:coveredPlace"), ("ti:laterTerritory", "ti:earlierTerritory"))
"""Properties of things that only tie two others together."""
_ENDS: Final = "SELECT ?x { %s } ORDER BY ?x LIMIT %d OFFSET %d"


def exists(engine: Engine, iri: str) -> bool:
    """Return whether anything is said of `iri`."""
    return len(select(engine, f"SELECT ?p {{ {ox.NamedNode(iri)} ?p ?o }} LIMIT 1")) > 0


def describe(engine: Engine, iri: str, language: Language) -> Entity:
    """Return what is said of `iri`, in `language` where names have one; of many values, the first.

    Raises:
        QueryError: if the engine cannot answer.
    """
    thing = str(ox.NamedNode(iri))
    counts, facts = _facts(engine, thing)
    link_counts, subjects = _links(engine, thing)
    inverses = {_iri(row["p"]): _iri(row["inverse"]) for row in _over(engine, _INVERSES, link_counts)}
    graphs = sorted({graph for found in facts.values() for _, graphs in found for graph in graphs})
    rows = _over(engine, _ORIGINS, graphs)
    values = [value for found in facts.values() for value, _ in found]
    named = [thing for found in subjects.values() for thing in found]
    sources = [row["source"] for row in rows if "source" in row]
    iris = [term.value for term in (*values, *sources) if isinstance(term, ox.NamedNode)]
    names = labels(engine, [iri, *counts, *link_counts, *inverses.values(), *graphs, *named, *iris], language)
    origins = _origins(rows, facts, names)
    order = {origin.graph: number for number, origin in enumerate(origins)}
    properties = [
        Property(one, property_label(one, names, language), count, _named(facts.get(one, []), names, order, language))
        for one, count in counts.items()
    ]
    links = [
        Links(
            one,
            _link_label(one, inverses.get(one), names, language),
            count,
            tuple(Named(subject, names.get(subject)) for subject in subjects.get(one, [])),
        )
        for one, count in link_counts.items()
    ]
    return Entity(
        iri,
        names.get(iri) or _label_of_tied(facts, subjects, names) or compact(iri).rpartition("/")[2],
        tuple(sorted(properties, key=lambda one: one.label.casefold())),
        tuple(sorted(links, key=lambda one: one.label.casefold())),
        origins,
    )


def listing(engine: Engine, iri: str, name: str, page: int, language: Language, *, links: bool) -> Listing:
    """Return a page of the values of the property `name` of `iri`, or of the things that point to it (`links`).

    Args:
        engine: what answers.
        iri: the entity.
        name: the property, as a prefixed name or an IRI.
        page: number of the page, from 1.
        language: the language of names.
        links: whether the other end is the subject.

    Raises:
        NotFoundError: if there is no such property or page.
    """
    thing, one = ox.NamedNode(iri), _property(name)
    pattern = f"?x {one} {thing}" if links else f"{thing} {one} ?x"
    [total] = select(engine, f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
    count = _number(total["n"])
    pages = -(-count // PAGE)
    if not 1 <= page <= pages:
        raise NotFoundError(
            Text(f"there is no page {page} of {name} here", f"il n'y a pas de page {page} de {name} ici"),
            hint=Text(f"pages: 1 to {pages}", f"pages : 1 à {pages}") if pages else None,
        )
    found = [row["x"] for row in select(engine, _ENDS % (pattern, PAGE, (page - 1) * PAGE))]
    names = labels(engine, [one.value, *(term.value for term in found if isinstance(term, ox.NamedNode))], language)
    items = tuple(
        Named(term.value, names.get(term.value)) if isinstance(term, ox.NamedNode) else Fact(term, None, ())
        for term in found
    )
    return Listing(one.value, property_label(one.value, names, language), items, count, page, pages)


_Found = dict[str, list[tuple[Term, tuple[str, ...]]]]
"""IRI of a property -> its values, each with the graphs that state it."""


def _facts(engine: Engine, thing: str) -> tuple[dict[str, int], _Found]:
    counts = {_iri(row["p"]): _number(row["n"]) for row in select(engine, _VALUES_COUNTED % thing)}
    few = [f"<{one}>" for one, count in counts.items() if count <= _ALL]
    rows = list(select(engine, _FACTS % {"few": " ".join(few), "thing": thing})) if few else []
    for one, count in counts.items():
        if count > _ALL:
            rows += select(engine, _FIRST_FACTS % {"one": f"<{one}>", "thing": thing, "first": _FIRST})
    found: dict[str, dict[Term, list[str]]] = {}
    for row in rows:
        graphs = found.setdefault(_iri(row["p"]), {}).setdefault(row["o"], [])
        if "g" in row:
            graphs.append(_iri(row["g"]))
    return counts, {
        one: [(value, tuple(sorted(graphs))) for value, graphs in values.items()] for one, values in found.items()
    }


def _links(engine: Engine, thing: str) -> tuple[dict[str, int], dict[str, list[str]]]:
    counts = {_iri(row["p"]): _number(row["n"]) for row in select(engine, _LINKS_COUNTED % thing)}
    parts = [_FIRST_LINKS % {"one": f"<{one}>", "thing": thing, "first": _FIRST} for one in sorted(counts)[:40]]
    subjects: dict[str, list[str]] = {}
    if parts:
        for row in select(engine, "SELECT ?p ?s { " + " UNION ".join(parts) + " }"):
            if isinstance(row["s"], ox.NamedNode):
                subjects.setdefault(_iri(row["p"]), []).append(row["s"].value)
    return counts, subjects


def _origins(rows: list[Row], facts: _Found, names: dict[str, str]) -> tuple[Origin, ...]:
    places: dict[str, list[str]] = {}
    for value, graphs in facts.get(expand("ti:locator"), []):
        for graph in graphs:
            places.setdefault(graph, []).append(getattr(value, "value", ""))
    found: dict[str, Origin] = {}
    for row in rows:
        graph = _iri(row["g"])
        source = _iri(row["source"]) if "source" in row else None
        origin = Origin(
            graph,
            names.get(graph) or compact(graph).removeprefix("graph/"),
            Named(source, names.get(source)) if source else None,
            row["date"].value if isinstance(row.get("date"), ox.Literal) else None,
            _iri(row["page"]) if "page" in row else None,
            tuple(sorted(places.get(graph, []))),
        )
        found.setdefault(graph, origin)
    return tuple(sorted(found.values(), key=lambda one: (one.source is None, one.date or "9", one.graph)))


def _label_of_tied(facts: _Found, subjects: dict[str, list[str]], names: dict[str, str]) -> str:
    """Return a name for what has none: of the two things that it ties together, or of the thing whose point it is."""
    for pair in _TIES:
        ends = [value for name in pair for value, _ in facts.get(expand(name), [])[:1]]
        found = [names[end.value] for end in ends if isinstance(end, ox.NamedNode) and end.value in names]
        if len(found) == len(pair):
            return " – ".join(found)
    places = [names[place] for place in subjects.get(expand("geo:hasDefaultGeometry"), []) if place in names]
    return f"{places[0]} – point" if places else ""


def _over(engine: Engine, query: str, iris: Iterable[str]) -> list[Row]:
    """Return the rows of a query over a list of IRIs; none for an empty list."""
    named = " ".join(f"<{iri}>" for iri in sorted(iris))
    return list(select(engine, query % named)) if named else []


def _link_label(one: str, inverse: str | None, names: dict[str, str], language: Language) -> str:
    if inverse in names:
        return names[inverse]
    return INVERSE[one].in_(language) if one in INVERSE else f"← {property_label(one, names, language)}"


def _named(
    values: list[tuple[Term, tuple[str, ...]]], names: dict[str, str], order: dict[str, int], language: Language
) -> tuple[Fact, ...]:
    """Return values as facts, those in the language of the reader first."""
    values = sorted(values, key=lambda pair: (getattr(pair[0], "language", None) not in {None, language}, str(pair[0])))
    return tuple(
        Fact(
            value,
            names.get(value.value) if isinstance(value, ox.NamedNode) else None,
            tuple(sorted(graphs, key=order.__getitem__)),
        )
        for value, graphs in values
    )


def _property(name: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(name if "://" in name else expand(name))
    except (KeyError, ValueError) as error:
        raise NotFoundError(Text(f"there is no property {name!r}", f"il n'y a pas de propriété {name!r}")) from error


def _iri(term: Term) -> str:
    return term.value


def _number(term: Term) -> int:
    return int(term.value)
