"""Grants: valid by the day, and three administrators who are three people."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import permutations
from threading import Thread
from typing import Any

import pytest

from states.errors import BadInput, Conflict
from tests.workflow.people.conftest import NOW, TODAY, Offices
from workflow.people import accounts, grants
from workflow.people.actors import actor_of, operator
from workflow.people.grants import ADMINISTRATORS, ROLES
from workflow.people.proposals import is_vacant, takes_two
from workflow.store import Store
from workflow.types import Actor


def give(offices: Offices, person_id: int, role: str, organ_id: int | None = None, **more: Any) -> int:
    return offices.database.write(
        lambda store: grants.give(
            store, person_id=person_id, role=role, organ_id=organ_id or offices.office_id, today=TODAY, **more
        )
    )


def actor(offices: Offices, person_id: int, **more: Any) -> Actor:
    found = offices.database.read(lambda store: actor_of(store, person_id, **{"today": TODAY, **more}))
    assert found is not None
    return found


def test_an_administrator_holds_nothing_else_and_nobody_else_becomes_one(offices: Offices) -> None:
    pairs = [pair for pair in permutations(ROLES, 2) if set(pair) & set(ADMINISTRATORS)]
    for number, (first, second) in enumerate(pairs):
        person_id = offices.person(f"p{number}")
        give(offices, person_id, first)
        with pytest.raises(Conflict, match="separation_of_administrators"):
            give(offices, person_id, second, offices.commission_id)


def test_two_posts_given_at_once_to_one_person_do_not_slip_past_each_other(offices: Offices) -> None:
    person_id, refused = offices.person("wang"), []

    def give_the_other() -> None:
        try:
            give(offices, person_id, "handler")
        except Conflict as conflict:
            refused.append(str(conflict))

    other = Thread(target=give_the_other)

    def work(store: Store) -> None:
        told = {"person_id": person_id, "role": "audit_admin", "organ_id": offices.office_id}
        grants.give(store, **told, today=TODAY)
        other.start()
        other.join(1)  # It waits for this transaction; were there nothing to wait for, it would be through by then.

    offices.database.write(work)
    other.join()
    assert len(refused) == 1 and "separation_of_administrators" in refused[0]
    assert [row["role"] for row in offices.database.read(lambda store: grants.list_grants(store, person_id))] == ["audit_admin"]


def test_who_was_an_administrator_may_work_from_the_day_it_has_ended(offices: Offices) -> None:
    person_id = offices.person("wang")
    grant_id = give(offices, person_id, "audit_admin")
    offices.database.write(lambda store: grants.end(store, grant_id=grant_id, today=TODAY))
    give(offices, person_id, "handler")
    assert [grant.role for grant in actor(offices, person_id).grants] == ["handler"]
    assert len(offices.database.read(lambda store: grants.list_grants(store, person_id))) == 2


def test_a_grant_counts_from_its_first_to_its_last_day(offices: Offices) -> None:
    person_id = offices.person("lin")
    give(offices, person_id, "handler", since=TODAY + timedelta(1), until=TODAY + timedelta(3))
    counted = [bool(actor(offices, person_id, today=TODAY + timedelta(n)).grants) for n in range(5)]
    assert counted == [False, True, True, True, False]


def test_giving_again_changes_ceiling_and_dates_of_the_same_grant(offices: Offices) -> None:
    person_id = offices.person("lin")
    first = give(offices, person_id, "handler", ceiling=1)
    assert give(offices, person_id, "handler", ceiling=3, title="督办员") == first
    assert [(g.ceiling, g.title) for g in actor(offices, person_id).grants] == [(3, "督办员")]
    assert actor(offices, person_id, ceiling=2).grants[0].ceiling == 2


def test_a_person_with_several_posts_acts_in_the_one_chosen(offices: Offices) -> None:
    person_id = offices.person("lin")
    give(offices, person_id, "handler")
    second = give(offices, person_id, "deputy", offices.commission_id)
    chosen = actor(offices, person_id, acting_grant_id=second).acting
    assert chosen is not None
    assert chosen.role == "deputy"
    offices.database.write(lambda store: grants.end(store, grant_id=second, today=TODAY))
    assert actor(offices, person_id, acting_grant_id=second).acting is None


@pytest.mark.parametrize(
    "wrong", [{"role": "emperor"}, {"ceiling": 4}, {"until": TODAY - timedelta(1)}, {"role": "", "ceiling": 0}]
)
def test_a_grant_that_is_none_is_refused(offices: Offices, wrong: dict[str, Any]) -> None:
    person_id = offices.person("lin")
    told = {"role": "handler", **wrong}
    with pytest.raises(BadInput):
        give(offices, person_id, str(told.pop("role")), **told)


def test_a_disabled_person_gets_no_grant(offices: Offices) -> None:
    person_id = offices.person("lin")
    offices.database.write(lambda store: accounts.disable(store, person_id=person_id, now=NOW))
    with pytest.raises(Conflict, match="person_disabled"):
        give(offices, person_id, "handler")


def test_the_operator_sees_cases_until_the_three_administrators_are_set_and_never_again(offices: Offices) -> None:
    people = {role: offices.person(f"admin{n}") for n, role in enumerate(ADMINISTRATORS)}

    def sees_all() -> bool:
        return offices.database.read(lambda store: operator(store, today=TODAY)).sees_all

    for role, person_id in people.items():
        assert sees_all()
        give(offices, person_id, role)
    assert not sees_all()
    # One of them, who disables another, must not open the ledger by that.
    offices.database.write(lambda store: accounts.disable(store, person_id=people["audit_admin"], now=NOW))
    assert not sees_all() and offices.database.read(takes_two)
    vacant = {role: offices.database.read(partial(is_vacant, role=role, today=TODAY)) for role in (*ADMINISTRATORS, "handler")}
    assert [role for role, free in vacant.items() if free] == ["audit_admin"]
