"""The soak of `python -m tests.soak`, short."""

import sys

import pytest
from tests.soak.running import GROWTH, WORKERS, soak


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in /proc")
def test_under_mixed_load_no_answer_is_wrong_no_worker_is_lost_and_memory_is_flat() -> None:
    found = soak(24)
    assert found.report.wrong == []
    assert (found.idle, found.same_supervisor) == (WORKERS + 1, True), found.text()
    assert found.after - found.before < GROWTH, found.text()
    assert found.report.good > 50
    assert found.report.refused < found.report.good / 10, found.text()
    assert found.before > 50, "the processes were not found"
    assert found.report.median() < 1
