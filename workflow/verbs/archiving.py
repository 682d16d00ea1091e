"""put_away: the key of a case that ended long enough ago goes into the archive's escrow, by the night and by nobody (R75).

From then on whoever is named for the case opens nothing of it, in whichever state it is. Two people of the supervising body
bring the key back for a reason (`loosening`, archive), whether the case is closed or reopened; while closed, for some days.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import and_, bindparam, exists, func, select

from workflow.cases import lock_any
from workflow.context import require_sealer
from workflow.dates import local_time
from workflow.desk import Desk
from workflow.models import Case, CaseKey, Loosening
from workflow.statements import Prepared
from workflow.store import Store, table_of

TOGETHER = 200
# So many days what two people have brought back stays open, where the case was not reopened meanwhile.
OPEN_DAYS = 7

_case, _key, _loosening = table_of(Case), table_of(CaseKey), table_of(Loosening)
_brought_back = exists(
    select(_loosening.c.id).where(
        _loosening.c.case_id == _case.c.id,
        _loosening.c.what == "archive",
        _loosening.c.granted.is_(True),
        _loosening.c.decided_at > bindparam("since", type_=_loosening.c.decided_at.type),
    )
)
# A case of an old ledger may have ended without a day: then since it has stood there.
_ended_before = and_(
    _case.c.final, func.coalesce(_case.c.closed_on, _case.c.state_since) < bindparam("before", type_=_case.c.state_since.type)
)
DUE = Prepared(
    select(_case.c.id)
    .join(_key, _key.c.case_id == _case.c.id)
    .where(_key.c.escrowed_at.is_(None), _ended_before, ~_brought_back)
    .order_by(_case.c.id)
    .limit(TOGETHER)
)


def due(store: Store, today: date, *, days: int) -> list[int]:
    """The next cases that are to be put away, by id."""
    told = {"before": today - timedelta(days), "since": local_time(today - timedelta(OPEN_DAYS), 0)}
    return [row["id"] for row in store.rows(DUE, **told)]


def put_away(desk: Desk, *, case_id: int, days: int) -> int:
    """Puts it away, with an event, if it still is to be; how many."""
    file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    if case_id not in due(desk.store, desk.occasion.today, days=days):
        return 0
    escrow = require_sealer(desk.context.sealer).put_away(desk.store, case_id, desk.occasion.now)
    desk.happened(file, "put_away", extra={"escrow": escrow}, by_person=False)
    return 1
