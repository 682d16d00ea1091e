"""The cellar of the county."""

from __future__ import annotations

import pytest

from tests.factories import County
from tests.workflow.disposal.acts import Cellar


@pytest.fixture
def cellar(county: County) -> Cellar:
    return Cellar(county)
