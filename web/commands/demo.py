"""duban demo: the hand-made demo county, played day by day up to today, with passwords made at that moment."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import click

from handlers.demo.pictures import picture_of
from handlers.demo.player import FIRST_HOUR, Player
from web.commands.init import initialise
from web.commands.office import common, opened, progress, say, writing
from web.wiring import Office, read_shipped
from workflow import files, occasions
from workflow.county_document import load_people, load_tree
from workflow.dates import local_day
from workflow.outbox import deliver
from workflow.people.accounts import issue_password, list_people
from workflow.people.actors import actor_of
from workflow.reads.related import find_related
from workflow.types import Actor

SCRIPTS = ("demo/rectification.yaml", "demo/clues.yaml")
# One account for each role that the tour of the README walks.
SHOWN = ("linjing", "zhaoguohua", "hemin", "chenlixin", "zhoumingyuan", "gaojianguo")
NO_FACTORS = "\n演示县只凭口令登录，没有第二重验证；只在这台机器上打开，不得录入真实数据。"
UPLOAD_LIMIT = 1 << 20
STEPS_DONE_BY = FIRST_HOUR + 1  # local hour: the steps of a day are minutes after its first hour


@click.command("demo")
@click.option("--if-absent", is_flag=True, help="Do nothing where the database has people already.")
@common
def command(if_absent: bool, yes: bool, as_json: bool) -> None:
    """Load the hand-made demo county."""
    del yes
    with opened(is_made=False) as office:
        told = writing(office, lambda: load_demo(office, datetime.now(UTC), if_absent=if_absent))
    say(told, as_json, lambda told: _words(told) + ("" if office.settings.second_factor != "off" else NO_FACTORS))


def load_demo(office: Office, now: datetime, *, if_absent: bool) -> dict[str, Any]:
    """Migrates, publishes, loads county and people, plays the scripts; {cases, accounts}."""
    initialise(office, now)
    if if_absent and office.database.read(list_people):
        return {"cases": 0, "accounts": {}, "present": True}
    organs, logins = load_county_of_demo(office, now)
    today = _last_workday(office, now)
    player = _player(office, today, organs, logins)
    scripts = [script for name in SCRIPTS for script in read_shipped(name).data["cases"]]
    with progress(_length(scripts), "演示数据") as bar:
        cases = player.play(scripts, report=bar.update)
    passwords = {login: issue_password(office.database, person_id=logins[login], now=now, must_change=False) for login in SHOWN}
    return {"cases": cases, "accounts": passwords, "present": False}


def _length(scripts: list[Mapping[str, Any]]) -> int:
    return sum(len(script["steps"]) for script in scripts)


def load_county_of_demo(office: Office, now: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """The county and its people, without cases and without passwords; (organs, people) by key and login."""
    county, people = read_shipped("demo/county.yaml").data, read_shipped("demo/people.yaml").data

    def work(store: Any) -> tuple[dict[str, int], dict[str, int]]:
        organs = dict(load_tree(store, county).organs)
        logins = load_people(store, people, organs=organs, now=now, today=local_day(now))
        for part in occasions.PARTS:
            occasions.moved(store, part)
        return organs, logins

    return office.database.write(work)


def _last_workday(office: Office, now: datetime) -> date:
    """The last working day whose rungs and steps lie behind: until then the demo stands where it stood the day before."""
    calendar = office.engine.read(now, lambda _store, occasion: occasion.calendar)
    return calendar.workday_until(local_day(now - timedelta(hours=STEPS_DONE_BY)))


def _player(office: Office, today: date, organs: Mapping[str, int], logins: Mapping[str, int]) -> Player:
    actors: dict[str, Actor] = {}

    def find_actor(login: str, _on: date) -> Actor:
        if login not in actors:
            found = office.database.read(lambda store: actor_of(store, logins[login], today=today))
            assert found is not None, f"the demo has no {login}"
            actors[login] = found
        return actors[login]

    return Player(
        engine=office.engine,
        calendar=office.engine.read(datetime.now(UTC), lambda _store, occasion: occasion.calendar),
        today=today,
        find_actor=find_actor,
        keep_file=_keeper(office),
        organs=organs,
        find_related=lambda case_id, relation, kind, nth: office.database.read(
            lambda store: find_related(store, case_id, relation, kind=kind, nth=nth)  # type: ignore[arg-type]  # a script's word
        ),
        relay=partial(_relay, office),
    )


def _relay(office: Office, at: datetime) -> None:
    """Into the bells alone: nobody is sent a mail about an invented county."""
    deliver(office.database, {}, now=at)


def _keeper(office: Office) -> Callable[[str, int | None, datetime], int]:
    def keep(name: str, person_id: int | None, now: datetime) -> int:
        stream = io.BytesIO(picture_of(name))
        received = files.receive(office.vault, name=f"{name}.png", stream=stream, limit=UPLOAD_LIMIT)
        return office.database.write(lambda store: files.record(store, received, uploaded_by=person_id, now=now))

    return keep


def _words(told: dict[str, Any]) -> str:
    if told["present"]:
        return "演示县已经在了，没有改动。"
    accounts = "\n".join(f"  {login:<14}{password}" for login, password in told["accounts"].items())
    return f"演示县已就绪：{told['cases']}件。登录名和口令（只显示这一次）：\n{accounts}"
