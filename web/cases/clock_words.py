"""What the case page says of a clock: its weeks day by day, the rule in a line, the exceptions, the rungs of its ladder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext

from states.definition import Limit
from web import formatting
from web.current import today
from web.language import current_language, mark, said
from web.versions.words import policy_words
from web.weeks import ExplainedDay, Week, holiday_name, week_rows
from workflow.casefile import LIVE
from workflow.dates import local_day
from workflow.reads.case_page import CasePage
from workflow.reads.clocks import ClockView, Standstill
from workflow.reads.timeline import TimelineEvent


def explained(clock: ClockView) -> list[Week]:
    """The weeks from the start to the deadline, and the days late after it, of which the working days are counted."""
    days = [ExplainedDay(day.on, day.kind, day.count) for day in clock.days]
    late = [ExplainedDay(day.on, "late" if day.count else day.kind, day.count) for day in clock.late]
    return week_rows(days + (late if days else []), today=today(), language=current_language())


def rule_words(clock: ClockView) -> str:
    """The rule in one line."""
    basis = clock.basis
    if basis.kind == "limit" and basis.limit:
        limit = limit_words(basis.limit)
        return str(gettext("从%(day)s的次日起，%(limit)s", day=said_day(clock.started_on), limit=limit))
    if basis.kind == "kept":
        return str(gettext("按第%(n)s版规则定的期限，换版时保留", n=basis.params["version"]))
    if basis.kind == "extension" and basis.params.get("carried"):
        return str(gettext("换版时按新规则重算，再加上批准延长的天数"))
    own = BASES.get(basis.kind)
    return str(gettext(own)) if own else ""


def unmoved_words(page: CasePage, key: str) -> str:
    """That correcting the fact moves none of the dates that were found by it, and what does; "" where none was."""
    rules = page.definition.clock_by_key
    found = [c for c in page.clocks if c.status in LIVE and c.due_on and key in rules[c.key].dated_by]
    if not found:
        return ""
    dates = [gettext("%(clock)s至%(day)s", clock=said(c.title), day=said_day(c.due_on)) for c in found if c.due_on]
    told = gettext("更正这一项，正在计时的期限不变：%(dates)s。", dates=gettext("、").join(dates))
    asked = gettext("要改期限，由承办单位申请延期。") if any(rules[c.key].extension for c in found) else ""
    return str(told + asked)


def agreed_words(clock: ClockView, page: CasePage) -> str:
    """Which date counts, where the agreed one that stands among the facts is another than the clock's."""
    if clock.basis.kind != "field" or clock.due_on is None:
        return ""
    fact = next((fact for fact in page.facts if fact.key == clock.basis.params.get("field")), None)
    if fact is None or not fact.value or str(fact.value) == clock.due_on.isoformat():
        return ""
    dates = {"fact": said(fact.title), "day": said_day(date.fromisoformat(str(fact.value))), "due": said_day(clock.due_on)}
    return str(gettext("%(fact)s现为%(day)s，期限仍以%(due)s为准。", **dates))


def limit_words(limit: Limit) -> str:
    """3个月, 5个工作日, 15天."""
    unit = {"day": mark("%(n)s天"), "workday": mark("%(n)s个工作日"), "month": mark("%(n)s个月")}[limit.unit]
    return str(gettext(unit, n=limit.amount))


BASES = {
    "field": mark("按登记时商定的日期"),
    "rhythm": mark("每月15日和月末"),
    "send_back": mark("退回重改后给的期限"),
    "within_main": mark("不晚于主要期限"),
    "extension": mark("批准延期后的日期"),
    "interview": mark("约谈时定下的日期"),
    "reopen": mark("重新挂号时定下的日期"),
    "import": mark("原台账上的日期"),
}


def said_day(on: date) -> str:
    """A day as the reader of today reads it."""
    return formatting.plain_day(on, today=today(), language=current_language())


def version_lines(event: TimelineEvent, clocks: Mapping[str, str]) -> Iterator[str]:
    """What a new version made of each clock's date, and why; `clocks` are the titles of those that are shown."""
    for key, was, now_on in event.dates:
        told = {
            "clock": clocks.get(key, ""),
            "old": said_day(was) if was else gettext("没有"),
            "new": said_day(now_on) if now_on else gettext("没有"),
        }
        if told["clock"]:
            yield str(gettext("“%(clock)s”的期限由%(old)s改为%(new)s", **told))
        else:
            yield str(gettext("期限由%(old)s改为%(new)s", **told))
    for key, policy, reason in event.policies:
        words = policy_words(policy, reason, current_language())
        yield str(gettext("“%(clock)s”%(words)s", clock=clocks[key], words=words)) if key in clocks else words


