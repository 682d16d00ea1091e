"""Lines that the engine itself writes: they reach their people, and nobody who was recused meanwhile."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tests.factories import MONDAY, at, make_county
from workflow.models import Notice, Outbox
from workflow.outbox import deliver
from workflow.store import table_of


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
