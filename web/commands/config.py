"""duban config: settings listed and shown, proposed by one administrator, decided by another, with all that was."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from handlers.settings.registry import SETTINGS
from states.errors import NotFound
from web.cli import LANGUAGE
from web.commands.office import acting, common, confirmed, opened, say, writing
from web.commands.proof import Proof, proven_actor, with_proof
from web.configuration.bundles import FATES, brought_in, compared, part_title, parts_of, whole_bundle
from web.configuration.differences import differences
from web.configuration.words import KINDS, STATUSES, setting_title
from web.formatting import moment
from web.text_files import read_text
from web.wiring import Office
from workflow.configuration import changes
from workflow.configuration.kinds import Kind, written
from workflow.dates import local_day
from workflow.reads import configuration as reads
from workflow.reads.configuration import SettingView

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
KIND = click.Choice(list(SETTINGS))


@click.group("config")
def command() -> None:
    """Settings in versions: list, show, propose, decide; carry them to another installation."""


@command.command("list")
@click.argument("kind", type=KIND, required=False)
@common
def list_settings(kind: str | None, yes: bool, as_json: bool) -> None:
    """Every setting with its version; 0 is what ships."""
    del yes
    with opened() as office:
        every = office.database.read(reads.list_settings)
        told = [line for name in ([kind] if kind else SETTINGS) for line in _lines_of(office, SETTINGS[name], every)]
    say(told, as_json, lambda lines: "\n".join(map(_line, lines)))


def _lines_of(office: Office, kind: Kind, every: list[SettingView]) -> list[dict[str, Any]]:
    mine = [one for one in every if one.kind == kind.name]
    current = {one.key: one for one in mine if one.status == "current"}
    waiting = {one.key: one for one in mine if one.is_open}
    return [
        {
            "kind": kind.name,
            "key": key,
            "title": setting_title(office.titles, kind.name, key, _data_of(current.get(key) or waiting.get(key))),
            "version": current[key].number if key in current else 0,
            "since": current[key].decided_at if key in current else None,
            "waiting": waiting[key].id if key in waiting else None,
        }
        for key in dict.fromkeys([*kind.shipped(), *current, *waiting])
    ]


def _data_of(one: SettingView | None) -> Any:
    return one.data if one is not None else None


def _line(told: dict[str, Any]) -> str:
    version = f"第{told['version']}版" if told["version"] else STATUSES["shipped"]
    waiting = f"，第{told['waiting']}号改动等决定" if told["waiting"] else ""
    return f"{told['kind']} {told['key']}\t{KINDS[told['kind']][0]}：{told['title']}\t{version}{waiting}"


@command.command("show")
@click.argument("kind", type=KIND)
@click.argument("key")
@common
def show(kind: str, key: str, yes: bool, as_json: bool) -> None:
    """The text in force, as it may be corrected and proposed."""
    del yes
    with opened() as office:
        source, number = _in_force(office, kind, key)
    say({"kind": kind, "key": key, "version": number, "source": source}, as_json, lambda told: told["source"].rstrip())


def _in_force(office: Office, kind: str, key: str) -> tuple[str, int]:
    known = office.engine.settings.of(kind).get(key)
    shipped = SETTINGS[kind].shipped()
    if known is None and key not in shipped:
        raise NotFound(what="setting", id=f"{kind} {key}")
    return (known.source, known.number) if known else (written(shipped[key]), 0)


@command.command("propose")
@click.argument("kind", type=KIND)
@click.argument("key")
@click.argument("file", type=READABLE)
@click.option("--reason", required=True, help="Why; it stands in the history.")
@click.option("--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="The day from which it holds; at once unless said.")
@with_proof
@common
@click.pass_obj
def propose(
    login: str | None,
    kind: str,
    key: str,
    file: Path,
    reason: str,
    from_on: datetime | None,
    proof: Proof,
    yes: bool,
    as_json: bool,
) -> None:
    """Propose the text of FILE; another administrator decides."""
    now, source = datetime.now(UTC), read_text(file)
    with opened() as office:
        actor = proven_actor(office, login, now, proof)
        confirmed(yes, f"提出改“{setting_title(office.titles, kind, key)}”？")
        body: Any = partial(changes.propose, kind=SETTINGS[kind], key=key, source=source, reason=reason)
        if from_on is not None:
            body = partial(body, from_on=from_on.date())
        made = writing(office, lambda: office.engine.administer(lambda desk: body(desk), actor=actor, now=now))
        status = office.database.read(lambda store: reads.get_version(store, made)).status
    say({"id": made, "status": status}, as_json, _proposed)


def _proposed(told: dict[str, Any]) -> str:
    return f"第{told['id']}号改动，{'已生效' if told['status'] == 'current' else '等另一位管理员决定'}"


@command.command("decide")
@click.argument("version_id", metavar="ID", type=int)
@click.option("--agree/--refuse", "granted", required=True, help="The second administrator's word.")
@click.option("--words", default="", help="The reason of a refusal.")
@with_proof
@common
@click.pass_obj
def decide(login: str | None, version_id: int, granted: bool, words: str, proof: Proof, yes: bool, as_json: bool) -> None:
    """Decide on a change that somebody else has proposed."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = proven_actor(office, login, now, proof)
        one = office.database.read(lambda store: reads.get_version(store, version_id))
        confirmed(yes, f"{'同意' if granted else '不同意'}第{version_id}号改动？")
        body: Any = partial(changes.decide, kind=SETTINGS[one.kind], version_id=version_id, granted=granted, words=words)
        number = writing(office, lambda: office.engine.administer(lambda desk: body(desk), actor=actor, now=now))
    status = "refused" if not granted else "current" if number else "dated"
    said = {"refused": "已退回", "current": f"已生效，第{number}版", "dated": f"已同意，自{one.from_on}起生效"}[status]
    say({"id": version_id, "status": status, "version": number}, as_json, lambda _told: said)


