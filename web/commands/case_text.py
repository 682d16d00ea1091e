"""One case as a person reads it on a terminal, in the words of its page: facts, limits, history, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from html import unescape

from markupsafe import Markup

from web import formatting
from web.cases.page import pairs, sentence
from web.cli import LANGUAGE
from workflow.reads.case_page import CasePage

_TAG = re.compile(r"<[^>]+>")
STATUSES = {"armed": "计时中", "standing": "不计时", "paused": "暂停计时"}
# Relation of a link, and whether it begins here.
LINKS = {
    ("related", True): "关联",
    ("related", False): "关联",
    ("caused", True): "引出",
    ("caused", False): "起因",
    ("merged_into", True): "并入",
    ("merged_into", False): "并入本件的",
    ("split_from", True): "分自",
    ("split_from", False): "分出",
    ("previous", True): "上一次",
    ("previous", False): "下一次",
}


def case_text(page: CasePage) -> str:
    """The whole case, a paragraph for each part that has something."""
    parts = [
        list(_head(page)),
        _part("内容", (f"{title}：{_plain(value)}" for title, value in pairs(page.facts))),
        _part("时限", _clocks(page)),
        _part("经过", (f"{_hour(event.happened_at)} {_plain(sentence(event, page))}" for event in reversed(page.timeline))),
        _part("关联", _links(page)),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _head(page: CasePage) -> Iterator[str]:
    row = page.row
    yield f"{row.number} {row.title}"
    yield f"{row.kind_title.in_(LANGUAGE)}，{row.phrase.in_(LANGUAGE)}"
    yield f"涉及单位：{row.subject}"
    if row.holder:
        yield f"承办单位：{row.holder}" + (f"，{page.assignee}" if page.assignee else "")
    if row.due_on:
        late = f"，逾期{row.days_late}天" if row.days_late else ""
        yield f"期限：{_day(row.due_on)}{late}"
    if row.old_number:
        yield f"原编号：{row.old_number}"


def _part(title: str, lines: Iterator[str]) -> list[str]:
    # What an event or a fact says on further lines stands under its first.
    found = ["  " + line.replace("\n", "\n    ") for line in lines]
    return [title, *found] if found else []


def _clocks(page: CasePage) -> Iterator[str]:
    """Those that run or stand, then how many are settled."""
    for clock in (one for one in page.clocks if one.status in STATUSES):
        due = f"，{_day(clock.due_on)}到期" if clock.due_on else "，没有期限"
        late = "，已逾期" if clock.overdue_since else ""
        yield f"{clock.title.in_(LANGUAGE)}：{clock.organ}，{_day(clock.started_on)}起{due}{late}，{STATUSES[clock.status]}"
    settled = sum(clock.status not in STATUSES for clock in page.clocks)
    if settled:
        yield f"已了结{settled}个"


def _links(page: CasePage) -> Iterator[str]:
    if page.parent:
        yield f"上级事项 {page.parent.number}"
    for child in page.children:
        yield f"下级事项 {child.number} {child.title}（{child.phrase.in_(LANGUAGE)}）"
    for link in page.links:
        yield f"{LINKS[link.relation, link.is_outgoing]} {link.case.number}"
    for talk in page.interviews:
        yield f"约谈 {talk.number}"
    for item in page.agenda:
        yield f"议程 {item.row.number} {item.row.title}"


def _plain(text: str) -> str:
    """A sentence of the page without its marks; each line of it stays one."""
    if not isinstance(text, Markup):
        return text
    return unescape(_TAG.sub("", str(text).replace("<br>", "\n")))


def _day(on: date) -> str:
    return formatting.full_day(on, language=LANGUAGE)


def _hour(at: datetime) -> str:
    return f"{_day(formatting.local_day(at))} {formatting.clock_time(at)}"
