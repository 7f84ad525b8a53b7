"""The projection puts the communes where the outlines of their departments are."""

from dataclasses import astuple

import pytest
from tests.bench.projection import communes, fitted, rings, share_within, within

from territoires.drawing.outlines import FRANCE, Outlines, Projection, fit, mercator

ALBI = (2.1481, 43.9277)


def test_every_department_of_the_mainland_and_corsica_has_an_outline_within_its_box(outlines: Outlines) -> None:
    assert len(outlines.departments) == 96
    for department in outlines.departments.values():
        left, top, right, bottom = department.box
        corners = [corner for ring in rings(department.path) for corner in ring]
        assert min(x for x, _ in corners) == left
        assert max(y for _, y in corners) == bottom
        assert 0 <= left < right <= outlines.width
        assert 0 <= top < bottom <= outlines.height


def test_albi_lies_in_the_tarn_and_nowhere_else(outlines: Outlines) -> None:
    found = [code for code, department in outlines.departments.items() if within(FRANCE(*ALBI), rings(department.path))]
    assert found == ["81"]


def test_a_fit_finds_the_projection_that_its_points_come_from() -> None:
    true = Projection(10.0, 200.0, 30.0, -400.0)
    places = [(-1.5, 48.0), (7.0, 44.0), (2.0, 50.5)]
    found, residual = fit([(place, true(*place)) for place in places])
    assert residual < 1e-9
    assert (found.x0, found.kx, found.y0, found.ky) == pytest.approx((10, 200, 30, -400))


def test_mercator_keeps_angles() -> None:
    assert mercator(0) == pytest.approx(0)
    assert mercator(85.0511287798) == pytest.approx(3.141592653589793)


@pytest.mark.slow
def test_the_projection_is_the_one_that_fits_the_shipped_points(outlines: Outlines) -> None:
    places = communes()
    projection, residual = fitted(outlines, places)
    assert astuple(FRANCE) == pytest.approx(astuple(projection), abs=0.1)
    assert residual < 6
    assert share_within(FRANCE, outlines, places) > 0.99
