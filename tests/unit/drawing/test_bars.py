"""Bars are as long as their values, whatever those are."""

import math

from hypothesis import given
from hypothesis import strategies as st

from territoires.drawing.bars import bars

VALUES = st.floats(-1e9, 1e9, allow_nan=False)


def test_lengths_are_in_proportion_and_leave_room_for_the_values() -> None:
    chart = bars([("Auvergne-Rhône-Alpes", 24), ("Occitanie", 12), ("Mayotte", 0)])
    longest, half, none = chart.bars
    assert longest.width < 80
    assert half.width == longest.width / 2
    assert none.width == 0
    assert {bar.x for bar in chart.bars} == {chart.zero} == {0}
    assert [bar.top for bar in chart.bars] == sorted(bar.top for bar in chart.bars)
    assert chart.bars[-1].top < chart.height


def test_bars_below_zero_end_at_zero() -> None:
    chart = bars([("gain", 3), ("perte", -1)])
    gain, loss = chart.bars
    assert loss.x == 0
    assert gain.x == chart.zero == loss.width


def test_a_long_label_is_cut_and_kept_whole_beside() -> None:
    label = "communauté de communes " * 4
    (bar,) = bars([(label, 1)]).bars
    assert bar.label == label
    assert label.startswith(bar.short.removesuffix("…"))
    assert len(bar.short) <= 44


def test_no_rows_make_an_empty_chart() -> None:
    assert bars([]).bars == ()
    assert bars([]).height == 0


@given(st.lists(VALUES, min_size=1, max_size=20))
def test_every_bar_lies_within_the_chart(values: list[float]) -> None:
    chart = bars([("x", value) for value in values])
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= 76.02
        assert math.isclose(bar.x + bar.width if bar.value < 0 else bar.x, chart.zero, abs_tol=0.02)
