"""The busy ledger, much of it late, on each database in turn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.copies import Copies
from tests.factories import MONDAY, County, at
from tests.workflow.reads.scenes import Scene, make_busy

CLOSED_ON = MONDAY + timedelta(14)


@pytest.fixture
def scene(copies: Copies) -> Scene:
    """The scene in the summer: some has been late for weeks, one was closed out, one was void."""
    return copies.of(make_late)


def make_late(url: str) -> Scene:
    """That scene in a migrated database."""
    made = make_busy(url)
    made.ids["closed"] = closed_out(made.county)
    made.tick(MONDAY + timedelta(100))
    made.now = at(MONDAY + timedelta(120), 12)
    return made


def closed_out(county: County) -> int:
    """An item that its village reports at once and the office closes two weeks later."""
    short = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    case_id = county.supervised_item(at(MONDAY), subject="xitou_branch", signer="feng", **short)
    proof = county.keep_file("整改照片", "feng")
    county.engine.add_evidence(case_id, actor=county.actor("feng"), now=at(MONDAY, 15), file_id=proof, label="site_photo")
    county.fire(case_id, "report_rectified", "feng", at(MONDAY, 16), result="已更新", progress_label="done")
    county.fire(case_id, "close", "song", at(CLOSED_ON), ground="completed")
    return case_id
