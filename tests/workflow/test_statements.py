"""Statements say the same whether a condition is written out in each place or shared by all of them, on each database."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import bindparam, select, union
from sqlalchemy.sql.elements import ColumnElement

from tests.factories import County
from workflow.models import Area
from workflow.statements import Kept, Prepared, Shared
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


def test_what_is_kept_for_readers_is_text_alone_and_never_more_than_so_many() -> None:
    kept, written = Kept(2), []

    def write(reader: int) -> Any:
        written.append(reader)
        return select(AREA.c.id).where(AREA.c.id == reader)

    for reader in (1, 2, 1, 3, 1):
        prepared = kept.get((reader,), "sqlite", partial(write, reader))
        assert prepared.text("sqlite")[1] == {"id_1": reader} and [name for name, _ in prepared.columns("sqlite")] == ["id"]
        assert prepared.statement is None
    assert written == [1, 2, 3, 1]
    assert kept.get((1,), "postgresql", partial(write, 1)).text("postgresql") != prepared.text("sqlite")
