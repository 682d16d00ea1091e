"""The busy ledger, on each database in turn."""

from __future__ import annotations

import pytest

from tests.factories import County
from tests.workflow.reads.scenes import Scene, busy


@pytest.fixture
def scene(county: County) -> Scene:
    """A county with cases in every state."""
    return busy(county)
