"""Everybody × every case × the engine's own verbs × door, compared with the oracle: permitted, or refused for the right reason."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from states.errors import NotPermitted, TransitionRefused
from tests import hours
from tests.security.oracle import NOTHING, WHOLE, Tables
from tests.security.sampling import some
from tests.security.test_matrix import ABSENT, ABSENT_NUMBER, FEW, REMEMBERED, people_of, steps_of, verdict_of
from tests.security.touched import touched
from tests.security.verb_rules import OF_READERS, OTHERS, VERBS, corrects, takes_back, uses
from tests.security.visit import Visitors, tables_of, words
from tests.security.world import World
from tests.workflow.looking import case_row, rows_of
from web.cli import main
from workflow.dates import local_day
from workflow.models import BulkItem
from workflow.types import Actor
from workflow.verbs.bulk import Wish

# Each is asked with something missing that it looks at last, so that nothing ever happens.
PROBES: Mapping[str, Mapping[str, Any]] = {
    "assign": {"person_id": ABSENT},
    "ask_extension": {"clock": "none", "wanted_on": None, "reason": ""},
    "decide_extension": {"clock": "none", "granted": True, "reason": ""},
    "pause": {"reason": "", "approver": "", "max_days": 0},
    "resume": {"reason": ""},
    "void": {"reason": "", "approver": ""},
    "split": {"parts": [], "reason": ""},
    "withdraw": {"reason": ""},
    "comment": {"text": ""},
    "add_evidence": {"file_id": ABSENT},
    "bar": {"person_id": ABSENT, "reason": ""},
    "keep_on": {"person_id": ABSENT, "reason": ""},
    "confine": {"reason": ""},
    "let_in": {"person_id": ABSENT, "reason": ""},
    "leave_out": {"person_id": ABSENT, "reason": ""},
    "raise_level": {"level": 0, "reason": ""},
    "raise_file": {"file_id": ABSENT, "level": 0, "reason": ""},
    "ask_loosening": {"what": "level", "reason": ""},
    "decide_loosening": {"asked_id": ABSENT, "granted": True, "reason": ""},
}
# With another case, with oneself.
PAIRED = ("link", "unlink", "merge")
# What is said last of all, where there is nothing to let go or nobody closes it so: whoever hears it might have.
SAID_LAST = ("is_not_paused", "talks_are_waived")


def actors_of(world: World, tables: Tables) -> dict[str, Actor]:
    today = local_day(hours.now())
    return {login: world.county.actor(login, today) for login in people_of(tables)}


def test_the_oracle_knows_every_verb_that_is_asked_for() -> None:
    asked = {*PROBES, *PAIRED, "bar_oneself"}
    assert asked == {*VERBS, *OF_READERS, *OTHERS}


def test_each_of_the_engine_s_own_verbs_is_for_those_whom_the_oracle_names(world: World, tables: Tables) -> None:
    people, actors, now = people_of(tables), actors_of(world, tables), hours.now()
    cells = ((login, case_id, verb) for login in people for case_id in tables.cases for verb in (*PROBES, "bar_oneself"))
    for login, case_id, verb in some(cells, 700):
        told: Mapping[str, Any] = PROBES.get(verb) or {"person_id": people[login], "reason": ""}
        ask = getattr(world.county.engine, verb.removesuffix("_oneself"))
        found = verdict_of(lambda ask=ask, i=case_id, who=actors[login], told=told: ask(i, actor=who, now=now, **told))
        wanted = uses(tables, people[login], case_id, verb)
        assert (found if found not in SAID_LAST else "") == wanted, (login, case_id, verb)
    assert touched(world.county.database) <= REMEMBERED


def test_a_verb_on_two_cases_is_for_those_whom_the_oracle_names_and_who_see_both(world: World, tables: Tables) -> None:
    """R17. To link two cases, and then to take that back, is refused to nobody whom the oracle names, so that it happens."""
    people, actors, now = people_of(tables), actors_of(world, tables), hours.now()
    ids = list(tables.cases)
    cells = ((login, one, other, verb) for login in people for one in ids for other in ids[::3] for verb in PAIRED)
    for login, one, other, verb in some((cell for cell in cells if cell[1] != cell[2]), 400, drill=20_000, seed=3):
        told = {"into_id": other, "reason": ""} if verb == "merge" else {"other_id": other}
        ask = getattr(world.county.engine, verb)
        found = verdict_of(lambda ask=ask, i=one, who=actors[login], told=told: ask(i, actor=who, now=now, **told))
        wanted = of_two(tables, people[login], one, other, verb)
        assert (found if found not in (*SAID_LAST, "done") else "") == wanted, (login, one, other, verb)
        written = touched(world.county.database)
        assert written <= REMEMBERED or not wanted, (login, one, other, verb)


def of_two(tables: Tables, person_id: int, one: int, other: int, verb: str) -> str:
    """The end that one does not see is looked for first, in the order of their ids; the other one of a merger has not ended."""
    for case_id in sorted((one, other)):
        if (how := tables.sees(person_id, case_id)) != WHOLE:
            return "not_found" if how == NOTHING else "relation"
    if verb == "merge" and (tables.cases[one]["final"] or tables.cases[other]["final"]):
        return "is_final"
    return uses(tables, person_id, one, verb)


def test_a_fact_is_corrected_by_those_whom_its_own_rule_names(world: World, tables: Tables) -> None:
    """Each with an answer that is none."""
    people, actors, now = people_of(tables), actors_of(world, tables), hours.now()
    cells = (
        (login, case_id, field["key"])
        for login in people
        for case_id, case in tables.cases.items()
        for field in tables.kinds[case["kind"]]["fields"]
    )
    for login, case_id, key in some(cells, 400, drill=20_000, seed=8):
        told = {"data": {key: {"no": "answer"}}, "reason": "更正"}
        amend, who = world.county.engine.amend, actors[login]
        found = verdict_of(lambda i=case_id, who=who, told=told, amend=amend: amend(i, actor=who, now=now, **told))
        wanted = corrects(tables, people[login], case_id, key)
        assert (found or "") == wanted, (login, case_id, key)
    assert touched(world.county.database) <= REMEMBERED


# ---- doors ----------------------------------------------------------------------------------------------------------------

# What the form of each asks, with nothing in it that could itself be refused. CLOCK is one that may be moved, OTHER another case.
CLOCK, OTHER = "the clock", "the other case"
FORMS: Mapping[str, Mapping[str, str]] = {
    "assign": {"person": ""},
    "ask_extension": {"clock": CLOCK, "wanted_on": "2027-01-04", "reason": "延期"},
    "decide_extension": {"clock": CLOCK, "granted": "1", "reason": "同意"},
    "pause": {"reason": "暂停", "approver": "赵国华", "max_days": "5"},
    "resume": {"reason": "恢复"},
    "void": {"reason": "重复", "approver": "赵国华"},
    "split": {"parts": "分出一件", "reason": "分办"},
    "withdraw": {"reason": "误导入"},
    "comment": {"text": "看"},
    "bar": {"reason": "亲属", "person": "song"},
    "bar_oneself": {"reason": "亲属", "own": "1"},
    "keep_on": {"person": "1", "reason": "不是同一人"},
    "confine": {"reason": "少数人知悉"},
    "let_in": {"person": "1", "reason": "参与办理"},
    "leave_out": {"person": "1", "reason": "不再参与"},
    "raise_level": {"level": "3", "reason": "有举报人"},
    "raise_file": {"file": "1", "level": "3", "reason": "有举报人"},
    "ask_loosening": {"what": "level", "level": "0", "reason": "已公开"},
    "decide_loosening": {"asked": "1", "granted": "1", "reason": "同意"},
    "add_evidence": {"label": ""},
    "link": {"number": OTHER},
    "unlink": {"other": OTHER, "relation": "related"},
    "merge": {"number": OTHER, "reason": "同一件事"},
}
# What the verb is to a program, where it has it.
BODIES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "comment": ("comments", {"text": "看"}),
    "add_evidence": ("evidence", {"file_id": 1}),
    "assign": ("assign", {"person_id": None}),
    "bar": ("bar", {"reason": "回避", "person_id": 1}),
    "pause": ("pause", {"reason": "停", "approver": "赵国华", "max_days": 5}),
    "resume": ("resume", {"reason": "续"}),
    "ask_extension": ("extensions", {"clock": CLOCK, "wanted_on": "2027-01-04", "reason": "延"}),
    "decide_extension": ("extensions/decide", {"clock": CLOCK, "granted": True, "reason": "同意"}),
}
STATUS = {"not_found": 404, "is_final": 409, "wrong_state": 409}


def clock_of(tables: Tables, case_id: int) -> str:
    """A clock of its kind that may be moved; "" where there is none."""
    clocks = tables.kinds[tables.cases[case_id]["kind"]]["clocks"]
    return next((str(one["key"]) for one in clocks if "extension" in one), "")


def filled(tables: Tables, form: Mapping[str, Any], person_id: int, case_id: int) -> dict[str, Any] | None:
    """What is sent; None where there is no such clock, or no other case that this person sees."""
    told = dict(form)
    if told.get("clock") == CLOCK:
        told["clock"] = clock_of(tables, case_id)
    if OTHER in told.values():
        seen = (i for i, case in tables.cases.items() if i != case_id and not case["final"])
        other = next((i for i in seen if tables.sees(person_id, i) == WHOLE), 0)
        told |= {name: str(other) for name in ("other",) if name in told}
        told |= {name: str(tables.cases[other]["number"]) if other else "" for name in ("number",) if name in told}
    return None if "" in {told.get("clock", "-"), told.get("number", "-")} or told.get("other") == "0" else told


def refusals(tables: Tables) -> Iterator[tuple[str, int, str, str]]:
    """Everybody, every case, every verb that he may not use on it, and why not."""
    for login, person_id in people_of(tables).items():
        for case_id in tables.cases:
            for verb in FORMS:
                if why := uses(tables, person_id, case_id, verb):
                    yield login, case_id, verb, why


def at_page(visitors: Visitors, tables: Tables, login: str, case_id: int, verb: str) -> int | None:
    """What the page's form answers."""
    told = filled(tables, FORMS[verb], people_of(tables)[login], case_id)
    if told is None:
        return None
    if verb == "add_evidence":
        told["file"] = (io.BytesIO(b"%PDF-1.7"), "a.pdf")
    place = {"add_evidence": "evidence", "let_in": "discretion/let_in", "decide_loosening": "discretion/decide_loosening"}
    address = place.get(verb, f"verbs/{verb.removesuffix('_oneself')}")
    return visitors.post(login, f"/cases/{case_id}/{address}", told).status_code


