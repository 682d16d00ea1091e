"""A county and the app over it, for every test of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import County, make_county
from tests.web.site import signed_in, site

Client = Callable[[str], FlaskClient]


@pytest.fixture
def county(database_url: str) -> Iterator[County]:
    """The county without cases."""
    made = make_county(database_url)
    yield made
    made.database.close()


@pytest.fixture
def app(county: County, home: Path) -> Flask:
    """The served site."""
    return site(county, home)


@pytest.fixture
def client(app: Flask, county: County) -> Client:
    """Signs somebody in."""
    return lambda login: signed_in(app, county, login, datetime.now(UTC))
