"""Lines that the engine itself writes: they reach their people, and nobody who was recused meanwhile."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import MONDAY, at, make_county
from workflow import occasions
from workflow.models import Notice, Outbox
from workflow.outbox import deliver
from workflow.people import actors
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of


def test_a_person_barred_between_writing_and_sending_hears_nothing(database_url: str) -> None:
    county = make_county(database_url)
    case_id = county.open_item(at(MONDAY), feedback_on=MONDAY.isoformat())
    county.hand_over(case_id, at(MONDAY, 11))
    barred = county.people["zhou"]
    county.engine.bar(case_id, actor=county.actor("zhao"), now=at(MONDAY, 12), reason="本人亲属", person_id=barred)
    deliver(county.database, {}, now=at(MONDAY, 12) + timedelta(minutes=1))
    lines = county.database.read(lambda store: store.select(select(table_of(Outbox))))
    assert lines
    assert {line["reason"] for line in lines if line["person_id"] == barred} <= {"untold"}
    told = county.database.read(lambda store: store.select(select(table_of(Notice))))
    assert barred not in {notice["person_id"] for notice in told}
    assert all(line["sent_at"] or line["gave_up_at"] for line in lines)
    county.database.close()


def test_the_relay_asks_once_for_each_reader_and_reads_the_county_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = make_county(database_url)
    case_id, now = county.open_item(at(MONDAY)), at(MONDAY, 12)
    deliver(county.database, {}, now=now)
    row: dict[str, Any] = {"channel": "inbox", "person_id": county.people["lin"], "case_id": case_id}
    row |= {"params": "{}", "created_at": now, "due_at": now}
    lines = [{**row, "key": f"k{n}", "message": f"m{n // 3}"} for n in range(30)]
    county.database.write(lambda store: store.insert(Outbox, lines))
    asked: Counter[int] = Counter()
    rows = Store.rows

    def counting(store: Store, prepared: Prepared, **values: Any) -> list[Row]:
        asked[id(prepared)] += 1
        return rows(store, prepared, **values)

    monkeypatch.setattr(Store, "rows", counting)
    assert deliver(county.database, {}, now=now, limit=5)["sent"] == 10
    assert asked[id(actors.ACTIVE)] == 2, "one for each five messages that are claimed together"
    assert asked[id(occasions.ORGANS)] == 1
    county.close()