def at_api(visitors: Visitors, tables: Tables, login: str, case_id: int, verb: str) -> int | None:
    """What the program's door answers; None where the verb has none."""
    place, body = BODIES.get(verb, ("", {}))
    told = filled(tables, body, people_of(tables)[login], case_id)
    return visitors.call(login, "POST", f"/cases/{case_id}/{place}", told).status_code if place and told else None


def test_the_doors_of_a_verb_give_one_verdict_and_a_refusal_changes_nothing(
    world: World, tables: Tables, visitors: Visitors
) -> None:
    """The page and the API say the same of the same verb, and nothing is written but that it was refused."""
    assert set(FORMS) == {*PROBES, *PAIRED, "bar_oneself"}
    cells = some(refusals(tables), 50, drill=3_000, seed=6)
    for login in {login for login, *_ in cells}:
        visitors.client(login)
        visitors.call(login, "GET", "/me")
    touched(world.county.database)
    faults = []
    for login, case_id, verb, why in cells:
        for door in (at_page, at_api):
            status = door(visitors, tables, login, case_id, verb)
            if status not in (None, STATUS.get(why, 403)):
                faults.append((login, case_id, verb, why, door.__name__, status))
            assert touched(world.county.database) <= REMEMBERED, (login, case_id, verb)
    assert faults == []


