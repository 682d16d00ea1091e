"""duban self-test: whether every door shows people the same cases, asked now of more of them than a night asks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from web.cli import FOUND_FAULTS, stop
from web.commands.office import common, opened, say, writing
from workflow.nightly import compare_ways

PEOPLE, CASES = 25, 500
WAYS = {"count": "计数", "group": "分组", "chart": "图表", "export": "导出", "page": "页面", "search": "搜索", "row": "规则"}


@click.command("self-test")
@click.option("--people", default=PEOPLE, show_default=True, type=click.IntRange(min=1), help="How many people.")
@click.option("--cases", default=CASES, show_default=True, type=click.IntRange(min=1), help="Over how many cases.")
@common
def command(people: int, cases: int, yes: bool, as_json: bool) -> None:
    """Compare what people see at every door (list, count, group, chart, search, export, page, rule) and tell the trail."""
    del yes
    with opened() as office:
        found = writing(office, lambda: compare_ways(office.engine, datetime.now(UTC), people=people, cases=cases))
    told = {"ok": not found, "people": people, "cases": cases, "faults": [asdict(one) for one in found]}
    say(told, as_json, _words)
    if found:
        stop(FOUND_FAULTS)


def _words(told: dict[str, Any]) -> str:
    """One line for each difference: whose, by which way, on which case."""
    if told["ok"]:
        return "各处看到的一致"
    return "\n".join(_line(fault) for fault in told["faults"])


def _line(fault: dict[str, Any]) -> str:
    case = f"，事项{fault['case_id']}" if fault["case_id"] is not None else ""
    return f"人员{fault['person_id']}：{WAYS[fault['way']]}与台账列表不一致{case}"
