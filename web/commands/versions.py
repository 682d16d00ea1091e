"""duban workflow diff, preview: what a new version of a kind changes, before two people decide on it, as on the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from states.definition import Definition
from states.errors import BadInput, NotFound
from states.schema import load as load_definition
from web.cli import FOUND_FAULTS, LANGUAGE, stop
from web.commands.drafts import WHICH, draft_at
from web.commands.impacts import FATES, decided_lines, decided_of, lines_words, told_lines, told_year, year_words
from web.commands.office import acting, common, opened, progress, say, writing
from web.text_files import read_document
from web.wiring import read_shipped
from workflow.versions.plan import POLICIES, RUNGS, WHEN, Plan, obstacles

if TYPE_CHECKING:
    from web.wiring import Office
    from workflow.store import Store
    from workflow.types import Actor

# Between the policy of a clock and its reason; the second is what a Chinese keyboard writes.
REASON_SIGN = re.compile("[:：]")
Command = TypeVar("Command", bound=Callable[..., Any])


def planned(command: Command) -> Command:
    """The options that say what becomes of open cases."""
    options = (
        click.option(
            "--map", "map_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The plan, as YAML."
        ),
        click.option("--state", "states", multiple=True, metavar="OLD=NEW", help="Where cases of a state that is gone go."),
        click.option("--when", "whens", multiple=True, metavar=f"STATE={'|'.join(WHEN)}", help="When cases of a state come."),
        click.option(
            *("--clock", "clocks"),
            multiple=True,
            metavar=f"NAME={'|'.join(POLICIES)}[:REASON]",
            help="What becomes of its dates, and why; only keep needs no reason.",
        ),
        click.option(
            "--rename-clock", "renames", multiple=True, metavar="OLD=NEW", help="As what a clock that is gone goes on."
        ),
        click.option("--rungs", type=click.Choice(RUNGS), help="What becomes of new rungs that are past."),
    )
    for option in options:
        command = option(command)
    return command


def plan_of(map_file: Path | None, states: Any, whens: Any, clocks: Any, renames: Any, rungs: str | None) -> Plan:
    """The plan of a file, and what is said beside it."""
    found_in_file = read_document(map_file).data if map_file else {}
    if not isinstance(found_in_file, dict):
        raise BadInput(why="plan_unreadable", where=map_file.name if map_file else "")
    told: dict[str, Any] = Plan.of(found_in_file).told()
    for name, pairs in (("states", states), ("when", whens), ("clocks", clocks), ("renames", renames)):
        found = dict(_pair(pair, name) for pair in pairs)
        if name == "clocks":
            cut = {clock: REASON_SIGN.split(word, maxsplit=1) for clock, word in found.items()}
            found = {clock: parts[0] for clock, parts in cut.items()}
            reasons = {clock: parts[1].strip() for clock, parts in cut.items() if parts[1:]}
            told["reasons"] = {**told["reasons"], **reasons}
        if found:
            told[name] = {**told[name], **found}
    return Plan.of({**told, **({"rungs": rungs} if rungs else {})})


def _pair(text: str, where: str) -> tuple[str, str]:
    name, sign, word = text.partition("=")
    if not sign:
        raise BadInput(why="plan_unreadable", where=f"{where}.{text[:40]}")
    return name, word


# ---- one against another --------------------------------------------------------------------------------------------------


@click.command("diff")
@click.argument("one")
@click.argument("other", required=False)
@WHICH
@common
def diff(one: str, other: str | None, draft_id: int | None, yes: bool, as_json: bool) -> None:
    """Say what changes between two definitions: a KEY (its current version, or KEY and a number) or a FILE.

    A KEY alone is held against its newest draft, or that of --draft, a FILE alone against the current version of its kind.
    """
    del yes
    from web.versions.sentences import difference

    with opened() as office:
        old, new = _sides(office, one, other, draft_id)
    found = difference(old, new, read_shipped("vocabulary.yaml").data, LANGUAGE)
    told = [
        {"group": group, "kind": sentence.kind, "said": sentence.text} for group, listed in found.groups for sentence in listed
    ]
    say(told, as_json, diff_words)


def diff_words(told: list[dict[str, str]]) -> str:
    """The sentences of a difference, by group."""
    lines: list[str] = []
    for group in dict.fromkeys(one["group"] for one in told):
        lines += [group, *(f"  {one['said']}" for one in told if one["group"] == group)]
    return "\n".join(lines) or "没有改动"


def _sides(office: Office, one: str, other: str | None, draft_id: int | None) -> tuple[Definition, Definition]:
    if Path(one).is_file():
        file = load_definition(read_document(Path(one)).data)
        if other is None:
            return _version(office, file.key, None), file
        return file, _side(office, other, file.key)
    if other is None:
        from workflow.versions import drafts

        source = office.database.read(lambda store: draft_at(store, one, draft_id)["source"])
        return _version(office, one, None), load_definition(drafts.require_text(source).document)
    if other.isdecimal():
        return _version(office, one, int(other)), _version(office, one, None)
    return _version(office, one, None), _side(office, other, one)


def _side(office: Office, told: str, kind: str) -> Definition:
    if Path(told).is_file():
        return load_definition(read_document(Path(told)).data)
    return _version(office, kind, int(told)) if told.isdecimal() else _version(office, told, None)


def _version(office: Office, kind: str, number: int | None) -> Definition:
    """A version of a kind, the current one where no number is said."""
    from workflow.reads import versions as reads

    def read(store: Store) -> Definition:
        rows = [row for row in store.rows(reads.EVERY) if row["kind"] == kind]
        wanted = next(
            (row for row in rows if row["number"] == number or (number is None and row["status"] == "published")), None
        )
        if wanted is None:
            raise NotFound(what="kind", id=kind)
        return load_definition(json.loads(reads.version_of(store, kind, wanted["number"])[1]["canonical"]))

    return office.database.read(read)


# ---- previewed and published ------------------------------------------------------------------------------------------------


@click.command("preview")
@click.argument("kind")
@WHICH
@click.option("--of", "impact_id", type=int, help="Not a new one: this preview, as it was made.")
@click.option("--lines", is_flag=True, help="Say what becomes of each case, and how much in each township.")
@click.option("--fate", type=click.Choice(list(FATES)), help="With --lines: only these cases.")
@planned
@common
@click.pass_obj
def preview(
    login: str | None,
    /,
    kind: str,
    draft_id: int | None,
    impact_id: int | None,
    lines: bool,
    fate: str | None,
    yes: bool,
    as_json: bool,
    **plan: Any,
) -> None:
    """Say what a draft would do to every open case; nothing is changed. Exit 1 where the plan leaves something unsaid."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        actor = acting(office, login, now)
        if impact_id is None:
            impact = previewed(office, kind, draft_id, plan_of(**plan), actor, now, as_json)
        else:
            impact = _made(office, kind, impact_id, actor)
        told = told_of(office, impact, now) | (told_lines(office, impact, actor, now, fate or "") if lines else {})
    say(told, as_json, lambda said: "\n".join([preview_words(said), *(lines_words(said) if lines else ())]))