def test_the_page_corrects_a_fact_for_nobody_else(world: World, tables: Tables, visitors: Visitors) -> None:
    people = people_of(tables)
    cells = (
        (login, case_id, field["key"])
        for login in people
        for case_id, case in tables.cases.items()
        for field in tables.kinds[case["kind"]]["fields"]
    )
    refused = ((*cell, why) for cell in cells if (why := corrects(tables, people[cell[0]], cell[1], cell[2])))
    some_of_them = some(refused, 12, drill=1_000, seed=9)
    for login in {login for login, *_ in some_of_them}:
        visitors.client(login)
    touched(world.county.database)
    for login, case_id, key, why in some_of_them:
        answer = visitors.post(login, f"/cases/{case_id}/verbs/amend", {"field": key, key: "1", "reason": "更正"})
        assert answer.status_code == STATUS.get(why, 403), (login, case_id, key, why)
        assert touched(world.county.database) <= REMEMBERED, (login, case_id, key)


def test_the_page_of_a_case_that_has_ended_offers_to_take_somebody_off_it(world: World, visitors: Visitors) -> None:
    """R21: the form is there for whoever the oracle lets use it."""
    address = f"/cases/{world.ids['clue closed']}"
    assert f"{address}/bar" in words(visitors.get("zhao", address))
    assert visitors.get("zhao", f"{address}/bar").status_code == 200