@command.command("withdraw")
@click.argument("version_id", metavar="ID", type=int)
@click.option("--words", required=True, help="Why.")
@with_proof
@common
@click.pass_obj
def withdraw(login: str | None, version_id: int, words: str, proof: Proof, yes: bool, as_json: bool) -> None:
    """Take back a change of one's own that nobody has decided on."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = proven_actor(office, login, now, proof)
        one = office.database.read(lambda store: reads.get_version(store, version_id))
        confirmed(yes, f"撤回第{version_id}号改动？")
        body: Any = partial(changes.withdraw, kind=SETTINGS[one.kind], version_id=version_id, words=words)
        writing(office, lambda: office.engine.administer(lambda desk: body(desk), actor=actor, now=now))
    say({"id": version_id, "status": "withdrawn"}, as_json, lambda _told: "已撤回")


@command.command("history")
@click.argument("kind", type=KIND)
@click.argument("key")
@common
def history(kind: str, key: str, yes: bool, as_json: bool) -> None:
    """Every version and proposal: who, when, why, with whose consent, and what it changed."""
    del yes
    with opened() as office:
        shipped = SETTINGS[kind].shipped().get(key)
        every = office.database.read(lambda store: reads.history_of(store, kind, key))
        if shipped is None and not every:
            raise NotFound(what="setting", id=f"{kind} {key}")
        told = [_told(one, every, shipped) for one in every]
    say(told, as_json, lambda lines: "\n".join(map(_history_line, lines)) or "还没有改动过")


def _told(one: SettingView, every: list[SettingView], shipped: Any) -> dict[str, Any]:
    before = next((row.data for row in every if row.number and row.number == one.based_on), shipped)
    changed = [] if one.status == "shipped" else [each.text for each in differences(before, one.data)]
    names = (
        "id",
        "number",
        "status",
        "reason",
        "proposer",
        "proposed_at",
        "from_on",
        "decider",
        "decided_at",
        "decision",
        "digest",
    )
    return {name: getattr(one, name) for name in names} | {"changed": changed, "report": one.report}


def _history_line(told: dict[str, Any]) -> str:
    name = f"第{told['number']}版" if told["number"] else f"第{told['id']}号改动"
    who = f" {told['proposer']}提出" + (f"，{told['decider']}决定" if told["decider"] else "") if told["proposer"] else ""
    head = f"{name} {STATUSES[told['status']]} {_at(told['decided_at'] or told['proposed_at'])}{who} {told['reason']}"
    return "\n".join([head.rstrip(), *(f"  {line}" for line in told["changed"])])


def _at(at: datetime) -> str:
    return moment(at, today=local_day(datetime.now(UTC)), language=LANGUAGE)


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@common
def export(file: Path, yes: bool, as_json: bool) -> None:
    """Write everything in force, definitions, settings and calendar, into one FILE."""
    if file.exists():
        confirmed(yes, f"覆盖 {file.name}？")
    with opened() as office:
        content = whole_bundle(office, datetime.now(UTC))
    file.write_bytes(content)
    told = {"file": str(file), "bytes": len(content), "digest": hashlib.sha256(content).hexdigest()}
    say(told, as_json, lambda told: f"已导出 {told['file']}")


@command.command("import")
@click.argument("file", type=READABLE)
@click.option("--reason", default="", help="Why; without it, what differs is only shown.")
@with_proof
@common
@click.pass_obj
def import_bundle(login: str | None, file: Path, reason: str, proof: Proof, yes: bool, as_json: bool) -> None:
    """Show what FILE would change here; with --reason make drafts and proposals of it."""
    now, source = datetime.now(UTC), file.read_bytes()
    with opened() as office:
        actor = proven_actor(office, login, now, proof) if reason.strip() else acting(office, login, now)
        parts = compared(office, actor, parts_of(office, source, now, LANGUAGE), now)
        if reason.strip():
            confirmed(yes, f"导入 {file.name}？")
            parts = writing(office, lambda: brought_in(office, actor, parts, reason, now))
        titles = office.titles
    told = [{"name": one.name, "status": one.status, "made": one.made} for one in parts]
    words = {one.name: part_title(titles, one, LANGUAGE) for one in parts}
    say(told, as_json, lambda lines: _parts_words(lines, words))


def _parts_words(told: list[dict[str, Any]], words: dict[str, str]) -> str:
    return "\n".join(_part_line(line, words) for line in told if line["status"] != "present") or "全都相同"


def _part_line(told: dict[str, Any], words: dict[str, str]) -> str:
    made = f"，已成第{told['made']}号{'草稿' if told['name'].startswith('definitions/') else '改动'}" if told["made"] else ""
    return f"{told['name']}\t{words[told['name']]}\t{FATES[told['status']]}{made}"
