"""Two administrators of workflows beside the small county, and the site over it."""

from __future__ import annotations

import pytest

from tests.factories import County
from tests.workflow.versions.conftest import Office, hire


@pytest.fixture
def office(county: County) -> Office:
    """The county with its two administrators."""
    hire(county)
    return Office(county)
