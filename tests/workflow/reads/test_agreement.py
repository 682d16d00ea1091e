"""After any walk over every shipped kind, all ways of reading agree, and history tells spells and clocks as they stand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings

from tests.copies import Copies
from tests.factories import County, at, make_county
from tests.walks.test_walks import START, STEPS, open_cases, press
from workflow.former import compare_former
from workflow.occasion import Occasion
from workflow.reads.agreement import sample_agreement
from workflow.reads.case_page import case_page
from workflow.reads.inbox import inbox
from workflow.reads.ledger import every_row
from workflow.reads.query import Query
from workflow.reconcile import reconcile
from workflow.spells import compare_spells
from workflow.store import Store
from workflow.types import MACHINE

SAMPLE = ("lin", "zhou", "chen", "he", "ma", "han", "gao")


def require_agreement(county: County, now: datetime) -> None:
    """What the night's self-check asks, for a few people, and every page that the list leads to."""
    actors = [county.actor(login) for login in SAMPLE]

    def work(store: Store, occasion: Occasion) -> None:
        assert sample_agreement(store, occasion, [*actors, MACHINE]) == ()
        assert compare_spells(store) == []
        assert compare_former(store, occasion.catalogue) == []
        assert reconcile(store, occasion) == ()
        for actor in actors:
            inbox(store, occasion, actor)
            for row in every_row(store, occasion, actor, Query(band="all")):
                page = case_page(store, occasion, actor, row.id)
                assert (page.row.state, page.row.badge, page.seen_upto) == (row.state, row.badge, row.seen_upto)

    county.engine.read(now, work)


@pytest.mark.usefixtures("database_engine")
@settings(max_examples=8)
@given(steps=STEPS)
def test_all_ways_of_reading_agree_after_any_walk(copies: Copies, steps: list[tuple[int, int, int, int, bool]]) -> None:
    county = copies.of(make_county)
    try:
        open_cases(county)
        today = START
        for step in steps:
            today += timedelta(step[3])
            press(county, step, today)
        county.engine.tick(at(today, 12))
        require_agreement(county, at(today, 13))
    finally:
        county.database.close()
