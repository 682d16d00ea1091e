"""Whose a case is that somebody registers: of his own organ, and of the office that sent it where that organ is a team."""

from __future__ import annotations

import pytest

from tests.factories import MONDAY, County, at
from tests.workflow.looking import case_row

FACTS = {
    "rectification": {"source": "notice", "immediate": "rectify_now", "period": "default_immediate", "first_check": "county"},
    "clue": {"summary": "冒领补助", "managed_by": "village", "class": "priority"},
}


def opened(county: County, kind: str, login: str) -> int:
    """A case about 东沟村党支部, and no word of whose it is."""
    told = {"subject_id": county.organs["donggou_branch"], "title": "合同没有公开", "now": at(MONDAY)}
    data = {"problem": "合同没有公开", **FACTS[kind]} if kind == "rectification" else FACTS[kind]
    return county.engine.open(kind, actor=county.actor(login), data=data, **told).case_id


@pytest.mark.parametrize("kind", FACTS)
def test_what_a_team_registers_lies_with_the_inspection_office_and_the_team_sees_it(county: County, kind: str) -> None:
    row = case_row(county, opened(county, kind, "wu"))
    office, team = county.organs["office"], county.organs["team"]
    assert (row["supervisor_id"], row["holder_id"], row["registrar_id"]) == (office, office, team)
    told = {"recipient": county.organs["liuhe_discipline"], "hand_over_mode": "transfer"}
    county.fire(row["id"], "transfer", "zhao", at(MONDAY, 11), **told)
    assert case_row(county, row["id"])["state"] == "transferred"


def test_what_a_township_registers_with_a_team_of_its_own_is_the_townships(county: County) -> None:
    row = case_row(county, opened(county, "clue", "xu"))
    assert row["supervisor_id"] == row["registrar_id"] == county.organs["liuhe_party"]
