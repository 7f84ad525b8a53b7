"""The drawing of a neighbourhood: nothing overlaps, nothing leaves it, texts are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.drawing.neighbourhood import MOST, Box, Tie, draw

TIES = st.lists(st.builds(Tie, st.text(max_size=80), st.text(max_size=80), st.text(max_size=9)), max_size=20)


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@given(st.text(max_size=200), TIES)
def test_boxes_lie_apart_and_within(name: str, ties: list[Tie]) -> None:
    drawing = draw(name, ties)
    boxes = [drawing.middle, *drawing.boxes]
    assert len(drawing.boxes) == min(len(ties), MOST)
    assert 1 <= len(drawing.lines) <= 3
    for number, box in enumerate(boxes):
        assert 0 <= box.x <= box.x + box.width <= drawing.width
        assert 0 <= box.y <= box.y + box.height <= drawing.height
        assert all(apart(box, other) for other in boxes[:number])


def test_a_long_name_is_cut_and_kept_whole_in_the_tie() -> None:
    [box] = draw("X", [Tie("relation", "Communauté de communes du Grand Pic Saint-Loup", "urn:x")]).boxes
    assert box.label.endswith("…")
    assert box.tie.label == "Communauté de communes du Grand Pic Saint-Loup"


@pytest.mark.parametrize(
    ("name", "lines"),
    [("Tarn Nord", ("Tarn Nord",)), ("", ("",)), ("Enveloppe nationale 2024", ("Enveloppe", "nationale 2024"))],
)
def test_a_name_stands_in_lines(name: str, lines: tuple[str, ...]) -> None:
    assert draw(name, []).lines == lines
