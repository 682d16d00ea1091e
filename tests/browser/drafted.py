"""A draft of the demo county on its way: designed, previewed and proposed; a version that is in force; and the end of a kind."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from web.versions.rehearsing import ORDERS
from web.wiring import Office, shipped_workflows
from workflow.dates import local_day
from workflow.desk import Desk
from workflow.people.actors import actor_of
from workflow.store import Store
from workflow.types import Actor
from workflow.versions import drafts, motions, preview, publishing
from workflow.versions.plan import Plan

DONE = {"zh-Hans": "已办结", "zh-Hant": "已辦結", "en": "Done"}


def draft_and_propose(office: Office, people: dict[str, int], now: datetime) -> None:
    """Everything that the pages of a new version show, each with the id 1."""
    first, second = (_actor(office, people[login], now) for login in ("guming", "fanlei"))
    item = _previewed(office, first, now, "rectification")
    office.engine.administer(partial(_propose, impact=item, reason="列表用语统一改为已办结", now=now), actor=first, now=now)
    measure = _previewed(office, first, now, "measure")
    told = office.engine.administer(partial(_propose, impact=measure, reason="列表用语统一", now=now), actor=first, now=now)
    run = office.engine.decide_publication(told, actor=second, now=now, granted=True, seal=measure["seal"])
    while run is not None and office.engine.work_run(run, now=now, ceiling=office.settings.ceiling):
        pass
    ending = partial(motions.propose, what=motions.RETIRE, kind="clue", reason="并入信访件统一登记")
    office.engine.administer(lambda desk: ending(desk), actor=first, now=now)


def _actor(office: Office, person_id: int, now: datetime) -> Actor:
    found = office.database.read(lambda store: actor_of(store, person_id, today=local_day(now)))
    assert found is not None, "the demo county has two administrators of workflows"
    return found


def _propose(desk: Desk, impact: dict[str, Any], reason: str, now: datetime) -> int:
    return publishing.propose(desk, impact["id"], seal=impact["seal"], reason=reason, from_on=local_day(now))


def _previewed(office: Office, actor: Actor, now: datetime, kind: str) -> dict[str, Any]:
    document = copy.deepcopy(shipped_workflows()[kind].data)
    next(one for one in document["states"] if one.get("final"))["phrase"] = DONE
    source = json.dumps(document, ensure_ascii=False, indent=1)

    def drafted(store: Store) -> int:
        draft_id = drafts.begin(store, kind=kind, name="统一用语", source=source, actor=actor, now=now)
        drafts.say_proven(store, draft_id, source=source)
        return draft_id

    draft_id = office.database.write(drafted)
    administer: Callable[..., int] = partial(office.engine.administer, actor=actor, now=now)
    begun = administer(lambda desk: preview.begin(desk.store, desk.occasion, draft_id, Plan(), actor, orders=ORDERS))
    while administer(lambda desk: preview.work(desk.store, desk.occasion, begun)):
        pass
    return office.database.read(partial(preview.get_impact, impact_id=begun))
