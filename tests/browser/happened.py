"""What else has happened in the demo county, so that every page has something to show: each is the first of its kind, or named."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

import pyotp
from sqlalchemy import select

from handlers.ledgers.reading import read_ledger
from handlers.settings.ledgers import ledger_words
from handlers.settings.registry import SETTINGS
from tests.handlers.ledgers.books import make_sheet, save
from web import ledger_import
from web.cases.page import BY_SHEET
from web.wiring import Office
from workflow.configuration import changes
from workflow.dates import add_months, local_day
from workflow.models import Case
from workflow.people import factors
from workflow.people.actors import actor_of
from workflow.sealing.seal import Seal
from workflow.store import table_of
from workflow.types import Actor
from workflow.verbs.bulk import Wish

LEDGER, SHEET = "柳河镇整改台账.xlsx", "整改台账"
HEAD = ("乡镇", "村居", "反馈问题", "责任单位", "完成情况", "反馈时间")
ROWS = (
    ("柳河镇", "东沟村", "会议室租金没有入账", "东沟村党总支", "正在整改", "2026-09-07"),
    ("柳河镇", "西头村", "公示栏内容半年没有更新", "西头村党支部", "正在整改", "2026-09-07"),
    ("柳河镇", "南河村", "会议记录缺失", "", "差不多了", ""),
    ("柳河镇", "东沟村", "", "", "正在整改", "2026-09-07"),
)
_case = table_of(Case)


def ledger_file() -> bytes:
    """A small ledger as a county keeps it: a row without an item, a word that nobody knows, a village that is not there."""
    return save(make_sheet([HEAD, *ROWS], title=SHEET)[0])


def go_through(office: Office, people: dict[str, int], now: datetime) -> None:
    """A run of many, an import, two disposals, a change of a setting, and somebody with a second factor."""

    def actor(login: str) -> Actor:
        found = office.database.read(lambda store: actor_of(store, people[login], today=local_day(now)))
        assert found is not None, f"the demo has no {login}"
        return found

    _remind(office, actor("linjing"), now)
    _bring_in(office, actor("linjing"), now)
    _dispose(office, actor, now)
    _reword(office, actor("guming"), now)
    _keep_generator(office, people["luoliang"], now)


def _ids(office: Office, **where: str) -> Iterable[int]:
    wanted = select(_case.c.id).where(*(_case.c[name] == told for name, told in where.items())).order_by(_case.c.id)
    return [int(row["id"]) for row in office.database.read(lambda store: store.select(wanted))]


def _remind(office: Office, actor: Actor, now: datetime) -> None:
    ids = [*_ids(office, kind="rectification", state="supervised")][1:5] + [*_ids(office, kind="clue", state="supervised")][:1]
    run = office.engine.begin_run(Wish("remind", BY_SHEET), lambda _store, _occasion: ids, actor=actor, now=now)
    office.engine.work_run(run, now=now, ceiling=office.settings.ceiling)


def _bring_in(office: Office, actor: Actor, now: datetime) -> None:
    source = ledger_file()
    reading = read_ledger(source, LEDGER, mapping=None, today=local_day(now), words=ledger_words(office.engine.settings))
    asked = ledger_import.make_request(reading, source, LEDGER, actor=actor, now=now, is_creating=False)
    ledger_import.bring_in(office, asked)


def _dispose(office: Office, actor: Any, now: datetime) -> None:
    """An order that nobody handled is gone; of an item registered twice it is proposed. Both are eleven years old."""
    gone = [*_ids(office, kind="supervision_order", state="closed")][-1]
    twice = [*_ids(office, kind="rectification", state="closed")][-1]
    closed_on = add_months(local_day(now), -12 * 11)
    office.database.write(lambda store: [store.update(Case, {"closed_on": closed_on}, id=one) for one in (gone, twice)])
    engine = office.engine
    first = engine.propose_disposal([gone], actor=actor("songwei"), now=now, reason="保管期满，没有继续保存的必要")
    engine.decide_disposal(
        first, actor=actor("fanglei"), now=now, granted=True, decision="同意销毁", approval="办销〔2026〕1号"
    )
    engine.work_disposals(now, wipe=office.wipe)
    engine.propose_disposal([twice], actor=actor("linjing"), now=now, reason="重复登记的，保管期满")


def _reword(office: Office, actor: Actor, now: datetime) -> None:
    kind = SETTINGS["message"]
    text = copy.deepcopy(kind.shipped()["overdue"])
    text["zh-Hans"] = f"{text['zh-Hans']}请尽快办理。"
    told = {"source": json.dumps(text, ensure_ascii=False, indent=1), "reason": "县里要求写明请尽快办理"}
    body = partial(changes.propose, kind=kind, key="overdue", **told)
    office.engine.administer(lambda desk: body(desk), actor=actor, now=now)


def _keep_generator(office: Office, person_id: int, now: datetime) -> None:
    seal = Seal(office.settings.sealing_key())

    def work(store: Any) -> None:
        factor_id, secret = factors.begin_totp(store, person_id=person_id, seal=seal, now=now)
        code = pyotp.TOTP(secret).at(now)
        told = {"person_id": person_id, "factor_id": factor_id, "code": code, "label": "手机"}
        factors.confirm_totp(store, seal=seal, now=now, **told)

    office.database.write(work)
