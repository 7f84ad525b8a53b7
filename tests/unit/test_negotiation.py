"""Content negotiation follows RFC 9110 §12.5."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.errors import NotAcceptableError
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, Format
from territoires.negotiation import choose, choose_coding, choose_format, choose_language, parse_accept, quality_of

OFFERED = [(media_type, media_type) for media_type in ("text/plain", "text/html", "image/jpeg", "text/x-dvi")]
FORMATS = [RESULT_FORMATS, GRAPH_FORMATS]

qualities = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
offered_formats = st.sampled_from(FORMATS)


def member(media_range: str, quality: float) -> str:
    return f"{media_range};q={quality:.3f}"


# RFC 9110 §12.5.1: "text/html" and "image/jpeg" below are not named, so that a wider range gives their quality.
EXAMPLE = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"


@pytest.mark.parametrize(("media_type", "quality"), [("text/plain", 0.7), ("text/html", 0.3), ("image/jpeg", 0.5)])
def test_the_most_specific_range_gives_the_quality(media_type: str, quality: float) -> None:
    assert quality_of(media_type, parse_accept(EXAMPLE)) == quality


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("audio/*; q=0.2, audio/basic", "audio/basic"),
        ("audio/*; q=0.2", "audio/mpeg"),
        ("audio/basic;q=0.1, audio/*", "audio/mpeg"),
        ("*/*", "audio/mpeg"),
        ("*/*;q=0.1, audio/mpeg;q=0", "audio/basic"),
        ("AUDIO/BASIC", "audio/basic"),
        ("audio/basic , audio/mpeg;q=0.5", "audio/basic"),
        ("audio/mpeg; Q=0.2,audio/basic ;q=0.3", "audio/basic"),
        ("video/*, audio/*;q=0", None),
        ("audio/mpeg;q=0, audio/basic;q=0.000", None),
        ("video/mp4", None),
    ],
)
def test_the_client_s_wish_decides(header: str, chosen: str | None) -> None:
    assert choose(header, [(name, name) for name in ("audio/mpeg", "audio/basic")]) == chosen


def test_equal_wishes_are_settled_by_the_server() -> None:
    header = "text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c"  # RFC 9110 §12.5.1
    offered = [(name, name) for name in ("text/x-c", "text/html", "text/x-dvi", "text/plain")]
    for preferred in ("text/x-c", "text/html", "text/x-dvi", "text/plain"):
        assert choose(header, offered) == preferred
        offered = [pair for pair in offered if pair[0] != preferred]
    assert choose(header, [("text/html", 1), ("text/x-c", 2)]) == 1
    assert choose(header, [("text/x-c", 2), ("text/html", 1)]) == 2


def test_a_browser_gets_the_page_and_a_plain_client_the_server_s_choice() -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    offered = [("text/turtle", "turtle"), ("text/html", "page")]
    assert choose(browser, offered) == "page"
    assert choose("*/*", offered) == "turtle"


@pytest.mark.parametrize(
    "header", [None, "", " ", ",", ", ,", "nonsense", "text", "*", "*/plain", ";q=1", '"text/html"']
)
def test_an_absent_or_wholly_malformed_header_accepts_everything(header: str | None) -> None:
    assert choose(header, OFFERED) == "text/plain"


@pytest.mark.parametrize(
    "malformed",
    [
        "text",
        "text/",
        "/html",
        "*/html",
        "text/html/x",
        "text /html",
        "text/html x",
        "text/html x=1",
        "text/html;q=1.001",
        "text/html;q=2",
        "text/html;q=-1",
        "text/html;q=.5",
        "text/html;q=0.1234",
        "text/html;q=high",
        'text/html;x="open',
    ],
)
def test_a_malformed_member_is_ignored(malformed: str) -> None:
    ranges = parse_accept(f"text/plain;q=0.5, {malformed}")
    assert [(one.type, one.subtype, one.quality) for one in ranges] == [("text", "plain", 0.5)]


@pytest.mark.parametrize(
    ("weight", "quality"),
    [("0", 0.0), ("0.", 0.0), ("0.000", 0.0), ("0.5", 0.5), ("0.123", 0.123), ("1", 1.0), ("1.", 1.0), ("1.000", 1.0)],
)
def test_a_weight_has_at_most_three_digits(weight: str, quality: float) -> None:
    assert [one.quality for one in parse_accept(f"text/html;q={weight}")] == [quality]


def test_a_weight_left_out_is_1() -> None:
    assert [one.quality for one in parse_accept("text/html")] == [1.0]


def test_a_comma_inside_quotes_does_not_end_a_member() -> None:
    (one, other) = parse_accept(r'text/html;x="a, \" b";q=0.5, text/plain')
    assert (one.parameters, one.quality, other.subtype) == ((("x", r"a, \" b"),), 0.5, "plain")


@pytest.mark.parametrize("parameter", ["charset=utf-8", "charset=UTF-8", 'charset="utf-8"'])
def test_everything_offered_is_utf_8(parameter: str) -> None:
    assert choose(f"image/png, text/html;{parameter};q=0.2", OFFERED) == "text/html"


def test_a_parameter_may_be_empty() -> None:
    header = "text/html; ;q=0.2, text/plain;q=0.1;"  # RFC 9110 §5.6.6
    assert [one.quality for one in parse_accept(header)] == [0.2, 0.1]


@pytest.mark.parametrize("parameter", ["charset=iso-8859-1", "level=1", "profile=x"])
def test_a_variant_that_is_not_offered_does_not_match(parameter: str) -> None:
    assert choose(f"text/html;{parameter}", OFFERED) is None


@given(st.text())
def test_no_header_at_all_breaks_the_parser(header: str) -> None:
    assert all(0 <= one.quality <= 1 for one in parse_accept(header))
    choose(header, OFFERED)
    assert choose_language(header) in {"fr", "en"}


@given(st.text('texthml/*;,q=01."\\ \t-_ ', max_size=60))
def test_nothing_close_to_a_header_breaks_the_parser(header: str) -> None:
    assert all(0 <= one.quality <= 1 for one in parse_accept(header))


@given(qualities, qualities, qualities, st.permutations([0, 1, 2]))
def test_an_exact_type_beats_any_wildcard(exact: float, half: float, whole: float, order: Sequence[int]) -> None:
    members = [member("text/html", exact), member("text/*", half), member("*/*", whole)]
    ranges = parse_accept(", ".join(members[index] for index in order))
    assert quality_of("text/html", ranges) == exact
    assert quality_of("text/plain", ranges) == half
    assert quality_of("image/jpeg", ranges) == whole


@given(st.dictionaries(st.sampled_from([*(name for name, _ in OFFERED), "text/*", "*/*"]), qualities, min_size=1))
def test_what_is_chosen_is_wanted_most_and_never_refused(wishes: dict[str, float]) -> None:
    def wanted(media_type: str) -> float:
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        return next((wishes[one] for one in ranges if one in wishes), 0.0)

    chosen = choose(", ".join(member(*wish) for wish in wishes.items()), OFFERED)
    best = max(wanted(media_type) for media_type, _ in OFFERED)
    assert (chosen is None) == (best == 0)
    assert chosen is None or wanted(chosen) == best


@given(st.data(), offered_formats)
def test_a_format_whose_media_type_is_refused_is_never_chosen(data: st.DataObject, offered: tuple[Format, ...]) -> None:
    types = [media_type for format_ in offered for media_type in format_.media_types]
    wishes = data.draw(st.dictionaries(st.sampled_from([*types, "text/*", "*/*"]), st.sampled_from([0, 0.5, 1])))
    refused = data.draw(st.sets(st.sampled_from([format_.media_type for format_ in offered]), min_size=1))
    wishes |= dict.fromkeys(refused, 0)
    try:
        chosen = choose_format(", ".join(member(*wish) for wish in wishes.items()), offered)
    except NotAcceptableError:
        return
    assert chosen.media_type not in refused


@pytest.mark.parametrize("offered", FORMATS, ids=["results", "graphs"])
def test_each_format_is_chosen_by_its_own_media_type(offered: tuple[Format, ...]) -> None:
    for format_ in offered:
        assert choose_format(format_.media_type, offered) is format_
        assert choose_format(f"*/*;q=0.9, {format_.media_type}", offered) is format_


@pytest.mark.parametrize(
    ("header", "offered", "name"),
    [
        ("application/json", RESULT_FORMATS, "json"),
        ("application/xml;q=0.9, text/html", RESULT_FORMATS, "xml"),
        ("application/json", GRAPH_FORMATS, "jsonld"),
        ("text/plain", GRAPH_FORMATS, "ntriples"),
        ("application/x-turtle", GRAPH_FORMATS, "turtle"),
        ("application/json, text/csv", RESULT_FORMATS, "csv"),
        ("text/*", RESULT_FORMATS, "csv"),
    ],
)
def test_an_alias_is_understood_but_does_not_beat_a_proper_name(
    header: str, offered: tuple[Format, ...], name: str
) -> None:
    assert choose_format(header, offered).name == name


def test_an_answer_is_not_labelled_with_a_media_type_that_was_refused() -> None:
    with pytest.raises(NotAcceptableError):
        choose_format("application/json, application/sparql-results+json;q=0", RESULT_FORMATS)


@pytest.mark.parametrize("header", ["image/png", "*/*;q=0", "text/html;q=0.5", "text/csv;header=present"])
def test_nothing_acceptable_is_406_with_what_is_offered(header: str) -> None:
    with pytest.raises(NotAcceptableError) as caught:
        choose_format(header, RESULT_FORMATS)
    for language in ("en", "fr"):
        detail, _, hint = caught.value.in_(language).partition("→")
        assert header in detail
        assert all(format_.media_type in hint for format_ in RESULT_FORMATS)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("da, en-gb;q=0.8, en;q=0.7", "en"),  # RFC 9110 §12.5.4
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("en-US,en;q=0.9,fr;q=0.8", "en"),
        ("en;q=0.8,fr;q=0.9", "fr"),
        ("EN", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("en ; q=0.9", "en"),
        ("fr ;q=0.2, en ;q=0.9", "en"),
        ("fr;q=0, *", "en"),
        ("en;q=0.5, *;q=0.8", "fr"),
        ("fr;q=0.5, *;q=0.8", "en"),
    ],
)
def test_the_language_is_the_one_wanted_most(header: str, language: str) -> None:
    assert choose_language(header) == language


@pytest.mark.parametrize("header", [None, "", "de", "*", "de, *;q=0.5", "english", "frp", "-", "en;q=0"])
def test_without_a_wish_for_either_language_the_default_stands(header: str | None) -> None:
    assert choose_language(header) == "fr"


def test_the_default_language_can_be_english() -> None:
    assert choose_language("de", default="en") == "en"


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, "identity"),
        ("", "identity"),
        (" , ,", "identity"),
        ("br", "br"),
        ("Br ; Q=0.2 , gzip;q=0.1", "br"),
        ("gzip;q=0.2, *;q=0.1", "gzip"),
        ("gzip;q=0.1, *;q=0.2", "br"),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("*;q=0, identity;q=0.1", "identity"),
        ("br;q=2", "identity"),
    ],
)
def test_a_coding_is_chosen_as_rfc_9110_says(header: str | None, coding: str | None) -> None:
    assert choose_coding(header) == coding


@pytest.mark.parametrize("form", ["compacted", "expanded", "flattened"])
def test_a_profile_of_json_ld_does_not_refuse_it(form: str) -> None:
    header = f'application/ld+json;profile="http://www.w3.org/ns/json-ld#{form}"'
    assert choose_format(header, GRAPH_FORMATS).name == "jsonld"
