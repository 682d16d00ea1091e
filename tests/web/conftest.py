"""A county and the app over it, for every test of a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import hours
from tests.copies import Copies
from tests.factories import County, make_county
from tests.web.site import signed_in, site

Client = Callable[[str], FlaskClient]


@pytest.fixture
def county(copies: Copies) -> County:
    """The county without cases."""
    return copies.of(make_county)


@pytest.fixture
def app(county: County, home: Path) -> Flask:
    """The served site."""
    return site(county, home)


@pytest.fixture
def client(app: Flask, county: County) -> Client:
    """Signs somebody in."""
    return lambda login: signed_in(app, county, login, hours.now())
