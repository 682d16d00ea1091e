"""duban audit: verify the history, take checkpoints that leave the machine, hand an auditor what proves it elsewhere."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from states.errors import BadInput
from web.audit.seen import line_of, one_line, span_of
from web.checkpointing import every, lags_of, take_signed
from web.cli import FOUND_FAULTS, stop
from web.commands.office import common, opened, progress, say, writing
from web.wiring import Office
from workflow import trail
from workflow import verifier as outside
from workflow.audit import OF_TRAIL, OF_VERSIONS, Fault, Verdict, verify
from workflow.checkpoints import count_cases
from workflow.dates import ZONE
from workflow.deliveries import Standing, standing
from workflow.keyring import public_keys
from workflow.package import lines
from workflow.shipping import Lag


@click.group("audit")
def command() -> None:
    """Verify the history; take checkpoints; export what proves it."""


@command.command("verify")
@click.option(
    "--against", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A checkpoint file kept elsewhere."
)
@common
def verify_history(against: Path | None, yes: bool, as_json: bool) -> None:
    """Check every event, chain, content and case; exit 1 when something is wrong."""
    del yes
    document = _read(against) if against else None
    with opened() as office, progress(office.database.read(count_cases), "核对记录") as bar:
        verdict = office.database.read(lambda store: verify(store, against=document, report=bar.update))
    told = {
        "ok": verdict.ok,
        "events": verdict.events,
        "cases": verdict.cases,
        "faults": [fault._asdict() for fault in verdict.faults],
        "checkpoint": verdict.checkpoint or None,
        "window_from": verdict.window_from.isoformat() if verdict.window_from else None,
    }
    say(told, as_json, lambda _told: _words(verdict))
    if not verdict.ok:
        stop(FOUND_FAULTS)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        raise BadInput(why="not_json", text=file.name) from None


def _hour(at: datetime) -> str:
    """An hour of the county, said to be one."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}（北京时间）"


def _words(verdict: Verdict) -> str:
    since = _hour(verdict.window_from) if verdict.window_from else "建库"
    head = f"核对{verdict.events}条记录、{verdict.cases}件事项；{since}之后被整件删除或截断的，要等下一个检查点才能看出。"
    found = "记录完整" if verdict.ok else f"发现{len(verdict.faults)}处问题"
    return "\n".join([head, *map(_fault_words, verdict.faults), found])


def _fault_words(fault: Fault) -> str:
    if fault.kind in OF_VERSIONS:
        return f"流程版本{fault.seq}：{fault.kind}"
    return f"审计记录第{fault.seq}条" if fault.kind == OF_TRAIL else f"事项{fault.case} 第{fault.seq}条：{fault.kind}"


@command.command("checkpoint")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the checkpoint to this file.")
@common
def checkpoint(out: Path | None, yes: bool, as_json: bool) -> None:
    """Take a signed checkpoint; keep its file on another machine."""
    del yes
    with opened() as office:
        taken = writing(office, lambda: take_signed(office, datetime.now(UTC)))
    if out:
        out.write_text(json.dumps(taken.document(), ensure_ascii=False), encoding="utf-8")
    told = {"digest": taken.digest, "number": taken.number, "key_id": taken.key_id, "cases": taken.cases}
    told |= {"changed": len(taken.heads), "file": str(out) if out else None}
    say(told, as_json, lambda value: f"检查点 {value['digest'][:16]}…：共{value['cases']}件，变动{value['changed']}件")


