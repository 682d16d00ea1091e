"""duban retention: what is due for appraisal, proposed for disposal by one person and decided by another, and the run."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from states.errors import CaseNotFound
from web.commands.office import common, confirmed, keep_trail, opened, reading_cases, say, writing
from web.commands.proof import Proof, proven_actor, with_proof
from web.retention.words import HOLDS, LINES, STATUSES
from web.wiring import Office
from workflow.disposal import appraisal, showing
from workflow.disposal.showing import Told
from workflow.reads.seen import find_number
from workflow.types import Actor


@click.group("retention")
def command() -> None:
    """What is due for appraisal: list it, propose its disposal, decide on it as somebody else, run what was granted."""


@command.command("due")
@common
@click.pass_obj
def due(login: str | None, yes: bool, as_json: bool) -> None:
    """Cases whose time has run out, the longest closed first, with what keeps each."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        actor = reading_cases(office, login, now)
        found = office.engine.read(now, lambda store, occasion: appraisal.list_due(store, occasion, actor).cases)
    for one in found:
        plain = {name: getattr(one, name) for name in ("number", "kind", "closed_on", "due_on", "holds", "is_handled")}
        say({**plain, "retention": one.retention.key}, as_json, _due_line)


def _due_line(told: dict[str, Any]) -> str:
    kept = "、".join([*(HOLDS[why] for why in told["holds"]), *(["你办过这一项"] if told["is_handled"] else [])])
    return f"{told['number']}\t办结{told['closed_on']}\t期满{told['due_on']}\t{kept or '可以提请销毁'}"


@command.command("propose")
@click.argument("numbers", metavar="NUMBER…", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it stays for ever, so it names nobody.")
@with_proof
@common
@click.pass_obj
def propose(login: str | None, numbers: tuple[str, ...], reason: str, proof: Proof, yes: bool, as_json: bool) -> None:
    """Propose to dispose of cases; another person decides."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = proven_actor(office, login, now, proof)
        keep_trail(office, actor, now, "act")
        ids = _ids(office, actor, now, numbers)
        confirmed(yes, f"提请销毁{len(ids)}项？")
        told: dict[str, Any] = {"actor": actor, "now": now, "reason": reason}
        made = writing(office, lambda: office.engine.propose_disposal(ids, **told))
    say({"id": made, "status": "waiting"}, as_json, lambda told: f"第{told['id']}次销毁，等另一人决定")


def _ids(office: Office, actor: Actor, now: datetime, numbers: tuple[str, ...]) -> list[int]:
    def read(store: Any, occasion: Any) -> list[int]:
        found = [find_number(store, occasion, actor, number) for number in numbers]
        for number, case_id in zip(numbers, found, strict=True):
            if case_id is None:
                raise CaseNotFound(number=number)
        return [case_id for case_id in found if case_id is not None]

    return office.engine.read(now, read)


@command.command("decide")
@click.argument("disposal_id", metavar="ID", type=int)
@click.option("--approve/--refuse", "granted", required=True, help="The second person's word.")
@click.option("--approval", default="", help="The number of the paper that approves it.")
@click.option("--reason", required=True, help="Why; it stays for ever, so it names nobody.")
@with_proof
@common
@click.pass_obj
def decide(
    login: str | None, disposal_id: int, granted: bool, approval: str, reason: str, proof: Proof, yes: bool, as_json: bool
) -> None:
    """Decide on a proposal; granted, it is done at once, case by case."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = proven_actor(office, login, now, proof)
        confirmed(yes, f"{'同意' if granted else '不同意'}第{disposal_id}次销毁？{'内容和材料不能恢复。' if granted else ''}")
        told: dict[str, Any] = {"actor": actor, "now": now, "granted": granted}

        def work() -> None:
            office.engine.decide_disposal(disposal_id, decision=reason, approval=approval, **told)
            office.engine.work_disposals(now, wipe=office.wipe)

        writing(office, work)
        found = _get(office, actor, now, disposal_id)
    say(asdict(found), as_json, lambda _told: _disposal_text(found))


@command.command("show")
@click.argument("disposal_id", metavar="ID", type=int)
@common
@click.pass_obj
def show(login: str | None, disposal_id: int, yes: bool, as_json: bool) -> None:
    """One disposal with its people and what became of each case."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        found = _get(office, reading_cases(office, login, now), now, disposal_id)
    say(asdict(found), as_json, lambda _told: _disposal_text(found))


def _get(office: Office, actor: Actor, now: datetime, disposal_id: int) -> Told:
    return office.engine.read(now, lambda store, occasion: showing.get_disposal(store, occasion, actor, disposal_id))


def _disposal_text(told: Told) -> str:
    decided = f"，{told.decider}决定" if told.decider else ""
    head = f"第{told.id}次销毁：{told.proposer}提请{decided}，{STATUSES[told.status]}"
    lines = [f"{one.number}\t{LINES[one.status]}{'：' + HOLDS[one.why] if one.why else ''}" for one in told.lines]
    return "\n".join([head, *lines])


@command.command("run")
@common
def run(yes: bool, as_json: bool) -> None:
    """Go on with what was granted and is not done yet; the scheduler does the same."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        settled = writing(office, lambda: _run(office, now))
    say({"settled": settled}, as_json, lambda told: f"处理{told['settled']}项")


def _run(office: Office, now: datetime) -> int:
    total = 0
    while settled := office.engine.work_disposals(now, wipe=office.wipe):
        total += settled
    return total
