"""To stop a kind, to begin it again and to put a migration back takes two people and a reason, as publishing does."""

from __future__ import annotations

from typing import Any

import pytest

from states.errors import BadInput, Conflict, DomainError, NotFound, NotPermitted
from tests.factories import at
from tests.workflow.looking import case_row, rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Office
from tests.workflow.versions.test_changing_a_running_kind import two_months
from workflow.models import BulkRun, DefinitionVersion, Motion, Outbox
from workflow.types import Actor
from workflow.versions import motions

ITEM = "rectification"


def moved(office: Office, what: str = motions.RETIRE, login: str = "jiang", reason: str = "并入新流程", **about: Any) -> int:
    about = about or {"kind": ITEM}
    return office.county.engine.administer(
        lambda desk: motions.propose(desk, what, reason=reason, **about), actor=office.admin(login), now=NOW
    )


def decided(office: Office, motion_id: int, login: str = "kong", granted: bool = True, words: str = "") -> int | None:
    return office.county.engine.administer(
        lambda desk: motions.decide(desk, motion_id, granted=granted, words=words), actor=office.admin(login), now=NOW
    )


def withdrawn(office: Office, motion_id: int, login: str = "jiang", words: str = "写错了") -> None:
    office.county.engine.administer(
        lambda desk: motions.withdraw(desk, motion_id, words=words), actor=office.admin(login), now=NOW
    )


def opens(office: Office) -> bool:
    found = [row for row in rows_of(office.county, DefinitionVersion) if (row["kind"], row["status"]) == (ITEM, "published")]
    return bool(found[0]["opens"])


def refused(refusal: type[DomainError], call: Any, *told: Any, **more: Any) -> Any:
    with pytest.raises(refusal) as found:
        call(*told, **more)
    return found.value.params.get("why")


def test_a_kind_is_stopped_only_by_the_second_word_and_begun_again_alike(office: Office) -> None:
    first = moved(office)
    assert opens(office)
    decided(office, first)
    assert not opens(office)
    assert refused(Conflict, moved, office) == "kind_is_so"
    again = moved(office, motions.REOPEN, "kong", "并错了")
    assert not opens(office)
    decided(office, again, "jiang", words="同意")
    assert opens(office)
    told = [(row["what"], row["reason"], row["decision"], row["granted"]) for row in rows_of(office.county, Motion)]
    assert told == [("retire", "并入新流程", "", True), ("reopen", "并错了", "同意", True)]


def test_a_migration_goes_back_only_by_the_second_word(office: Office) -> None:
    case_id = office.county.supervised_item(at(TODAY))
    before = case_row(office.county, case_id)["definition_version_id"]
    run_id = office.change(two_months)
    assert run_id is not None
    motion_id = moved(office, motions.REVERSE, reason="时限定错了", run_id=run_id)
    assert len(rows_of(office.county, BulkRun)) == 1 and case_row(office.county, case_id)["definition_version_id"] != before
    back = decided(office, motion_id)
    assert back is not None and rows_of(office.county, Motion)[0]["made_run_id"] == back
    office.work(back)
    assert case_row(office.county, case_id)["definition_version_id"] == before


def test_nobody_is_both_people_and_nothing_goes_without_a_reason(office: Office) -> None:
    assert refused(BadInput, moved, office, reason=" ") == "reason_empty"
    motion_id = moved(office)
    assert refused(NotPermitted, decided, office, motion_id, "jiang") == "separation_asked"
    assert refused(NotPermitted, decided, office, motion_id, "lin") == "role"
    assert refused(BadInput, decided, office, motion_id, granted=False) == "reason_empty"
    assert refused(Conflict, moved, office, motions.RETIRE, "kong") == "motion_waits"
    assert refused(NotPermitted, withdrawn, office, motion_id, "kong") == "not_your_proposal"
    assert refused(BadInput, withdrawn, office, motion_id, words=" ") == "reason_empty"
    assert opens(office)


def test_the_operator_is_no_person(office: Office) -> None:
    nobody = Actor(None, "operator", sees_all=True)
    with pytest.raises(NotPermitted) as found:
        office.county.engine.administer(
            lambda desk: motions.propose(desk, motions.RETIRE, reason="停", kind=ITEM), actor=nobody, now=NOW
        )
    assert found.value.params["why"] == "nobody_publishes"


def test_what_is_decided_or_taken_back_or_not_there_stays_so(office: Office) -> None:
    motion_id = moved(office)
    withdrawn(office, motion_id)
    assert refused(Conflict, decided, office, motion_id) == "motion_decided"
    assert refused(Conflict, withdrawn, office, motion_id) == "motion_decided"
    second = moved(office)
    decided(office, second, granted=False, words="还要用")
    assert opens(office)
    assert refused(Conflict, decided, office, second) == "motion_decided"
    refused(NotFound, decided, office, second + 7)
    refused(NotFound, moved, office, motions.REVERSE, run_id=99)
    refused(NotFound, moved, office, kind="no_such_kind")


def test_each_hears_once_of_the_others_word(office: Office) -> None:
    decided(office, moved(office), granted=False, words="还要用")
    people = office.county.people
    heard = sorted((row["message"], row["person_id"]) for row in rows_of(office.county, Outbox))
    assert heard == [("motion_proposed", people["kong"]), ("motion_refused", people["jiang"])]
