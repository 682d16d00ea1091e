"""A new version lists by other facts: past days are asked by what the cases had said of them all along."""

from __future__ import annotations

from datetime import date, timedelta

from tests.factories import at
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office, part
from workflow.former import compare_former
from workflow.models import Facet, FormerFacet
from workflow.reads.counts import count_of
from workflow.reads.query import Query

OPENED = date(2026, 3, 2)


def found(office: Office, day: date, key: str, value: str) -> int:
    """How many cases have that value on the day."""
    actor, query = office.county.actor("lin"), Query(("rectification",), band="all", as_of=day, facets=((key, (value,)),))
    return office.county.engine.read(at(TODAY, 15), lambda store, occasion: count_of(store, occasion, actor, query)).n


def require_told(office: Office) -> None:
    """History tells what is kept."""
    told = office.county.engine.read(NOW, lambda store, occasion: compare_former(store, occasion.catalogue))
    assert told == []


def test_a_fact_that_is_listed_by_from_now_on_is_found_on_days_before_it_was(office: Office) -> None:
    county, later = office.county, OPENED + timedelta(7)
    case_id = county.supervised_item(at(OPENED), feedback_no="一", urgency="light")
    county.engine.amend(case_id, actor=county.actor("lin"), now=at(later), data={"feedback_no": "二"}, reason="更正")

    def list_by_another(document: Document) -> None:
        part(document, "fields", "feedback_no")["filter"] = True
        part(document, "fields", "urgency").pop("filter")

    office.change(list_by_another)
    assert [found(office, day, "feedback_no", "一") for day in (OPENED, later, TODAY)] == [1, 0, 0]
    assert [found(office, day, "feedback_no", "二") for day in (OPENED, later, TODAY)] == [0, 1, 1]
    assert [found(office, day, "urgency", "light") for day in (OPENED, later, TODAY)] == [1, 1, 0]
    assert not rows_of(county, Facet, case_id=case_id, field="urgency")
    assert [row["from_at"] for row in rows_of(county, FormerFacet, case_id=case_id, field="urgency")] == [None]
    require_told(office)
