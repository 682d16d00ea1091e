"""Organs that stand to a case in a relation without a column: who joins or leaves, and what undo needs of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete

from workflow.casefile import CaseFile
from workflow.cases import parties_of
from workflow.desk import Desk
from workflow.models import Party
from workflow.statements import Prepared
from workflow.store import Store, table_of

_party = table_of(Party)
LEAVE = Prepared(
    delete(_party).where(
        _party.c.case_id == bindparam("case_id"),
        _party.c.organ_id == bindparam("organ_id"),
        _party.c.relation == bindparam("relation"),
    )
)


def join(desk: Desk, file: CaseFile, relation: str, organ_id: int, upto_seq: int | None = None) -> None:
    """The organ stands in `relation` from now on; one that did before reads up to `upto_seq` now."""
    parties_of(desk.store, file)
    known = next((row for row in file.parties or () if (row["relation"], row["organ_id"]) == (relation, organ_id)), None)
    party: dict[str, Any] = {"case_id": file.id, "organ_id": organ_id, "relation": relation}
    if known is None:
        desk.context.add(Party, {**party, "upto_seq": upto_seq})
    elif known["upto_seq"] != upto_seq:
        desk.store.update(Party, {"upto_seq": upto_seq}, **party)
    was = known["upto_seq"] if known else None
    file.joined.append({"organ_id": organ_id, "relation": relation, "is_new": known is None, "upto_seq": was})


def leave(desk: Desk, file: CaseFile, relation: str, organ_id: int) -> None:
    """The organ does not stand in `relation` any more."""
    if desk.store.run(LEAVE, case_id=file.id, organ_id=organ_id, relation=relation):
        file.joined.append({"organ_id": organ_id, "relation": relation, "is_new": False, "upto_seq": None, "left": True})


def put_back(store: Store, case_id: int, joined: list[dict[str, Any]]) -> None:
    """Every organ of `joined` stands to the case as it did before it joined or left."""
    for told in joined:
        party = {"case_id": case_id, "organ_id": told["organ_id"], "relation": told["relation"]}
        if told["is_new"]:
            store.run(LEAVE, **party)
        elif told.get("left"):
            store.insert(Party, [{**party, "upto_seq": told["upto_seq"]}], ignore_conflict=True)
        else:
            store.update(Party, {"upto_seq": told["upto_seq"]}, **party)
