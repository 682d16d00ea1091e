"""The world behind a served site, and the oracle over its rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.copies import Copies
from tests.security.oracle import Tables
from tests.security.touched import watch
from tests.security.visit import Visitors, tables_of
from tests.security.world import World, make_world
from tests.web.site import site
from workflow.dates import local_day


@pytest.fixture
def world(copies: Copies) -> World:
    """The county with its cases; from now on the database tells which tables are changed."""
    made = copies.of(make_world)
    watch(made.county.database)
    return made


@pytest.fixture
def tables(world: World) -> Tables:
    """The oracle."""
    return tables_of(world.county, local_day(datetime.now(UTC)))


@pytest.fixture
def app(world: World, home: Path) -> Flask:
    """The served site."""
    return site(world.county, home)


@pytest.fixture
def visitors(app: Flask, world: World) -> Visitors:
    """Everybody at its doors."""
    return Visitors(app, world)