@command.command("places")
@common
def places(yes: bool, as_json: bool) -> None:
    """Say where checkpoints and rows stand outside the database, and what is not there yet; exit 1 when that is too old."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        told, lags = office.database.read(lambda store: standing(store, now, every(office.settings))), lags_of(office, now)
    say(_stands(told) | {"rows": list(map(_lag, lags))}, as_json, _standing_words)
    if told.is_late or any(lag.is_late for lag in lags):
        stop(FOUND_FAULTS)


def _stands(told: Standing) -> dict[str, Any]:
    at = [{"place": one.place, "number": one.number, "delivered_at": one.delivered_at.isoformat()} for one in told.places]
    window = told.window_from.isoformat() if told.window_from else None
    return {"outside": told.outside, "window_from": window, "late": told.is_late, "places": at}


def _lag(lag: Lag) -> dict[str, Any]:
    since = lag.waiting_since.isoformat() if lag.waiting_since else None
    return {"place": lag.place, "number": lag.number, "waiting_since": since, "late": lag.is_late}


PLACES = {"folder": "另存文件夹", "witness": "见证单位", "timestamp": "时间戳机构", "paper": "纸质存档"}


def _standing_words(told: dict[str, Any]) -> str:
    lines = [f"{PLACES.get(one['place'], one['place'])}：第{one['number']}号" for one in told["places"]]
    since = f"第{told['outside']}号以前的，库外已有两处；以后的还没有" if told["outside"] else "还没有一个检查点送到库外两处"
    rows = [f"{PLACES.get(one['place'], one['place'])}：记录送到第{one['number']}批" for one in told["rows"]]
    late = told["late"] or any(one["late"] for one in told["rows"])
    return "\n".join([*lines, since, *rows, *(["拖得太久，检查送不出去的原因"] if late else [])])


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-content", is_flag=True, help="Also titles, facts and forms: as secret as the ledger.")
@common
def export(file: Path, with_content: bool, yes: bool, as_json: bool) -> None:
    """Write the audit package that the outside verifier reads to FILE (.jsonl or .jsonl.gz)."""
    del yes
    with opened() as office:
        if with_content:
            _say(office, "export", "audit package")
        keys = public_keys(office.settings.key_folder)
        count = office.database.read(lambda store: _write(file, lines(store, keys=keys, with_content=with_content)))
    say({"file": str(file), "rows": count}, as_json, lambda told: f"已导出{told['rows']}行：{told['file']}")


def _write(file: Path, told: Iterable[str]) -> int:
    """The lines into a file that nobody else reads; how many there were."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as raw:
        target: Any = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) if file.suffix == ".gz" else raw
        count: int = sum(target.write(f"{line}\n".encode()) > 0 for line in told)
        if target is not raw:
            target.close()
    return count


@command.command("who-saw")
@click.argument("number")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day.")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day.")
@common
def who_saw(number: str, since: datetime, until: datetime, yes: bool, as_json: bool) -> None:
    """Say who saw the case NUMBER, acted on it, took it away or was refused it, from the trail alone."""
    del yes
    with opened() as office:
        writing(office, lambda: _say(office, "audit", "command line"))
        told = office.database.read(lambda store: trail.who_saw(store, number, **span_of(since.date(), until.date())))
    say([line_of(row) for row in told], as_json, lambda rows: "\n".join(map(_seen, rows)) or NOTHING)


def _seen(told: dict[str, Any]) -> str:
    """One line; what comes from a person's account cannot begin another."""
    who = one_line(told["name"] or "操作员")
    return "\t".join(
        (_hour(told["at"]), who, ACTIONS[told["action"]] + _file(told["file"], told["fetched"]), told["address"] or "—")
    )


def _file(number: str, fetched: str) -> str:
    return f"（第{number}号{FETCHED[fetched]}）" if number else ""


NOTHING = "这几天没有记录（没有保密的事项，只记录办理、打开材料和被拒绝的查看）"
FETCHED = {"": "", "original": "原件", "copy": "流转件"}
# What was done, in a word.
ACTIONS = {
    **{"read": "看过", "file": "打开材料", "letter": "打开文书", "export": "导出", "act": "办理", "refused": "被拒绝"},
    **{"sign_in": "登录", "sign_in_failed": "登录失败", "grant": "授权", "grant_ended": "收回授权", "audit": "查审计记录"},
    **{"account": "改账号", "organisation": "改机构", "configure": "改设置", "key": "动用密钥"},
}


def _say(office: Office, action: str, what: str) -> None:
    office.database.write(lambda store: trail.record(store, trail.MACHINE, action, now=datetime.now(UTC), what=what))


@command.command("verifier")
@common
def verifier(yes: bool, as_json: bool) -> None:
    """Print the outside verifier, one file that needs nothing but Python."""
    del yes
    text = Path(outside.__file__).read_text(encoding="utf-8")
    say({"text": text}, as_json, lambda told: told["text"].rstrip("\n"))
