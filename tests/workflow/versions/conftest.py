"""Two administrators of workflows beside the small county, and the way of a draft from its first word to its last case."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any

import pytest

from tests.factories import County, at
from web.wiring import shipped_workflows
from workflow import occasions
from workflow.dates import local_day
from workflow.desk import Desk
from workflow.models import Grant, Person
from workflow.store import Store
from workflow.types import Actor
from workflow.versions import drafts, motions, preview, publishing
from workflow.versions.plan import Plan

Document = dict[str, Any]
TODAY = date(2026, 4, 1)
NOW = at(TODAY)
ADMINISTRATORS = ("jiang", "kong")
ORDERS = ("issue_order",)


def part(document: Document, list_name: str, key: str) -> Document:
    """The state, clock, ladder, field … of that key in a plain document."""
    name = "trigger" if list_name == "transitions" else "key"
    found: Document = next(one for one in document[list_name] if one[name] == key)
    return found


_shipped = cache(shipped_workflows)  # read once; every draft is a copy of its own


@dataclass
class Office:
    """The county with its two administrators, and the verbs of a new version."""

    county: County
    today: date = TODAY

    def admin(self, login: str = "jiang") -> Actor:
        """One of the two."""
        return self.county.actor(login, self.today)

    def draft(self, edit: Callable[[Document], None], kind: str = "rectification", now: datetime = NOW) -> int:
        """A draft of the shipped kind with one edit, proven."""
        document = copy.deepcopy(_shipped()[kind].data)
        edit(document)
        source = json.dumps(document, ensure_ascii=False)

        def work(store: Store) -> int:
            told = {"kind": document["key"], "name": "试改", "source": source, "actor": self.admin(), "now": now}
            draft_id = drafts.begin(store, **told)
            drafts.say_proven(store, draft_id, source=source)
            return draft_id

        return self.county.database.write(work)

    def preview(self, draft_id: int, now: datetime = NOW, **plan: Any) -> Document:
        """A whole preview of the draft under a plan; a clock whose date does not stay has a reason unless others are given."""
        moved = [clock for clock, policy in plan.get("clocks", {}).items() if policy != "keep"]
        plan = {"reasons": dict.fromkeys(moved, "县里改了时限"), **plan}
        engine, admin = self.county.engine, self.admin()
        begun = engine.administer(
            lambda desk: preview.begin(desk.store, desk.occasion, draft_id, Plan.of(plan), admin, orders=ORDERS),
            actor=admin,
            now=now,
        )
        while engine.administer(lambda desk: preview.work(desk.store, desk.occasion, begun), actor=admin, now=now):
            pass
        return self.county.database.read(partial(preview.get_impact, impact_id=begun))

    def lines(self, impact: Document) -> dict[int, Document]:
        """The lines of a preview by case."""
        rows = self.county.database.read(lambda store: store.rows(preview.LINES, impact_id=impact["id"]))
        return {row["case_id"]: {**row, "said": json.loads(row["said"])} for row in rows}

    def propose(self, impact: Document, now: datetime = NOW, from_on: date | None = None) -> int:
        """The first person's word."""
        told = {
            "impact_id": impact["id"],
            "seal": impact["seal"],
            "reason": "县里改了时限",
            "from_on": from_on or local_day(now),
        }
        return self.county.engine.administer(lambda desk: publishing.propose(desk, **told), actor=self.admin(), now=now)

    def publish(self, impact: Document, now: datetime = NOW) -> int | None:
        """Both words; the run over the open cases, or None."""
        publication = self.propose(impact, now)
        return self.county.engine.decide_publication(
            publication, actor=self.admin("kong"), now=now, granted=True, seal=impact["seal"]
        )

    def work(self, run_id: int, now: datetime = NOW) -> None:
        """Works the run to its end."""
        while self.county.engine.work_run(run_id, now=now, ceiling=3):
            pass

    def change(self, edit: Callable[[Document], None], now: datetime = NOW, **plan: Any) -> int | None:
        """Everything, from the draft to the last case; the run."""
        run = self.publish(self.preview(self.draft(edit, now=now), now, **plan), now)
        if run is not None:
            self.work(run, now)
        return run

    def both(self, what: str, now: datetime = NOW, **about: Any) -> int | None:
        """A motion with both its words; the run that puts cases back, where it is one to reverse."""

        def propose(desk: Desk) -> int:
            return motions.propose(desk, what, reason="县里定的", **about)

        motion = self.county.engine.administer(propose, actor=self.admin(), now=now)
        told = partial(motions.decide, motion_id=motion, granted=True)
        return self.county.engine.administer(lambda desk: told(desk), actor=self.admin("kong"), now=now)


def hire(county: County) -> None:
    """Two administrators of workflows."""

    def work(store: Store) -> None:
        for login in ADMINISTRATORS:
            county.people[login] = store.new_ids(Person, 1)[0]
            row = {"id": county.people[login], "login": login, "name": login, "email": "", "phone": "", "language": "zh-Hans"}
            store.insert(Person, [{**row, "must_change": False, "created_at": at(TODAY), "toured_at": at(TODAY)}])
            grant = {"person_id": row["id"], "role": "workflow_admin", "organ_id": county.organs["office"], "title": ""}
            store.insert(Grant, [{**grant, "ceiling": 0}])
        occasions.moved(store, "people")

    county.database.write(work)


@pytest.fixture
def office(county: County) -> Office:
    """The county with its two administrators."""
    hire(county)
    return Office(county)
