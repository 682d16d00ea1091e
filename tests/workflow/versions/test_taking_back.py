"""A proposal is taken back by whoever made it, before its day; the administrators hear of each other's words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from states.errors import BadInput, Conflict, DomainError, NotFound, NotPermitted
from tests.factories import at
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Office
from tests.workflow.versions.test_changing_a_running_kind import two_months
from workflow.models import DefinitionVersion, Outbox, Publication
from workflow.versions import publishing


def withdraw(office: Office, publication: int, login: str = "jiang", words: str = "写错了") -> None:
    office.county.engine.administer(
        lambda desk: publishing.withdraw(desk, publication, words=words), actor=office.admin(login), now=NOW
    )


def test_a_proposal_that_was_taken_back_never_takes_effect_and_makes_room(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    first = office.propose(impact)
    withdraw(office, first)
    row = rows_of(office.county, Publication)[0]
    assert (row["granted"], row["decided_by"], row["decision"]) == (False, None, "写错了")
    assert office.propose(impact) != first


def test_one_that_is_granted_and_dated_ahead_is_taken_back_too(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    ahead = TODAY + timedelta(days=10)
    publication = office.propose(impact, from_on=ahead)
    told: Any = {"granted": True, "seal": impact["seal"]}
    office.county.engine.decide_publication(publication, actor=office.admin("kong"), now=NOW, **told)
    withdraw(office, publication)
    before = len(rows_of(office.county, DefinitionVersion))
    assert office.county.engine.take_effect(at(ahead, 12)) == 0
    assert len(rows_of(office.county, DefinitionVersion)) == before


@pytest.mark.parametrize(
    ("login", "words", "refusal", "why"),
    [("kong", "不要", NotPermitted, "not_your_proposal"), ("jiang", " ", BadInput, "reason_empty")],
)
def test_nobody_else_and_nobody_without_words_takes_it_back(
    office: Office, login: str, words: str, refusal: type[DomainError], why: str
) -> None:
    publication = office.propose(office.preview(office.draft(two_months)))
    with pytest.raises(refusal) as told:
        withdraw(office, publication, login, words)
    assert told.value.params["why"] == why


def test_what_is_current_or_taken_back_or_not_there_stays_so(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    office.publish(impact)
    publication = rows_of(office.county, Publication)[0]["id"]
    with pytest.raises(Conflict):
        withdraw(office, publication)
    with pytest.raises(NotFound):
        withdraw(office, publication + 7)


def test_each_hears_once_of_the_others_word(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    publication = office.propose(impact)
    told: Any = {"granted": False, "seal": impact["seal"], "words": "太短"}
    with pytest.raises(BadInput):
        office.county.engine.decide_publication(publication, actor=office.admin("kong"), now=NOW, **{**told, "words": " "})
    office.county.engine.decide_publication(publication, actor=office.admin("kong"), now=NOW, **told)
    people = office.county.people
    heard = sorted((row["message"], row["person_id"]) for row in rows_of(office.county, Outbox))
    assert heard == [("version_proposed", people["kong"]), ("version_refused", people["jiang"])]
