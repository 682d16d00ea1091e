"""A ledger on which anything has happened, and people of any posts: rolled by dice that fall the same way in every run."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, timedelta

from states.errors import DomainError
from tests.factories import PEOPLE, County, at
from tests.walks.filling import fill
from tests.walks.test_walks import LOGINS, OPENERS, START, press
from tests.workflow.looking import rows_of
from workflow.definitions import catalogue
from workflow.models import Case, Grant, Person
from workflow.occasions import moved
from workflow.store import Store

WORD = "走访发现"
WORKING = ("handler", "deputy", "head", "inspector", "observer")
ADMINISTERING = ("system_admin", "security_admin", "audit_admin", "workflow_admin")
ABOUT = ("donggou_branch", "xitou_branch", "shimen_branch", "liuhe_party", "qingshi_party", "bureau", "liuhe_finance")
MOST_DAYS = 160


def strew(county: County, cases: int, dice: random.Random) -> date:
    """Opens cases of every kind about any organ, and lets people press what they find on them; the day on which it ends."""
    first = min((row["id"] for row in rows_of(county, Case)), default=1)
    for number in range(cases):
        with suppress(DomainError):  # Not every kind is about every organ.
            _open(county, dice.choice(list(OPENERS)), dice.choice(ABOUT), number)
    for case_id in [row["id"] for row in rows_of(county, Case) if row["kind"] == "rectification"][::3]:
        _hand_back(county, case_id)
    today, presses = START, cases * 6
    for _ in range(presses):
        days = dice.choices((0, 1, 7), (30, 4, 1))[0]
        if days and today - START < timedelta(MOST_DAYS):
            today += timedelta(days)
            county.engine.tick(at(today, 9))
        press(county, (dice.randrange(10_000), dice.randrange(31), dice.randrange(len(LOGINS)), 0, False), today)
    ids = [row["id"] for row in rows_of(county, Case) if row["id"] >= first]
    for case_id in dice.sample(ids, len(ids) // 5):
        _bar(county, case_id, today, dice)
    county.database.write(lambda store: _relabel(store, ids, dice))
    return today


def _open(county: County, kind: str, about: str, number: int) -> None:
    definition = county.database.read(catalogue).of_kind(kind).definition
    data = fill([field for field in definition.fields if field.required], START, county.organs, county.people)
    data |= {"feedback_on": START.isoformat()} if kind == "rectification" else {}
    told = {"title": f"{WORD}第{number}件", "subject_id": county.organs[about], "data": data}
    county.engine.open(kind, actor=county.actor(OPENERS[kind]), now=at(START), **told)


def _hand_back(county: County, case_id: int) -> None:
    """The bureau had it once, and reads it as it was then."""
    county.hand_over(case_id, at(START, 11), to="bureau")
    county.fire(case_id, "hand_back", "ma", at(START, 15), hand_back_reason="not_ours", hand_back_note="应由属地承办")


def _bar(county: County, case_id: int, today: date, dice: random.Random) -> None:
    who = (
        {"organ_id": county.organs[dice.choice(list(county.organs))]}
        if dice.random() < 0.5
        else {"person_id": county.people[dice.choice(PEOPLE)[0]]}
    )
    for login in ("lin", "zhao", "chen", "gao"):
        with suppress(DomainError):  # Whoever may not, or the one concerned himself.
            county.engine.bar(case_id, actor=county.actor(login), now=at(today), reason="亲属", **who)
            return


def _relabel(store: Store, ids: list[int], dice: random.Random) -> None:
    """Levels, and cases that were taken back with their import, which no walk leads to."""
    for case_id in dice.sample(ids, len(ids) // 3):
        store.update(Case, {"level": dice.randrange(4)}, id=case_id)
    for case_id in dice.sample(ids, len(ids) // 20):
        store.update(Case, {"withdrawn": True}, id=case_id)


def hire(county: County, people: int, today: date, dice: random.Random) -> list[str]:
    """People with any posts anywhere, up to any level, past, present and to come; their logins."""
    organs, logins = list(county.organs.values()), [f"random{number}" for number in range(people)]

    def work(store: Store) -> None:
        for login, person_id in zip(logins, store.new_ids(Person, people), strict=True):
            gone = at(today) if dice.random() < 0.05 else None
            plain = {"email": "", "phone": "", "language": "zh-Hans", "must_change": False, "created_at": at(START)}
            store.insert(Person, [{"id": person_id, "login": login, "name": login, "disabled_at": gone, **plain}])
            county.people[login] = person_id
            store.insert(Grant, _posts(person_id, organs, today, dice))
        moved(store, "people")

    county.database.write(work)
    return logins


def _posts(person_id: int, organs: list[int], today: date, dice: random.Random) -> list[dict[str, object]]:
    roles = ADMINISTERING if dice.random() < 0.1 else WORKING

    def day(first: int, last: int) -> date:
        return today + timedelta(dice.randrange(first, last))

    return [
        {
            "person_id": person_id,
            "role": role,
            "organ_id": organ_id,
            "title": "",
            "ceiling": dice.randrange(4),
            "since": day(-90, 20) if dice.random() < 0.3 else None,
            "until": day(-20, 90) if dice.random() < 0.3 else None,
        }
        for organ_id in dice.sample(organs, dice.randrange(1, 4))
        for role in dice.sample(roles, 1)
    ]