def _made(office: Office, kind: str, impact_id: int, actor: Actor) -> Mapping[str, Any]:
    """A preview that is whole, for whoever may make one."""
    from workflow.versions import drafts
    from workflow.versions.preview import get_impact

    drafts.require_administrator(actor)
    impact = office.database.read(partial(get_impact, impact_id=impact_id))
    if impact["kind"] != kind or not impact["seal"]:
        raise NotFound(what="impact", id=impact_id)
    return impact


def previewed(
    office: Office, kind: str, draft_id: int | None, plan: Plan, actor: Actor, now: datetime, as_json: bool
) -> Mapping[str, Any]:
    """The sealed preview of a draft under a plan; ends the command where the plan leaves something unsaid."""
    from web.versions.rehearsing import ORDERS, how_far
    from workflow.versions import preview as previewing

    found = office.database.read(lambda store: draft_at(store, kind, draft_id))
    _require_said(office, found, plan, now, as_json)
    writing(office, lambda: office.prove_again(found["id"]))
    administer = partial(office.engine.administer, actor=actor, now=now)
    begun: int = writing(
        office,
        lambda: administer(lambda desk: previewing.begin(desk.store, desk.occasion, found["id"], plan, actor, orders=ORDERS)),
    )
    impact = office.database.read(partial(previewing.get_impact, impact_id=begun))
    with progress(how_far(impact)[1], "试算") as bar:
        while done := writing(office, lambda: administer(lambda desk: previewing.work(desk.store, desk.occasion, begun))):
            bar.update(done)
    return office.database.read(partial(previewing.get_impact, impact_id=begun))


