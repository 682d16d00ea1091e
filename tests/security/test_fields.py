"""What stands in an address or a form beside the case itself: the other end, files, people, fields, filters (R17, R18, R19)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from tests.security.oracle import NOTHING, Tables
from tests.security.test_matrix import ABSENT, ABSENT_NUMBER, REMEMBERED, people_of
from tests.security.touched import touched
from tests.security.visit import Visitors, plain, words
from tests.security.world import World
from tests.web.site import unmarked
from tests.workflow.looking import case_row, rows_of
from workflow.models import Evidence, Link, SavedView, Token

NOW = datetime.now(UTC)
SECRET, NOBODY = "举报人甲", "举报人无"


# ---- the other end --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["link", "merge"])
def test_a_case_that_one_does_not_see_is_no_other_end(world: World, tables: Tables, visitors: Visitors, verb: str) -> None:
    """R17: by its number from a form, by its id from a program; the answer is that for a number that nobody has."""
    mine, hidden = world.ids["clue transferred"], world.ids["clue elsewhere"]
    assert tables.sees(people_of(tables)["he"], hidden) == NOTHING
    visitors.client("he")
    touched(world.county.database)
    told = []
    for number in (tables.cases[hidden]["number"], ABSENT_NUMBER):
        answer = visitors.post("he", f"/cases/{mine}/verbs/{verb}", {"number": number, "reason": "同一件"})
        told.append((answer.status_code, plain(answer, number)))
    assert told[0] == told[1]
    assert touched(world.county.database) <= REMEMBERED
    links = rows_of(world.county, Link)
    for other in (hidden, ABSENT):
        answer = visitors.post("he", f"/cases/{mine}/verbs/unlink", {"other": other, "relation": "related"})
        assert answer.status_code == 404
    assert rows_of(world.county, Link) == links


def test_a_remark_names_nobody_who_may_not_read_the_case(world: World, visitors: Visitors) -> None:
    mine = world.ids["clue transferred"]
    for login in ("han", "huibi", "di", "baomi", "ma"):
        form = {"text": "请看", "mention": world.county.people[login]}
        answer = visitors.post("he", f"/cases/{mine}/verbs/comment", form)
        assert answer.status_code == (303 if login == "huibi" else 422), login


def test_a_file_of_somebody_else_is_no_proof_and_no_scan(world: World, visitors: Visitors) -> None:
    """R17, R35: whoever could add it to his own case would read it there."""
    county, mine = world.county, world.ids["clue supervised"]
    theirs = county.keep_file("青石镇的照片", "xie")
    told = []
    for file_id in (theirs, ABSENT):
        answer = visitors.call("luo", "POST", f"/cases/{mine}/evidence", {"file_id": file_id})
        told.append((answer.status_code, answer.text))
        paper = {"approver": "赵国华", "on": NOW.date().isoformat(), "scan": file_id}
        data = {"recipient": county.organs["commission"], "approval": paper}
        answer = visitors.call("luo", "POST", f"/cases/{mine}/transitions/redirect", {"data": data})
        told.append((answer.status_code, answer.text))
    assert told[:2] == told[2:]
    assert [status for status, _text in told[:2]] == [404, 422]
    assert visitors.get("luo", f"/files/{theirs}").status_code == 404


def test_what_is_somebody_s_own_is_not_there_for_others(world: World, visitors: Visitors) -> None:
    """Views, tokens, runs and uploads: the id of another's is that of none, and it stays as it is."""
    county = world.county
    visitors.post("lin", "/ledger/views", {"name": "我的", "query": "band=late"})
    visitors.call("lin", "GET", "/me")
    run = visitors.post("lin", "/bulk", {"verb": "remind", "case": world.ids["item supervised"]})
    assert run.status_code == 303
    run_id = int(re.findall(r"/bulk/(\d+)", run.headers["Location"])[0])
    word = visitors.post("lin", f"/cases/{world.ids['item received']}/uploads", {"name": "a.txt", "size": 3}).get_json()[
        "upload"
    ]
    view = rows_of(county, SavedView)[0]["id"]
    token = rows_of(county, Token, person_id=county.people["lin"])[0]["id"]
    before = [rows_of(county, model) for model in (SavedView, Token)]
    for own, none in ((f"/bulk/{run_id}", f"/bulk/{ABSENT}"), (f"/uploads/{word}", f"/uploads/{'0' * 32}")):
        answers = [visitors.get("han", address) for address in (own, none)]
        assert {answer.status_code for answer in answers} == {404}, own
        assert plain(answers[0], own) == plain(answers[1], none)
    for own in (f"/ledger/views/{view}/drop", f"/tokens/{token}/end", f"/bulk/{run_id}/undo", f"/bulk/{run_id}/progress"):
        visitors.post("han", own, {})
    visitors.call("han", "GET", "/me")
    assert rows_of(county, SavedView) == before[0]
    assert rows_of(county, Token, person_id=county.people["lin"]) == [
        t for t in before[1] if t["person_id"] == county.people["lin"]
    ]


