"""The busy ledger, on each database in turn."""

from __future__ import annotations

import pytest

from tests.copies import Copies
from tests.workflow.reads.scenes import Scene, make_busy


@pytest.fixture
def scene(copies: Copies) -> Scene:
    """A county with cases in every state."""
    return copies.of(make_busy)
