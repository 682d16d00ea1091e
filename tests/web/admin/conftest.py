"""Whoever administers, and has no other post."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import hours
from tests.factories import County
from tests.web.site import signed_in
from workflow.dates import local_day
from workflow.models import Person
from workflow.people import grants

NOW = hours.now()
Keeper = Callable[[str], FlaskClient]


@pytest.fixture
def keeper(app: Flask, county: County) -> Keeper:
    """Signs in a person who has nothing but the given administrator's post."""

    def sign_in(role: str) -> FlaskClient:
        county.people[role] = county.database.write(lambda store: _hire(store, role, county.organs["office"]))
        return signed_in(app, county, role, hours.now())

    return sign_in


def _hire(store: Any, role: str, organ_id: int) -> int:
    person_id = int(store.new_ids(Person, 1)[0])
    row = {"id": person_id, "login": role, "name": "管理员", "email": "", "phone": "", "language": "zh-Hans"}
    store.insert(Person, [{**row, "must_change": False, "created_at": NOW}])
    grants.give(store, person_id=person_id, role=role, organ_id=organ_id, today=local_day(NOW))
    return person_id
