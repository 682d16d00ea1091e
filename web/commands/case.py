"""duban case: list and show cases, and fire a verb, as the person named by --as."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from states.errors import BadInput
from web.commands.case_text import case_text
from web.commands.office import answers_of, common, opened, reading_cases, say, writing
from workflow.dates import ZONE
from workflow.reads.case_lines import case_lines, show_case
from workflow.reads.case_page import case_page
from workflow.reads.receipts import receipts_of
from workflow.reads.seen import see
from workflow.statements import Row
from workflow.text import canonical
from workflow.versions.recorded import scenario_of, scenario_text


@click.group("case")
def command() -> None:
    """List and show cases; fire a verb."""


@command.command("list")
@click.option("--kind", help="Only this kind.")
@click.option("--all", "closed", is_flag=True, help="Closed cases as well.")
@common
@click.pass_obj
def list_cases(login: str | None, kind: str | None, closed: bool, yes: bool, as_json: bool) -> None:
    """Print one case a line, in order of number."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        actor = reading_cases(office, login, now)

        def show(store: Any, occasion: Any) -> None:
            known = occasion.catalogue.current
            if kind is not None and kind not in known:
                raise BadInput(why="no_such_kind", called=kind, known="、".join(sorted(known)))
            for line in case_lines(store, occasion, actor, kind=kind, closed=closed):
                say(line, as_json, _line)

        office.engine.read(now, show)


def _line(told: dict[str, Any]) -> str:
    due = f"{told['due_on']}{' 逾期' if told['overdue'] else ''}" if told["due_on"] else "—"
    return f"{told['number']}\t{told['state']}\t{told['subject']}\t{told['holder'] or '—'}\t{due}"


@command.command("show")
@click.argument("number")
@common
@click.pass_obj
def show(login: str | None, number: str, yes: bool, as_json: bool) -> None:
    """Print one case with its clocks, history and links."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        actor = reading_cases(office, login, now)
        told = office.engine.read(now, lambda store, occasion: show_case(store, occasion, actor, number))
        page = office.engine.read(now, lambda store, occasion: case_page(store, occasion, actor, told["id"]))
    say(told, as_json, lambda _told: case_text(page))


@command.command("scenario")
@click.argument("number")
@common
@click.pass_obj
def scenario(login: str | None, number: str, yes: bool, as_json: bool) -> None:
    """Print a case as a scenario for its workflow: days, steps and choices, no words and no names."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        actor = reading_cases(office, login, now)
        found = office.engine.read(now, lambda store, occasion: show_case(store, occasion, actor, number))
        told = office.engine.read(now, lambda store, occasion: scenario_of(see(store, occasion, actor, found["id"])))
    say(told, as_json, lambda told: scenario_text(told).removesuffix("\n"))


@command.command("receipts")
@click.argument("number")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write each into this folder, as it was signed.")
@common
@click.pass_obj
def receipts(login: str | None, number: str, out: Path | None, yes: bool, as_json: bool) -> None:
    """Print the signed receipts of a case: who handed it to whom, when, and that it was signed for."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        actor = reading_cases(office, login, now)
        found = office.engine.read(now, lambda store, occasion: show_case(store, occasion, actor, number))
        told = office.engine.read(
            now,
            lambda store, occasion: list(receipts_of(see(store, occasion, actor, found["id"]), signer=office.signer, now=now)),
        )
    for event, receipt in told:
        file = out / f"receipt-{found['id']}-{event['seq']}.json" if out else None
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{canonical(receipt)}\n", encoding="utf-8")
        line = {"seq": event["seq"], "receipt": receipt, "file": str(file) if file else None}
        say(line, as_json, partial(_receipt, number, event))


def _receipt(number: str, event: Row, line: dict[str, Any]) -> str:
    told = json.loads(line["receipt"]["body"])
    late = {"at_event": "", "late": "（补签）", "on_demand": "（索取时签名）"}[told["made"]]
    at, way = event["happened_at"].astimezone(ZONE), told["by"] or "—"
    if told["from"] != told["to"]:
        way = f"{told['from'] or '—'} → {told['to'] or '—'}"
    return f"{number}\t{line['seq']}\t{at:%Y-%m-%d %H:%M}\t{told['step']}{late}\t{way}\t{line['file'] or ''}".rstrip()


@command.command("fire")
@click.argument("number")
@click.argument("trigger")
@click.option("--data", default="{}", help="The form's answers as JSON.")
@common
@click.pass_obj
def fire(login: str | None, number: str, trigger: str, data: str, yes: bool, as_json: bool) -> None:
    """Fire a transition of a case."""
    del yes
    now, answers = datetime.now(UTC), answers_of(data)
    with opened() as office:
        actor = reading_cases(office, login, now)
        found = office.engine.read(now, lambda store, occasion: show_case(store, occasion, actor, number))
        outcome = writing(office, lambda: office.engine.fire(found["id"], trigger, actor=actor, now=now, data=answers))
    told = {"number": outcome.number, "state": outcome.state, "version": outcome.version, "opened": list(outcome.opened)}
    say(told, as_json, lambda value: f"{value['number']} → {value['state']}（第{value['version']}版）")
