"""Role × organisation × state × verb × door, compared with the oracle: seen or 404, permitted or refused for the right reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from config.settings import load
from handlers.ledgers.reading import read_ledger
from states.errors import (
    BadInput,
    CaseNotFound,
    Conflict,
    DomainError,
    InvalidForm,
    NotFound,
    NotPermitted,
    StaleCase,
    TransitionRefused,
)
from tests.drills.scale import IS_DRILL
from tests.security.oracle import NOTHING, PAST, WHOLE, Tables
from tests.security.sampling import some
from tests.security.touched import touched
from tests.security.visit import Visitors, words
from tests.security.world import World
from tests.web.imports.test_import_pages import form_of
from web import ledger_import
from web.wiring import Office
from workflow.permissions import CASES, visible
from workflow.reads.sight import sights_of

NOW = datetime.now(UTC)
# What a refusal may leave: a line of the trail, a note, and that a session was seen.
REMEMBERED = {"trail", "note", "sign_in"}
KINDS = ("clue", "rectification", "measure", "supervision_order", "interview")
ABSENT, ABSENT_NUMBER = 987_654_321, "线索〔2026〕999号"
# One of everybody who stands somewhere else: the sponsor's, a handling body's, a village's, past holders, outsiders.
# The secret facts of the world.
SECRETS = ("举报人甲", "举报人戊")
FEW = ("lin", "he", "zhou", "chen", "ma", "han", "di", "shuang", "huibi", "baomi")


def people_of(tables: Tables) -> dict[str, int]:
    return {row["login"]: person_id for person_id, row in tables.persons.items()}


def test_the_selectable_and_the_oracle_see_the_same_cases_and_of_each_the_same(world: World, tables: Tables) -> None:
    for login, person_id in people_of(tables).items():
        actor = world.county.actor(login, NOW.date())

        def look(store: Any, occasion: Any, actor: Any = actor) -> dict[int, str]:
            rows = store.select(select(CASES).where(visible(actor, occasion.catalogue)))
            sights = sights_of(store, actor, occasion.catalogue, rows)
            return {case_id: WHOLE if sight.upto_seq is None else PAST for case_id, sight in sights.items()}

        assert world.county.engine.read(NOW, look) == tables.seen_by(person_id), login


def test_the_world_has_whoever_sees_all_a_part_the_past_and_nothing(tables: Tables) -> None:
    told = {login: tables.seen_by(person_id) for login, person_id in people_of(tables).items()}
    assert {len(told[login]) for login in ("linxian", "baomi", "wu_zhi", "guoqi", "feng")} == {0}
    assert PAST in told["ma"].values()
    assert PAST in told["luo"].values()
    assert 0 < len(told["zhou"]) < len(told["di"]) < len(told["lin"]) == len(tables.cases)


# ---- lists ----------------------------------------------------------------------------------------------------------------


def test_every_list_count_search_and_export_has_just_what_the_oracle_says(tables: Tables, visitors: Visitors) -> None:
    people = people_of(tables)
    for login in people if IS_DRILL else FEW[:3]:
        for kind in some(KINDS[:2], 2):
            seen = tables.seen_by(people[login], among=(kind,))
            numbers = {tables.cases[case_id]["number"] for case_id in seen}
            now = {tables.cases[case_id]["number"] for case_id, how in seen.items() if how == WHOLE}
            listed = visitors.call(login, "GET", f"/cases?band=all&limit=200&kind={kind}").get_json()["cases"]
            assert {row["number"] for row in listed} == numbers, (login, kind)
            page = words(visitors.get(login, f"/ledger?band=all&kind={kind}"))
            assert named_in(page, tables, kind) == numbers, (login, kind)
            assert exported(visitors, login, kind) == now, (login, kind)
            counts = visitors.call(login, "GET", f"/counts?kind={kind}").get_json()
            ended = {case_id for case_id in seen if tables.cases[case_id]["final"]}
            still = {case_id for case_id, how in seen.items() if how == WHOLE} - ended
            assert counts["open"]["n"] == len(still), (login, kind, counts)
        for case_id in some(tables.cases, 4):
            number = tables.cases[case_id]["number"]
            found = visitors.call(login, "GET", f"/search?q={number}").get_json()["cases"]
            is_found = number in {row["number"] for row in found}
            assert is_found == (tables.sees(people[login], case_id) != NOTHING), (login, number)


def named_in(page: str, tables: Tables, kind: str = "") -> set[str]:
    """The numbers of cases that a page names."""
    return {case["number"] for case in tables.cases.values() if kind in ("", case["kind"]) and says(page, case["number"])}


def says(page: str, number: str) -> bool:
    """Is it this number, and not that of a measure under it?"""
    return any(not rest.startswith("-") for rest in page.split(number)[1:])


def exported(visitors: Visitors, login: str, kind: str) -> set[str]:
    told = words(visitors.get(login, f"/ledger/export.csv?band=all&kind={kind}"))
    cells = {cell for row in csv.reader(io.StringIO(told.removeprefix("\ufeff"))) for cell in row}
    return {cell for cell in cells if "〔2026〕" in cell}


# ---- one case -------------------------------------------------------------------------------------------------------------


def test_a_page_and_the_api_show_a_case_to_those_who_see_it_and_to_nobody_else(tables: Tables, visitors: Visitors) -> None:
    people = people_of(tables)
    for login, case_id in some(((login, case_id) for login in people for case_id in tables.cases), 10):
        wanted = 404 if tables.sees(people[login], case_id) == NOTHING else 200
        assert visitors.get(login, f"/cases/{case_id}").status_code == wanted, (login, case_id)
        assert visitors.call(login, "GET", f"/cases/{case_id}").status_code == wanted, (login, case_id)
        assert visitors.call(login, "GET", f"/cases/{case_id}/events").status_code == wanted, (login, case_id)


def test_a_past_holder_gets_the_same_case_at_every_door_whatever_becomes_of_it(
    world: World, tables: Tables, visitors: Visitors
) -> None:
    case_id = world.ids["item handed on"]
    assert tables.sees(people_of(tables)["ma"], case_id) == PAST
    before = visitors.call("ma", "GET", f"/cases/{case_id}").get_json()
    assert (before["state"], before["holder"]) == ("received", "县委巡察办")
    assert "sign_for" not in {event["trigger"] for event in before["history"]}
    lin = world.county.actor("zhou", NOW.date())
    world.county.engine.fire(case_id, "sign_for", actor=lin, now=NOW, data={"pieces": 1})
    assert visitors.call("ma", "GET", f"/cases/{case_id}").get_json() == before


# ---- pressing -------------------------------------------------------------------------------------------------------------


def steps_of(tables: Tables) -> Iterator[tuple[str, int, str]]:
    """Everybody, every case, every trigger of its kind."""
    triggers = {kind: sorted({step["trigger"] for step in text["transitions"]}) for kind, text in tables.kinds.items()}
    for login in people_of(tables):
        for case_id, case in tables.cases.items():
            yield from ((login, case_id, trigger) for trigger in triggers[case["kind"]])


def verdict_of(press: Callable[[], Any]) -> str:
    """The reason of a refusal, "" where only what was handed in is wrong, "done" for what must not happen."""
    try:
        press()
    except CaseNotFound:
        return "not_found"
    except NotPermitted as refusal:
        return str(refusal.params["why"])
    except TransitionRefused as refusal:
        return str(refusal.params["why"][0]["name"])
    except (StaleCase, InvalidForm, BadInput, NotFound):
        return ""
    except Conflict as refusal:
        return str(refusal.params["why"])
    return "done"


def test_each_step_is_for_those_whom_the_oracle_names_and_refused_to_others_for_its_reason(
    world: World, tables: Tables
) -> None:
    """Whoever may press it is told that the case has moved on: the version is another, so that nothing ever happens."""
    people, actors = people_of(tables), {login: world.county.actor(login, NOW.date()) for login in people_of(tables)}
    fire = world.county.engine.fire
    for login, case_id, trigger in some(steps_of(tables), 600):
        told = {"actor": actors[login], "now": NOW, "data": {}, "expected_version": tables.cases[case_id]["version"] + 1}
        found = verdict_of(lambda case_id=case_id, trigger=trigger, told=told: fire(case_id, trigger, **told))
        assert found == tables.presses(people[login], case_id, trigger), (login, case_id, trigger)
    assert touched(world.county.database) <= REMEMBERED


def test_the_doors_of_a_step_give_one_verdict_and_a_refusal_changes_nothing(
    world: World, tables: Tables, visitors: Visitors
) -> None:
    """The page, the API and a step on many say the same of the same step, and nothing is written but that it was refused."""
    people = people_of(tables)
    wanted = {
        (login, case_id, trigger): why
        for login, case_id, trigger in some(steps_of(tables), 500, seed=4)
        if (why := tables.presses(people[login], case_id, trigger))
    }
    few = some(wanted, 12, seed=5)
    for login, *_ in few:
        visitors.client(login)
        visitors.call(login, "GET", "/me")
    touched(world.county.database)
    for login, case_id, trigger in few:
        why = wanted[login, case_id, trigger]
        status = {"not_found": 404, "wrong_state": 409}.get(why, 403)
        version = tables.cases[case_id]["version"]
        answer = visitors.call(login, "POST", f"/cases/{case_id}/transitions/{trigger}", {"expected_version": version})
        assert answer.status_code == status, (login, case_id, trigger, why)
        page = visitors.post(login, f"/cases/{case_id}/do/{trigger}", {"version": version})
        assert page.status_code == status, (login, case_id, trigger, why)
        assert touched(world.county.database) <= REMEMBERED, (login, case_id, trigger)


# ---- importing ------------------------------------------------------------------------------------------------------------

LEDGER = "乡镇,村居,反馈问题,责任单位,完成情况,反馈时间\n柳河镇,东沟村,账目混乱,东沟村,正在整改,2025-01-06\n"


def test_an_old_ledger_comes_in_by_those_whom_the_oracle_names_through_every_door(
    world: World, tables: Tables, visitors: Visitors
) -> None:
    """Looked at, brought in, let run and taken back: a refusal is that of a page that is not there, and changes nothing."""
    people = people_of(tables)
    may = {login for login, person_id in people.items() if tables.imports(person_id)}
    assert {"lin"} <= may and len(may) < len(people)
    import_id = _brought_in(visitors, min(may))
    doors = (("preview", {"file": (io.BytesIO(LEDGER.encode()), "台账.csv")}), ("bring-in", {"word": "x"}))
    doors += ((f"{import_id}/switch-on", {"mode": "none"}), (f"{import_id}/withdraw", {"reason": ""}))
    for login in sorted(people if IS_DRILL else {*FEW, *some(sorted(people), 8)}):
        visitors.client(login)
        touched(world.county.database)
        wanted = {200} if login in may else {404}
        for page in ("/imports", f"/imports/{import_id}"):
            assert {visitors.get(login, page).status_code} == wanted, (login, page)
        if login in may:
            continue
        for door, told in doors:
            data = {
                name: (io.BytesIO(LEDGER.encode()), "台账.csv") if name == "file" else value for name, value in told.items()
            }
            assert visitors.post(login, f"/imports/{door}", data).status_code == 404, (login, door)
        assert touched(world.county.database) <= REMEMBERED, login


def test_the_command_line_imports_for_the_same_people(world: World, tables: Tables, home: Path) -> None:
    """And the engine refuses whoever comes past the pages."""
    office = Office(load({"DUBAN_HOME": str(home)}), world.county.database, world.county.engine)
    reading = read_ledger(LEDGER.encode(), "台账.csv", today=NOW.date())
    for login, person_id in people_of(tables).items():
        actor = world.county.actor(login, NOW.date())
        told = {"actor": actor, "now": NOW, "is_creating": False}

        def bring(told: Any = told) -> Any:
            return ledger_import.dry_run(office, ledger_import.make_request(reading, LEDGER.encode(), "台账.csv", **told))

        found = verdict_of(bring)
        assert (found == "done") == tables.imports(person_id), (login, found)
        assert found in ("done", "role")


def _brought_in(visitors: Visitors, login: str) -> int:
    """The id of an import that somebody has made through the pages."""
    seen = words(visitors.post(login, "/imports/preview", {"file": (io.BytesIO(LEDGER.encode()), "台账.csv")}))
    done = visitors.post(login, "/imports/bring-in", form_of(seen))
    found = re.search(r"/imports/(\d+)", words(done))
    assert found, "it came in"
    return int(found[1])


def test_a_domain_error_is_known_by_its_reason() -> None:
    def raising(error: DomainError) -> Callable[[], Any]:
        def raise_it() -> Any:
            raise error

        return raise_it

    assert verdict_of(raising(NotPermitted(why="role"))) == "role"
    assert verdict_of(raising(InvalidForm(fields={}))) == ""
