"""The trail tells who read what is protected, from where, and who was refused; nobody can forge a line of it or read it unasked."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError

from tests import hours
from tests.copies import Copies
from tests.factories import County, vault_of
from tests.tampering import tamper
from tests.web.site import post, signed_in, site, words_of
from tests.workflow.looking import case_row, rows_of
from tests.workflow.reads.scenes import REPORTER, Scene, make_busy
from web.commands.office import reading_cases
from web.configuration.showing import moves_of
from web.wiring import Office
from workflow import files, trail
from workflow.checkpoints import take_checkpoint
from workflow.dates import local_day
from workflow.models import Clock, Draft, Grant, Person, Trail
from workflow.occasion import Occasion
from workflow.people import grants, tokens
from workflow.reads.case_lines import case_lines, show_case
from workflow.store import Store

NOW = hours.now()
SAFE = re.compile(r'[\w .:,{}"-]*', re.ASCII)


@pytest.fixture
def scene(copies: Copies) -> Scene:
    """A busy ledger with one clue."""
    return copies.of(make_busy)


@pytest.fixture
def app(scene: Scene, home: Path) -> Flask:
    return site(scene.county, home)


@pytest.fixture
def lin(app: Flask, scene: Scene) -> FlaskClient:
    """The owner, whose sign-in is on the trail already."""
    return signed_in(app, scene.county, "lin", NOW)


def told(county: County, *actions: str) -> list[dict[str, Any]]:
    """The facts of the rows with these actions, in their order."""
    found = [json.loads(row["facts"]) for row in rows_of(county, Trail)]
    return [facts for facts in found if facts["action"] in actions]


def keeper(app: Flask, county: County, role: str) -> FlaskClient:
    """Somebody who has nothing but an administrator's post."""

    def hire(store: Store) -> int:
        person_id = store.new_ids(Person, 1)[0]
        row = {"id": person_id, "login": role, "name": "白雪\n伪造", "email": "", "phone": "", "language": "zh-Hans"}
        store.insert(Person, [{**row, "must_change": False, "created_at": NOW, "toured_at": NOW}])
        grants.give(store, person_id=person_id, role=role, organ_id=county.organs["office"], today=local_day(NOW))
        return person_id

    county.people[role] = county.database.write(hire)
    return signed_in(app, county, role, NOW)


# ---- what is on it --------------------------------------------------------------------------------------------------------


def test_whoever_reads_a_clue_is_on_the_trail_with_post_session_and_address(lin: FlaskClient, scene: Scene) -> None:
    clue = scene.ids["clue"]
    assert lin.get(f"/cases/{clue}").status_code == 200
    (read,) = told(scene.county, "read")
    assert (read["actor"], read["address"], read["cases"]) == (scene.county.people["lin"], "127.0.0.1", f",{clue},")
    assert (read["what"], read["result"]) == ("cases.case_page", "200")
    (entered,) = told(scene.county, "sign_in")
    assert read["session"] == entered["session"] != ""
    assert read["request"]


def test_which_case_an_address_opened_is_told_apart_from_those_it_names(lin: FlaskClient, scene: Scene) -> None:
    clue = scene.ids["clue"]
    for page in (f"/cases/{clue}", "/ledger?kind=clue"):
        assert lin.get(page).status_code == 200
    assert [facts.get("opened") for facts in told(scene.county, "read")] == [clue, None]


def test_reading_what_names_nobody_leaves_no_row(lin: FlaskClient, scene: Scene) -> None:
    for page in (f"/cases/{scene.ids['doing']}", "/ledger?kind=rectification", "/inbox?kind=rectification", "/organisations"):
        assert lin.get(page).status_code == 200
    assert [facts for facts in told(scene.county, "read") if facts["what"] == "cases.case_page"] == []


@pytest.mark.parametrize("how", ["raised", "confined"])
def test_an_item_that_is_raised_or_confined_is_on_the_trail_like_a_clue(lin: FlaskClient, scene: Scene, how: str) -> None:
    county, item = scene.county, scene.ids["doing"]
    who: Any = {"actor": county.actor("lin"), "now": NOW, "reason": "有举报线索"}
    if how == "raised":
        county.engine.raise_level(item, level=2, **who)
    else:
        county.engine.confine(item, **who)
    for page in (f"/cases/{item}", "/ledger?kind=rectification", f"/search?q={case_row(county, item)['number']}"):
        before = len(told(county, "read"))
        assert lin.get(page).status_code == 200
        assert [facts["cases"] for facts in told(county, "read")[before:]] == [f",{item},"], page


