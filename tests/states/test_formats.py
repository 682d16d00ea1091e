"""The named formats of texts: what people write of a telephone number, and the one way in which it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.formats import FORMATS, read_phone


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13812345678", "13812345678"),
        ("138 1234-5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("010-62345678", "010-62345678"),
        ("0551－6234 5678", "0551-62345678"),
        ("03002345678", "0300-2345678"),
        ("（0300）2345678", "0300-2345678"),
        ("0300-2345678 转 801", "0300-2345678转801"),
        ("0300-2345678-801", "0300-2345678转801"),
        ("(0300)2345678-801", "0300-2345678转801"),
        ("0300 2345678 分机801", "0300-2345678转801"),
    ],
)
def test_a_telephone_number_is_read_as_people_write_it_and_kept_in_one_way(written: str, kept: str) -> None:
    assert read_phone(written) == kept
    assert read_phone(kept) == kept


NONE = """
随便|0000|2345678|12812345678|1381234567|138123456789|010-6234567|0300-1234567|0551-1|13812345678转1|0200-2345678-801|0300-2345678转
13812345678,13912345678|张三 13812345678
"""


@pytest.mark.parametrize(
    "written",
    ["", *NONE.strip().replace("\n", "|").split("|")],
)
def test_what_is_no_telephone_number_is_none(written: str) -> None:
    assert read_phone(written) is None


@given(st.text(max_size=30))
def test_what_is_kept_is_read_again_as_itself(written: str) -> None:
    kept = read_phone(written)
    assert kept is None or read_phone(kept) == kept


def test_each_format_reads_its_own_example() -> None:
    assert {name: one.read(one.example) for name, one in FORMATS.items()} == {
        name: one.example for name, one in FORMATS.items()
    }
