"""duban organisation: areas and organs are renamed, merged, split, moved and ended by effective date, as on the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from states.errors import BadInput, NotFound
from web.admin.change_words import STATUSES, sentence
from web.cli import LANGUAGE, REFUSED, stop
from web.commands.office import acting, common, confirmed, opened, say, writing
from web.commands.proof import Proof, proven_actor, with_proof
from web.errors import sentence_of
from web.language import translate
from workflow.dates import local_day
from workflow.organisation_names import find_by_name
from workflow.people.proposals import takes_two
from workflow.reorganisation import log, second
from workflow.reorganisation.plan import AREA, ORGAN, Part, Plan, Wish

if TYPE_CHECKING:
    from web.wiring import Office
    from workflow.reorganisation.preview import Preview
    from workflow.store import Store
    from workflow.tree import Tree

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("organisation")
def command() -> None:
    """Areas and organs: listed, renamed, merged, split, moved, ended; each change with its day and its reason."""


def changing(changed: Command) -> Command:
    """The options of every change."""
    options = (
        click.option("--area", "is_area", is_flag=True, help="The names are of areas (柳河镇/东沟村), not of organs."),
        click.option("--on", "day", help="The first day of the change (2026-12-01); today where it is left out."),
        click.option("--reason", required=True, help="Why."),
        click.option("--paper", default="", help="The number of the paper that orders it."),
        click.option("--dry-run", is_flag=True, help="Print what it would do, and do nothing."),
    )
    for option in options:
        changed = option(changed)
    return with_proof(common(changed))


# ---- looking --------------------------------------------------------------------------------------------------------------


@command.command("list")
@common
def list_units(yes: bool, as_json: bool) -> None:
    """Print every area and organ, in official order."""
    del yes
    with opened() as office:
        tree = _tree(office)
    areas = sorted(tree.areas.values(), key=lambda area: tree.area_rank[area.id])
    organs = sorted(tree.organs.values(), key=lambda organ: (tree.area_rank[organ.area_id], organ.official_order, organ.id))
    told = [{"unit": AREA, "id": one.id, "name": path_of(tree, one.id), "ended_on": one.valid_to} for one in areas]
    told += [{"unit": ORGAN, "id": one.id, "name": one.name, "ended_on": one.valid_to} for one in organs]
    say(told, as_json, lambda rows: "\n".join(_unit_line(row) for row in rows))


def _unit_line(row: dict[str, Any]) -> str:
    return f"{row['name']}（{row['ended_on']}止）" if row["ended_on"] else str(row["name"])


def path_of(tree: Tree, area_id: int) -> str:
    """The area below its county, as a command takes it: 柳河镇/东沟村."""
    names = [tree.areas[above].name for above in reversed(tree.lineage(area_id).values())]
    return "/".join(names[1:] or names)


@command.command("changes")
@common
def list_changes(yes: bool, as_json: bool) -> None:
    """Print every change, the latest first."""
    del yes
    with opened() as office:
        found = office.database.read(log.list_changes)
    told = [
        {
            "id": one.id,
            "what": one.plan.what,
            "said": sentence(one.plan, one.before, one.into, LANGUAGE),
            "on": one.on,
            "reason": one.reason,
            "paper": one.paper,
            "status": one.status,
        }
        for one in found
    ]
    say(told, as_json, lambda rows: "\n".join(_change_line(row) for row in rows) or "还没有变更过")


def _change_line(row: dict[str, Any]) -> str:
    status = translate(STATUSES[row["status"]], LANGUAGE)
    return f"{row['id']}\t{row['on']}\t{status}\t{row['said']}：{row['reason']}{row['paper']}"


# ---- changing -------------------------------------------------------------------------------------------------------------


@command.command("rename")
@click.argument("unit")
@click.argument("name")
@click.option("--short", default="", help="The short name.")
@changing
@click.pass_obj
def rename(login: str | None, /, unit: str, name: str, short: str, is_area: bool, **told: Any) -> None:
    """Give UNIT the name NAME; bodies that are called after an area are renamed with it."""

    def plan(_office: Office, tree: Tree, kind: str) -> Plan:
        return Plan("rename", kind, (find_unit(tree, kind, unit),), name=name, short_name=short)

    _change(login, is_area, plan, **told)


@command.command("merge")
@click.argument("units", nargs=-1, required=True)
@click.option("--into", help="The unit that they go into.")
@click.option("--name", default="", help="The name of a new unit that they become.")
@click.option("--end-post", "ended", multiple=True, metavar="LOGIN", help="Whose posts end and do not go along.")
@changing
@click.pass_obj
def merge(
    login: str | None,
    /,
    units: tuple[str, ...],
    into: str | None,
    name: str,
    ended: tuple[str, ...],
    is_area: bool,
    **told: Any,
) -> None:
    """Merge UNITS into another, or into a new one."""

    def plan(office: Office, tree: Tree, kind: str) -> Plan:
        ids = tuple(find_unit(tree, kind, unit) for unit in units)
        into_id = find_unit(tree, kind, into) if into else None
        return Plan("merge", kind, ids, into_id=into_id, name=name, ended_grants=_posts(office, ended))

    _change(login, is_area, plan, **told)


@command.command("split")
@click.argument("unit")
@click.argument("name")
@click.option("--case", "numbers", multiple=True, metavar="NUMBER", help="An open case that goes to the new unit.")
@click.option("--post", "going", multiple=True, metavar="LOGIN", help="Who goes to the new unit.")
@changing
@click.pass_obj
def split(
    login: str | None, /, unit: str, name: str, numbers: tuple[str, ...], going: tuple[str, ...], is_area: bool, **told: Any
) -> None:
    """Split a new unit NAME off UNIT; what is not named stays."""

    def plan(office: Office, tree: Tree, kind: str) -> Plan:
        unit_id = find_unit(tree, kind, unit)
        part = Part(name, "", _cases(office, login, kind, unit_id, numbers), _posts(office, going))
        return Plan("split", kind, (unit_id,), parts=(part,))

    _change(login, is_area, plan, **told)


@command.command("move")
@click.argument("village")
@click.argument("township")
@changing
@click.pass_obj
def move(login: str | None, /, village: str, township: str, is_area: bool, **told: Any) -> None:
    """Put VILLAGE under another TOWNSHIP."""
    del is_area

    def plan(_office: Office, tree: Tree, kind: str) -> Plan:
        return Plan("move", kind, (find_unit(tree, kind, village),), into_id=find_unit(tree, kind, township))

    _change(login, True, plan, **told)


@command.command("end")
@click.argument("unit")
@changing
@click.pass_obj
def end(login: str | None, /, unit: str, is_area: bool, **told: Any) -> None:
    """UNIT is no more; nothing open may be left with it."""
    _change(login, is_area, lambda _office, tree, kind: Plan("end", kind, (find_unit(tree, kind, unit),)), **told)


@command.command("withdraw")
@click.argument("change", type=int)
@common
@click.pass_obj
def withdraw(login: str | None, change: int, yes: bool, as_json: bool) -> None:
    """Take back a change that waits for its day."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        actor = acting(office, login, now)
        writing(office, lambda: office.engine.administer(lambda desk: log.withdraw(desk, change), actor=actor, now=now))
    say({"change": change, "status": log.WITHDRAWN}, as_json, lambda told: f"变更{told['change']}已撤回")


