"""duban doctor: what is wrong with this installation; exit 1 when something is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from states.errors import BadInput, NotReady
from web import backups
from web.certificate import KEY_FILE, RENEWED_BEFORE, find_kept
from web.checkpointing import every, lags_of, places_of
from web.cli import FOUND_FAULTS, LANGUAGE, stop
from web.commands.office import common, opened, say
from web.errors import sentence_of
from web.scanning import scanner_of
from web.wiring import Office
from workflow import keyring, receipts
from workflow.audit import verify
from workflow.clock import is_synchronised, last_recorded
from workflow.dates import local_day
from workflow.deliveries import PLACES_AT_LEAST, standing
from workflow.heartbeat import DEAD_AFTER_SECONDS, last_result, last_runs
from workflow.least import is_more_than_needed
from workflow.reads import undelivered
from workflow.scanning import count_infected, count_waiting
from workflow.sealing.masters import read_masters

# Two machines of one installation may differ by so much.
CLOCK_MAY_DIFFER = timedelta(minutes=1)
# The level from which a case names people (product.md): such an installation proves itself elsewhere.
SECRET = 2


@click.command("doctor")
@common
def command(yes: bool, as_json: bool) -> None:
    """Look for what is wrong with this installation."""
    del yes
    with opened() as office:
        found = list(faults(office, datetime.now(UTC)))
    say({"ok": not found, "faults": found}, as_json, lambda told: "\n".join(told["faults"]) or "一切正常")
    if found:
        stop(FOUND_FAULTS)


def faults(office: Office, now: datetime) -> Iterator[str]:
    """What is wrong, a sentence each."""
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
    night = office.database.read(lambda store: last_result(store, "nightly"))
    if failed := night.get("failed"):
        yield f"昨夜的核对有{failed}项出错，没有做完，原因在运行日志里"
    if differing := night.get("visibility"):
        yield f"权限自查发现{differing}处不一致：有人看到的多了或少了，运行 duban self-test 查看"
    yield from _history(office)
    yield from _receipts(office, night)
    yield from _checkpoints(office, now)
    yield from _backups(office, now)
    yield from _rights(office)
    yield from _clock(office, now)
    if office.settings.plain_http:
        yield "网页没有加密"
    if office.settings.second_factor == "off":
        yield "没有第二重验证，只能用于演示"
    yield from _certificate(office, now)
    yield from _keys(office)
    yield from _scanner(office)


def _history(office: Office) -> Iterator[str]:
    try:
        verdict = office.database.read(lambda store: verify(store, chain_only=True))
    except NotReady as fault:
        yield sentence_of(fault, LANGUAGE)
        return
    if not verdict.ok:
        yield f"记录核对发现{len(verdict.faults)}处问题，运行 duban audit verify 查看"


def _receipts(office: Office, night: Mapping[str, Any]) -> Iterator[str]:
    if office.database.read(receipts.is_waiting) and office.signer.find() is None:
        yield "没有能用的回执密钥，有交接回执还没有签名（duban key list，duban key new receipt）"
    if differing := night.get("receipts"):
        yield f"{differing}张交接回执与历史不符，运行状况页上列出"


def _scanner(office: Office) -> Iterator[str]:
    """A scanner is not demanded of an installation that holds no clues."""
    scanner = scanner_of(office.settings)
    if scanner is None and office.settings.ceiling >= SECRET:
        yield "没有配置查病毒程序，上传的文件没有查过（docs/settings.md 的 scanner）"
    if scanner is not None and not scanner.answers():
        yield f"查病毒程序没有应答，{office.database.read(count_waiting)}个文件待查"
    if infected := office.database.read(count_infected):
        yield f"{infected}个文件查出病毒，已隔离"


def _checkpoints(office: Office, now: datetime) -> Iterator[str]:
    """Clues need two places; whoever has begun with one has to have the second."""
    places = len(places_of(office.settings))
    if office.settings.ceiling < SECRET and not places:
        return
    if places < PLACES_AT_LEAST:
        yield f"检查点自动送往库外{places}处，至少要两处（docs/audit.md）"
    if office.database.read(lambda store: standing(store, now, every(office.settings))).is_late:
        yield "检查点太久没有送到库外两处，运行 duban audit places 查看"
    if any(lag.is_late for lag in lags_of(office, now)):
        yield "新的记录太久没有送到库外，运行 duban audit places 查看"


def _backups(office: Office, now: datetime) -> Iterator[str]:
    """Clues need backups for a key elsewhere, and a restore that was tried (security.md R72)."""
    settings = office.settings
    if settings.backup_folder is None:
        if settings.ceiling >= SECRET:
            yield "没有设置备份（docs/backups.md）"
        return
    last, drill = backups.newest_of(settings), backups.last_drill(settings)
    if last is None:
        yield "还没有一份好的备份，运行 duban backup make"
    elif now - last.at > backups.MISSED * timedelta(hours=settings.backup_hours):
        yield f"最近一份好的备份是{local_day(last.at)}做的，太旧了"
    if last is not None and last.missing:
        yield f"最近的备份缺{last.missing}个文件"
    if drill is None or now - drill.at > timedelta(days=backups.DRILLED_WITHIN):
        yield f"{backups.DRILLED_WITHIN}天没有演练过恢复，运行 duban backup drill"
    elif not drill.ok:
        yield f"{local_day(drill.at)}演练恢复没有成功（{drill.backup}）"


def _rights(office: Office) -> Iterator[str]:
    """Clues need a role that changes no history; SQLite's connections refuse it by themselves."""
    if office.settings.ceiling < SECRET or office.database.is_sqlite:
        return
    if office.database.read(lambda store: is_more_than_needed(store.connection)):
        yield "连接数据库的账号能改历史记录，换成只够运行的角色（duban database roles）"


def _clock(office: Office, now: datetime) -> Iterator[str]:
    """Order never follows the clock, but deadlines do (security.md R59)."""
    last = office.database.read(last_recorded)
    if last is not None and last > now + CLOCK_MAY_DIFFER:
        yield f"本机时钟比最后一条记录慢{round((last - now).total_seconds() / 60)}分钟，检查对时"
    if office.settings.ceiling >= SECRET and is_synchronised() is False:
        yield "本机时钟没有和时间服务器对时"


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
        if read_masters(office.settings.key_folder).escrow is None:
            yield "没有归档托管密钥，办结的件不能封存；运行 duban init 即建"
    except NotReady as fault:
        yield sentence_of(fault, LANGUAGE)
