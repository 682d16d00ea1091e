"""A time of day is read as people type it, and what is none stays as it was typed."""

from __future__ import annotations

import pytest

from web.hours import plain_time


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *(("9:30", "9:30"), ("09:05", "9:05"), ("０９：３０", "9:30"), ("0930", "9:30"), ("9点", "9:00"), ("9点半", "9:30")),
        *(("上午9时", "9:00"), ("下午3点15分", "15:15"), ("晚上 7:00", "19:00"), ("15时", "15:00"), ("23:59", "23:59")),
        *(("25点99", "25点99"), ("24:00", "24:00"), ("9:60", "9:60"), ("九点", "九点"), ("9", "9"), ("上午", "上午"), ("", "")),
    ],
)
def test_what_means_an_hour_is_read_and_anything_else_stays_as_it_is(typed: str, read: str) -> None:
    assert plain_time(typed) == read