def test_a_step_on_many_leaves_out_what_its_owner_does_not_see(world: World, tables: Tables, visitors: Visitors) -> None:
    """R16: the same hidden case by the bar of the list, by the inbox, and by an upload."""
    hidden = world.ids["item received"]
    assert tables.sees(people_of(tables)["zhou"], hidden) == NOTHING
    visitors.client("zhou")
    version = tables.cases[hidden]["version"]
    for address, form in (
        ("/inbox/sign", {"case": [hidden]}),
        ("/bulk", {"verb": "sign_for@rectification", "case": [hidden], "go": "1"}),
        ("/bulk", {"verb": "remind", "case": [hidden]}),
    ):
        told = words(visitors.post("zhou", address, form))
        assert tables.cases[hidden]["number"] not in told, address
    assert case_row(world.county, hidden)["version"] == version


# ---- fields ---------------------------------------------------------------------------------------------------------------

SHOWN = {
    *("id", "title", "number", "kind", "state", "subject", "holder", "due_on", "overdue", "cycle", "version", "data"),
    *("clocks", "history", "links", "agenda"),
}
LISTED = {"id", "number", "kind", "state", "title", "subject", "holder", "due_on", "days_late", "version"}
EVENT = {"seq", "verb", "trigger", "from_state", "to_state", "actor_id", "organ_id", "happened_at", "recorded_at", "receipt"}


def test_answers_have_the_members_that_are_listed_and_no_others(world: World, visitors: Visitors) -> None:
    """R18: a column that a table gets is in no answer before somebody lists it."""
    case_id = world.ids["clue supervised"]
    for login in ("lin", "he"):
        shown = visitors.call(login, "GET", f"/cases/{case_id}").get_json()
        assert set(shown) == SHOWN
        assert set().union(*(event.keys() for event in shown["history"])) == EVENT
        kinds = visitors.call(login, "GET", "/cases?kind=clue&band=all").get_json()["cases"]
        assert set().union(*(row.keys() for row in kinds)) == LISTED
        events = visitors.call(login, "GET", f"/cases/{case_id}/events").get_json()["events"]
        assert set().union(*(event.keys() for event in events)) == EVENT


def test_a_secret_fact_is_in_no_answer_about_a_case(world: World, visitors: Visitors) -> None:
    """Neither its value nor that it was said at all, for whoever reads the case."""
    for login in ("lin", "zhao", "guan"):
        for address in ("", "/events"):
            told = visitors.call(login, "GET", f"/cases/{world.ids['clue received']}{address}").text
            assert SECRET not in json.dumps(json.loads(told), ensure_ascii=False)
            assert "reporter_name" not in told
        for address in ("/ledger/export.csv?band=all&kind=clue", "/ledger/export.xlsx?band=all&kind=clue", "/ledger/paper"):
            told = words(visitors.get(login, address))
            assert SECRET not in told, address


WRONG: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("POST", "/cases", {"kind": "rectification", "title": "t", "subject_id": 1, "state": "closed"}),
    ("POST", "/cases", {"kind": "rectification", "title": "t", "subject_id": 1, "level": 0}),
    ("POST", "/cases/{id}/transitions/remind", {"data": {"state": "closed"}}),
    ("POST", "/cases/{id}/transitions/remind", {"data": {"reporter_name": "某"}}),
    ("POST", "/cases/{id}/transitions/remind", {"holder_id": 1}),
    ("POST", "/cases/{id}/comments", {"text": "看", "actor_id": 1}),
)


