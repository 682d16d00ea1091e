"""A county with a handful of items in every band."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import County, make_county


@pytest.fixture
def county(database_url: str) -> Iterator[County]:
    """Five items: three signed for (one urgent), one in 石门村, one only registered."""
    made = make_county(database_url)
    began = datetime.now(UTC) - timedelta(minutes=30)
    made.supervised_item(began, title="公示栏破损", urgency="urgent")
    made.supervised_item(began, title="账目不清", urgency="light")
    made.supervised_item(began, title="路灯损坏", subject="xitou_branch", signer="feng", urgency="light")
    made.supervised_item(began, title="机井失修", subject="shimen_branch", signer="shi", urgency="light")
    made.open_item(began, title="合同遗失", urgency="light")
    yield made
    made.database.close()
