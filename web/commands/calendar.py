"""duban calendar: the working calendar in force, and a new or corrected year."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from config.documents import parse
from states.errors import Conflict
from web.cli import REFUSED, stop
from web.commands.office import acting, common, keep_trail, opened, say, writing
from web.commands.proof import Proof, proven_actor, with_proof
from web.wiring import Office
from workflow.calendars import document_of, rule_of
from workflow.configuration.changes import propose
from workflow.configuration.kinds import written
from workflow.configuration.years import KIND
from workflow.reads.several import say_numbers
from workflow.types import Actor
from workflow.verbs.recalendar import Moved, preview


@click.group("calendar")
def command() -> None:
    """Show, import and correct the working calendar."""


@command.command("show")
@common
def show(yes: bool, as_json: bool) -> None:
    """Print every year of the calendar in force."""
    del yes
    with opened() as office:
        calendar = office.engine.read(datetime.now(UTC), lambda _store, occasion: occasion.calendar)
    years = [document_of(year, rule) for year, rule in sorted(calendar.years.items())]
    say({"version": calendar.version, "years": years}, as_json, _years)


def _years(told: dict[str, Any]) -> str:
    lines = [f"日历版本 {told['version']}"]
    for year in told["years"]:
        off = "；".join(f"{name} {'、'.join(days)}" for name, days in year["holidays"].items())
        made = "、".join(day for days in year["makeups"].values() for day in days)
        lines.append(f"{year['year']}年 放假：{off}\n  调休上班：{made or '无'}")
    return "\n".join(lines)


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--note", default="", help="Which notice it follows.")
@with_proof
@common
@click.pass_obj
def import_year(login: str | None, file: Path, note: str, proof: Proof, yes: bool, as_json: bool) -> None:
    """Put a year in force; a published year asks first, and prints which deadlines move."""
    document = parse(file.read_text(encoding="utf-8"), name=file.name).data
    now = datetime.now(UTC)
    with opened() as office:
        actor = proven_actor(office, login, now, proof) if login else acting(office, login, now)
        keep_trail(office, actor, now)
        if not yes:
            would = office.engine.read(now, lambda store, occasion: preview(store, occasion, document=document))
            click.echo(_moves(would))
            click.confirm("导入这一年？", abort=True)
        if actor.person_id is not None:
            _propose(office, actor, document, note, as_json)
            return
        try:
            moved = writing(
                office,
                lambda: office.engine.import_calendar(document, actor=actor, now=now, note=note, confirm=yes),
            )
        except Conflict:
            click.echo("这一年已经公布过，加 --yes 才改")
            stop(REFUSED)
            return
        numbers = [each.number for each in moved]
        office.engine.read(now, lambda store, occasion: say_numbers(store, occasion, numbers))
    say({"moved": [asdict(each) for each in moved]}, as_json, lambda _told: _moves(moved))


def _propose(office: Office, actor: Actor, document: Any, note: str, as_json: bool) -> None:
    """A person's year waits for another keeper; only the machine of a county without administrators puts one in force."""
    told: Any = {"key": str(rule_of(document)[0]), "source": written(document), "reason": note}
    body: Any = partial(propose, kind=KIND, **told)
    made = writing(office, lambda: office.engine.administer(lambda desk: body(desk), actor=actor, now=datetime.now(UTC)))
    say({"id": made, "status": "waiting"}, as_json, lambda told: f"第{told['id']}号改动，等另一位管理员决定")


def _moves(moved: list[Moved]) -> str:
    lines = [f"{each.number} {each.clock}：{each.before} → {each.after}" for each in moved]
    return "\n".join([f"移动{len(moved)}个期限", *lines])