def _version_words(clock: ClockView, page: CasePage) -> list[tuple[str, str, str]]:
    """Why the last new version that has met this run made of its date what it made; nothing where that was taken back."""
    undone = {event.params.get("undone") for event in page.timeline}
    for event in page.timeline:
        met = event.cycle == clock.cycle and local_day(event.happened_at) >= clock.started_on and event.seq not in undone
        for key, policy, reason in event.policies if met else ():
            if key == clock.key:
                words = policy_words(policy, reason, current_language())
                return [("start", gettext("版"), gettext("换版时%(words)s", words=words))]
    return []


def remarks(clock: ClockView, page: CasePage) -> list[tuple[str, str, str]]:
    """A line for each exception: the first day, pauses and who approved them, days off and made up, a new version, the ends."""
    start = gettext("%(day)s起算，当天不计", day=said_day(clock.started_on))
    found = [
        ("start", gettext("移"), start),
        *(_pause_words(stretch, page) for stretch in clock.standstills),
        *_day_words(clock),
        *_version_words(clock, page),
    ]
    if clock.original_due_on and clock.original_due_on != clock.due_on:
        found.append(("due", gettext("原"), gettext("原期限%(day)s，考核时仍按它", day=said_day(clock.original_due_on))))
    if clock.due_on:
        last = next((day.count for day in reversed(clock.days) if day.count), None)
        found.append(("due", str(last or "·"), gettext("%(day)s到期", day=said_day(clock.due_on))))
    if clock.workdays_late:
        said = gettext("今天，已逾期%(n)s个工作日", n=clock.workdays_late)
        found.append(("late", str(clock.workdays_late), said))
    if clock.provisional:
        found.append(("off", "…", gettext("该日历年度尚未公布放假安排，到期日为暂定。")))
    return found


def _pause_words(stretch: Standstill, page: CasePage) -> tuple[str, str, str]:
    until = said_day(stretch.to_on) if stretch.to_on else gettext("现在")
    said = [gettext("%(a)s至%(b)s不计时", a=said_day(stretch.from_on), b=until)]
    paused = (e for e in page.timeline if e.verb == "pause" and local_day(e.happened_at) == stretch.from_on)
    event = next(paused, None) if stretch.why == "paused" else None
    if event and event.said.get("approver"):
        said.append(gettext("%(who)s批准", who=event.said["approver"]))
    return "paused", gettext("停"), "，".join([*said, *([event.said["reason"]] if event and event.said.get("reason") else [])])


def _day_words(clock: ClockView) -> list[tuple[str, str, str]]:
    """Of a limit in working days: the days made up, which count, and the holidays, which do not."""
    made_up = [day for day in clock.days if day.kind == "makeup"]
    holidays: dict[str, int] = {}
    for day in clock.days:
        if day.kind == "holiday" and day.note:
            holidays[day.note] = holidays.get(day.note, 0) + 1
    found = []
    if made_up:
        said = gettext("%(days)s调休上班，照计", days=gettext("、").join(said_day(day.on) for day in made_up))
        found.append(("makeup", str(made_up[0].count), said))
    if holidays:
        each = gettext("、").join(
            gettext("%(holiday)s%(n)s天", holiday=holiday_name(name, current_language()), n=n) for name, n in holidays.items()
        )
        found.append(("holiday", gettext("假"), gettext("%(holidays)s，不计", holidays=each)))
    return found


def calendar_words(clock: ClockView) -> str:
    """By which calendar the date was computed."""
    years = sorted({day.on.year for day in clock.days})
    span = f"{years[0]}—{years[-1]}" if years[0] != years[-1] else str(years[0])
    return str(gettext("日历：%(year)s年放假安排，第%(n)s版", year=span, n=clock.calendar_number))


def ladder_points(clock: ClockView) -> list[dict[str, Any]]:
    """The rungs of the present tier with their days."""
    points = []
    for step in clock.ladder:
        state = {"fired": "fired", "next": "now", "held": "now"}.get(step.stands, "ahead")
        # What comes next is red only where something is late.
        state = "late" if state == "now" and clock.overdue_since else state
        points.append(
            {
                "title": step.title.in_(current_language()),
                "on": said_day(local_day(step.at)),
                "state": state,
                "late": clock.overdue_since,
            }
        )
    return points
