"""What is kept is bounded by its bytes, and of one version of the dataset."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from territoires.recent import Recent


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    recent: Recent[str, str] = Recent(30)
    recent.find("1", "x")
    for key in "abc":
        recent.keep("1", key, key.upper(), 10)
    assert recent.find("1", "a") == "A"
    recent.keep("1", "d", "D", 10)
    assert [recent.find("1", key) for key in "abcd"] == ["A", None, "C", "D"]


def test_another_version_drops_all_and_nothing_of_an_old_one_is_kept() -> None:
    recent: Recent[str, str] = Recent(30)
    recent.find("1", "a")
    recent.keep("1", "a", "A", 10)
    assert recent.find("2", "a") is None
    recent.keep("1", "b", "B", 10)
    assert [recent.find(version, key) for version in "21" for key in "ab"] == [None] * 4


def test_one_thing_may_take_an_eighth() -> None:
    assert Recent[str, str](64_000_000).largest == 8_000_000


@given(st.integers(1, 100), st.lists(st.tuples(st.integers(0, 9), st.integers(1, 150))))
def test_it_never_holds_more_than_its_capacity(capacity: int, kept: list[tuple[int, int]]) -> None:
    recent: Recent[int, int] = Recent(capacity)
    for key, size in kept:
        recent.find("1", key)
        recent.keep("1", key, size, size)
        assert sum(recent.find("1", each) or 0 for each in range(10)) <= capacity
        assert recent.find("1", key) is not None or size > capacity
