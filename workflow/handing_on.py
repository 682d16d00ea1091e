"""Papers of a case that is shut to the body it is about go on to no case that this body reads, nor anybody taken off the first.

Rule: 检控规则 art. 47(三) (检举材料 are not passed to the person or the body reported). A paper is known by its bytes, whoever
brings it in again, under whatever name, and whatever suite its digest is of.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, or_, select

from states.errors import InvalidForm
from states.evidence import APPROVAL_SCAN
from workflow.barring import barring_of, shuts_own, take_off
from workflow.casefile import CaseFile
from workflow.desk import Desk
from workflow.models import Evidence, StoredFile
from workflow.permissions import CASES, visible
from workflow.readers import could_ever_read
from workflow.statements import Prepared, Row
from workflow.store import table_of

_file, _evidence = table_of(StoredFile), table_of(Evidence)
SAME_BYTES = Prepared(
    select(_evidence.c.case_id, _evidence.c.added_by)
    .join(_file, _file.c.id == _evidence.c.file_id)
    .where(
        or_(_file.c.digest == bindparam("sha256"), _file.c.sha256 == bindparam("sha256")),
        _evidence.c.case_id != bindparam("case_id"),
        _evidence.c.label != APPROVAL_SCAN,
    )
)


def keep_from_subjects(desk: Desk, file: CaseFile, stored: Row, asked: str) -> None:
    """Refuses a paper whose bytes prove another case where somebody who is off that one could read this one.

    InvalidForm of_a_case_that_is_shut. Where nobody of them could, they are off this one from now on, so that it never goes to
    them later. A signed approval is no paper of the case: one sheet often approves several. Only cases that the actor reads or
    has put the paper on are looked at: else whoever holds a copy of an accusation could find out here that there is one.
    """
    for source in _sources(desk, file, stored["sha256"] or stored["digest"]):
        off = barring_of(desk.store, source, desk.occasion)._replace(knowers=None)
        if any(off.bars(person, desk.occasion.roster) for person in could_ever_read(desk.store, desk.occasion, file)):
            raise InvalidForm(fields={asked: [{"file": stored["name"], "why": "of_a_case_that_is_shut"}]})
        here = barring_of(desk.store, file.row, desk.occasion)
        take_off(desk.context, file, off.persons - here.persons, off.organs - here.organs, "按规定回避")


def _sources(desk: Desk, file: CaseFile, sha256: str) -> Iterable[Row]:
    told = desk.store.rows(SAME_BYTES, sha256=sha256, case_id=file.id)
    if not told:
        return ()
    own = {row["case_id"] for row in told if row["added_by"] == desk.actor.person_id}
    among = CASES.c.id.in_({row["case_id"] for row in told})
    known = or_(CASES.c.id.in_(own), visible(desk.actor, desk.occasion.catalogue))
    rows = desk.store.select(select(CASES).where(among, known).order_by(CASES.c.id))
    return [row for row in rows if shuts_own(desk.occasion.catalogue, row["kind"])]
