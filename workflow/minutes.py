"""Who is told how each member of a body has voted: the bodies that vote, the one that supervises, and who wrote it down.

The scan of a meeting's minutes says the same as the votes, so nobody else reads it, though he may read the case.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, exists, select

from states.definition import Definition
from workflow.models import Resolution, StoredFile
from workflow.permissions import CASES
from workflow.statements import Prepared
from workflow.store import table_of

_resolution, _file = table_of(Resolution), table_of(StoredFile)
# As a column of a statement over cases and their files: is the file the minutes of a vote on that case?
IS_MINUTES = exists(
    select(_resolution.c.id).where(_resolution.c.case_id == CASES.c.id, _resolution.c.scan_id == _file.c.id)
).label("is_minutes")
MINUTES = Prepared(
    select(_file.c.id, _file.c.digest, _file.c.level, _file.c.uploaded_by)
    .join(_resolution, _resolution.c.scan_id == _file.c.id)
    .where(_resolution.c.case_id == bindparam("case_id"))
)


def hears_votes(definition: Definition, relations: Iterable[str]) -> bool:
    """Does somebody who reads the case in these relations hear who said what?"""
    return not {"supervisor", *definition.deciding}.isdisjoint(relations)
