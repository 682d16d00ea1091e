"""duban audit: verify the history, take checkpoints that leave the machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from states.errors import BadInput
from web.cli import FOUND_FAULTS, stop
from web.commands.office import common, opened, progress, say, writing
from workflow.audit import Verdict, verify
from workflow.checkpoints import count_cases, take_checkpoint


@click.group("audit")
def command() -> None:
    """Verify the history; take checkpoints."""


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


def _words(verdict: Verdict) -> str:
    since = f"{verdict.window_from:%Y-%m-%d %H:%M}" if verdict.window_from else "建库"
    head = f"核对{verdict.events}条记录、{verdict.cases}件事项；{since}之后被整件删除或截断的，要等下一个检查点才能看出。"
    faults = [f"事项{f.case} 第{f.seq}条：{f.kind}" for f in verdict.faults]
    return "\n".join([head, *faults, "记录完整" if verdict.ok else f"发现{len(faults)}处问题"])


@command.command("checkpoint")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the checkpoint to this file.")
@common
def checkpoint(out: Path | None, yes: bool, as_json: bool) -> None:
    """Take a checkpoint; keep its file on another machine."""
    del yes
    with opened() as office:
        taken = writing(office, lambda: office.database.write(lambda store: take_checkpoint(store, datetime.now(UTC))))
    if out:
        out.write_text(json.dumps(taken.document(), ensure_ascii=False), encoding="utf-8")
    told = {"digest": taken.digest, "cases": taken.cases, "changed": len(taken.heads), "file": str(out) if out else None}
    say(told, as_json, lambda value: f"检查点 {value['digest'][:16]}…：共{value['cases']}件，变动{value['changed']}件")