@command.command("decide")
@click.argument("change", type=int)
@click.option("--refuse", default="", metavar="WORDS", help="The second person says no, and why.")
@with_proof
@common
@click.pass_obj
def decide(
    login: str | None,
    change: int,
    refuse: str,
    proof: Proof,
    yes: bool,
    as_json: bool,
) -> None:
    """As the second person, say yes to a change by which somebody comes to see more."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = proven_actor(office, login, now, proof)
        confirmed(yes, f"不同意变更{change}？" if refuse else f"同意变更{change}？")
        word = partial(second.decide, change_id=change, granted=not refuse, words=refuse)
        writing(office, lambda: office.engine.administer(lambda desk: word(desk), actor=actor, now=now))
        status = _status_of(office, change)
    say({"change": change, "status": status}, as_json, lambda _told: f"变更{change}：{translate(STATUSES[status], LANGUAGE)}")


def _change(
    login: str | None,
    is_area: bool,
    plan: Callable[[Office, Tree, str], Plan],
    *,
    day: str | None,
    reason: str,
    paper: str,
    dry_run: bool,
    proof: Proof,
    yes: bool,
    as_json: bool,
) -> None:
    """Prints what the change would do; asks; does it, puts it down for its day, or proposes it to a second person."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = acting(office, login, now)
        on = _day(day) if day else local_day(now)
        wish = Wish(plan(office, _tree(office), AREA if is_area else ORGAN), on, reason, paper)
        would = writing(office, lambda: office.engine.preview_reorganisation(wish, actor=actor, now=now))
        if dry_run:
            against = [sentence_of(each, LANGUAGE) for each in would.against]
            say({**would.told, "against": against}, as_json, lambda _told: _words(would))
            stop(REFUSED) if against else None
            return
        if would.gains and office.database.read(takes_two):
            actor = proven_actor(office, login, now, proof)
        if not yes:
            click.echo(_words(would), err=True)
            confirmed(yes, "照此办理？")
        change_id = writing(office, lambda: office.engine.reorganise(wish, actor=actor, now=now))
        status = _status_of(office, change_id)
    words = {log.DONE: "已办", log.WAITING: f"已记下，{on}自动办理", log.PROPOSED: "已提出，等第二人用 decide 同意"}
    say({"change": change_id, "status": status}, as_json, lambda told: f"变更{told['change']}{words[status]}")