# ---- taking back ------------------------------------------------------------------------------------------------------------


def test_a_step_is_taken_back_by_whoever_has_just_taken_it_and_by_nobody_else(
    world: World, tables: Tables, visitors: Visitors
) -> None:
    """semantics.md §6, at the page, at the API and in the engine: everybody is refused for his reason, then it is taken back."""
    county, case_id = world.county, world.ids["item transferred"]
    before = case_row(county, case_id)
    county.engine.fire(
        case_id, "sign_for", actor=county.actor("zhou", local_day(hours.now())), now=hours.now(), data={"pieces": 1}
    )
    tables, engine = tables_of(county, local_day(hours.now())), county.engine
    actors = actors_of(world, tables)
    for login, person_id in people_of(tables).items():
        wanted = takes_back(tables, person_id, case_id)
        if wanted:
            found = verdict_of(lambda who=actors[login]: engine.undo(case_id, actor=who, now=hours.now()))
            assert found == wanted, login
    for login in ("sun", "han", "lin", "ma"):
        wanted = {"not_yours": 409, "not_found": 404}[takes_back(tables, people_of(tables)[login], case_id)]
        assert visitors.post(login, f"/cases/{case_id}/undo", {}).status_code == wanted, login
        assert visitors.call(login, "POST", f"/cases/{case_id}/undo", {}).status_code == wanted, login
    assert visitors.call("zhou", "POST", f"/cases/{case_id}/undo", {}).status_code == 200
    after = case_row(county, case_id)
    assert (after["state"], after["holder_id"]) == (before["state"], before["holder_id"])


# ---- many at once -----------------------------------------------------------------------------------------------------------


def verdicts_of(world: World, run_id: int) -> dict[int, str]:
    """What became of each case of a run."""
    found = {}
    for item in rows_of(world.county, BulkItem, run_id=run_id):
        params = json.loads(item["params"])
        named = {NotPermitted.code: lambda why: why, TransitionRefused.code: lambda why: why[0]["name"]}.get(item["code"])
        found[item["case_id"]] = named(params["why"]) if named else "" if item["status"] == "refused" else "done"
    return found


def test_a_step_on_many_gives_each_case_the_oracle_s_verdict_and_a_refusal_changes_nothing(
    world: World, tables: Tables
) -> None:
    """R16: what he does not see is none of its cases. An answer that no form asks for, so that nothing ever happens."""
    people, actors, engine, now = people_of(tables), actors_of(world, tables), world.county.engine, hours.now()
    cells = some(((login, kind, trigger) for login in people for kind, trigger in triggers_of(tables)), 25, drill=1_000, seed=2)
    for login, kind, trigger in cells:
        ids = [case_id for case_id, case in tables.cases.items() if case["kind"] == kind]
        wish = Wish(trigger, {"no_such_answer": "x"})
        run_id = engine.begin_run(wish, lambda _store, _occasion, ids=ids: ids, actor=actors[login], now=now)
        engine.work_run(run_id, now=now, ceiling=3)
        wanted = {i: tables.presses(people[login], i, trigger) for i in ids if tables.sees(people[login], i) != NOTHING}
        assert verdicts_of(world, run_id) == wanted, (login, kind, trigger)
    assert touched(world.county.database) <= REMEMBERED | OF_RUNS


