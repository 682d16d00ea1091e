"""Votes of a body in the matrix: role × organisation × state × verb × door, compared with the oracle; minutes and words too."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.copies import Copies
from tests.drills.scale import IS_DRILL
from tests.factories import County, vault_of
from tests.security.doors import CASE, DOORS
from tests.security.oracle import NOTHING, Tables
from tests.security.sampling import some
from tests.security.test_doors import built, endpoints_of
from tests.security.test_matrix import REMEMBERED, people_of, verdict_of
from tests.security.touched import touched, watch
from tests.security.visit import Visitors, tables_of, words
from tests.security.world import World, make_world
from tests.web.site import site
from tests.workflow.looking import rows_of
from tests.workflow.test_votes import DATA, STEP, document, publish
from workflow.dates import local_day
from workflow.files import receive
from workflow.models import Ballot, Resolution
from workflow.verbs.votes import Word

NOW = datetime.now(UTC)
# The states of an item in which the step may be put to the vote here.
STATES = ("received", "transferred", "supervised", "rectified")
# Without a letter that JSON writes otherwise.
DISSENT, MINUTES, PAPER = "dissent-canary", "minutes-canary", "paper-canary"


def make_voting_world(url: str) -> World:
    """The world of the matrix in which items are decided on together."""

    def ready(county: County) -> None:
        publish(county, states=STATES)

    return make_world(url, ready)


@dataclass(frozen=True)
class Vote:
    """A step that was put to the vote: of which case, by whom, and who has said his word."""

    case_id: int
    asked_by: int
    voted: frozenset[int]


@pytest.fixture
def world(copies: Copies, home: Path) -> World:
    """Every open item is put to the vote by the first who may; on each somebody has dissented, on the last from paper."""
    made = copies.of(make_voting_world)
    _vote(made, home)
    watch(made.county.database)
    return made


@pytest.fixture
def tables(world: World) -> Tables:
    """The oracle, which reads the kind as it is here."""
    found = tables_of(world.county, local_day(NOW))
    return replace(found, kinds={**found.kinds, "rectification": document(states=STATES)})


@pytest.fixture
def app(world: World, home: Path) -> Flask:
    """The served site."""
    return site(world.county, home)


@pytest.fixture
def visitors(app: Flask, world: World) -> Visitors:
    """Everybody at its doors."""
    return Visitors(app, world)


def _vote(world: World, home: Path) -> None:
    engine, at = world.county.engine, NOW
    who = {login: world.county.actor(login, local_day(NOW)) for login in ("song", "fang")}
    asked = [world.ids[f"item {name}"] for name in ("handed on", "received", "transferred", "supervised", "rectified")]
    for case_id in asked:
        engine.ask_decision(case_id, STEP, actor=who["song"], now=at, data=DATA)
        engine.vote(case_id, STEP, actor=who["fang"], now=at, choice="disagree", reason=DISSENT)
    last = asked[-1]
    picture = io.BytesIO(b"\x89PNG\r\n\x1a\n" + PAPER.encode())
    scan = receive(vault_of(home), name=f"{PAPER}.png", stream=picture, limit=1_000)
    said = [Word(world.county.people["zhao"], "abstain", DISSENT)]
    told: dict[str, Any] = {"words": said, "scan": scan, "met_on": local_day(NOW), "minutes": MINUTES}
    engine.record_votes(last, STEP, actor=who["song"], now=at, **told)


def votes_of(world: World) -> Iterator[Vote]:
    for row in rows_of(world.county, Resolution):
        cast = rows_of(world.county, Ballot, resolution_id=row["id"])
        yield Vote(row["case_id"], row["asked_by"], frozenset(one["person_id"] for one in cast))


def cells(world: World, tables: Tables) -> Iterator[tuple[str, Vote, str]]:
    """Everybody at every vote, with what the oracle says of his word."""
    for login, person_id in people_of(tables).items():
        for vote in votes_of(world):
            yield login, vote, tables.votes(person_id, vote.case_id, STEP, vote.asked_by, vote.voted)


def test_a_word_is_for_those_whom_the_oracle_names_and_refused_to_others_for_its_reason(world: World, tables: Tables) -> None:
    """Whoever may say it is told that his dissent has no reason, so that nothing ever happens."""
    found = set()
    for login, vote, wanted in cells(world, tables):
        told: dict[str, Any] = {"actor": world.county.actor(login, local_day(NOW)), "now": NOW}
        told |= {"choice": "disagree", "reason": ""}
        verdict = verdict_of(lambda i=vote.case_id, told=told: world.county.engine.vote(i, STEP, **told))
        assert verdict == wanted, (login, vote)
        found.add(wanted)
    assert found >= {"", "not_found", "relation", "not_member", "voted", "separation_asked"}
    assert touched(world.county.database) <= REMEMBERED


def test_asking_and_recording_are_for_whoever_may_take_the_step_and_taking_back_for_who_asked(
    world: World, tables: Tables
) -> None:
    people, engine = people_of(tables), world.county.engine
    asked = {vote.case_id: vote.asked_by for vote in votes_of(world)}
    for login, case_id in some(((login, case_id) for login in people for case_id in asked), 150):
        who: dict[str, Any] = {"actor": world.county.actor(login, local_day(NOW)), "now": NOW}
        wanted = tables.presses(people[login], case_id, STEP)
        stale = tables.cases[case_id]["version"] + 1
        told: dict[str, Any] = {"data": {}, "expected_version": stale}
        found = verdict_of(lambda i=case_id, told=told, who=who: engine.ask_decision(i, STEP, **told, **who))
        assert found == wanted, (login, case_id, "ask")
        minutes: dict[str, Any] = {"words": (), "scan": -1, "met_on": local_day(NOW)}
        found = verdict_of(lambda i=case_id, told=minutes, who=who: engine.record_votes(i, STEP, **told, **who))
        assert found == wanted, (login, case_id, "record")
        hidden = {"nothing": "not_found", "past": "relation"}.get(tables.sees(people[login], case_id), "")
        back = hidden or ("" if people[login] == asked[case_id] else "not_your_proposal")
        found = verdict_of(lambda i=case_id, who=who: engine.withdraw_decision(i, STEP, reason="", **who))
        assert found == back, (login, case_id, "withdraw")
    assert touched(world.county.database) <= REMEMBERED


STATUS = {"not_found": 404, "voted": 409, "": 422}


def test_the_doors_of_a_word_give_one_verdict_and_a_refusal_changes_nothing(
    world: World, tables: Tables, visitors: Visitors
) -> None:
    every = list(cells(world, tables))
    chosen = every if IS_DRILL else [one for why in sorted({why for *_, why in every}) for one in some(of(every, why), 3)]
    for login in sorted({login for login, *_ in chosen}):
        visitors.client(login)
        visitors.call(login, "GET", "/me")
    touched(world.county.database)
    for login, vote, why in chosen:
        wanted, word = STATUS.get(why, 403), {"choice": "disagree", "reason": ""}
        answer = visitors.call(login, "POST", f"/cases/{vote.case_id}/votes/{STEP}/vote", word)
        assert answer.status_code == wanted, (login, vote, why)
        page = visitors.post(login, f"/cases/{vote.case_id}/verbs/vote", {**word, "trigger": STEP})
        assert page.status_code == wanted, (login, vote, why)
        assert touched(world.county.database) <= REMEMBERED, (login, vote)


def of(every: list[tuple[str, Vote, str]], why: str) -> Iterator[tuple[str, Vote, str]]:
    return (one for one in every if one[2] == why)


def test_whose_word_is_awaited_is_told_so_on_the_page_in_the_inbox_and_over_the_api(
    world: World, tables: Tables, visitors: Visitors
) -> None:
    for login, vote, why in cells(world, tables):
        if not IS_DRILL and login not in {"lin", "song", "zhao", "zhou", "xu", "ma", "han", "guan"}:
            continue
        if tables.sees(people_of(tables)[login], vote.case_id) == NOTHING:
            continue
        told = visitors.call(login, "GET", f"/cases/{vote.case_id}/votes").get_json()["votes"]
        assert [one["may_vote"] for one in told] in ([], [why == ""]), (login, vote)
        page, inbox = (words(visitors.get(login, address)) for address in (f"/cases/{vote.case_id}", "/inbox"))
        assert ('name="choice" value="recuse"' in page or "verbs/vote" in page) == (why == ""), (login, vote)
        assert (f'id="vote-{vote.case_id}"' in inbox) == (why == ""), (login, vote)


def test_who_said_what_and_the_minutes_are_at_no_door_but_to_those_who_hear_it(
    world: World, tables: Tables, app: Flask, visitors: Visitors
) -> None:
    """Every door of a case, and the scan by its id: the words stand there for whom the oracle names, and nowhere else."""
    last, people = world.ids["item rectified"], people_of(tables)
    (scan_id,) = (row["scan_id"] for row in rows_of(world.county, Resolution, case_id=last))
    rules = [endpoints_of(app)[endpoint][0] for endpoint in DOORS[CASE]]
    logins = people if IS_DRILL else ("song", "guan", "zhou", "chen", "sun", "ma", "di", "huibi", "han")
    heard = set()
    for login in logins:
        hears = tables.hears_votes(people[login], last)
        heard.add(hears)
        for address in (f"/files/{scan_id}", f"/files/{scan_id}/small"):
            assert (visitors.get(login, address).status_code == 200) <= hears, (login, address)
        assert (visitors.call(login, "GET", f"/files/{scan_id}").status_code == 200) == hears, login
        assert (DISSENT in words(visitors.get(login, f"/cases/{last}"))) == hears, login
        told = visitors.call(login, "GET", f"/cases/{last}/votes")
        assert (DISSENT in told.text and MINUTES in told.text) == hears, login
        if not hears:
            for rule in rules:
                said = words(visitors.get(login, built(app, rule, case_id=last, trigger=STEP)))
                assert not {one for one in (DISSENT, MINUTES, PAPER) if one in said}, (login, rule.rule)
    assert heard == {True, False}
