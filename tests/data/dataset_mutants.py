"""Mutants for the checks of named graphs (`shapes/dataset/*.rq`), given by hand, judged as by `territoires check`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import pyoxigraph as ox
from tests.data.operators import Outcome

from territoires.changes import Changes
from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE, expand
from territoires.validation import validate
from territoires.validation.dataset import read_checks

_SMALL: Final = 20_000
"""Graphs with more statements than this are not in the cut-out."""
_CATALOGUE: Final = ox.NamedNode(f"{BASE}graph/catalogue")
_GEOGRAPHY: Final = ox.NamedNode(f"{BASE}graph/cog-2026")


class Change(NamedTuple):
    """What a mutation takes out of the cut-out and puts in."""

    removed: tuple[ox.Quad, ...] = ()
    added: tuple[ox.Quad, ...] = ()

    @property
    def changes(self) -> Changes:
        """What that changes in the graph."""
        quads = (*self.removed, *self.added)
        entities = [quad.subject for quad in quads] + [quad.graph_name for quad in quads]
        names = frozenset(node.value for node in entities if isinstance(node, ox.NamedNode))
        return Changes(frozenset(quad.triple for quad in quads), names)


def prove_checks(graph: KnowledgeGraph) -> dict[str, Outcome]:
    """Break a cut-out of the dataset for each check, and see which shapes and checks notice."""
    quads = _cut_out(graph)
    store = ox.Store()
    store.extend(quads)
    return {
        f"dataset/{check.name}": _prove(graph, quads, check.iri, _MUTANTS[check.name](store))
        for check in read_checks(graph.root)
    }


def _prove(graph: KnowledgeGraph, quads: list[ox.Quad], check: str, changes: Iterator[Change]) -> Outcome:
    outcome = Outcome()
    for change in changes:
        before = _noticed(graph, quads, change.changes)
        mutant = [quad for quad in quads if quad not in change.removed]
        noticed = _noticed(graph, [*mutant, *change.added], change.changes) - before
        outcome.mutants += 1
        if check in noticed:
            outcome.tripped += 1
            outcome.alone += noticed == {check}
            outcome.others |= noticed - {check}
    return outcome


def _noticed(graph: KnowledgeGraph, quads: list[ox.Quad], changes: Changes) -> set[str]:
    store = ox.Store()
    store.extend([*quads, *(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)])
    names = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
    files = {name: graph.files.get(name, (graph.root.data / "new.ttl",)) for name in names}
    cut = replace(graph, store=store, default_graphs=(ox.DefaultGraph(),), files=files)
    return {result.shape for result in validate(cut, changes=changes).results}


def _cut_out(graph: KnowledgeGraph) -> list[ox.Quad]:
    """Return the small graphs, and what the geography says of regions and departments."""
    names = [ox.NamedNode(name) for name in graph.graphs if _is_small(graph, name)]
    quads = [quad for name in names for quad in graph.store.quads_for_pattern(None, None, None, name)]
    type_ = ox.NamedNode(expand("rdf:type"))
    for kind in ("ti:Region", "ti:Department"):
        for place in graph.store.quads_for_pattern(None, type_, ox.NamedNode(expand(kind)), _GEOGRAPHY):
            quads += graph.store.quads_for_pattern(place.subject, None, None, _GEOGRAPHY)
    return quads


def _is_small(graph: KnowledgeGraph, name: str) -> bool:
    return sum(file.stat().st_size for file in graph.files[name]) < _SMALL * 20


def _sorted(store: ox.Store, predicate: str, kind: str | None = None) -> list[ox.Quad]:
    """Return the statements with `predicate`, about things of a class."""
    quads = store.quads_for_pattern(None, ox.NamedNode(expand(predicate)), None)
    type_ = ox.NamedNode(expand("rdf:type"))
    suit = [
        quad
        for quad in quads
        if kind is None or any(store.quads_for_pattern(quad.subject, type_, ox.NamedNode(expand(kind))))
    ]
    return sorted(suit, key=str)


def _first(store: ox.Store, predicate: str, kind: str | None = None) -> ox.Quad:
    return _sorted(store, predicate, kind)[0]


def _changed(store: ox.Store, quad: ox.Quad, value: object) -> Change:
    """Put `value` in the place of that of `quad`, whichever graphs state it."""
    assert isinstance(value, ox.NamedNode | ox.Literal)
    stated = tuple(store.quads_for_pattern(quad.subject, quad.predicate, quad.object))
    return Change(stated, (ox.Quad(quad.subject, quad.predicate, value, quad.graph_name),))


def _siren(store: ox.Store) -> Iterator[Change]:
    """Get each digit of a SIREN wrong."""
    quad = _first(store, "ti:siren")
    text = _literal(quad).value
    for place, digit in enumerate(text):
        wrong = f"{text[:place]}{(int(digit) + 1) % 10}{text[place + 1 :]}"
        yield Change((quad,), (_with(quad, wrong),))


def _literal(quad: ox.Quad) -> ox.Literal:
    assert isinstance(quad.object, ox.Literal)
    return quad.object


def _with(quad: ox.Quad, text: str, subject: ox.NamedNode | None = None) -> ox.Quad:
    datatype = _literal(quad).datatype
    return ox.Quad(subject or quad.subject, quad.predicate, ox.Literal(text, datatype=datatype), quad.graph_name)


def _uncatalogued(store: ox.Store) -> Iterator[Change]:
    """Take a graph out of the catalogue; state something outside it."""
    quad = _first(store, "ti:siren")
    type_, dataset = ox.NamedNode(expand("rdf:type")), ox.NamedNode(expand("dcat:Dataset"))
    assert isinstance(quad.graph_name, ox.NamedNode)
    yield Change((ox.Quad(quad.graph_name, type_, dataset, _CATALOGUE),))
    yield Change(added=(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(f"{BASE}graph/new")),))


def _placeless(store: ox.Store) -> Iterator[Change]:
    """Leave out where one of two sources speaks of a resource."""
    locator = ox.NamedNode(expand("ti:locator"))
    for quad in sorted(store.quads_for_pattern(None, locator, None), key=str):
        if len({other.graph_name for other in store.quads_for_pattern(quad.subject, locator, None)}) > 1:
            yield Change((quad,))
            return


def _rivals(store: ox.Store) -> Iterator[Change]:
    """Give a post to two holders on one day, attested and within a period."""
    attested = _first(store, "ti:attestedOn")
    twin = ox.NamedNode(f"{BASE}id/tenure/twin")
    copy = [
        ox.Quad(twin, one.predicate, one.object, one.graph_name)
        for one in store.quads_for_pattern(attested.subject, None, None)
    ]
    holder, day = ox.NamedNode(expand("ti:holder")), _literal(attested).value
    rival = next(
        quad.object
        for quad in store.quads_for_pattern(None, holder, None)
        if not any(quad.object == one.object for one in copy)
    )
    kept = [one for one in copy if one.predicate not in {holder, attested.predicate}]
    kept.append(ox.Quad(twin, holder, rival, attested.graph_name))
    yield Change(added=(*kept, _with(attested, day, twin)))
    period = {"ti:from": f"{int(day[:4]) - 1}{day[4:]}", "ti:until": f"{int(day[:4]) + 1}{day[4:]}"}
    dated = [
        ox.Quad(
            twin,
            ox.NamedNode(expand(name)),
            ox.Literal(text, datatype=_literal(attested).datatype),
            attested.graph_name,
        )
        for name, text in period.items()
    ]
    yield Change(added=(*kept, *dated))


def _other_years(store: ox.Store) -> Iterator[Change]:
    """Spend the money of a phase before and after it, count in it what is of another year."""
    for kind in ("ti:SupportMeasure", "ti:Figure"):
        quad = _first(store, "ti:year", kind)
        yield from (_changed(store, quad, _with(quad, text).object) for text in ("2017", "2031"))


def _other_codes(store: ox.Store) -> Iterator[Change]:
    """Give a place the code of another."""
    for kind in ("ti:Region", "ti:Department"):
        quad, *others = _sorted(store, "igeo:codeINSEE", kind)
        yield _changed(store, quad, others[0].object)


def _other_keys(store: ox.Store) -> Iterator[Change]:
    """Give a territory the identifier, the phase and the region of another."""
    for name in ("dct:identifier", "ti:phase", "ti:filedUnder"):
        quad, *others = _sorted(store, name, "ti:Territory")
        yield _changed(store, quad, next(other.object for other in others if other.object != quad.object))


def _shared_siren(store: ox.Store) -> Iterator[Change]:
    """Give an organisation the SIREN of another."""
    quad, other, *_ = _sorted(store, "ti:siren")
    yield _changed(store, quad, other.object)


def _later_than_their_source(store: ox.Store) -> Iterator[Change]:
    """Date what a source tells a year after it."""
    for name in ("ti:date", "ti:attestedOn", "ti:asOf"):
        quad = _first(store, name)
        day = _literal(quad).value
        yield _changed(store, quad, _with(quad, f"{int(day[:4]) + 1}{day[4:]}").object)


def _too_early(store: ox.Store) -> Iterator[Change]:
    """Announce and count before there was a programme."""
    for name in ("ti:date", "ti:asOf"):
        quad = _first(store, name)
        yield _changed(store, quad, _with(quad, "2017-12-31").object)


def _of_another_phase(store: ox.Store) -> Iterator[Change]:
    """Apply the steering of a territory to the other phase; steer its namesake of the other phase."""
    quad = _first(store, "ti:steersTerritory")
    phase = next(store.quads_for_pattern(quad.subject, ox.NamedNode(expand("ti:appliesTo")), None))
    assert isinstance(quad.object, ox.NamedNode)
    assert isinstance(phase.object, ox.NamedNode)
    other = {"1": "2", "2": "1"}[phase.object.value[-1]]
    yield _changed(store, phase, ox.NamedNode(f"{BASE}id/phase/{other}"))
    yield _changed(store, quad, ox.NamedNode(f"{BASE}id/territory/{other}/{quad.object.value.rpartition('/')[2]}"))


def _links(store: ox.Store, predicate: str, start: str) -> list[ox.Quad]:
    """Return the links of departments to IRIs that start so."""
    quads = _sorted(store, predicate, "ti:Department")
    return [quad for quad in quads if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(start)]


def _other_links(store: ox.Store) -> Iterator[Change]:
    """Link a department to a code, and to a level, that is not its own."""
    for start in ("http://id.insee.fr/geo/departement/", "http://data.ign.fr/", "https://www.data.gouv.fr/"):
        quad = _links(store, "schema:sameAs", start)[0]
        assert isinstance(quad.object, ox.NamedNode)
        link = quad.object.value
        yield _changed(store, quad, ox.NamedNode(re.sub("(?<=[/:])01(?=/?$)|[0-9a-f]{8}-.*$", "99", link)))
        if "ign" not in start:
            yield _changed(store, quad, ox.NamedNode(link.replace("departement", "region")))


def _second_links(store: ox.Store) -> Iterator[Change]:
    """Link a department to a further item, and to a further dated version."""
    item = _links(store, "owl:sameAs", "http://www.wikidata.org/")[0]
    same = ox.NamedNode(expand("schema:sameAs"))
    version = f"http://id.insee.fr/geo/departement/{'0' * 8}{'-0000' * 3}-{'0' * 12}"
    for link in ("http://www.wikidata.org/entity/Q999999999", version):
        yield Change(added=(ox.Quad(item.subject, same, ox.NamedNode(link), item.graph_name),))


def _shared_links(store: ox.Store) -> Iterator[Change]:
    """Link a department to the item of another, and to that of its region, which has further departments."""
    item, other, *_ = _links(store, "owl:sameAs", "http://www.wikidata.org/")
    region = next(store.quads_for_pattern(item.subject, ox.NamedNode(expand("ti:inRegion")), None)).object
    assert isinstance(region, ox.NamedNode)
    of_region = next(store.quads_for_pattern(region, item.predicate, None))
    for link in (other.object, of_region.object):
        yield Change((item,), (ox.Quad(item.subject, ox.NamedNode(expand("schema:sameAs")), link, item.graph_name),))


def _unsourced_links(store: ox.Store) -> Iterator[Change]:
    """State a link in the graph of the ontology, which has no source."""
    for predicate in ("owl:sameAs", "schema:sameAs"):
        quad = _first(store, predicate)
        yield Change(added=(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(f"{BASE}graph/ontology")),))


def _gaps(store: ox.Store) -> Iterator[Change]:
    """Let the last change follow none, and give it the number after its own."""
    *_, last = _sorted(store, "prov:wasInformedBy", "ti:Change")
    yield Change((last,))
    [number] = store.quads_for_pattern(last.subject, ox.NamedNode(expand("dct:identifier")), None)
    yield Change((number,), (_with(number, str(int(_literal(number).value) + 1)),))


_MUTANTS: Final[dict[str, Callable[[ox.Store], Iterator[Change]]]] = {
    "changes-follow-each-other": _gaps,
    "codes-are-those-of-the-iri": _other_codes,
    "every-graph-is-catalogued": _uncatalogued,
    "every-resource-has-its-place": _placeless,
    "links-name-the-code-of-their-thing": _other_links,
    "links-stand-with-their-source": _unsourced_links,
    "nothing-is-dated-after-its-source": _later_than_their_source,
    "nothing-is-said-before-the-programme": _too_early,
    "one-holder-at-a-time": _rivals,
    "one-link-to-each-dataset": _second_links,
    "one-thing-per-link": _shared_links,
    "one-thing-per-siren": _shared_siren,
    "siren-passes-luhn": _siren,
    "steering-is-of-the-territory-s-phase": _of_another_phase,
    "territories-are-keyed-by-phase-and-identifier": _other_keys,
    "years-lie-in-the-phase": _other_years,
}