def _require_said(office: Office, found: Mapping[str, Any], plan: Plan, now: datetime, as_json: bool) -> None:
    """Ends the command with every obstacle, where the plan leaves some."""
    from states.schema import dump
    from web.versions.naming import Names
    from web.versions.plan_form import olds_of
    from web.versions.words import obstacle_words
    from workflow.versions import drafts

    new = load_definition(drafts.require_text(found["source"]).document)
    olds = office.engine.read(now, lambda _store, occasion: olds_of(occasion, found["kind"]))
    names = Names(read_shipped("vocabulary.yaml").data, LANGUAGE, *map(dump, [*olds[:1], new, *olds[1:]]))
    standing = [
        {
            "name": one.name,
            "params": dict(one.params),
            "said": obstacle_words({"name": one.name, "params": one.params}, names, LANGUAGE),
        }
        for one in obstacles(plan, olds, new)
    ]
    if standing:
        say({"obstacles": standing}, as_json, lambda told: "\n".join(one["said"] for one in told["obstacles"]))
        stop(FOUND_FAULTS)


def told_of(office: Office, impact: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A whole preview as plain data: its figures, its last twelve months, and whether the draft is another by now."""
    from web.versions.rehearsing import kept
    from workflow.versions import drafts
    from workflow.versions.preview import COUNTED, stands_for

    draft = office.database.read(partial(drafts.get_draft, draft_id=impact["draft_id"]))
    year = office.engine.read(now, lambda _store, occasion: kept(occasion, impact))
    counts = json.loads(impact["counts"])
    told = {"preview": impact["id"], "kind": impact["kind"], "draft": impact["draft_id"], "total": impact["total"]}
    told |= {name: counts.get(name, 0) for name in COUNTED} | {"poisons": counts["poisons"], "seal": impact["seal"]}
    told |= {"clocks": decided_of(impact["plan"]), "stale": not stands_for(dict(impact), draft)}
    return told | {"replay": told_year(year, office.settings.small_counts) if year is not None else None}


def preview_words(told: Mapping[str, Any]) -> str:
    from web.versions.words import POISONS

    poisons = [f"有问题{n}项：{POISONS.get(why, POISONS['broken'])}" for why, n in told["poisons"].items()]
    first = f"共{told['total']}项：迁移{told['moves']}，随下一步{told['follows']}，"
    first += f"按原版本办完{told['stays']}，有问题{told['poisoned']}"
    first += "；随下一步的到那时再算，以下各数里没有它们" if told["follows"] else ""
    then = f"期限变动{told['dated']}，转为逾期{told['turned_late']}，"
    then += f"不再逾期{told['no_longer_late']}，还差佐证{told['missing']}"
    who = f"责任单位变动{told['owned']}，权限变动{told['rights']}"
    rungs = f"督促变动{told['pressed']}，马上督促{told['rungs']}，略过督促{told['skipped']}，马上拟约谈{told['talks']}"
    stale = ["试算以后草稿又改过，或者已经发布"] if told["stale"] else []
    year = [f"过去12个月重演：{year_words(told['replay'])}"] if told["replay"] else []
    last = f"{rungs}；试算印记{told['seal'][:12]}"
    return "\n".join([*stale, *poisons, *decided_lines(told), first, then, who, *year, last])


COMMANDS = (diff, preview)