@pytest.mark.parametrize(("method", "path", "body"), WRONG)
def test_what_a_form_does_not_ask_is_refused_by_name(
    world: World, visitors: Visitors, method: str, path: str, body: Mapping[str, Any]
) -> None:
    visitors.call("lin", "GET", "/me")
    touched(world.county.database)
    answer = visitors.call("lin", method, path.format(id=world.ids["item supervised"]), body)
    assert answer.status_code == 422, answer.text
    assert touched(world.county.database) <= REMEMBERED


# ---- inference ------------------------------------------------------------------------------------------------------------

ASKED = ("f.reporter_name={}", "not.reporter_name={}", "f.reporter_contact={}", "q={}")
WAYS = ("/ledger?band=all&kind=clue&{}", "/ledger/export.csv?band=all&kind=clue&{}", "/api/v1/cases?band=all&kind=clue&{}")
WAYS += ("/api/v1/counts?kind=clue&{}", "/search?{}", "/ledger/paper?{}")


@pytest.mark.parametrize("asked", ASKED)
def test_a_secret_value_that_is_there_and_one_that_is_not_find_the_same(visitors: Visitors, asked: str) -> None:
    """R19: no filter, search or count tells whether somebody is the reporter."""
    for way in WAYS:
        told = []
        for value in (SECRET, NOBODY):
            address = way.format(asked.format(value))
            api = address.startswith("/api/v1")
            answer = visitors.call("lin", "GET", address.removeprefix("/api/v1")) if api else visitors.get("lin", address)
            spelled = (value, quote(value), quote(quote(value)), json.dumps(value)[1:-1])
            told.append((answer.status_code, re.sub(r"\d\d:\d\d", "", unmarked(plain(answer, *spelled)))))
        assert told[0] == told[1], way


@pytest.mark.parametrize(
    "way", ["sort=reporter_name", "group=reporter_name", "cols=number,reporter_name", "none=reporter_name"]
)
def test_nothing_is_sorted_grouped_or_laid_out_by_a_secret_fact(visitors: Visitors, way: str) -> None:
    answers = [
        visitors.get("lin", f"/ledger?band=all&kind=clue&{asked}")
        for asked in (way, way.replace("reporter_name", "no_such_fact"))
    ]
    told = [words(answer) for answer in answers]
    assert answers[0].status_code == answers[1].status_code, way
    rows = [re.findall(r'href="/cases/(\d+)"', said) for said in told]
    assert rows[0] == rows[1], "what is secret orders, groups and leaves out as a fact that does not exist"
    assert SECRET not in told[0]


def test_a_past_holder_finds_nothing_by_how_a_case_stands_now(world: World, tables: Tables, visitors: Visitors) -> None:
    """R19: each filter about the present is asked with what holds now and with what does not; he gets the same."""
    case = tables.cases[world.ids["item handed on"]]
    now_and_not = (("state", case["state"], "supervised"), ("holder", case["holder_id"], 1), ("late", "30%2B", "1-10"))
    for name, holds, holds_not in now_and_not:
        told = [
            visitors.call("ma", "GET", f"/cases?band=all&kind=rectification&{name}={value}").get_json()["cases"]
            for value in (holds, holds_not)
        ]
        assert told[0] == told[1], name
    assert visitors.call("ma", "GET", "/cases?band=all&kind=rectification").get_json()["cases"] != []


def test_an_upload_for_one_case_is_no_proof_of_another(world: World, visitors: Visitors) -> None:
    mine, other = world.ids["item supervised"], world.ids["item transferred"]
    visitors.client("zhou")
    word = visitors.post("zhou", f"/cases/{mine}/uploads", {"name": "a.txt", "size": 3}).get_json()["upload"]
    assert visitors.put("zhou", f"/uploads/{word}?offset=0", b"abc").get_json()["offset"] == 3
    assert visitors.post("zhou", f"/cases/{other}/evidence", {"upload": word}).status_code == 422
    assert rows_of(world.county, Evidence, case_id=other) == []
    assert visitors.post("zhou", f"/cases/{mine}/evidence", {"upload": word}).status_code == 303
    assert len(rows_of(world.county, Evidence, case_id=mine)) == 1
