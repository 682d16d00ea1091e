"""The values that a letter's wording may name, made from the facts.

Of a kind that keeps secrets only number and dates come through; and an agenda shows what its interviewee may know: the
items of kinds that are on agendas, and other cases by number and only in a talk with their own handling body.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.letters import load_letters
from handlers.letters.facts import AgendaRow, LetterFacts
from handlers.letters.words import day, day_with_weekday, one_line

# Facts of an interview, printed as they are.
_FACTS = (
    *("held_time", "place", "chair", "interviewee_post", "interviewee_name", "contact_name", "contact_phone"),
    *("recorder", "pointed_out", "explained", "required", "pledged"),
)
# What only the letters about a talk know.
TALK_VALUES = frozenset((*_FACTS, "held_on", "held_on_weekday", "attendance", "agenda_lines", "items", "clues", "count"))
TALK_VALUES |= {"interviewer", "interviewee", "interviewee_or_subject"}
# How posts call the bodies of the Party, and what the full names of these have.
_BODIES = (
    ("党总支", "总支"),
    ("党支部", "支部"),
    ("纪工委", "纪律检查"),
    ("纪委", "纪律检查"),
    ("党工委", "工作委员会"),
    ("党委", "委员会"),
)
# What says what a case is about.
_CONTENT = ("problem", "result", "requirement", "close_opinion")
# What the answers of whoever verified the work say, in the order in which they are printed.
OPINION = ("township_opinion", "verify_note", "discipline_opinion")


def wording_of(key: str, facts: LetterFacts) -> Mapping[str, Any]:
    """The wording that a letter comes out with."""
    shipped: Mapping[str, Any] = load_letters()[key]
    return shipped if facts.wording is None else facts.wording


def values_of(facts: LetterFacts) -> Mapping[str, Any]:
    """name → value for every name that a letter's wording may use."""
    return {**_organs(facts), **_days(facts), **_case(facts), **_talk(facts)}


def _organs(facts: LetterFacts) -> dict[str, Any]:
    return {
        "issuer": facts.issuer,
        "recipient": facts.recipient,
        "holder": facts.holder,
        "holder_short": facts.holder_short or facts.holder,
        # What the case is about would tell which village a clue concerns.
        "subject": "" if facts.confidential else facts.subject,
        "interviewer": facts.interviewer,
        "interviewee": facts.interviewee,
        "interviewee_or_subject": facts.interviewee or facts.subject,
        "group": facts.leading_group or facts.issuer,
    }


def _days(facts: LetterFacts) -> dict[str, str]:
    return {
        "issued_on": day(facts.issued_on),
        "due_on": day(facts.due_on),
        "due_on_weekday": day_with_weekday(facts.due_on),
        "original_due_on": day(facts.original_due_on or facts.due_on),
        "moved_due_on": day(facts.due_on) if facts.due_on != (facts.original_due_on or facts.due_on) else "未延长",
        "reported_on": day(facts.reported_on),
        "answer_by": day(facts.answer_by),
        "answer_by_weekday": day_with_weekday(facts.answer_by),
        "held_on": day(facts.data.get("held_on")),
        "held_on_weekday": day_with_weekday(facts.data.get("held_on")),
    }


def _case(facts: LetterFacts) -> dict[str, Any]:
    content = {key: "" if facts.confidential else _said(facts, key) for key in _CONTENT}
    return content | {
        "number": facts.row["number"],
        "matter": _matter(facts),
        "workdays": facts.workdays_late or "",
        "workdays_words": f"{facts.workdays_late}个工作日" if facts.workdays_late else "",
        "times_words": f"第{facts.times}次" if facts.times else "",
        "ground": facts.ground,
        "meeting_no": _said(facts, "meeting_no"),
        "opinion": "" if facts.confidential else facts.opinion,
        "approval": facts.approval,
        "evidence": "\n".join(() if facts.confidential else facts.evidence),
    }


def _said(facts: LetterFacts, key: str) -> Any:
    return facts.answers.get(key) or facts.data.get(key) or ""


def _matter(facts: LetterFacts) -> str:
    number = facts.row["number"]
    return f"编号{number}事项" if facts.confidential else f"“{one_line(facts.row['title'])}”事项（编号{number}）"


# ---- an interview ---------------------------------------------------------------------------------------------------


def items_of(facts: LetterFacts) -> list[AgendaRow]:
    """The agenda's items that are told with their titles."""
    return [row for row in facts.agenda if row.on_agenda]


def clues_of(facts: LetterFacts) -> list[AgendaRow]:
    """The cases told by number only, in a talk with the body that handles them; in any other talk none."""
    return [row for row in facts.agenda if not row.on_agenda] if facts.data.get("tier") == "handler" else []


def _talk(facts: LetterFacts) -> dict[str, Any]:
    items, clues = items_of(facts), clues_of(facts)
    lines = [item_line(n, row, settled=True) for n, row in enumerate(items, 1)]
    lines += [clue_line(n, row, settled=True) for n, row in enumerate(clues, len(lines) + 1)]
    return {key: _said(facts, key) for key in _FACTS} | {
        **_interviewee(facts),
        "items": len(items) or "",
        "clues": len(clues) or "",
        "count": len(items) + len(clues) or "",
        "attendance": "、".join(facts.attendance),
        "agenda_lines": "\n".join(lines),
    }


def _interviewee(facts: LetterFacts) -> dict[str, str]:
    """Post and name as they read after the organ, nothing said twice: 村党支部书记 of a 支部委员会 is its 书记."""
    post, name, organ = str(_said(facts, "interviewee_post")), str(_said(facts, "interviewee_name")), facts.interviewee
    name = name.removeprefix(post).removesuffix(post).strip() or name
    for body, whole in _BODIES:
        place, found, rest = post.partition(body)
        if found and rest and place in organ and whole in organ:
            return {"interviewee_post": rest, "interviewee_name": name}
    return {"interviewee_post": post, "interviewee_name": name}


def item_line(n: int, row: AgendaRow, *, settled: bool = False) -> str:
    """1.××（编号…，应于…办结）; with its new date where that is settled."""
    return f"{n}.{one_line(row.title)}（编号{row.number}{_dates(row, '办结', settled)}）"


def clue_line(n: int, row: AgendaRow, *, settled: bool = False) -> str:
    """1.编号…，应于…反馈: no title."""
    return f"{n}.编号{row.number}{_dates(row, '反馈', settled)}"


def _dates(row: AgendaRow, verb: str, settled: bool) -> str:
    due = f"，应于{day(row.due_on)}{verb}" if row.due_on else ""
    return due + (f"，新期限{day(row.new_due_on)}" if settled and row.new_due_on else "")
