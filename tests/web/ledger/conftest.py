"""A county with a handful of items in every band."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import hours
from tests.copies import Copies
from tests.factories import County, make_county


@pytest.fixture
def county(copies: Copies) -> County:
    """Five items: three signed for (one urgent), one in 石门村, one only registered."""
    return copies.of(make_five_items)


def make_five_items(url: str) -> County:
    """That county in a migrated database."""
    made = make_county(url)
    began = hours.now() - timedelta(minutes=30)
    made.supervised_item(began, title="公示栏破损", urgency="urgent")
    made.supervised_item(began, title="账目不清", urgency="light")
    made.supervised_item(began, title="路灯损坏", subject="xitou_branch", signer="feng", urgency="light")
    made.supervised_item(began, title="机井失修", subject="shimen_branch", signer="shi", urgency="light")
    made.open_item(began, title="合同遗失", urgency="light")
    return made