def test_each_file_that_is_fetched_is_on_the_trail_by_its_number_and_its_case(
    app: Flask, lin: FlaskClient, scene: Scene, home: Path
) -> None:
    county, item, ids = scene.county, scene.ids["doing"], list[int]()
    vault = vault_of(home, county.database.digest_suite)
    for name in ("公示照片.txt", "会议记录.txt"):
        made: Any = {"uploaded_by": county.people["lin"], "now": NOW, "limit": 1 << 20, "name": name}
        ids.append(files.keep(county.database, vault, stream=io.BytesIO(name.encode()), **made))
        county.engine.add_evidence(item, actor=county.actor("lin"), now=NOW, file_id=ids[-1])
    for file_id in ids:
        with lin.get(f"/files/{file_id}") as answer:
            assert answer.status_code == 200
    assert [(facts["what"], facts["cases"]) for facts in told(county, "file")] == [
        (f"cases.file, file {file_id}, original", f",{item},") for file_id in ids
    ]
    auditor = keeper(app, county, "audit_admin")
    days = {"number": case_row(county, item)["number"], "since": f"{local_day(NOW)}", "until": f"{local_day(NOW)}"}
    page = words_of(auditor.get("/audit/seen", query_string=days).text)
    assert [f"打开材料（第{file_id}号）：原件" in page for file_id in ids] == [True, True]


def test_a_step_is_on_the_trail_with_its_address_by_page_and_by_a_program_s_door(app: Flask, scene: Scene) -> None:
    county, clue, item = scene.county, scene.ids["clue"], scene.ids["doing"]
    token = county.database.write(lambda store: tokens.create(store, person_id=county.people["lin"], label="接口", now=NOW))
    headers = {"Authorization": f"Bearer {token}"}
    for case_id in (clue, item):
        said = app.test_client().post(f"/api/v1/cases/{case_id}/comments", json={"text": "已看"}, headers=headers)
        assert said.status_code in (200, 201)
    acts = [(facts["cases"], facts["address"], facts["actor"]) for facts in told(county, "act")]
    assert acts == [(f",{case_id},", "127.0.0.1", county.people["lin"]) for case_id in (clue, item)]


def test_lists_that_show_a_clue_s_title_name_it_in_one_row_a_request(lin: FlaskClient, scene: Scene) -> None:
    number = case_row(scene.county, scene.ids["clue"])["number"]
    for page in ("/ledger?kind=clue", f"/search?q={number}"):
        before = len(told(scene.county, "read"))
        assert number in lin.get(page).text
        new = told(scene.county, "read")[before:]
        assert [facts["cases"] for facts in new] == [f",{scene.ids['clue']},"], page


def test_an_export_and_a_download_say_that_something_was_taken_away(lin: FlaskClient, scene: Scene) -> None:
    for page in ("/ledger/export.csv?kind=clue", "/ledger/export.csv"):
        with lin.get(page) as answer:
            assert answer.status_code == 200
    clues, items = told(scene.county, "export")
    assert (clues["cases"], items["cases"]) == (f",{scene.ids['clue']},", "")


def test_the_outsider_is_refused_and_that_is_on_the_trail_too(app: Flask, scene: Scene) -> None:
    han, clue = signed_in(app, scene.county, "han", NOW), scene.ids["clue"]
    assert han.get(f"/cases/{clue}").status_code == 404
    assert han.get("/people").status_code == 404
    first, second = told(scene.county, "refused")
    assert (first["actor"], first["cases"], first["result"]) == (scene.county.people["han"], f",{clue},", "404")
    assert (second["what"], second["cases"]) == ("admin.people_page", "")
    assert told(scene.county, "read") == []


