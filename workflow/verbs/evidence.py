"""add_evidence: a stored file becomes proof on a case. It leaves the version alone and cancels no rung."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, null, select, update

from states.definition import Definition
from states.errors import InvalidForm, NotFound
from states.evidence import Filed, counted, takes
from workflow.casefile import CaseFile
from workflow.cases import LABELS, parties_of
from workflow.desk import Desk
from workflow.files import Received, record
from workflow.handing_on import keep_from_subjects
from workflow.models import Evidence, StoredFile
from workflow.permissions import find_post, standings
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.types import GrantFact, Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import WORKING_ROLES, open_file, require_post

_file = table_of(StoredFile)
FILE = Prepared(select(_file).where(_file.c.id == bindparam("id")))
_evidence = table_of(Evidence)
# What was taken back with an undone step may be added again.
AGAIN = Prepared(
    update(_evidence)
    .where(
        _evidence.c.case_id == bindparam("case_id"),
        _evidence.c.file_id == bindparam("file_id"),
        _evidence.c.undone_seq.is_not(None),
    )
    .values(undone_seq=null(), **{name: bindparam(name) for name in ("seq", "cycle", "label", "added_by")})
)
HERE = Prepared(
    select(_evidence.c.seq).where(
        _evidence.c.case_id == bindparam("case_id"),
        _evidence.c.file_id == bindparam("file_id"),
        _evidence.c.undone_seq.is_(None),
    )
)
ADDING = ("holder", "supervisor", "subject", "interviewer", "measure_unit")
ADDERS = (*WORKING_ROLES, "inspector")


def add_evidence(desk: Desk, case_id: int, *, file_id: int, label: str = "", caption: str = "", asked: str = "file") -> Outcome:
    """Adds the file, which the actor must have uploaded himself, with what he says of it; its digest goes into the chain.

    InvalidForm for the answer `asked`, where the label does not take such a file.
    """
    file = open_file(desk, case_id)
    post = require_adder(desk, file)
    stored = find_own(desk, file_id)
    if stored is None:
        raise NotFound(what="file", id=file_id)
    put_on_case(desk, file, stored, label, post, caption=caption, asked=asked)
    return outcome_of(file)


def require_adder(desk: Desk, file: CaseFile) -> GrantFact | None:
    """The post in which the actor may add evidence: whoever may press what asks for it may also add it.

    So the township adds for its village (代录), and the leading unit to the measures of others.
    """
    found = standings(desk.actor, file.row, parties_of(desk.store, file))
    asking = [t for t in file.served.definition.triggers_from[file.state] if t.evidence or t.from_paper]
    post = find_post((who for transition in asking for who in transition.who), found)
    return post or require_post(desk, file, ADDING, ADDERS)


def find_own(desk: Desk, file_id: int) -> Row | None:
    """The stored file, where the actor has uploaded it; one that nobody owns is the machine's, and no person's."""
    stored = desk.store.row(FILE, id=file_id)
    return stored if stored and stored["uploaded_by"] == desk.actor.person_id else None


def put_on_case(
    desk: Desk, file: CaseFile, stored: Row, label: str, post: GrantFact | None, *, caption: str = "", asked: str = "file"
) -> int:
    """The file becomes evidence of the case by the event of this `seq`; its digest goes into the chain.

    InvalidForm for the answer `asked`, where the version that the case runs by takes no such file under the label, where it
    is evidence of the case already, or where somebody would read it here who must not.
    """
    added = ((row["case_id"], row["file_id"]) for row in desk.context.rows_of(Evidence))
    if (file.id, stored["id"]) in added or desk.store.row(HERE, case_id=file.id, file_id=stored["id"]):
        raise InvalidForm(fields={asked: [{"file": stored["name"], "why": "already_here"}]})
    if why := why_not_under(file.served.definition, label, stored["media_type"]):
        raise InvalidForm(fields={asked: [{"file": stored["name"], "why": why}]})
    keep_from_subjects(desk, file, stored, asked)
    extra = {"file": stored["digest"], "label": label}
    content = {"name": stored["name"]} | ({"caption": caption} if caption else {})
    seq = desk.happened(file, "add_evidence", post=post, extra=extra, content=content)
    row = {"seq": seq, "cycle": file.row["cycle"], "label": label, "added_by": desk.actor.person_id}
    if not desk.store.run(AGAIN, case_id=file.id, file_id=stored["id"], **row):
        desk.context.add(Evidence, {**row, "case_id": file.id, "file_id": stored["id"]})
    return seq


def why_not_under(definition: Definition, label: str, media_type: str) -> str:
    """not_a_picture or not_a_scan, where a file is not what its label takes; else ""."""
    return "" if takes(definition, label, media_type) else f"not_a_{definition.taken_under[label]}"


def take_in(desk: Desk, received: Received) -> int:
    """The id of the stored file that has just come in from the actor."""
    return record(desk.store, received, uploaded_by=desk.actor.person_id, now=desk.occasion.now)


def labels_on(desk: Desk, file: CaseFile) -> tuple[str, ...]:
    """The labels of this cycle's evidence, with what this transaction has added."""
    return with_added(desk, file, desk.store.rows(LABELS, case_id=file.id, cycle=file.row["cycle"]))


def with_added(desk: Desk, file: CaseFile, stored: list[Row]) -> tuple[str, ...]:
    """The labels of the evidence that is stored (LABELS) and counts, and of what this transaction has added."""
    added = [row["label"] for row in desk.context.rows_of(Evidence) if row["case_id"] == file.id]
    return (*counted(file.served.definition, filed(stored)), *added)


def filed(stored: Iterable[Row]) -> list[Filed]:
    """What the rules of labels look at, of rows of LABELS."""
    return [(row["label"], row["media_type"]) for row in stored]


def add_uploads(desk: Desk, case_id: int, *, uploads: Iterable[Received], label: str = "", caption: str = "") -> Outcome:
    """Adds files that have just come in, all of them or none; the outcome is that of the last. InvalidForm as for one."""
    outcome = outcome_of(open_file(desk, case_id))
    for received in uploads:
        outcome = add_evidence(desk, case_id, file_id=take_in(desk, received), label=label, caption=caption)
    return outcome


def with_scan(desk: Desk, data: Mapping[str, Any], scan: Received | None) -> Mapping[str, Any]:
    """The answers with the scan of the approval that they record; the step itself makes it evidence of the case."""
    if scan is None:
        return data
    return {**data, "approval": {**(data.get("approval") or {}), "scan": take_in(desk, scan)}}
