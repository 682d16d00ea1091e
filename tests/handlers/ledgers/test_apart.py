"""A hostile file ends the child that reads it, and nobody else."""

from __future__ import annotations

import datetime as dt
import resource

import pytest

from handlers.ledgers import limits
from handlers.ledgers.apart import read_ledger_apart
from handlers.ledgers.mapping import load_mapping
from handlers.ledgers.reading import read_ledger
from handlers.ledgers.refusals import LedgerFileRefused
from tests.handlers.ledgers.books import HEAD, make_sheet, save, sheet_xml, xlsx_with

PATHS = ("spreadsheetml/2006/main", "package/2006/relationships", "officeDocument/2006/relationships")
TODAY = dt.date(2026, 6, 15)


def test_reading_apart_gives_the_same_as_reading_here() -> None:
    book, _ = make_sheet([HEAD, (1, "城关镇", "东关村党支部", "账目混乱", "清账")])
    mapping = load_mapping("{version: 1, columns: {反馈问题: problem, 乡镇: township}}")
    data = save(book)
    here = read_ledger(data, "台账.xlsx", mapping=mapping, today=TODAY)
    assert read_ledger_apart(data, "台账.xlsx", mapping=mapping, today=TODAY) == here


def test_a_refusal_comes_back_from_the_child_with_its_parameters() -> None:
    with pytest.raises(LedgerFileRefused) as refused:
        read_ledger_apart(b"%PDF-1.7", "x.xlsx", today=TODAY)
    assert refused.value.params == {"why": "wrong_type", "found": "binary"}


def test_one_long_text_repeated_by_many_cells_ends_in_the_child_and_costs_us_nothing() -> None:
    text = "问" * 30_000
    row = '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>'
    types, relations, kinds = (f"http://schemas.openxmlformats.org/{path}" for path in PATHS)
    data = xlsx_with(
        {
            "xl/worksheets/sheet1.xml": sheet_xml(row * 30_000),
            "xl/sharedStrings.xml": f'<sst xmlns="{types}"><si><t>{text}</t></si></sst>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}">'
            f'<Relationship Id="rId1" Type="{kinds}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId3" Type="{kinds}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>",
        }
    )
    assert len(data) < limits.MEGABYTE
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LedgerFileRefused, match="reader_limits"):
        read_ledger_apart(data, "x.xlsx", today=TODAY)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024
