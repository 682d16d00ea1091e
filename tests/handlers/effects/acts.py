"""A small county and the facts handlers get: a transition that happened, a rung that is due, with the shipped definitions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import config
from config.documents import parse
from states.definition import Definition, Limit, Rung, Text
from states.schema import load
from workflow.calendars import shipped
from workflow.tree import AreaFact, OrganFact, Tree
from workflow.types import Actor, AgendaFact, CaseFacts, Change, ClockFacts, DueRung

TODAY = date(2026, 7, 10)
NOW = datetime(2026, 7, 10, 1, tzinfo=UTC)

COUNTY, STREET, TOWN, COMMUNITY, VILLAGE = 1, 2, 3, 4, 5
GROUP, OFFICE, COMMISSION, DEPARTMENT = 11, 12, 13, 14
TOWN_PARTY, TOWN_DISCIPLINE, TOWN_UNIT, STREET_PARTY = 21, 22, 23, 24
VILLAGE_PARTY, COMMUNITY_PARTY = 31, 32

_AREAS = ((COUNTY, None, "county"), (STREET, COUNTY, "township"), (TOWN, COUNTY, "township"))
_VILLAGES = ((COMMUNITY, STREET, "village"), (VILLAGE, TOWN, "village"))
_ORGANS = (
    (GROUP, COUNTY, "leading_group", "county", "中共安澜县委巡察工作领导小组", "县委巡察工作领导小组"),
    (OFFICE, COUNTY, "inspection_office", "county", "中共安澜县委巡察工作领导小组办公室", "县委巡察办"),
    (COMMISSION, COUNTY, "discipline_commission", "county", "中共安澜县纪律检查委员会", "县纪委监委"),
    (DEPARTMENT, COUNTY, "organisation_department", "county", "中共安澜县委组织部", "县委组织部"),
    (TOWN_PARTY, TOWN, "township_party_committee", "township", "中共安澜县柳河镇委员会", "柳河镇党委"),
    (
        TOWN_DISCIPLINE,
        TOWN,
        "township_discipline_committee",
        "township",
        "柳河镇纪律检查委员会",
        "柳河镇纪委",
    ),
    (TOWN_UNIT, TOWN, "township_unit", "township", "安澜县柳河镇财政所", "柳河镇财政所"),
    (
        STREET_PARTY,
        STREET,
        "township_party_committee",
        "township",
        "中共安澜县委白云街道工作委员会",
        "白云街道党工委",
    ),
    (
        VILLAGE_PARTY,
        VILLAGE,
        "village_party_organisation",
        "village",
        "中共柳河镇东沟村支部委员会",
        "东沟村党支部",
    ),
    (
        COMMUNITY_PARTY,
        COMMUNITY,
        "village_party_organisation",
        "village",
        "中共白云街道和平社区委员会",
        "和平社区党委",
    ),
)
TREE = Tree.of(
    [AreaFact(i, parent, level, f"area {i}", f"a{i}", i) for i, parent, level in _AREAS + _VILLAGES],
    [OrganFact(i, area, kind, level, name, short, i) for i, area, kind, level, name, short in _ORGANS],
)
# The same county before anybody has set up its leading group.
BARE_TREE = Tree.of(TREE.areas.values(), [organ for organ in TREE.organs.values() if organ.kind != "leading_group"])

NUMBERS = {"clue": "线索〔2026〕17号", "rectification": "整改〔2026〕17号", "interview": "约谈〔2026〕3号"}


@cache
def definition(kind: str) -> Definition:
    """The shipped definition."""
    path = Path(config.__file__).parent / "workflows" / f"{kind}.yaml"
    return load(parse(path.read_text(encoding="utf-8"), name=path.name).data)


def case(kind: str = "rectification", data: dict[str, Any] | None = None, **row: Any) -> CaseFacts:
    """A case of the kind about the village, held by it, sponsored by the inspection office."""
    known = {
        "id": 100,
        "number": NUMBERS.get(kind, "1号"),
        "title": "秘密内容",
        "state": "supervised",
        "subject_id": VILLAGE_PARTY,
        "holder_id": VILLAGE_PARTY,
        "supervisor_id": OFFICE,
        "registrar_id": OFFICE,
        "interviewer_id": None,
        "interviewee_id": None,
        "due_on": date(2026, 6, 26),
        "closed_on": None,
    }
    return CaseFacts({**known, **row}, data or {}, definition(kind))


def change(
    of: CaseFacts,
    trigger: str,
    answers: dict[str, Any] | None = None,
    *,
    tree: Tree = TREE,
    before: dict[str, Any] | None = None,
    agenda: tuple[AgendaFact, ...] = (),
    tally: dict[str, int] | None = None,
) -> Change:
    """The transition of this trigger has happened."""
    found = next(t for t in of.definition.transitions if t.trigger == trigger)
    earlier = {**of.row, **(before or {})}
    actor = Actor(7, "周敏")
    return Change(of, earlier, found, answers or {}, actor, NOW, TODAY, tree, agenda, tally or {})


def due(
    of: CaseFacts,
    clock: str,
    late_id: int,
    *,
    to: tuple[str, ...] = ("head@supervisor",),
    colour: str = "",
    key: str = "interview",
    tree: Tree = TREE,
    workdays_late: int = 10,
    count: int = 0,
    due_on: date | None = date(2026, 6, 26),
    do: str = "propose_interview",
) -> DueRung:
    """A rung of the clock is due; `late_id` is the organ that is late."""
    facts = ClockFacts(clock, 1, 1, 1, late_id, date(2026, 3, 26), due_on, due_on, workdays_late)
    rung = Rung(key, Text("拟约谈"), Limit(10, "workday"), do, colour=colour, to=to)
    return DueRung(of, facts, rung, 1, NOW, TODAY, tree, shipped(), count=count)


def on_agenda(case_id: int, *, new_due_on: date | None = None, is_closed: bool = False) -> AgendaFact:
    """An item on the agenda of an interview."""
    return AgendaFact(case_id, "rectify", 1, 1, 1, "interview", date(2026, 6, 26), new_due_on, is_closed)
