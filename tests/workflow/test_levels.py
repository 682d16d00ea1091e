"""Levels of cases and of files: raised at once, lowered by two people, heeded by every list, message, letter and download."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from states.errors import InvalidForm, NotFound, NotPermitted
from tests.factories import County, at
from tests.workflow.looking import case_row, rows_of
from workflow.dossier import require_dossier
from workflow.files import find_readable
from workflow.models import Event, Grant, Loosening, Notice, Outbox, StoredFile
from workflow.occasions import moved
from workflow.outbox import deliver
from workflow.permissions import CASES, visible
from workflow.reads.case_page import case_page
from workflow.reads.seen import see

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)


def cap(county: County, ceiling: int, *logins: str) -> None:
    """The posts of these people reach this level and no higher."""

    def work(store: Any) -> None:
        for login in logins:
            store.update(Grant, {"ceiling": ceiling}, person_id=county.people[login])
        moved(store, "people")

    county.database.write(work)


def listed(county: County, login: str) -> set[int]:
    actor = county.actor(login)
    rows = county.engine.read(
        NOON, lambda store, occasion: store.select(select(CASES.c.id).where(visible(actor, occasion.catalogue)))
    )
    return {row["id"] for row in rows}


def raise_level(county: County, case_id: int, level: int, by: str = "lin") -> None:
    county.engine.raise_level(case_id, actor=county.actor(by), now=NOON, level=level, reason="有举报线索")


def test_a_raised_level_takes_the_case_from_every_post_below_it_at_once(county: County) -> None:
    case_id = county.supervised_item(NOON)
    cap(county, 1, "chen", "sun", "song")
    assert all(case_id in listed(county, login) for login in ("chen", "sun", "song", "zhou"))
    raise_level(county, case_id, 2)
    assert [login for login in ("chen", "sun", "song", "zhou") if case_id in listed(county, login)] == ["zhou"]
    event = rows_of(county, Event, case_id=case_id, verb="raise_level")[0]
    assert (event["actor_id"], '"level":2' in event["facts"], '"was":1' in event["facts"] or '"was":0' in event["facts"]) == (
        county.people["lin"],
        True,
        True,
    )


def test_what_was_and_will_be_opened_out_of_it_is_raised_with_it_and_the_rest_keeps_the_level_of_its_kind(
    county: County,
) -> None:
    case_id = county.supervised_item(NOON)
    order = {"order_title": "督办事项", "requirement": "限期整改"}
    before = county.engine.fire(case_id, "supervise", actor=county.actor("zhao"), now=NOON, data=order).opened[0]
    assert case_row(county, before)["level"] == 0
    county.engine.raise_level(case_id, actor=county.actor("lin"), now=NOON, level=2, reason="涉及领导干部")
    assert case_row(county, before)["level"] == 2
    told = {"parts": [{"title": "分出一件"}], "reason": "分办"}
    part = county.engine.split(case_id, actor=county.actor("lin"), now=NOON, **told).opened[0]
    assert case_row(county, part)["level"] == 2


def test_it_is_raised_by_who_works_on_it_never_above_his_own_ceiling_and_never_lowered_so(county: County) -> None:
    case_id = county.supervised_item(NOON)
    with pytest.raises(NotPermitted):
        raise_level(county, case_id, 2, by="he")
    cap(county, 2, "lin")
    for level, fault in ((3, "above_own"), (0, "not_higher")):
        with pytest.raises(InvalidForm) as refused:
            raise_level(county, case_id, level)
        assert refused.value.params["fields"] == {"level": [fault]}
    raise_level(county, case_id, 2, by="zhou")


def test_it_is_lowered_by_two_people_and_not_below_its_kind(county: County) -> None:
    case_id = county.supervised_item(NOON)
    least = case_row(county, case_id)["level"]
    raise_level(county, case_id, 3)
    lin, zhao, told = county.actor("lin"), county.actor("zhao"), {"now": NOON, "what": "level", "reason": "已查清"}
    for level in (least - 1, 3):
        with pytest.raises(InvalidForm):
            county.engine.ask_loosening(case_id, actor=lin, level=level, **told)
    county.engine.ask_loosening(case_id, actor=lin, level=least, **told)
    assert case_row(county, case_id)["level"] == 3
    asked_id = rows_of(county, Loosening)[0]["id"]
    county.engine.decide_loosening(case_id, actor=zhao, now=NOON, asked_id=asked_id, granted=True, reason="同意")
    assert case_row(county, case_id)["level"] == least


def test_nobody_below_the_level_is_told_of_the_case_his_head_is_instead(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    cap(county, 1, "sun", "song")
    raise_level(county, case_id, 2)
    county.hand_over(case_id, NOON, by="lin")
    county.engine.tick(NOON + timedelta(120))
    told = {line["person_id"] for line in rows_of(county, Outbox, case_id=case_id)}
    assert county.people["zhou"] in told and not told & {county.people["sun"], county.people["song"]}


def test_a_line_written_before_the_level_was_raised_is_not_sent_to_who_is_below_it(county: County) -> None:
    case_id = county.supervised_item(NOON)
    cap(county, 1, "song")
    county.engine.comment(case_id, actor=county.actor("lin"), now=NOON, text="请看", mentions=(county.people["song"],))
    raise_level(county, case_id, 2)
    deliver(county.database, {}, now=NOON + timedelta(minutes=1))
    assert county.people["song"] not in {notice["person_id"] for notice in rows_of(county, Notice)}


def test_lowering_a_ceiling_never_adds_a_row(county: County) -> None:
    cases = [county.supervised_item(NOON), county.open_item(NOON), county.supervised_item(NOON)]
    raise_level(county, cases[0], 3)
    raise_level(county, cases[1], 2)

    @given(st.lists(st.integers(0, 3), min_size=2, max_size=6))
    def falls(ceilings: list[int]) -> None:
        seen = None
        for ceiling in sorted(ceilings, reverse=True):
            cap(county, ceiling, "song")
            now_seen = listed(county, "song")
            assert seen is None or now_seen <= seen
            seen = now_seen

    falls()


# ---- files ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def filed(county: County) -> tuple[int, int]:
    """An item with a file of the village, which the office raises above it."""
    case_id = county.supervised_item(NOON)
    file_id = county.keep_file("举报信", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOON, file_id=file_id)
    county.engine.raise_file(case_id, actor=county.actor("lin"), now=NOON, file_id=file_id, level=3, reason="写有举报人姓名")
    cap(county, 2, "song", "sun")
    return case_id, file_id


def page_of(county: County, login: str, case_id: int) -> Any:
    return county.engine.read(NOON, lambda store, occasion: case_page(store, occasion, county.actor(login), case_id))


def may_open(county: County, login: str, file_id: int) -> bool:
    actor = county.actor(login)
    return county.engine.read(NOON, lambda store, occasion: find_readable(store, occasion, actor, file_id)) is not None


def test_a_file_above_its_case_is_neither_named_nor_opened_below_its_level(county: County, filed: tuple[int, int]) -> None:
    case_id, file_id = filed
    for login in ("song", "sun"):
        page = page_of(county, login, case_id)
        assert not page.evidence and not may_open(county, login, file_id)
        assert not {"add_evidence", "raise_file"} & {event.verb for event in page.timeline}
        assert "举报信" not in repr(page)
    for login in ("lin", "zhou"):
        page = page_of(county, login, case_id)
        assert [file.level for file in page.evidence] == [3] and may_open(county, login, file_id)
        assert "add_evidence" in {event.verb for event in page.timeline}


def test_who_is_not_cleared_for_each_file_gets_no_dossier(county: County, filed: tuple[int, int]) -> None:
    case_id, _file_id = filed

    def asks(login: str) -> None:
        actor = county.actor(login)
        county.engine.read(NOON, lambda store, occasion: require_dossier(see(store, occasion, actor, case_id)))

    asks("lin")
    with pytest.raises(NotPermitted) as refused:
        asks("song")
    assert refused.value.params["why"] == "not_cleared"


def test_a_file_comes_down_by_two_people_and_one_of_another_case_is_none(county: County, filed: tuple[int, int]) -> None:
    case_id, file_id = filed
    other = county.supervised_item(NOON, subject="xitou_branch", signer="feng")
    told = {"what": "file", "file_id": file_id, "level": 0, "reason": "已隐去姓名"}
    with pytest.raises(NotFound):
        county.engine.ask_loosening(other, actor=county.actor("lin"), now=NOON, **told)
    county.engine.ask_loosening(case_id, actor=county.actor("lin"), now=NOON, **told)
    asked_id = rows_of(county, Loosening)[0]["id"]
    county.engine.decide_loosening(
        case_id, actor=county.actor("zhao"), now=NOON, asked_id=asked_id, granted=True, reason="同意"
    )
    assert rows_of(county, StoredFile, id=file_id)[0]["level"] == 0 and may_open(county, "song", file_id)


def test_a_file_comes_down_only_by_people_who_may_open_it(county: County, filed: tuple[int, int]) -> None:
    case_id, file_id = filed
    cap(county, 2, "song", "fang")
    told = {"what": "file", "file_id": file_id, "level": 0, "reason": "已隐去姓名"}
    with pytest.raises(NotFound):
        county.engine.ask_loosening(case_id, actor=county.actor("song"), now=NOON, **told)
    county.engine.ask_loosening(case_id, actor=county.actor("lin"), now=NOON, **told)
    assert "举报信" not in repr(page_of(county, "fang", case_id)) and "举报信" in repr(page_of(county, "lin", case_id))
    asked_id = rows_of(county, Loosening)[0]["id"]
    with pytest.raises(NotFound):
        county.engine.decide_loosening(
            case_id, actor=county.actor("fang"), now=NOON, asked_id=asked_id, granted=True, reason="同意"
        )


def test_what_was_asked_before_it_was_raised_lowers_nothing_any_more(county: County) -> None:
    case_id = county.supervised_item(NOON)
    raise_level(county, case_id, 1)
    told = {"what": "level", "level": 0, "reason": "已公开"}
    county.engine.ask_loosening(case_id, actor=county.actor("song"), now=NOON, **told)
    raise_level(county, case_id, 3)
    (asked,) = rows_of(county, Loosening)
    assert asked["granted"] is False and asked["decided_by"] is None
    with pytest.raises(NotFound):
        county.engine.decide_loosening(
            case_id, actor=county.actor("zhao"), now=NOON, asked_id=asked["id"], granted=True, reason="同意"
        )
    assert case_row(county, case_id)["level"] == 3


def test_whoever_was_taken_off_has_asked_for_nothing(county: County) -> None:
    case_id = county.supervised_item(NOON)
    raise_level(county, case_id, 1)
    told = {"what": "level", "level": 0, "reason": "已公开"}
    county.engine.ask_loosening(case_id, actor=county.actor("song"), now=NOON, **told)
    county.engine.bar(case_id, actor=county.actor("lin"), now=NOON, person_id=county.people["song"], reason="近亲属")
    assert [row["granted"] for row in rows_of(county, Loosening)] == [False]


def test_whoever_the_raised_case_is_above_handles_it_no_more(county: County) -> None:
    case_id = county.supervised_item(NOON)
    county.engine.assign(case_id, actor=county.actor("zhou"), now=NOON, person_id=county.people["sun"])
    cap(county, 1, "sun")
    raise_level(county, case_id, 2)
    assert case_row(county, case_id)["assignee_id"] is None
