"""Four administrators beside the small county, and the site over it."""

from __future__ import annotations

import pytest

from tests.factories import County
from tests.workflow.configuration.conftest import Desk, hire_security
from tests.workflow.versions.conftest import hire


@pytest.fixture
def desk(county: County) -> Desk:
    """The county with two administrators of workflows and two of security."""
    hire(county)
    hire_security(county)
    return Desk(county)