def _status_of(office: Office, change_id: int) -> str:
    return next(one.status for one in office.database.read(log.list_changes) if one.id == change_id)


def _words(would: Preview) -> str:
    lines = [f"转接在办事项{would.cases}项，时限{would.clocks}个，约谈{would.talks}次，其中合并{would.merged_talks}次"]
    lines += [f"{gain.organ}：{gain.people}人会看到原来看不到的{gain.cases}项" for gain in would.gains]
    return "\n".join([*lines, *(sentence_of(each, LANGUAGE) for each in would.against)])


def _tree(office: Office) -> Tree:
    return office.engine.read(datetime.now(UTC), lambda _store, occasion: occasion.tree)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(why="not_a_time", text=text) from None


def find_unit(tree: Tree, kind: str, name: str) -> int:
    """The id of an organ by its name, or of an area by its name or its place; NotFound where several or none are called so."""
    if kind == ORGAN:
        organ = find_by_name(tree, name)
        found = [organ.id] if organ is not None else []
    else:
        standing = (area for area in tree.areas.values() if area.valid_to is None)
        found = [area.id for area in standing if name in (area.name, path_of(tree, area.id))]
    if len(found) != 1:
        raise NotFound(what=kind, id=name)
    return found[0]


def _posts(office: Office, logins: tuple[str, ...]) -> tuple[int, ...]:
    """Every post of these people; those in other bodies are not looked at by a change."""
    from workflow.people.actors import find_person
    from workflow.people.grants import list_grants

    def read(store: Store) -> tuple[int, ...]:
        found: list[int] = []
        for login in logins:
            person = find_person(store, login)
            if person is None:
                raise NotFound(what="person", id=login)
            found += [row["id"] for row in list_grants(store, person["id"])]
        return tuple(found)

    return office.database.read(read)


def _cases(office: Office, login: str | None, kind: str, unit_id: int, numbers: tuple[str, ...]) -> tuple[int, ...]:
    from workflow.reads.organisations import open_cases_of

    now = datetime.now(UTC)
    actor = acting(office, login, now)
    open_now = office.engine.read(now, lambda store, occasion: open_cases_of(store, occasion, actor, kind, unit_id))
    by_number = {case.number: case.id for case in open_now}
    missing = [number for number in numbers if number not in by_number]
    if missing:
        raise NotFound(what="open_case", id=missing[0])
    return tuple(by_number[number] for number in numbers)
