"""duban doctor: what is wrong with this installation; exit 1 when something is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from states.errors import BadInput, NotReady
from web.certificate import KEY_FILE, RENEWED_BEFORE, find_kept
from web.checkpointing import every, places_of
from web.cli import FOUND_FAULTS, LANGUAGE, stop
from web.commands.office import common, opened, say
from web.errors import sentence_of
from web.wiring import Office
from workflow import keyring
from workflow.audit import verify
from workflow.dates import local_day
from workflow.deliveries import PLACES_AT_LEAST, standing
from workflow.heartbeat import DEAD_AFTER_SECONDS, last_result, last_runs
from workflow.reads import undelivered
from workflow.sealing.masters import read_masters

# The level from which a case names people (product.md): such an installation proves itself elsewhere.
SECRET = 2


@click.command("doctor")
@common
def command(yes: bool, as_json: bool) -> None:
    """Look for what is wrong with this installation."""
    del yes
    with opened() as office:
        found = list(_faults(office, datetime.now(UTC)))
    say({"ok": not found, "faults": found}, as_json, lambda told: "\n".join(told["faults"]) or "一切正常")
    if found:
        stop(FOUND_FAULTS)


def _faults(office: Office, now: datetime) -> Iterator[str]:
    last = office.database.read(last_runs).get("tick")
    if last is None:
        yield "督促程序还没有运行过"
    elif (now - last).total_seconds() > DEAD_AFTER_SECONDS:
        yield f"督促程序停了{int((now - last).total_seconds() // 60)}分钟"
    due = office.engine.count_due(now)
    if due and last is not None and (now - last).total_seconds() > DEAD_AFTER_SECONDS:
        yield f"到点未办的督促还有{due}步"
    given_up = office.database.read(undelivered.health).gave_up
    if given_up:
        yield f"{given_up}条消息没有送达"
    differing = office.database.read(lambda store: last_result(store, "nightly")).get("visibility")
    if differing:
        yield f"权限自查发现{differing}处不一致：有人看到的多了或少了，运行 duban self-test 查看"
    verdict = office.database.read(lambda store: verify(store, chain_only=True))
    if not verdict.ok:
        yield f"记录核对发现{len(verdict.faults)}处问题，运行 duban audit verify 查看"
    yield from _checkpoints(office, now)
    if office.settings.plain_http:
        yield "网页没有加密"
    if office.settings.second_factor == "off":
        yield "没有第二重验证，只能用于演示"
    yield from _certificate(office, now)
    yield from _keys(office)


def _checkpoints(office: Office, now: datetime) -> Iterator[str]:
    """Clues need two places; whoever has begun with one has to have the second."""
    places = len(places_of(office.settings))
    if office.settings.ceiling < SECRET and not places:
        return
    if places < PLACES_AT_LEAST:
        yield f"检查点自动送往库外{places}处，至少要两处（docs/audit.md）"
    if office.database.read(lambda store: standing(store, now, every(office.settings))).is_late:
        yield "检查点太久没有送到库外两处，运行 duban audit places 查看"


def _certificate(office: Office, now: datetime) -> Iterator[str]:
    try:
        kept = find_kept(office.settings)
    except BadInput as fault:
        yield sentence_of(fault, LANGUAGE)
        return
    if kept and kept.until < now + RENEWED_BEFORE:
        mended = "重新启动 duban serve 即换新" if kept.is_self_made else "请换新的"
        yield f"网页证书{local_day(kept.until)}到期，{mended}"


def _keys(office: Office) -> Iterator[str]:
    for path in (office.settings.home / name for name in ("secret.key", "keys/second_factor.key", KEY_FILE)):
        if path.exists() and path.stat().st_mode & 0o077:
            yield f"{path.name} 可被其他用户读取"
    try:
        keyring.require_keys(office.settings.key_folder)
        read_masters(office.settings.key_folder)
    except NotReady as fault:
        yield sentence_of(fault, LANGUAGE)
