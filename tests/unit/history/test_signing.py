"""Who changes something, and what they say of it."""

import datetime as dt

import pytest
from tests.changing import MORNING

from territoires.errors import RequestError
from territoires.history import Signature


@pytest.mark.parametrize(
    ("agent", "slug"),
    [("curation", "curation"), ("prefecture-81", "prefecture-81"), ("Zoé K.", "zoe-k-"), ("日本", "")],
)
def test_an_agent_has_a_key_of_ascii(agent: str, slug: str) -> None:
    assert Signature(agent, "", MORNING).slug.startswith(slug)
    assert Signature(agent, "", MORNING).slug.isascii()


def test_agents_of_like_names_have_other_keys() -> None:
    names = ["zoe", "Zoe", "zoé", "zoe ", "z-oe", "日本", "本日"]
    assert len({Signature(name, "", MORNING).slug for name in names}) == len(names)


def test_line_ends_are_those_of_text() -> None:
    assert Signature("a", "one\r\ntwo\rthree\n\n", MORNING).message == "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("agent", "message", "time"),
    [
        ("", "", MORNING),
        (" ", "", MORNING),
        ("a\nb", "", MORNING),
        ("a" * 101, "", MORNING),
        ("a", "m" * 2_001, MORNING),
        ("a", "\x00", MORNING),
        ("a", "\ufffe", MORNING),
        ("a", "\ud800", MORNING),
        ("a", "", MORNING.replace(tzinfo=None)),
        ("a", "", MORNING.astimezone(dt.timezone(dt.timedelta(hours=1)))),
    ],
)
def test_what_cannot_be_published_is_refused(agent: str, message: str, time: dt.datetime) -> None:
    with pytest.raises(RequestError):
        Signature(agent, message, time)