# A run and its lines are all that it leaves.
OF_RUNS = {"bulk_run", "bulk_item", "idempotency"}


def triggers_of(tables: Tables) -> list[tuple[str, str]]:
    """Every step of every kind."""
    return sorted({(kind, step["trigger"]) for kind, text in tables.kinds.items() for step in text["transitions"]})


def test_the_bar_of_the_ledger_begins_what_the_oracle_lets_each_do(world: World, tables: Tables, visitors: Visitors) -> None:
    """The page of a step on many: 催办 on every case that there is, some of them of others, and a step by its form."""
    people, number = people_of(tables), sorted(tables.cases)
    for login in some(sorted(people), 6, seed=1):
        visitors.client(login)
        told = {"verb": "remind", "answered": "1", "cases": ",".join(map(str, number)), "page": "ledger.ledger_page"}
        answer = visitors.post(login, "/bulk", told)
        seen = [case_id for case_id in number if tables.sees(people[login], case_id) != NOTHING]
        run_id = int(answer.location.rsplit("/", 1)[1])
        found = verdicts_of(world, run_id)
        assert sorted(found) == seen, login
        for case_id, verdict in found.items():
            wanted = tables.presses(people[login], case_id, "remind")
            # Whoever may remind does, unless nobody is there to be reminded.
            assert (verdict == wanted) if wanted else verdict not in REFUSED, (login, case_id, verdict)
        assert visitors.get("linxian" if login != "linxian" else "han", f"/bulk/{run_id}").status_code == 404
    for login, kind, trigger in some(((login, *step) for login in FEW for step in triggers_of(tables)), 15, drill=600, seed=5):
        wanted = {
            case_id: why
            for case_id, case in tables.cases.items()
            if case["kind"] == kind and (why := tables.presses(people[login], case_id, trigger)) not in ("", "not_found")
        }
        visitors.client(login)
        touched(world.county.database)
        told = {"verb": f"{trigger}@{kind}", "answered": "1", "cases": ",".join(map(str, wanted))}
        answer = visitors.post(login, "/bulk", told)
        # Without answers the form comes back, unless it asks for none or would be for no case at all.
        assert answer.status_code in (303, 400, 422), (login, kind, trigger)
        if run := re.search(r"/bulk/(\d+)", answer.location or ""):
            assert verdicts_of(world, int(run[1])) == wanted, (login, kind, trigger)
        assert touched(world.county.database) <= REMEMBERED | OF_RUNS, (login, kind, trigger)


REFUSED = ("not_found", "relation", "role", "wrong_state")


# ---- the command line -------------------------------------------------------------------------------------------------------


def test_the_command_line_refuses_whom_the_oracle_does_not_name(
    world: World, tables: Tables, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R16: by one exit code, and of what one does not see as of what is not there; nothing is changed."""
    monkeypatch.setenv("DUBAN_HOME", str(home))
    monkeypatch.setenv("DUBAN_DATABASE_URL", world.county.database.url)
    monkeypatch.setenv("DUBAN_CEILING", "3")
    people = people_of(tables)
    cells = (
        (login, case_id, trigger, why)
        for login, case_id, trigger in steps_of(tables)
        if (why := tables.presses(people[login], case_id, trigger))
    )
    touched(world.county.database)
    for login, case_id, trigger, why in some(cells, 8, drill=200, seed=10):
        number = tables.cases[case_id]["number"]
        code, words = _fired(number, trigger, login, capsys)
        assert touched(world.county.database) <= REMEMBERED, (login, case_id, trigger)
        of_none, absent = _fired(ABSENT_NUMBER, trigger, login, capsys)
        is_hidden = (code, words.replace(number, "…")) == (of_none, absent.replace(ABSENT_NUMBER, "…"))
        has_posts = any(tables.posts(people[login]))
        assert is_hidden == (why == "not_found" or not has_posts), (login, case_id, trigger, why, words)
        assert code == 3 or is_hidden, (login, case_id, trigger, why, words)


def _fired(number: str, trigger: str, login: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main(["--as", login, "case", "fire", number, trigger, "--yes"])
    told = capsys.readouterr()
    return int(end.value.code or 0), told.out + told.err
