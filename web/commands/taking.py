"""duban workflow lines: a preview taken away as a file, as on its pages. It bears its number and is listed like any export."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from handlers.ledgers.export import FileFormat
from states.errors import NotFound
from web.commands.export import begin
from web.commands.impacts import told_lines, told_year
from web.commands.office import acting, common, opened, say
from workflow import exports
from workflow.exports import Taking
from workflow.trail import Origin

if TYPE_CHECKING:
    from handlers.ledgers.marks import Mark
    from web.wiring import Office
    from workflow.types import Actor

    # Writes down that so many lines are taken away.
    Taken = Callable[[int], Mark]

JSON = "json"
FORMS = (*get_args(FileFormat), JSON)


@click.command("lines")
@click.argument("impact_id", metavar="PREVIEW", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--year", is_flag=True, help="Not the cases: what the last twelve months would have seen, by township.")
@click.option("--format", "form", type=click.Choice(FORMS), help="Else by the file's name.")
@click.option("--reason", default="", help="What for; asked for where there are many lines.")
@common
@click.pass_obj
def lines(
    login: str | None, /, impact_id: int, file: Path, year: bool, form: str | None, reason: str, yes: bool, as_json: bool
) -> None:
    """Write to FILE what becomes of each case by a whole PREVIEW, as its page exports it."""
    del yes
    from workflow.versions import drafts, preview

    now, form = datetime.now(UTC), form or _form_of(file)
    with opened() as office:
        actor = acting(office, login, now)
        drafts.require_administrator(actor)
        impact = office.database.read(partial(preview.get_impact, impact_id=impact_id))
        if not impact["seal"]:
            raise NotFound(what="impact", id=impact_id)
        origin = Origin(actor.person_id, request=uuid.uuid4().hex)

        def taken(lines: int) -> Mark:
            return begin(office, actor, origin, Taking("preview", form, lines, reason), now)

        written, mark = (_year if year else _cases)(office, impact, file, form, taken, actor, now)
        office.database.write(lambda store: exports.say_lines(store, origin, written))
    told = {"file": str(file), "preview": impact_id, "rows": written, "number": mark.number}
    say(told, as_json, lambda told: f"已导出{told['rows']}行：{told['file']}（编号{told['number']}）")


def _form_of(file: Path) -> str:
    """By the end of the file's name; Excel for every other."""
    told = file.suffix.lower().removeprefix(".")
    return told if told in FORMS else FORMS[0]


def _cases(
    office: Office, impact: Mapping[str, Any], file: Path, form: str, taken: Taken, actor: Actor, now: datetime
) -> tuple[int, Mark]:
    """What becomes of each case; how many lines, and the mark that they bear."""
    from web import create_app
    from web.versions.previewing import write_lines

    mark = taken(impact["total"])
    if form == JSON:
        found = told_lines(office, impact, actor, now, "")["lines"]
        return _as_json(file, mark, {"preview": impact["id"], "lines": found}, len(found)), mark
    asked: Any = {"file_format": form, "mark": mark}
    with create_app(office).test_request_context(), file.open("wb") as target:
        return int(office.engine.read(now, partial(write_lines, impact_id=impact["id"], target=target, **asked))[1]), mark


def _year(
    office: Office, impact: Mapping[str, Any], file: Path, form: str, taken: Taken, _actor: Actor, _now: datetime
) -> tuple[int, Mark]:
    """Talks and orders of the last twelve months, as above. NotFound where the kind had no version to count by."""
    from web import create_app
    from web.versions.rehearsing import write_year, year_of

    with create_app(office).test_request_context():
        told = year_of(impact["id"])
        mark = taken(len(told["found"].townships))
        if form == JSON:
            found = told_year(told["found"], office.settings.small_counts)
            return _as_json(file, mark, {"preview": impact["id"], **found}, len(found["townships"])), mark
        asked: Any = {"file_format": form, "mark": mark}
        with file.open("wb") as target:
            return int(write_year(told, target, **asked)[1]), mark


def _as_json(file: Path, mark: Mark, told: Mapping[str, Any], lines: int) -> int:
    said = {"number": mark.number, "mark": mark.words, **told}
    file.write_text(json.dumps(said, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    return lines


COMMANDS = (lines,)
