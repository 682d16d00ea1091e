"""duban workflow scenarios, record: how the scenarios of a definition come out, and one more from a real case."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from config.rewriting import rewrite
from states.schema import dump
from states.schema import load as load_definition
from web.cli import FOUND_FAULTS, LANGUAGE, stop
from web.commands.drafts import WHICH, draft_at, say_faults
from web.commands.office import common, opened, reading_cases, say, writing
from web.text_files import faults_in, read_document

if TYPE_CHECKING:
    from web.wiring import Office
    from workflow.store import Store

SIGNS = {True: "✓", False: "✗"}


@click.command("scenarios")
@click.argument("told", metavar="FILE|KEY")
@WHICH
@common
def scenarios(told: str, draft_id: int | None, yes: bool, as_json: bool) -> None:
    """Live through the scenarios of a definition, or of a draft of a KEY; exit 1 when one comes out otherwise."""
    del yes
    with opened() as office:
        found = _lived(office, told, draft_id, as_json)
    say(found, as_json, lambda told: "\n".join(line for one in told for line in _lines(one)) or "没有情景")
    if not all(one["well"] for one in found):
        stop(FOUND_FAULTS)


def _lived(office: Office, told: str, draft_id: int | None, as_json: bool) -> list[dict[str, Any]]:
    from web.versions.naming import Names
    from web.versions.scenes import said_of, story
    from workflow.versions import drafts

    path = Path(told)
    if path.is_file():
        source = read_document(path).text
    else:
        source = office.database.read(lambda store: draft_at(store, told, draft_id)["source"])
    document = drafts.require_text(source).document
    if faults := faults_in(source, str(document["key"]), office.vocabulary):
        say_faults(faults, as_json)
    definition = load_definition(document)
    names = Names(office.titles, LANGUAGE, dump(definition))
    return [
        {
            "title": came.title.in_(LANGUAGE),
            "story": story(scenario, names),
            "well": not came.differences,
            "said": [said_of(one, names) for one in came.differences],
        }
        for scenario, came in zip(definition.scenarios, office.examine(document).told, strict=True)
    ]


def _lines(one: dict[str, Any]) -> list[str]:
    return [f"{SIGNS[one['well']]} {one['title']}", f"  {one['story']}", *(f"  {said}" for said in one["said"])]


@click.command("record")
@click.argument("number")
@WHICH
@common
@click.pass_obj
def record(login: str | None, number: str, draft_id: int | None, yes: bool, as_json: bool) -> None:
    """Put a case, as a scenario without a word of it, to a draft of its kind."""
    del yes
    from workflow.reads.case_lines import show_case
    from workflow.reads.seen import see
    from workflow.versions import drafts, editing
    from workflow.versions.recorded import scenario_of
    from workflow.versions.steps import Step, add_step

    now = datetime.now(UTC)
    with opened() as office:
        actor = reading_cases(office, login, now)
        drafts.require_administrator(actor)

        def read(store: Store, occasion: Any) -> tuple[str, dict[str, Any]]:
            seen = see(store, occasion, actor, show_case(store, occasion, actor, number)["id"])
            return seen.served.kind, scenario_of(seen)

        kind, told = office.engine.read(now, read)

        def put(store: Store) -> int:
            draft = draft_at(store, kind, draft_id)
            document = dict(drafts.require_text(draft["source"]).document)
            source, layout = rewrite(draft["source"], editing.insert(document, ("scenarios",), told)), drafts.layout_of(draft)
            add_step(store, draft_id=draft["id"], before=Step(draft["source"], layout), after=Step(source, layout))
            drafts.change(store, draft["id"], revision=draft["revision"], actor=actor, now=now, source=source)
            return int(draft["id"])

        done = writing(office, lambda: office.database.write(put))
    say(
        {"draft": done, "kind": kind, "scenario": told},
        as_json,
        lambda said: f"已录进草稿{said['draft']}（{said['kind']}）",
    )


COMMANDS = (scenarios, record)
