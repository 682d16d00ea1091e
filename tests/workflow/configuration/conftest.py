"""The small county with two administrators of workflows and two of security, and the way of a setting into force."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from handlers.settings.registry import SETTINGS
from tests.factories import County
from tests.workflow.versions.conftest import NOW, TODAY, hire
from workflow import occasions
from workflow.configuration import changes
from workflow.configuration.kinds import Kind, written
from workflow.models import Grant, Person
from workflow.store import Store
from workflow.types import Actor

Edit = Callable[[Any], Any]
SOON = timedelta(minutes=1)


def hire_security(county: County) -> None:
    """Two administrators of security."""

    def work(store: Store) -> None:
        for login in ("an", "bao"):
            county.people[login] = store.new_ids(Person, 1)[0]
            row = {"id": county.people[login], "login": login, "name": login, "email": "", "phone": "", "language": "zh-Hans"}
            store.insert(Person, [{**row, "must_change": False, "created_at": NOW, "toured_at": NOW}])
            grant = {"person_id": row["id"], "role": "security_admin", "organ_id": county.organs["office"], "title": ""}
            store.insert(Grant, [{**grant, "ceiling": 0}])
        occasions.moved(store, "people")

    county.database.write(work)


@dataclass
class Desk:
    """The county and the two ways a setting goes: proposed, and decided on."""

    county: County

    def admin(self, login: str) -> Actor:
        """One of the four."""
        return self.county.actor(login, TODAY)

    def propose(self, kind: Kind, key: str, data: Any, *, by: str = "jiang", now: datetime = NOW, **more: Any) -> int:
        """The first person's word."""
        source = data if isinstance(data, str) else written(data)
        told = {"source": source, "reason": "县里改了说法", **more}
        body = partial(changes.propose, kind=kind, key=key, **told)
        return self.county.engine.administer(lambda desk: body(desk), actor=self.admin(by), now=now)

    def decide(
        self,
        kind: Kind,
        version_id: int,
        *,
        by: str = "kong",
        granted: bool = True,
        words: str = "",
        now: datetime = NOW + SOON,
    ) -> int | None:
        """The second person's word."""
        body = partial(changes.decide, kind=kind, version_id=version_id, granted=granted, words=words)
        return self.county.engine.administer(lambda desk: body(desk), actor=self.admin(by), now=now)

    def change(self, name: str, key: str, edit: Edit, *, now: datetime = NOW) -> int | None:
        """Both words on the text in force with one edit."""
        kind = SETTINGS[name]
        settings = self.county.engine.read(now, lambda _store, occasion: occasion.settings)
        data = copy.deepcopy(settings.data(name).get(key) or kind.shipped().get(key) or {})
        by = ("an", "bao") if "security_admin" in kind.roles else ("jiang", "kong")
        version_id = self.propose(kind, key, edit(data) or data, by=by[0], now=now)
        return self.decide(kind, version_id, by=by[1], now=now + SOON)


@pytest.fixture
def desk(county: County) -> Desk:
    """The county with its four administrators."""
    hire(county)
    hire_security(county)
    return Desk(county)
