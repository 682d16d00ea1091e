"""add_evidence: a stored file becomes proof on a case. It leaves the version alone and cancels no rung."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from states.errors import NotFound
from workflow.desk import Desk
from workflow.models import Evidence, StoredFile
from workflow.statements import Prepared
from workflow.store import table_of
from workflow.types import Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import WORKING_ROLES, open_file, require_post

_file = table_of(StoredFile)
FILE = Prepared(select(_file).where(_file.c.id == bindparam("id")))
ADDING = ("holder", "supervisor", "subject", "interviewer", "measure_unit")


def add_evidence(desk: Desk, case_id: int, *, file_id: int, label: str = "") -> Outcome:
    """Adds the file, which the actor must have uploaded himself; its digest goes into the chain."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ADDING, (*WORKING_ROLES, "inspector"))
    stored = desk.store.row(FILE, id=file_id)
    if stored is None or stored["uploaded_by"] not in (desk.actor.person_id, None):
        raise NotFound(what="file", id=file_id)
    extra = {"file": stored["digest"], "label": label}
    seq = desk.happened(file, "add_evidence", post=post, extra=extra, content={"name": stored["name"]})
    row = {"case_id": file.id, "file_id": file_id, "seq": seq, "cycle": file.row["cycle"], "label": label}
    desk.context.add(Evidence, {**row, "added_by": desk.actor.person_id})
    return outcome_of(file)