def test_a_program_s_reading_is_on_the_trail(app: Flask, scene: Scene) -> None:
    person_id = scene.county.people["lin"]
    token = scene.county.database.write(lambda store: tokens.create(store, person_id=person_id, label="接口", now=NOW))
    answer = app.test_client().get(f"/api/v1/cases/{scene.ids['clue']}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    (read,) = told(scene.county, "read")
    assert (read["actor"], read["cases"], read["session"]) == (person_id, f",{scene.ids['clue']},", "")


def test_the_command_line_s_reading_is_on_the_trail(app: Flask, scene: Scene) -> None:
    office: Office = app.extensions["duban"]
    number = case_row(scene.county, scene.ids["clue"])["number"]
    actor = reading_cases(office, "lin", NOW)
    office.engine.read(NOW, lambda store, occasion: show_case(store, occasion, actor, number))
    (read,) = told(scene.county, "read")
    assert (read["actor"], read["what"], read["cases"]) == (
        scene.county.people["lin"],
        "command line",
        f",{scene.ids['clue']},",
    )


def test_a_command_hands_out_no_line_that_is_not_on_the_trail(app: Flask, scene: Scene) -> None:
    office: Office = app.extensions["duban"]
    actor, printed = reading_cases(office, "lin", NOW), list[str]()

    def show(store: Store, occasion: Occasion) -> None:
        for line in case_lines(store, occasion, actor, kind="clue"):
            assert [facts["cases"] for facts in told(scene.county, "read")] == [f",{scene.ids['clue']},"]
            printed.append(line["number"])

    office.engine.read(NOW, show)
    assert len(printed) == 1
    table = "ALTER TABLE trail RENAME TO elsewhere"
    tamper(scene.county.database.url, table)
    with pytest.raises((DBAPIError, psycopg.Error, sqlite3.Error)):
        office.engine.read(NOW, lambda store, occasion: printed.extend(case_lines(store, occasion, actor, kind="clue")))
    assert len(printed) == 1


def test_the_number_of_a_clue_is_on_the_trail_wherever_an_administrator_is_shown_it(app: Flask, scene: Scene) -> None:
    county, clue = scene.county, scene.ids["clue"]
    who, number = keeper(app, county, "system_admin"), case_row(county, clue)["number"]
    organ_id = case_row(county, clue)["supervisor_id"]
    split = {"act": "split", "name": "新设办", "reason": "分设"}
    shown = post(who, f"/organisations/organs/{organ_id}", f"/organisations/organs/{organ_id}/change", split)
    assert number in shown.text
    assert [facts["cases"] for facts in told(county, "act")] == [f",{clue},"]
    due = next(row["due_on"] for row in rows_of(county, Clock, case_id=clue, status="armed") if row["amount"] and row["due_on"])
    year = {"year": str(due.year), "holidays": f"停电：{due.month}月{due.day}日", "makeups": ""}
    would = post(who, "/calendar", "/calendar", year)
    assert would.status_code == 200
    assert number in would.text
    assert [facts["cases"] for facts in told(county, "act")] == [f",{clue},"] * 2


def test_what_a_year_has_moved_is_read_with_a_row_of_the_trail(app: Flask, scene: Scene) -> None:
    number = case_row(scene.county, scene.ids["clue"])["number"]
    report = [{"number": number, "before": "2026-03-01", "after": "2026-03-02"}]
    with app.test_request_context():
        assert [one["number"] for one in moves_of(report)] == [number]
        assert g.shown == {scene.ids["clue"]}


def test_a_grant_and_its_end_are_on_the_trail_with_who_gave_it(app: Flask, scene: Scene) -> None:
    county = scene.county
    security = keeper(app, county, "security_admin")
    form = {"role": "handler", "organ": county.organs["team"], "ceiling": "1", "title": ""}
    assert post(security, "/grants", f"/people/{county.people['wu']}/grants", form).status_code == 303
    (asked,) = told(county, "grant")
    assert (asked["actor"], asked["what"]) == (county.people["security_admin"], "proposal 1")
    held = next(row["id"] for row in rows_of(county, Grant) if row["person_id"] == county.people["wu"])
    assert post(security, "/grants", f"/grants/{held}/end", {}).status_code == 303
    (ended,) = told(county, "grant_ended")
    assert (ended["actor"], ended["what"]) == (county.people["security_admin"], f"grant {held}")


def test_nothing_is_shown_when_the_trail_cannot_be_written(
    lin: FlaskClient, app: Flask, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    table = "ALTER TABLE trail RENAME TO elsewhere"
    tamper(scene.county.database.url, table)
    answer = lin.get(f"/cases/{scene.ids['clue']}")
    assert answer.status_code == 500
    assert "虚报" not in answer.text
    assert lin.get(f"/cases/{scene.ids['doing']}").status_code == 200


def test_the_kinds_that_name_people_are_protected_and_the_others_not(scene: Scene) -> None:
    kinds = scene.read(lambda _store, occasion: occasion.catalogue.current)
    assert {kind for kind, served in kinds.items() if served.definition.is_protected} == {"clue"}


# ---- forging --------------------------------------------------------------------------------------------------------------


def test_no_word_of_a_client_s_enters_a_row(app: Flask, scene: Scene) -> None:
    nasty = "a\r\nb\x1b[31mc\u2028d\"}{'"
    client = app.test_client()
    headers = {"User-Agent": "x\x1b[31m", "X-Request-Id": "forged", "X-Forwarded-For": "10.9.9.9", "Forwarded": "for=10.9.9.9"}
    page = client.get("/sign-in").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    for login in (nasty, "lin", "口令误填在这里"):
        form = {"login": login, "password": nasty, "csrf_token": found[1]}
        assert client.post("/sign-in", data=form, headers=headers).status_code in (401, 429)
    lin = signed_in(app, scene.county, "lin", NOW)
    for path in (
        f"/cases/{scene.ids['clue']}?label={nasty}",
        f"/search?q={nasty}虚报",
        "/cases/999999",
        f"/cases/1/do/{nasty}",
    ):
        lin.get(path, headers=headers)
    rows = rows_of(scene.county, Trail)
    assert len(rows) > 4
    for row in rows:
        assert SAFE.fullmatch(row["facts"]), row["facts"]
        assert json.loads(row["facts"])["address"] in ("127.0.0.1", "")
        assert REPORTER not in row["facts"]


# ---- the chain ------------------------------------------------------------------------------------------------------------


def test_a_checkpoint_gives_each_row_its_place_once(lin: FlaskClient, scene: Scene) -> None:
    for _ in range(3):
        lin.get(f"/cases/{scene.ids['clue']}")
    take = scene.county.database.write
    first = take(lambda store: take_checkpoint(store, NOW))
    lin.get(f"/cases/{scene.ids['clue']}")
    second = take(lambda store: take_checkpoint(store, NOW + timedelta(hours=1)))
    rows = rows_of(scene.county, Trail)
    assert [row["seq"] for row in rows] == list(range(1, 7))
    assert [first.content["trail"], second.content["trail"]] == [[5, rows[4]["hash"]], [6, rows[5]["hash"]]]
    assert [row["prev"] for row in rows] == ["", *(row["hash"] for row in rows[:-1])]


# ---- who may ask ----------------------------------------------------------------------------------------------------------


def test_who_saw_a_case_between_two_days_is_answered_exactly(app: Flask, lin: FlaskClient, scene: Scene) -> None:
    county, clue = scene.county, scene.ids["clue"]
    number = case_row(county, clue)["number"]
    signed_in(app, county, "han", NOW).get(f"/cases/{clue}")
    lin.get(f"/cases/{clue}")
    lin.get(f"/cases/{scene.ids['doing']}")
    # Ids that begin alike are other cases.
    county.database.write(lambda store: trail.record(store, trail.MACHINE, "read", now=NOW, cases=[clue * 10 + 1]))
    old = NOW - timedelta(days=3)
    county.database.write(lambda store: trail.record(store, trail.Origin(county.people["zhao"]), "read", now=old, cases=[clue]))

    def saw(since: datetime, until: datetime) -> list[tuple[str, str]]:
        rows = county.database.read(lambda store: trail.who_saw(store, number, since=since, until=until))
        return [(row["login"], row["action"]) for row in rows]

    today = [("han", "refused"), ("lin", "read")]
    assert saw(NOW - timedelta(days=1), NOW + timedelta(days=1)) == today
    assert saw(old, NOW + timedelta(days=1)) == [("zhao", "read"), *today]
    assert saw(old + timedelta(seconds=1), old + timedelta(days=1)) == []


def test_the_audit_administrator_reads_people_and_hours_and_no_word_of_the_case(
    app: Flask, lin: FlaskClient, scene: Scene
) -> None:
    county, clue = scene.county, scene.ids["clue"]
    row = case_row(county, clue)
    lin.get(f"/cases/{clue}")
    auditor = keeper(app, county, "audit_admin")
    asked = {"number": row["number"], "since": "2020-01-01", "until": "2099-12-31"}
    page = auditor.get("/audit/seen", query_string=asked)
    assert page.status_code == 200
    words = words_of(page.text)
    assert "林静 · 看过" in words and "127.0.0.1" in words
    assert row["title"] not in words and REPORTER not in words
    assert [facts["actor"] for facts in told(county, "audit")] == [county.people["audit_admin"]]
    assert "没有这个编号" in words_of(auditor.get("/audit/seen", query_string=asked | {"number": "没有"}).text)
    assert "止日不早于起日" in words_of(auditor.get("/audit/seen", query_string=asked | {"until": "1999-01-01"}).text)
    assert auditor.get(f"/cases/{clue}").status_code == 404


def test_the_audit_administrator_reads_who_set_what_from_where_with_its_digest(
    app: Flask, lin: FlaskClient, scene: Scene
) -> None:
    county = scene.county
    author, auditor = keeper(app, county, "workflow_admin"), keeper(app, county, "audit_admin")
    begun = post(author, "/designer", "/designer/new", {"how": "empty", "key": "visit", "title": "走访"})
    assert begun.status_code == 303, begun.text
    (row,) = told(county, "configure")
    assert (row["actor"], row["address"]) == (county.people["workflow_admin"], "127.0.0.1")
    assert row["session"] and row["request"]
    (draft,) = rows_of(county, Draft)
    assert row["what"] == f"draft {draft['id']} begun, digest {draft['digest']}"
    county.database.write(lambda store: trail.configured(store, None, "setting 7 current, letter, digest " + "a" * 64, now=NOW))
    uses = (
        ("split", "sealing", True),
        ("rewrapped", "sealing", False),
        ("archived", "escrow", False),
        ("made", "blinding", True),
    )
    for act, purpose, is_operator in uses:
        told_of = partial(trail.key_used, key_id="3f9a", act=act, now=NOW, purpose=purpose, is_operator=is_operator)
        county.database.write(told_of)
    asked = {"since": "2020-01-01", "until": "2099-12-31"}
    words = " ".join(words_of(auditor.get("/audit/changes", query_string=asked).text).split())
    assert f"白雪 伪造 · 已新建 · 流程草稿 {draft['id']}" in words and f"127.0.0.1 · 摘要 {draft['digest'][:12]}" in words
    assert "系统 · 已生效 · 设置 7" in words
    assert "操作员 · 已分成几份 · 密钥 3f9a · 主密钥" in words and "系统 · 已用来换封 · 密钥 3f9a · 主密钥" in words
    assert "系统 · 已用来封存 · 密钥 3f9a · 归档托管" in words and "操作员 · 已建 · 密钥 3f9a · 防猜摘要" in words
    old = {"since": "2020-01-01", "until": "2020-01-02"}
    assert "这几天没有改动" in words_of(auditor.get("/audit/changes", query_string=old).text)
    for wrong in ({"since": "2020-01-01"}, {"since": "2020-01-02", "until": "2020-01-01"}):
        assert "止日不早于起日" in words_of(auditor.get("/audit/changes", query_string=wrong).text)


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "workflow_admin"])
def test_nobody_else_reads_the_trail(app: Flask, lin: FlaskClient, scene: Scene, role: str) -> None:
    for reader in (lin, keeper(app, scene.county, role)):
        for page in ("/audit", "/audit/seen?number=1&since=2020-01-01&until=2099-12-31", "/audit/changes"):
            assert reader.get(page).status_code == 404


def test_a_step_that_is_refused_comes_back_with_the_case_and_that_is_a_reading(lin: FlaskClient, scene: Scene) -> None:
    clue = scene.ids["clue"]
    before = len(told(scene.county, "read"))
    assert post(lin, f"/cases/{clue}", f"/cases/{clue}/verbs/withdraw", {"reason": ""}).status_code >= 400
    new = [facts["cases"] for facts in told(scene.county, "read")[before:]]
    assert new.count(f",{clue},") >= 2, "the page, and the page that came back with the refusal"
