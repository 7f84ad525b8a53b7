"""Whose turn it is, without any process."""

from territoires.engine.turns import Turns


def waiting(workers: int, first: str = "", second: str = "") -> Turns[str]:
    turns: Turns[str] = Turns(workers)
    for name in first:
        turns.add(name)
    for name in second:
        turns.add_again(name)
    return turns


def test_nobody_starts_without_a_free_worker() -> None:
    assert waiting(3, "a", "b").take(0) is None


def test_the_newest_first_turn_comes_before_any_second_turn() -> None:
    turns = waiting(3, "ab", "cd")
    assert [turns.take(2) for _ in range(5)] == ["b", "a", "c", "d", None]


def test_a_second_turn_leaves_one_worker_free() -> None:
    turns = waiting(3, "", "a")
    assert turns.take(1) is None
    assert turns.take(2) == "a"


def test_a_single_worker_is_for_everybody_and_nobody_is_ended_for_another() -> None:
    turns = waiting(1, "a", "b")
    assert not turns.pressing
    assert (turns.take(1), turns.take(1)) == ("a", "b")


def test_only_a_first_turn_is_pressing() -> None:
    assert waiting(2, "a").pressing
    assert not waiting(2, "", "a").pressing


def test_who_is_removed_waits_no_more() -> None:
    turns = waiting(2, "ab", "cd")
    turns.remove("a")
    turns.remove("not there")
    assert "a" not in turns
    assert turns.remove_where(lambda name: name in "bd") == ["b", "d"]
    assert (list(turns), len(turns)) == (["c"], 1)
