"""The one table of formats says what the specifications register."""

import pytest

from territoires.errors import NotFoundError
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, Format, Kind, format_named, formats_for

ALL = (*RESULT_FORMATS, *GRAPH_FORMATS)


def identity(format_: Format) -> str:
    return format_.name


@pytest.mark.parametrize(
    ("name", "media_type", "suffix"),
    [
        ("json", "application/sparql-results+json", "srj"),
        ("xml", "application/sparql-results+xml", "srx"),
        ("csv", "text/csv", "csv"),
        ("tsv", "text/tab-separated-values", "tsv"),
        ("turtle", "text/turtle", "ttl"),
        ("jsonld", "application/ld+json", "jsonld"),
        ("ntriples", "application/n-triples", "nt"),
        ("rdfxml", "application/rdf+xml", "rdf"),
        ("trig", "application/trig", "trig"),
        ("nquads", "application/n-quads", "nq"),
    ],
)
def test_a_format_has_its_registered_media_type_and_suffix(name: str, media_type: str, suffix: str) -> None:
    format_ = format_named(name)
    assert (format_.media_type, format_.suffix) == (media_type, suffix)


@pytest.mark.parametrize("format_", ALL, ids=identity)
def test_text_says_that_it_is_utf_8(format_: Format) -> None:
    assert format_.content_type.startswith(format_.media_type)
    assert format_.content_type.endswith("; charset=utf-8") == format_.media_type.startswith("text/")


@pytest.mark.parametrize("format_", ALL, ids=identity)
def test_a_format_writes_either_results_or_rdf(format_: Format) -> None:
    assert (format_.results is None) != (format_.rdf is None)
    assert (format_ in RESULT_FORMATS) == (format_.results is not None)


def test_named_graphs_survive_in_trig_n_quads_and_json_ld_only() -> None:
    assert {format_.name for format_ in ALL if format_.holds_dataset} == {"trig", "nquads", "jsonld"}


@pytest.mark.parametrize("offered", [RESULT_FORMATS, GRAPH_FORMATS], ids=["results", "graphs"])
def test_no_two_formats_for_one_kind_share_a_name_or_media_type(offered: tuple[Format, ...]) -> None:
    names = [name for format_ in offered for name in (format_.name, *format_.media_types)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("kind", "offered"), [("bindings", RESULT_FORMATS), ("boolean", RESULT_FORMATS), ("graph", GRAPH_FORMATS)]
)
def test_an_answer_can_be_written_in_the_formats_of_its_kind(kind: Kind, offered: tuple[Format, ...]) -> None:
    assert formats_for(kind) == offered


@pytest.mark.parametrize("format_", ALL, ids=identity)
def test_a_format_is_found_by_name_suffix_and_media_type_in_any_case(format_: Format) -> None:
    offered = RESULT_FORMATS if format_ in RESULT_FORMATS else GRAPH_FORMATS
    for name in (format_.name, format_.suffix, *format_.media_types):
        assert format_named(f" {name.upper()} ", offered) is format_


@pytest.mark.parametrize(("kind", "name"), [("bindings", "json"), ("graph", "jsonld")])
def test_plain_json_is_the_json_of_the_kind(kind: Kind, name: str) -> None:
    assert format_named("application/json", formats_for(kind)).name == name


@pytest.mark.parametrize("name", ["", "pdf", "text/html", "turtle2", "application/*"])
def test_an_unknown_format_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        format_named(name, RESULT_FORMATS)
    for language in ("en", "fr"):
        assert repr(name) in caught.value.in_(language)
        assert caught.value.in_(language).endswith("json, xml, csv, tsv")


def test_a_format_that_is_not_offered_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="turtle"):
        format_named("turtle", RESULT_FORMATS)
