"""Closed cases whose time has run out, and the two people who end them: 宋伟 proposes and 方磊 decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from tests.factories import MONDAY, County, at
from tests.shipped.walking import Walk
from workflow.models import Disposal, DisposalItem, metadata
from workflow.store import Store
from workflow.types import MACHINE, Actor

TEN_YEARS, THIRTY_YEARS = date(2036, 3, 3), date(2056, 3, 3)
REASON, APPROVAL = "保管期满，鉴定小组审定无继续保存价值", "安档销〔2056〕3号"
TITLE, WORD, REPORTER, FILE = "金丝雀题名", "金丝雀批注", "金丝雀举报人", "金丝雀照片"


@dataclass
class Cellar:
    """A county with closed cases; `wiped` are the digests whose bytes were destroyed."""

    county: County
    wiped: list[str] = field(default_factory=list)

    def voided(
        self, kind: str = "rectification", *, file: str = FILE, amended: dict[str, Any] | None = None, **facts: Any
    ) -> int:
        """A case that 林静 registered and talked about, with a file, and that 赵国华 has voided."""
        case = Walk.open(self.county, kind, MONDAY, title=TITLE, **facts)
        lin, zhao = self.county.actor("lin"), self.county.actor("zhao")
        self.county.engine.comment(case.id, actor=lin, now=at(MONDAY, 12), text=WORD)
        if amended:
            self.county.engine.amend(case.id, actor=lin, now=at(MONDAY, 12), data=amended, reason="更正")
        file_id = self.county.keep_file(file, "lin")
        self.county.engine.add_evidence(case.id, actor=lin, now=at(MONDAY, 13), file_id=file_id)
        self.county.engine.void(case.id, actor=zhao, now=at(MONDAY, 14), reason=WORD, approver="高建国")
        return case.id

    def clue(self) -> int:
        """A clue with a reporter, ended likewise."""
        told = {"summary": "已更正", "urgency": "urgent"}
        return self.voided("clue", reporter_name=REPORTER, summary=WORD, urgency="light", amended=told)

    def who(self, login: str, on: date) -> Actor:
        return MACHINE if login == "machine" else self.county.actor(login, on)

    def propose(self, *case_ids: int, by: str = "song", on: date = THIRTY_YEARS, reason: str = REASON) -> int:
        told: dict[str, Any] = {"actor": self.who(by, on), "now": at(on, 10)}
        return self.county.engine.propose_disposal(case_ids, reason=reason, **told)

    def decide(
        self,
        disposal_id: int,
        *,
        by: str = "fang",
        on: date = THIRTY_YEARS,
        granted: bool = True,
        decision: str = "同意",
        approval: str = APPROVAL,
    ) -> None:
        told: dict[str, Any] = {"actor": self.who(by, on), "now": at(on, 11), "granted": granted}
        self.county.engine.decide_disposal(disposal_id, decision=decision, approval=approval, **told)

    def work(self, on: date = THIRTY_YEARS, limit: int = 200) -> int:
        return self.county.engine.work_disposals(at(on, 12), wipe=self.wiped.append, limit=limit)

    def dispose(self, *case_ids: int, on: date = THIRTY_YEARS) -> int:
        """Both people and the run."""
        disposal_id = self.propose(*case_ids, on=on)
        self.decide(disposal_id, on=on)
        self.work(on)
        return disposal_id

    def item(self, disposal_id: int, case_id: int) -> tuple[str, str]:
        """What became of a case: status and why."""
        (row,) = self._rows(DisposalItem, disposal_id=disposal_id, case_id=case_id)
        return row["status"], row["why"]

    def disposal(self, disposal_id: int) -> dict[str, Any]:
        (row,) = self._rows(Disposal, id=disposal_id)
        return row

    def _rows(self, model: Any, **where: Any) -> list[dict[str, Any]]:
        from tests.workflow.looking import rows_of

        return rows_of(self.county, model, **where)

    def everything(self) -> str:
        """Every row of every table as text."""

        def read(store: Store) -> str:
            return "\n".join(f"{table.name} {row!r}" for table in metadata.sorted_tables for row in store.select(select(table)))

        return self.county.database.read(read)


def late(on: date) -> datetime:
    """Noon of a day."""
    return at(on, 12)
