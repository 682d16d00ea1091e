"""Every address, to everybody: no reading changes anything, no answer names a case that its reader does not see, and what is
forbidden is what is not there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from tests.security.doors import CASE, DOORS, STEP
from tests.security.oracle import NOTHING, Tables
from tests.security.sampling import some
from tests.security.test_matrix import ABSENT, FEW, REMEMBERED, SECRETS, people_of, says
from tests.security.touched import touched
from tests.security.visit import Visitors, plain, words
from tests.security.world import World
from workflow.keyring import make_key

NOW = datetime.now(UTC)
SAMPLES: dict[str, Any] = {
    "form": "csv",
    "name": "week",
    "kind": "clue",
    "trigger": "remind",
    "clock": "feedback",
    "key": "summary",
    "unit": "organs",
    "token": "x",
    "word": "0" * 32,
    "origin": "x",
}
# What a reading may leave behind, by name: the trail of what was shown, and that a session was seen.
KEPT = {"trail", "sign_in", "export"}
# Whoever holds a post that a ladder of the kind names by its address is told a number and a date, and reads nothing.
TOLD_BY_ADDRESS = {"notices.notices_page"}


def endpoints_of(app: Flask) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            found.setdefault(rule.endpoint, []).append(rule)
    return found


def built(app: Flask, rule: Rule, **told: Any) -> str:
    with app.test_request_context():
        made = rule.build({name: told.get(name, SAMPLES.get(name, 1)) for name in rule.arguments})
    assert made is not None
    return made[1]


def test_every_address_is_a_door_of_the_matrix(app: Flask) -> None:
    listed = Counter(endpoint for endpoints in DOORS.values() for endpoint in endpoints)
    served = set(endpoints_of(app))
    assert sorted(served - listed.keys()) == [], "say in tests/security/doors.py what kind of door it is"
    assert sorted(listed.keys() - served) == []
    assert [endpoint for endpoint, times in listed.items() if times > 1] == []


def test_an_address_with_a_case_in_it_is_a_door_to_a_case(app: Flask) -> None:
    with_case = {endpoint for endpoint, rules in endpoints_of(app).items() if "case_id" in rules[0].arguments}
    assert with_case == {*DOORS[CASE], *DOORS[STEP]}


# ---- reading --------------------------------------------------------------------------------------------------------------


def readings(app: Flask, tables: Tables) -> Iterator[tuple[str, Rule, int]]:
    """Everybody at every address that is read, with the id of a case."""
    ids = sorted(tables.cases)
    for n, login in enumerate(people_of(tables)):
        for m, rules in enumerate(endpoints_of(app).values()):
            yield from ((login, rule, ids[(7 * n + m) % len(ids)]) for rule in rules if "GET" in (rule.methods or ()))


def asked(rule: Rule, address: str) -> str:
    return f"{address}?band=all&kind=clue" if rule.endpoint in ("ledger.ledger_page", "ledger.export") else address


def test_no_reading_changes_a_row_or_names_a_case_that_its_reader_does_not_see(
    app: Flask, world: World, tables: Tables, visitors: Visitors
) -> None:
    """The walk of R6, and of R13 over whatever tells of cases: pages, letters, workbooks, the bell, the API."""
    people, keys = people_of(tables), app.extensions["duban"].settings.key_folder
    for purpose in ("receipt", "checkpoint"):
        make_key(keys, purpose, NOW)
    cells = some(readings(app, tables), 60)
    for login in {login for login, *_ in cells}:
        visitors.client(login)
        visitors.call(login, "GET", "/me")
    touched(world.county.database)
    for login, rule, case_id in cells:
        address = asked(rule, built(app, rule, case_id=case_id))
        if address.startswith("/api/v1"):
            answer = visitors.call(login, "GET", address.removeprefix("/api/v1"))
        else:
            answer = visitors.get(login, address)
        told = words(answer)
        assert touched(world.county.database) <= KEPT, (login, address)
        assert not any(secret in told for secret in SECRETS), (login, address)
        if rule.endpoint not in TOLD_BY_ADDRESS:
            named = {i for i, case in tables.cases.items() if says(told, case["number"])}
            hidden = {i for i in named if tables.sees(people[login], i) == NOTHING}
            assert hidden == set(), (login, address)


def test_the_bell_tells_of_no_case_above_its_reader_or_that_he_was_taken_off(tables: Tables, visitors: Visitors) -> None:
    people = people_of(tables)
    for login in ("di", "shuang", "huibi", "liu", "he", "han"):
        told = words(visitors.get(login, "/notices"))
        posts = [grant for grant in tables.grants if grant["person_id"] == people[login]]
        for case_id, case in tables.cases.items():
            if not says(told, case["number"]) or tables.sees(people[login], case_id) != NOTHING:
                continue
            by_address = f"county:{tables.organs[posts[0]['organ_id']]['kind']}"
            assert by_address in str(tables.kinds[case["kind"]]["ladders"]), (login, case["number"])
            assert case["level"] <= posts[0]["ceiling"], (login, case["number"])


# ---- forbidden is absent --------------------------------------------------------------------------------------------------


def hidden_cells(tables: Tables, endpoints: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
    """Everybody, every such door, every case that he does not see."""
    people = people_of(tables)
    for login in FEW:
        hidden = [case_id for case_id in tables.cases if tables.sees(people[login], case_id) == NOTHING]
        yield from ((login, endpoint, case_id) for endpoint in endpoints for case_id in hidden)


def rule_of(app: Flask, endpoint: str) -> Rule:
    return endpoints_of(app)[endpoint][0]


NUMBERS = re.compile(r"\d+")


def test_what_is_forbidden_reads_byte_for_byte_as_what_is_not_there(app: Flask, tables: Tables, visitors: Visitors) -> None:
    for login, endpoint, case_id in some(hidden_cells(tables, DOORS[CASE]), 15):
        rule, told = rule_of(app, endpoint), []
        for asked_for in (case_id, ABSENT):
            address = built(app, rule, case_id=asked_for)
            if address.startswith("/api/v1"):
                answer = visitors.call(login, "GET", address.removeprefix("/api/v1"))
            else:
                answer = visitors.get(login, address)
            told.append((answer.status_code, plain(answer, address)))
        assert told[0] == told[1], (login, endpoint, case_id)
        assert told[0][0] == 404, (login, endpoint, case_id)


BODIES: dict[str, dict[str, Any]] = {
    "api.comment": {"text": "看"},
    "api.add_evidence": {"file_id": 1},
    "api.assign": {"person_id": None},
    "api.bar": {"reason": "回避", "person_id": 1},
    "api.pause": {"reason": "停", "approver": "赵国华", "max_days": 5},
    "api.resume": {"reason": "续"},
    "api.ask_extension": {"clock": "main", "wanted_on": "2027-01-04", "reason": "延"},
    "api.decide_extension": {"clock": "main", "granted": True, "reason": "同意"},
    "api.vote": {"choice": "agree"},
    "api.record_votes": {"votes": [{"person_id": 1, "choice": "agree"}], "file_id": 1, "met_on": "2026-03-24"},
    "api.withdraw_decision": {"reason": "再议"},
}
FORM = {"text": "看", "reason": "试", "person": "lin", "number": "线索〔2026〕1号", "fields": "reporter_name", "version": "1"}
VERBS = ("comment", "assign", "pause", "resume", "ask_extension", "decide_extension", "amend", "link", "unlink", "bar", "merge")
VERBS += ("vote", "withdraw_decision")


def test_a_step_on_a_case_of_others_is_not_found_and_changes_nothing(
    app: Flask, world: World, tables: Tables, visitors: Visitors
) -> None:
    """R14, R15: the id in every address and form is that of somebody else's case, and afterwards of none."""
    cells = some(hidden_cells(tables, DOORS[STEP]), 25, seed=7)
    for login in {login for login, *_ in cells}:
        visitors.client(login)
        visitors.call(login, "GET", "/me")
    touched(world.county.database)
    for n, (login, endpoint, case_id) in enumerate(cells):
        rule, told = rule_of(app, endpoint), []
        for asked_for in (case_id, ABSENT):
            address = built(app, rule, case_id=asked_for, name=VERBS[n % len(VERBS)])
            if address.startswith("/api/v1"):
                answer = visitors.call(login, "POST", address.removeprefix("/api/v1"), BODIES.get(endpoint, {}))
            else:
                answer = visitors.post(login, address, {**FORM, "other": str(case_id), "work": str(case_id)})
            told.append((answer.status_code, plain(answer, address)))
            assert touched(world.county.database) <= REMEMBERED, (login, address)
        assert told[0] == told[1], (login, address)
        assert told[0][0] == 404, (login, address)
