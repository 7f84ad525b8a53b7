"""On a plain dataset, our updates do what those of the engine do, and say exactly what has changed."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st

from territoires.errors import QueryEvaluationError, UnknownGraphError
from territoires.graph import KnowledgeGraph
from territoires.root import Root
from territoires.updates import admit_update, evaluate

_IRIS = [f"<e:{name}>" for name in "abc"]
_GRAPHS = [f"<e:g{number}>" for number in range(3)]
_VARIABLES = ["?x", "?y", "$z"]
_OBJECTS = [*_IRIS, "1", '"1"', '"é"@fr', "true"]

_iri, _graph = st.sampled_from(_IRIS), st.sampled_from(_GRAPHS)
_triple = st.builds("{} {} {} .".format, _iri, _iri, st.sampled_from(_OBJECTS))
_pattern = st.builds(
    "{} {} {} .".format,
    st.sampled_from(_IRIS + _VARIABLES),
    st.sampled_from(_IRIS + _VARIABLES),
    st.sampled_from(_OBJECTS + _VARIABLES),
)


def _block(triples: st.SearchStrategy[str], names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    # In DELETE WHERE, the engine takes an empty GRAPH for nothing; elsewhere it asks whether the graph is there.
    named = st.builds("GRAPH {} {{ {} }}".format, names, st.lists(triples, min_size=1, max_size=3).map(" ".join))
    inner = st.lists(triples, max_size=3).map(" ".join)
    return st.builds("{} {}".format, inner, st.lists(named, max_size=2).map(" ".join))


_data = _block(_triple, _graph)
_template = _block(_pattern, st.sampled_from(_GRAPHS + _VARIABLES))
_where = st.builds(
    "{} {}".format,
    _template,
    st.sampled_from(
        ["", "OPTIONAL { ?x <e:a> ?z }", "FILTER (?y != <e:a>)", "BIND (1 + ?y AS ?w)", "VALUES ?x { 1 <e:b> }"]
    ),
)
_using = st.lists(st.builds("USING {}{}".format, st.sampled_from(["", "NAMED "]), _graph), max_size=2).map(" ".join)
_changes = st.builds(
    "{} {} {} WHERE {{ {} }}".format,
    st.one_of(st.just(""), st.builds("WITH {}".format, _graph)),
    st.one_of(
        st.builds("DELETE {{ {} }} INSERT {{ {} }}".format, _template, _template),
        st.builds("DELETE {{ {} }}".format, _template),
        st.builds("INSERT {{ {} }}".format, _template),
    ),
    _using,
    _where,
)
_silent = st.sampled_from(["", "SILENT "])
_one = st.one_of(st.just("DEFAULT"), st.builds("GRAPH {}".format, _graph))
_operations = st.one_of(
    st.builds("INSERT DATA {{ {} }}".format, _data),
    st.builds("DELETE DATA {{ {} }}".format, _data),
    st.builds("DELETE WHERE {{ {} }}".format, _template),
    _changes,
    _changes,
    st.builds(
        "{} {}{}".format,
        st.sampled_from(["CLEAR", "DROP"]),
        _silent,
        st.one_of(_one, st.sampled_from(["ALL", "NAMED"])),
    ),
    st.builds("ADD {}{} TO {}".format, _silent, _one, _one),
    # Of a graph that is not there, COPY SILENT and MOVE SILENT of the engine empty the target; ours do nothing.
    st.builds("{} {} TO {}".format, st.sampled_from(["COPY", "MOVE"]), _one, _one),
    st.builds("CREATE {}GRAPH {}".format, _silent, _graph),
)


def _store(data: str) -> ox.Store:
    store = ox.Store()
    store.update(f"INSERT DATA {{ {data} }}")
    return store


def _loaded(data: str) -> KnowledgeGraph:
    store, file = _store(data), Path("dataset.nq")
    files = {name.value: (file,) for name in store.named_graphs()}
    return KnowledgeGraph(store, Root(Path(), dataset=file, union=False), "", files, (ox.DefaultGraph(),))


@settings(max_examples=400)
@given(_data, st.lists(_operations, min_size=1, max_size=3))
def test_ours_are_the_engines_own(data: str, operations: list[str]) -> None:
    text = " ;\n".join(operations)
    graph, native = _loaded(data), _store(data)
    before = set(graph.store)
    try:
        after, edit = evaluate(graph, admit_update(text))
    except (UnknownGraphError, QueryEvaluationError):
        # The engine keeps empty graphs and so lets more be dropped; what is refused leaves nothing behind.
        assert set(graph.store) == before
        return
    try:
        native.update(text)
    except RuntimeError as error:
        if "already exists" not in str(error):  # Such an empty graph, for CREATE.
            raise
        return
    assert set(after.store) == set(native)
    assert edit.removed <= before
    assert not edit.added & before
    assert (before - edit.removed) | edit.added == set(after.store)
    assert set(after.graphs) == {quad.graph_name.value for quad in native if isinstance(quad.graph_name, ox.NamedNode)}
