"""Whether somebody who reads a case may also open what stands above it: a file with a level of its own (security.md R20).

So stand the minutes of a vote, for whoever does not hear how each has voted.
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, select

from workflow.kept_back import endings_of
from workflow.minutes import MINUTES, hears_votes
from workflow.models import Evidence, StoredFile
from workflow.permissions import READING, access_of
from workflow.reads.seen import SeenCase
from workflow.statements import Prepared, Row
from workflow.store import table_of

_file, _evidence = table_of(StoredFile), table_of(Evidence)
ABOVE = Prepared(
    select(_file.c.id, _file.c.digest, _file.c.level)
    .join(_evidence, _evidence.c.file_id == _file.c.id)
    .where(and_(_evidence.c.case_id == bindparam("case_id"), _file.c.level > bindparam("level")))
)


def is_cleared(seen: SeenCase, level: int) -> bool:
    """Does a relation in which he reads the case come from a post with this ceiling?"""
    if seen.actor.sees_all or level <= seen.row["level"]:
        return True
    catalogue, row = seen.occasion.catalogue, seen.row
    ended_from = endings_of(seen.store, catalogue, [row]).get(seen.id)
    reaching = [standing for standing in seen.sight.standings if level <= standing.grant.ceiling]
    return access_of(catalogue.of_kind(row["kind"]).definition, row, reaching, ended_from) in READING


def files_above(seen: SeenCase) -> frozenset[str]:
    """The digests of the case's files that this reader is not cleared for. One statement."""
    return frozenset(row["digest"] for row in rows_above(seen))


def rows_above(seen: SeenCase) -> list[Row]:
    """The id, digest and level of those files."""
    found = seen.store.rows(ABOVE, case_id=seen.id, level=seen.row["level"])
    return [*(row for row in found if not is_cleared(seen, row["level"])), *_minutes_above(seen)]


def _minutes_above(seen: SeenCase) -> list[Row]:
    """No statement for kinds that know no votes."""
    definition = seen.served.definition
    if seen.actor.sees_all or not definition.deciding or hears_votes(definition, seen.sight.relations):
        return []
    return [row for row in seen.store.rows(MINUTES, case_id=seen.id) if row["uploaded_by"] != seen.actor.person_id]
