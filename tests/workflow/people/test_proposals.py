"""Widening rights takes two people, narrowing them one; and a post ends by itself on its day."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from states.errors import Conflict, NotFound, NotPermitted
from tests.workflow.people.conftest import NOW, TODAY, Offices
from workflow.people import grants, proposals
from workflow.people.actors import actor_of
from workflow.types import Actor


def hire(offices: Offices, login: str, role: str) -> int:
    """Somebody with one post, as `duban user grant` gives it before the administrators are set."""
    person_id = offices.person(login)
    offices.database.write(
        lambda store: grants.give(store, person_id=person_id, role=role, organ_id=offices.office_id, today=TODAY, ceiling=1)
    )
    return person_id


def actor(offices: Offices, person_id: int, days: int = 0) -> Actor:
    found = offices.database.read(lambda store: actor_of(store, person_id, today=TODAY + timedelta(days)))
    assert found is not None
    return found


def propose(offices: Offices, by: int, person_id: int, days: int = 0, **asked: Any) -> int | None:
    told = {"person_id": person_id, "role": "handler", "organ_id": offices.office_id, **asked}
    later = {"now": NOW + timedelta(days), "today": TODAY + timedelta(days)}
    return offices.database.write(
        lambda store: proposals.propose(store, by=actor(offices, by), asked=told, reason="新到岗", **later)
    )


def decide(offices: Offices, by: int, proposal_id: int | None, *, granted: bool = True, days: int = 0) -> None:
    assert proposal_id is not None
    told = {"granted": granted, "now": NOW + timedelta(days), "today": TODAY + timedelta(days)}
    offices.database.write(lambda store: proposals.decide(store, by=actor(offices, by), proposal_id=proposal_id, **told))


def test_a_post_counts_only_once_another_administrator_said_yes_and_then_at_once(offices: Offices) -> None:
    qin, second, lin = hire(offices, "qin", "security_admin"), hire(offices, "bai", "security_admin"), offices.person("lin")
    waits = propose(offices, qin, lin)
    assert actor(offices, lin).grants == ()
    with pytest.raises(NotPermitted, match="separation_asked"):
        decide(offices, qin, waits)
    decide(offices, second, waits)
    assert [grant.role for grant in actor(offices, lin).grants] == ["handler"]
    with pytest.raises(NotFound):
        decide(offices, second, waits)


def test_the_system_administrator_is_the_second_only_where_there_is_no_other_security_administrator(offices: Offices) -> None:
    qin, wang, lin = hire(offices, "qin", "security_admin"), hire(offices, "wang", "system_admin"), offices.person("lin")
    waits = propose(offices, qin, lin)
    other = hire(offices, "bai", "security_admin")
    with pytest.raises(NotPermitted, match="separation_asked"):
        decide(offices, wang, waits)
    for grant in offices.database.read(partial(grants.list_grants, person_id=other)):
        offices.database.write(partial(grants.end, grant_id=grant["id"], today=TODAY))
    decide(offices, wang, waits)
    assert actor(offices, lin).grants


def test_neither_administrator_gives_anything_alone_nor_to_himself(offices: Offices) -> None:
    qin, wang, lin = hire(offices, "qin", "security_admin"), hire(offices, "wang", "system_admin"), offices.person("lin")
    audit = hire(offices, "shen", "audit_admin")
    with pytest.raises(NotPermitted):
        propose(offices, wang, lin)
    with pytest.raises(Conflict, match="own_rights"):
        propose(offices, qin, qin)
    waits = propose(offices, qin, lin)
    with pytest.raises(NotFound):
        decide(offices, audit, waits)
    with pytest.raises(NotFound):
        decide(offices, lin, waits)
    own = propose(offices, qin, wang, role="system_admin", ceiling=2)
    with pytest.raises(NotPermitted):
        decide(offices, wang, own)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ({"ceiling": 1}, False),
        ({"ceiling": 0, "until": TODAY + timedelta(30)}, False),
        ({"ceiling": 2}, True),
        ({"role": "head"}, True),
    ],
)
def test_narrowing_a_post_takes_one_and_widening_it_two(offices: Offices, asked: dict[str, Any], waits: bool) -> None:
    qin, lin = hire(offices, "qin", "security_admin"), hire(offices, "lin", "handler")
    assert (propose(offices, qin, lin, **asked) is not None) is waits
    (held,) = actor(offices, lin).grants
    assert held.ceiling == (1 if waits else asked["ceiling"])


def test_a_longer_time_and_a_post_that_ended_are_widened_too(offices: Offices) -> None:
    qin, lin = hire(offices, "qin", "security_admin"), hire(offices, "lin", "handler")
    assert propose(offices, qin, lin, until=TODAY + timedelta(5)) is None
    waits = propose(offices, qin, lin, until=TODAY + timedelta(6))
    assert waits is not None
    with pytest.raises(Conflict, match="proposal_waits"):
        propose(offices, qin, lin)
    decide(offices, qin, waits, granted=False)
    assert propose(offices, qin, lin, days=9) is not None, "what ended begins anew"


def test_a_post_with_an_end_is_gone_the_day_after_without_anything_running(offices: Offices) -> None:
    qin, second, lin = hire(offices, "qin", "security_admin"), hire(offices, "bai", "security_admin"), offices.person("lin")
    decide(offices, second, propose(offices, qin, lin, until=TODAY + timedelta(3)))
    assert [bool(actor(offices, lin, days).grants) for days in range(5)] == [True, True, True, True, False]


def test_a_proposal_that_nobody_answered_in_two_weeks_is_void(offices: Offices) -> None:
    qin, second, lin = hire(offices, "qin", "security_admin"), hire(offices, "bai", "security_admin"), offices.person("lin")
    waits = propose(offices, qin, lin)
    with pytest.raises(NotFound):
        decide(offices, second, waits, days=14)
    assert propose(offices, qin, lin, days=14) is not None


def test_a_yes_is_held_against_what_is_true_on_its_day(offices: Offices) -> None:
    qin, second, lin = hire(offices, "qin", "security_admin"), hire(offices, "bai", "security_admin"), offices.person("lin")
    waits = propose(offices, qin, lin)
    offices.database.write(
        lambda store: grants.give(store, person_id=lin, role="audit_admin", organ_id=offices.commission_id, today=TODAY)
    )
    with pytest.raises(Conflict, match="separation_of_administrators"):
        decide(offices, second, waits)
    assert [grant.role for grant in actor(offices, lin).grants] == ["audit_admin"]
