"""Who should stand back is hinted at to who decides, from names that a case keeps secret; the body it is about is off by itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from states.errors import InvalidForm, NotFound, NotPermitted
from tests.factories import County, at
from tests.workflow.looking import rows_of
from workflow import relatives
from workflow.models import Barred, Case, Event, Grant, Outbox, RecusalHint, Relative
from workflow.occasions import moved
from workflow.permissions import CASES, visible
from workflow.reads.agreement import sample_agreement
from workflow.reads.case_page import case_page

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)


def open_clue(county: County, *, by: str = "lin", **secret: str) -> int:
    facts = {"summary": "虚报补助", "managed_by": "village", **secret}
    subject = county.organs["donggou_branch"]
    actor = county.actor(by)
    return county.engine.open("clue", actor=actor, now=NOON, title="虚报补助", subject_id=subject, data=facts).case_id


def declare(county: County, login: str, name: str, kin: str = "spouse") -> None:
    told = {"person_id": county.people[login], "name": name, "kin": kin, "now": NOON}
    county.database.write(lambda store: relatives.declare(store, **told))


def hints(county: County, login: str, case_id: int) -> list[tuple[str, str]]:
    actor = county.actor(login)
    known = county.engine.read(NOON, lambda store, occasion: case_page(store, occasion, actor, case_id)).discretion
    return [(one.login, one.why) for one in known.hints] if known else []


def listed(county: County, login: str) -> set[int]:
    actor = county.actor(login)
    rows = county.engine.read(
        NOON, lambda store, occasion: store.select(select(CASES.c.id).where(visible(actor, occasion.catalogue)))
    )
    return {row["id"] for row in rows}


def test_an_actor_of_the_name_and_one_whose_relative_bears_it_are_hinted_at(county: County) -> None:
    declare(county, "song", "李秀兰")
    case_id = open_clue(county, subject_persons="东沟村会计 方　磊\n李秀兰，村民", reporter_name="某甲")
    assert hints(county, "zhao", case_id) == [("song", "spouse"), ("fang", "same_name")]


def test_only_who_decides_is_told_and_never_whom_it_is_about(county: County) -> None:
    case_id = open_clue(county, subject_persons="方磊\n宋伟")
    assert hints(county, "lin", case_id) == []
    assert hints(county, "fang", case_id) == [("song", "same_name")]
    told = {row["person_id"] for row in rows_of(county, Outbox, message="recusal_suggested")}
    assert told == {county.people["zhao"]}


def test_no_hint_no_message_and_no_event_says_the_name(county: County) -> None:
    declare(county, "song", "李秀兰")
    open_clue(county, subject_persons="李秀兰")
    for model in (RecusalHint, Outbox, Event):
        assert "李秀兰" not in repr(rows_of(county, model))


def test_whoever_takes_the_case_over_is_looked_at_too(county: County) -> None:
    case_id = open_clue(county, subject_persons="钱锋")
    assert hints(county, "zhao", case_id) == []
    county.database.write(lambda store: store.update(Case, {"holder_id": county.organs["commission"]}, id=case_id))
    assert county.engine.look_for_relatives(NOON) == 1
    assert hints(county, "zhao", case_id) == [("qian", "same_name")]
    assert county.engine.look_for_relatives(NOON) == 0


def test_a_relative_declared_later_is_found_by_the_night(county: County) -> None:
    case_id = open_clue(county, subject_persons="李秀兰")
    declare(county, "song", "李秀兰")
    assert county.engine.look_for_relatives(NOON) == 1
    assert hints(county, "zhao", case_id) == [("song", "spouse")]


def test_a_recusal_settles_the_hint_and_so_does_a_reason_to_keep_him_on(county: County) -> None:
    case_id = open_clue(county, subject_persons="方磊\n宋伟")
    zhao = county.actor("zhao")
    county.engine.bar(case_id, actor=zhao, now=NOON, person_id=county.people["fang"], reason="本人")
    told = {"person_id": county.people["song"], "reason": "同名不同人"}
    for login in ("lin", "song"):
        with pytest.raises(NotPermitted):
            county.engine.keep_on(case_id, actor=county.actor(login), now=NOON, **told)
    county.engine.keep_on(case_id, actor=zhao, now=NOON, **told)
    assert hints(county, "zhao", case_id) == []
    with pytest.raises(NotFound):
        county.engine.keep_on(case_id, actor=zhao, now=NOON, **told)
    assert county.engine.look_for_relatives(NOON) == 0


def test_nobody_keeps_himself_on(county: County) -> None:
    case_id = open_clue(county, subject_persons="方磊")
    with pytest.raises(NotPermitted) as refused:
        county.engine.keep_on(case_id, actor=county.actor("fang"), now=NOON, person_id=county.people["fang"], reason="不是我")
    assert refused.value.params["why"] == "separation_own_hint"


def test_what_is_declared_is_a_name_and_a_relation_and_ones_own(county: County) -> None:
    for name, kin in (("", "spouse"), ("甲", "spouse"), ("李秀兰", "friend")):
        with pytest.raises(InvalidForm):
            declare(county, "song", name, kin)
    declare(county, "song", "李 秀兰")
    (row,) = rows_of(county, Relative)
    assert row["name"] == "李秀兰"
    with pytest.raises(NotFound):
        county.database.write(lambda store: relatives.take_back(store, person_id=county.people["lin"], relative_id=row["id"]))
    county.database.write(lambda store: relatives.take_back(store, person_id=county.people["song"], relative_id=row["id"]))
    assert not rows_of(county, Relative)


def test_the_body_that_a_clue_is_about_is_off_it_whatever_other_posts_its_people_hold(county: County) -> None:
    case_id, item_id = open_clue(county), county.supervised_item(NOON)
    post = {"person_id": county.people["zhou"], "role": "handler", "organ_id": county.organs["office"], "title": ""}

    def hire(store: Any) -> None:
        store.insert(Grant, [{**post, "ceiling": 3}])
        moved(store, "people")

    county.database.write(hire)
    assert item_id in listed(county, "zhou") and case_id not in listed(county, "zhou")
    assert case_id in listed(county, "lin")
    actors = [county.actor(login) for login in ("zhou", "lin", "zhao")]
    assert county.engine.read(NOON, lambda store, occasion: sample_agreement(store, occasion, actors)) == ()
    county.engine.tick(at(date(2026, 9, 1), 12))
    assert county.people["zhou"] not in {row["person_id"] for row in rows_of(county, Outbox, case_id=case_id)}
    assert not rows_of(county, Barred, case_id=case_id)
