"""Realistic synthetic ledgers: skewed over villages, dated over two years, most done, some late; reproducible by their seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from workflow.dates import Calendar, local_time
from workflow.types import Actor, Life, LifeStep

DOMAINS: Mapping[str, Sequence[str]] = {
    "three_capitals": ("集体资产出租租金未收回", "集体土地发包未公开竞价", "村级账目白条入账", "资源发包合同期限过长"),
    "welfare": ("惠民补贴发放名单未公示", "低保动态调整不及时", "临时救助档案不全"),
    "village_affairs": ("村务公开栏长期未更新", "村务监督委员会流于形式", "“四议两公开”程序缺失"),
    "environment": ("垃圾清运不及时", "污水直排沟渠", "公厕管护无人负责"),
    "infrastructure": ("机井损坏失修", "道路硬化工程未验收即付款", "桥梁护栏缺失"),
    "party_affairs": ("三会一课记录补填", "党费收缴不及时", "发展党员程序不规范"),
}
URGENCY = ("urgent", "grave", "light", "slow")
OFFICE_HOUR = 9
DAYS_BACK = 730


@dataclass(frozen=True)
class Village:
    """A village with somebody who signs and somebody in its township who checks."""

    organ_id: int
    name: str
    signer: Actor
    checker: Actor


@dataclass(frozen=True)
class Cast:
    """Who acts in the seeded ledger: two officers of the office, so that one may close what the other registered."""

    registrar: Actor
    closer: Actor
    head: Actor
    villages: Sequence[Village]
    evidence: Mapping[int, int]


def lives(cast: Cast, calendar: Calendar, today: date, cases: int, *, seed: int = 1) -> Iterator[Life]:
    """`cases` rectification items with their lives up to today."""
    dice = random.Random(seed)  # noqa: S311  # A reproducible ledger, not a secret.
    weights = [1 / (place + 1) for place in range(len(cast.villages))]
    for _ in range(cases):
        village = dice.choices(cast.villages, weights)[0]
        yield _life(cast, village, calendar, today, dice)


def _life(cast: Cast, village: Village, calendar: Calendar, today: date, dice: random.Random) -> Life:
    opened = calendar.workday_from(today - timedelta(dice.randrange(3, DAYS_BACK)))
    domain = dice.choice(list(DOMAINS))
    title = f"{village.name}{dice.choice(DOMAINS[domain])}"
    due = opened + timedelta(dice.choice((30, 60, 90, 90, 120)))
    return Life(
        kind="rectification",
        title=title,
        subject_id=village.organ_id,
        at=_hour(opened, 0),
        actor=cast.registrar,
        data=_facts(title, domain, opened, due, dice),
        steps=tuple(_steps(cast, village, calendar, today, opened, due, dice)),
    )


def _facts(title: str, domain: str, opened: date, due: date, dice: random.Random) -> dict[str, Any]:
    return {
        "problem": f"{title}，群众有反映。",
        "source": "feedback",
        "immediate": "rectify_now",
        "urgency": dice.choices(URGENCY, (1, 3, 5, 1))[0],
        "domain": domain,
        "feedback_on": opened.isoformat(),
        "period": "own_date",
        "due_on": due.isoformat(),
        "first_check": "county",
    }


def _steps(
    cast: Cast, village: Village, calendar: Calendar, today: date, opened: date, due: date, dice: random.Random
) -> Iterator[LifeStep]:
    """As far as the days have come, and one in ten gets stuck half-way."""
    handed = {"recipient": village.organ_id, "hand_over_mode": "assign"}
    done = {"result": "已整改到位。", "progress_label": "done"}
    plan: list[tuple[date, Actor, str, Mapping[str, Any], int | None]] = [
        (calendar.nth_workday(opened, 1), cast.registrar, "transfer", handed, None),
        (calendar.nth_workday(opened, dice.randrange(2, 6)), village.signer, "sign_for", {"pieces": 1}, None),
    ]
    reported = calendar.workday_from(due + timedelta(int(dice.gauss(-8, 12))))
    reported = max(reported, calendar.nth_workday(opened, 7))
    evidence = cast.evidence[village.signer.person_id or 0]
    plan.append((reported, village.signer, "report_rectified", done, evidence))
    closed = calendar.nth_workday(reported, dice.randrange(2, 12))
    plan.append((closed, cast.closer, "close", {"ground": "completed"}, None))
    stuck = dice.randrange(1, 4) if dice.random() < 0.1 else len(plan)
    for minute, (day, actor, trigger, data, file_id) in enumerate(plan[:stuck], start=1):
        if day >= today:
            return
        yield LifeStep(_hour(day, minute), actor, trigger, data, file_id)


def _hour(day: date, minute: int) -> Any:
    return local_time(day, OFFICE_HOUR) + timedelta(hours=1, minutes=minute)
