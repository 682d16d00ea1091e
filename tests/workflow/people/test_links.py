"""Who a provider's subject is here takes two people to say and one to end, and says nothing by a name or an address."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from states.errors import BadInput, Conflict, NotFound, NotPermitted
from tests.workflow.people.conftest import NOW, TODAY, Offices
from tests.workflow.people.test_proposals import actor, hire
from workflow.models import ProviderLink
from workflow.people import accounts, links, proposals, trips
from workflow.people.links import NotLinked
from workflow.people.sign_in import Caller, session_of
from workflow.people.trips import LASTS, TripOver
from workflow.store import table_of

ISSUER = "https://id.example"


def propose(offices: Offices, by: int, login: str = "lin", **more: Any) -> int:
    told = {"issuer": ISSUER, "subject": "u-1", "reason": "当面核对身份证", "now": NOW, **more}
    return offices.database.write(lambda store: links.propose(store, by=actor(offices, by), login=login, **told))


def decide(offices: Offices, by: int, link_id: int, *, granted: bool = True) -> None:
    told = {"link_id": link_id, "granted": granted, "now": NOW, "today": TODAY}
    offices.database.write(lambda store: links.decide(store, by=actor(offices, by), **told))


def enter(offices: Offices, subject: str = "u-1", issuer: str = ISSUER) -> str:
    told: dict[str, Any] = {"issuer": issuer, "subject": subject, "caller": Caller("192.0.2.1"), "now": NOW}
    return offices.database.write(lambda store: links.enter(store, **told))


@pytest.fixture
def qin(offices: Offices) -> int:
    """A security administrator."""
    return hire(offices, "qin", "security_admin")


@pytest.fixture
def bai(offices: Offices) -> int:
    """Another one."""
    return hire(offices, "bai", "security_admin")


@pytest.fixture
def lin(offices: Offices) -> int:
    """Somebody with an account."""
    return offices.person("lin")


def test_a_link_counts_only_once_another_administrator_said_yes(offices: Offices, qin: int, bai: int, lin: int) -> None:
    link_id = propose(offices, qin)
    with pytest.raises(NotLinked):
        enter(offices)
    with pytest.raises(NotPermitted, match="separation_asked"):
        decide(offices, qin, link_id)
    decide(offices, bai, link_id)
    live = offices.database.read(lambda store: session_of(store, token=enter(offices), now=NOW))
    assert live is not None
    assert (live.person_id, live.by_provider, live.must_change) == (lin, True, False)
    with pytest.raises(NotFound):
        decide(offices, bai, link_id)


def test_the_database_itself_lets_nobody_link_alone(offices: Offices, qin: int, lin: int) -> None:
    row = {"person_id": lin, "issuer": ISSUER, "subject": "u-1", "reason": "x", "proposed_by": qin, "proposed_at": NOW}
    row |= {"id": 1, "granted": True, "decided_by": qin, "decided_at": NOW}
    with pytest.raises(IntegrityError):
        offices.database.write(lambda store: store.execute(table_of(ProviderLink).insert().values(**row)))


def test_who_proposes_is_a_security_administrator_and_not_for_himself(offices: Offices, qin: int, bai: int, lin: int) -> None:
    wang = hire(offices, "wang", "system_admin")
    for by, refusal in ((wang, NotPermitted), (lin, NotPermitted)):
        with pytest.raises(refusal):
            propose(offices, by)
    with pytest.raises(Conflict, match="own_rights"):
        propose(offices, qin, "qin")
    link_id = propose(offices, bai, "qin")
    with pytest.raises(NotPermitted, match="separation_asked"):
        decide(offices, qin, link_id)  # whom it is about does not agree to it
    with pytest.raises(NotFound):
        decide(offices, lin, link_id)


def test_the_system_administrator_is_the_second_only_where_there_is_no_other(offices: Offices, qin: int, lin: int) -> None:
    wang = hire(offices, "wang", "system_admin")
    decide(offices, wang, propose(offices, qin))
    assert enter(offices)
    hire(offices, "bai", "security_admin")
    offices.person("zhou")
    with pytest.raises(NotPermitted, match="separation_asked"):
        decide(offices, wang, propose(offices, qin, "zhou", subject="u-2"))


def test_a_proposal_is_taken_back_refused_or_void_and_then_counts_for_nothing(
    offices: Offices, qin: int, bai: int, lin: int
) -> None:
    for by in (qin, bai):
        decide(offices, by, propose(offices, qin), granted=False)
    old = propose(offices, qin)
    told = {"link_id": old, "granted": True, "now": NOW + proposals.VOID_AFTER, "today": TODAY}
    with pytest.raises(NotFound):
        offices.database.write(lambda store: links.decide(store, by=actor(offices, bai), **told))
    with pytest.raises(NotLinked):
        enter(offices)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"subject": " "}, "provider_subject"),
        ({"subject": "林静"}, "provider_subject"),
        ({"subject": "x" * 256}, "provider_subject"),
        ({"reason": " "}, "reason_empty"),
        ({"login": "nobody"}, "login_unknown"),
    ],
)
def test_what_links_nobody_is_refused(offices: Offices, qin: int, lin: int, more: dict[str, str], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        propose(offices, qin, **more)


def test_one_subject_is_one_person_and_one_person_one_subject(offices: Offices, qin: int, bai: int, lin: int) -> None:
    zhou = offices.person("zhou")
    waits = propose(offices, qin)
    for login, subject in (("lin", "u-2"), ("zhou", "u-1")):
        with pytest.raises(Conflict, match="link_waits"):
            propose(offices, qin, login, subject=subject)
    decide(offices, bai, waits)
    with pytest.raises(Conflict, match="subject_linked"):
        propose(offices, qin, "zhou")
    with pytest.raises(Conflict, match="person_linked"):
        propose(offices, qin, "lin", subject="u-2")
    offices.database.write(lambda store: accounts.disable(store, person_id=zhou, now=NOW))
    with pytest.raises(Conflict, match="person_disabled"):
        propose(offices, qin, "zhou", subject="u-2")
    row = {"person_id": zhou, "issuer": ISSUER, "subject": "u-1", "reason": "x", "proposed_by": qin, "proposed_at": NOW}
    row |= {"id": 99, "granted": True, "decided_by": bai, "decided_at": NOW}
    with pytest.raises(IntegrityError):
        offices.database.write(lambda store: store.execute(table_of(ProviderLink).insert().values(**row)))


def test_neither_a_name_nor_an_address_nor_another_house_s_subject_is_anybody(
    offices: Offices, qin: int, bai: int, lin: int
) -> None:
    offices.database.write(lambda store: accounts.change_person(store, person_id=lin, changes={"email": "lin@anlan.example"}))
    decide(offices, bai, propose(offices, qin))
    for subject, issuer in (("lin", ISSUER), ("lin@anlan.example", ISSUER), ("u-1", "https://id.example/"), ("U-1", ISSUER)):
        with pytest.raises(NotLinked):
            enter(offices, subject, issuer)


def test_ending_a_link_takes_one_and_ends_the_sessions_at_once(offices: Offices, qin: int, bai: int, lin: int) -> None:
    link_id = propose(offices, qin)
    decide(offices, bai, link_id)
    token = enter(offices)
    with pytest.raises(NotPermitted):
        offices.database.write(lambda store: links.end(store, by=actor(offices, lin), link_id=link_id, now=NOW))
    offices.database.write(lambda store: links.end(store, by=actor(offices, qin), link_id=link_id, now=NOW))
    assert offices.database.read(lambda store: session_of(store, token=token, now=NOW)) is None
    with pytest.raises(NotLinked):
        enter(offices)
    with pytest.raises(NotFound):
        offices.database.write(lambda store: links.end(store, by=actor(offices, qin), link_id=link_id, now=NOW))
    decide(offices, bai, propose(offices, qin))
    assert enter(offices), "another one can be made"


def test_a_suspended_account_is_nobody_and_is_not_linked_when_it_comes_back(
    offices: Offices, qin: int, bai: int, lin: int
) -> None:
    decide(offices, bai, propose(offices, qin))
    offices.database.write(lambda store: accounts.disable(store, person_id=lin, now=NOW))
    with pytest.raises(NotLinked):
        enter(offices)
    offices.database.write(lambda store: accounts.enable(store, person_id=lin, now=NOW))
    with pytest.raises(NotLinked):
        enter(offices)


def test_a_trip_ends_once_and_in_its_time(offices: Offices) -> None:
    for state in ("one", "two"):
        offices.database.write(lambda store, state=state: trips.begin(store, state=state, now=NOW))
    assert offices.database.write(lambda store: trips.end(store, state="one", now=NOW + LASTS / 2)) == NOW
    for state, now in (("one", NOW), ("two", NOW + LASTS), ("three", NOW)):
        with pytest.raises(TripOver):
            offices.database.write(lambda store, state=state, now=now: trips.end(store, state=state, now=now))
    assert offices.database.write(lambda store: trips.forget(store, now=NOW + LASTS)) == 0
    assert offices.database.write(lambda store: trips.forget(store, now=NOW + LASTS * 2)) == 2
