"""No shipped kind is left out of the count."""

from __future__ import annotations

from tests.shipped.every import test_clue, test_interview, test_measure, test_rectification, test_supervision_order
from web.wiring import shipped_workflows

COUNTED = (test_clue, test_interview, test_measure, test_rectification, test_supervision_order)


def test_every_shipped_kind_has_its_stories_and_its_count() -> None:
    assert sorted(module.KIND for module in COUNTED) == sorted(shipped_workflows())
