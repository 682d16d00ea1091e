"""When a preview may still be published, how far ahead, and by how much the ledger may have moved since."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from states.errors import BadInput, Conflict, DomainError, NotFound
from tests.factories import at
from tests.workflow.looking import case_row, rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office, part
from tests.workflow.versions.test_changing_a_running_kind import OPENED, nothing, two_months
from workflow.models import BulkItem, DefinitionVersion, Draft, Outbox, Publication
from workflow.versions import drafts, publishing

Act = Callable[[], object]


def refused(act: Act, error: type[DomainError] = Conflict) -> Any:
    """Why it was refused."""
    with pytest.raises(error) as refusal:
        act()
    return refusal.value.params


def decide(office: Office, publication: int, **told: Any) -> int | None:
    given = {"granted": True, "now": NOW, "actor": office.admin("kong"), **told}
    return office.county.engine.decide_publication(publication, **given)


# ---- proposing ------------------------------------------------------------------------------------------------------------


def test_a_version_begins_today_at_the_earliest_and_in_sixty_days_at_the_latest(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    assert refused(lambda: office.propose(impact, from_on=TODAY - timedelta(1)), BadInput) == {"why": "day_is_past"}
    too_far = refused(lambda: office.propose(impact, from_on=TODAY + timedelta(61)), BadInput)
    assert too_far == {"why": "day_too_far", "most": 60}
    publication = office.propose(impact, from_on=TODAY + timedelta(60))
    row = rows_of(office.county, Publication, id=publication)[0]
    assert (row["kind"], row["impact_id"], row["seal"]) == ("rectification", impact["id"], impact["seal"])
    assert (row["reason"], row["from_on"], row["proposed_at"]) == ("县里改了时限", TODAY + timedelta(60), NOW)
    assert (row["proposed_by"], row["granted"]) == (office.county.people["jiang"], None)


def test_a_kind_waits_for_one_version_at_a_time_and_another_kind_does_not_wait_with_it(office: Office) -> None:
    impact, other = office.preview(office.draft(two_months)), office.preview(office.draft(nothing, "clue"))
    office.propose(impact)
    assert refused(lambda: office.propose(impact)) == {"why": "publication_waits", "kind": "rectification"}
    office.propose(other)


def test_a_proposal_says_why(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    told: Any = {"seal": impact["seal"], "reason": " \n", "from_on": TODAY}

    def propose() -> object:
        return office.county.engine.administer(
            lambda desk: publishing.propose(desk, impact["id"], **told), actor=office.admin(), now=NOW
        )

    assert refused(propose, BadInput) == {"why": "reason_empty"}
    told["reason"] = " 时限改了 "
    propose()
    assert rows_of(office.county, Publication)[0]["reason"] == "时限改了"


def test_a_draft_that_says_something_else_now_or_is_over_is_not_published(office: Office) -> None:
    draft = office.draft(two_months)
    impact = office.preview(draft)
    row = rows_of(office.county, Draft, id=draft)[0]
    document = json.loads(row["source"])
    part(document, "clocks", "rectify")["limits"] = [{"limit": "6 month"}]
    told: Any = {"actor": office.admin(), "now": NOW, "revision": row["revision"]}
    office.county.database.write(lambda store: drafts.change(store, draft, source=json.dumps(document), **told))
    assert refused(lambda: office.propose(impact)) == {"why": "draft_changed_since"}
    told["revision"] += 1
    office.county.database.write(lambda store: drafts.change(store, draft, source=row["source"], **told))
    office.county.database.write(lambda store: drafts.drop(store, draft, actor=office.admin(), now=NOW))
    assert refused(lambda: office.propose(impact)) == {"why": "draft_changed_since"}


# ---- a preview grows old ---------------------------------------------------------------------------------------------------


def test_a_preview_is_read_for_seven_days(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    late = NOW + timedelta(days=7, seconds=1)
    assert refused(lambda: office.propose(impact, late)) == {"why": "preview_old"}
    office.propose(impact, NOW + timedelta(days=7))


def test_a_preview_from_before_another_version_is_old(office: Office) -> None:
    first, second = office.preview(office.draft(two_months)), office.preview(office.draft(nothing))
    office.publish(second)
    assert refused(lambda: office.propose(first)) == {"why": "preview_old"}


def test_five_cases_may_fare_otherwise_and_no_more(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    for _ in range(5):
        office.county.supervised_item(at(TODAY, 11))
    publication = office.propose(impact, at(TODAY, 12))
    office.county.supervised_item(at(TODAY, 11))
    act = {"now": at(TODAY, 12), "seal": impact["seal"]}
    assert refused(lambda: decide(office, publication, **act)) == {"why": "ledger_moved", "cases": 6}


def test_not_one_may_be_poisoned_that_was_not(office: Office) -> None:
    case_id = office.county.supervised_item(OPENED)
    impact = office.preview(office.draft(two_months))
    office.county.engine.comment(case_id, actor=office.county.actor("lin", TODAY), now=at(TODAY, 11), text="知悉")
    office.county.database.write(
        lambda store: store.connection.execute(text("UPDATE cases SET data = '{' WHERE id = :id"), {"id": case_id})
    )
    assert refused(lambda: office.propose(impact, at(TODAY, 12))) == {"why": "ledger_moved", "cases": 1}


# ---- deciding -------------------------------------------------------------------------------------------------------------


def test_who_says_no_says_why_and_it_is_over(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    publication = office.propose(impact)
    no: Any = {"granted": False, "seal": ""}
    assert refused(lambda: decide(office, publication, words=" ", **no), BadInput) == {"why": "reason_empty"}
    assert decide(office, publication, words=" 再议 ", **no) is None
    row = rows_of(office.county, Publication)[0]
    assert (row["granted"], row["decision"], row["decided_at"]) == (False, "再议", NOW)
    assert row["decided_by"] == office.county.people["kong"]
    yes: Any = {"granted": True, "seal": impact["seal"]}
    assert refused(lambda: decide(office, publication, **yes)) == {"why": "already_decided"}
    assert len(rows_of(office.county, DefinitionVersion, kind="rectification")) == 1


def test_nothing_is_decided_of_what_is_not_there(office: Office) -> None:
    assert refused(lambda: decide(office, 99, seal=""), NotFound) == {"what": "publication", "id": 99}


def test_a_version_is_current_at_once_and_takes_over_those_whose_state_says_now(office: Office) -> None:
    county = office.county
    moves, stays = county.supervised_item(OPENED), county.open_item(OPENED)
    impact = office.preview(office.draft(two_months), when={"received": "next"})
    run = office.publish(impact)
    assert [row["case_id"] for row in rows_of(county, BulkItem, run_id=run)] == [moves]
    publication = rows_of(county, Publication)[0]
    assert publication["activated_at"] == NOW
    assert publication["version_id"] != case_row(county, stays)["definition_version_id"]
    assert rows_of(county, Draft)[0]["status"] == "published"
    told = {row["message"]: row["person_id"] for row in rows_of(county, Outbox) if row["message"].startswith("version_")}
    assert told == {"version_proposed": county.people["kong"], "version_granted": county.people["jiang"]}


def test_a_kind_without_an_open_case_has_no_run(office: Office) -> None:
    assert office.publish(office.preview(office.draft(nothing, "clue"))) is None


def no_clock_in_supervised(document: Document) -> None:
    document.pop("scenarios")
    document["clocks"] = [clock for clock in document["clocks"] if "supervised" not in clock["runs_in"]]


def test_a_case_that_would_have_no_clock_is_poisoned(office: Office) -> None:
    case_id = office.county.supervised_item(OPENED)
    line = office.lines(office.preview(office.draft(no_clock_in_supervised)))[case_id]
    assert (line["fate"], line["why"]) == ("poisoned", "no_clock")
