"""Statements say the same whether a condition is written out in each place or shared by all of them, on each database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, union
from sqlalchemy.sql.elements import ColumnElement

from tests.factories import County
from workflow.models import Area
from workflow.statements import Prepared, Shared
from workflow.store import table_of

AREA = table_of(Area)


def villages_and_townships(condition: ColumnElement[bool]) -> Any:
    return union(*[select(AREA.c.id).where(condition, AREA.c.level == level) for level in ("village", "township")])


def test_a_shared_condition_keeps_the_rows_that_it_keeps_when_written_out(county: County) -> None:
    def named() -> ColumnElement[bool]:
        return AREA.c.name.in_(["东沟村", "柳河镇", "安澜县"]) | (AREA.c.name == bindparam("wanted"))

    def found(condition: ColumnElement[bool]) -> set[int]:
        prepared = Prepared(villages_and_townships(condition))
        return {row["id"] for row in county.database.read(lambda store: store.rows(prepared, wanted="石门村"))}

    assert found(Shared(named())) == found(named()) == {county.areas[key] for key in ("donggou", "liuhe", "shimen")}
    assert found(~Shared(named())) == found(~named()) == {county.areas[key] for key in ("xitou", "qingshi")}
