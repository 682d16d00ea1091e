"""Definitions made up for walks: any shape that the proofs let through, built so that most of them do.

A way of states leads to the end, more transitions lead anywhere, every open state lies under a clock, and each part takes its
names from the office's real registries. `documents()` gives only what `prove` finds no fault in.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from states.checks import prove
from states.checks.ladders import days_of
from states.definition import Limit
from states.vocabulary import Vocabulary
from web.wiring import read_shipped, vocabulary

Doc = dict[str, Any]

KIND = "made_up"
TITLE = {"zh-Hans": "生成", "zh-Hant": "生成", "en": "Made up"}
ROLES = ["handler", "deputy", "head"]
READERS = ["supervisor", "holder", "subject"]
HOLDERS = ["keep", "keep", "supervisor", "subject", "recipient", "recipient", "past_holder", "registrar"]
POSTS = [
    "handler@holder",
    "head@holder",
    "head@supervisor",
    "head@county:leading_group",
    "head@above_subject:township_party_committee",
]
FIELDS: list[Doc] = [
    {
        "key": "topic",
        "title": TITLE,
        "type": "choice",
        "filter": True,
        "write": ["supervisor"],
        "choices": [{"key": "one", "title": TITLE}, {"key": "two", "title": TITLE}],
    },
    {"key": "flagged", "title": TITLE, "type": "flag", "write": ["supervisor", "holder"]},
    {"key": "agreed_on", "title": TITLE, "type": "date", "write": ["supervisor"]},
    {"key": "remark", "title": TITLE, "type": "long_text", "write": ["holder"]},
]
QUESTIONS: list[Doc] = [
    {"key": "topic", "title": TITLE, "type": "choice", "choices": [{"key": "two", "title": TITLE}]},
    {"key": "flagged", "title": TITLE, "type": "flag"},
    {"key": "agreed_on", "title": TITLE, "type": "date", "required": True, "max_days": 90},
    {"key": "remark", "title": TITLE, "type": "long_text", "required": True},
    {"key": "pieces", "title": TITLE, "type": "integer", "stores": False},
]
GUARDS: list[Any] = [
    {"has_evidence": {"at_least": 1}},
    {"field_is": {"field": "topic", "value": "two"}},
    {"field_filled": {"field": "agreed_on"}},
    {"not": "is_paused"},
    {"any": [{"field_is": {"field": "flagged", "value": True}}, {"fired_at_most": {"trigger": "step_0", "times": 2}}]},
]
EFFECTS: list[Any] = [
    {"notify_posts": {"to": ["handler@holder"], "message": "to_sign"}},
    {"notify_holder": {"message": "reminded"}},
    {"notify_supervisor": {"message": "check_due"}},
    {"issue_letter": {"letter": "assignment_sheet"}},
    {"set_field": {"field": "flagged", "value": True}},
    {"open_child": {"kind": "supervision_order", "title_from": "comment"}},
]
# What a rung may do, and what it is told.
ACTS: list[Doc] = [
    {"do": "remind", "again": True, "params": {"message": "first_reminder"}},
    {"do": "warn", "params": {"message": "second_warning"}},
    {"do": "turn_red", "colour": "red"},
    {"do": "notify_posts", "every": "7 day"},
    {"do": "report_up"},
    {"do": "draft_circular"},
    {"do": "issue_order"},
]


@cache
def office_vocabulary() -> Vocabulary:
    """Every name of the office's registries."""
    return vocabulary(read_shipped("vocabulary.yaml").data)


@st.composite
def documents(draw: DrawFn) -> Doc:
    """A definition of two to six states that may be served."""
    opens = [f"open_{n}" for n in range(draw(st.integers(1, 4)))]
    finals = [f"end_{n}" for n in range(draw(st.integers(1, 2)))]
    transitions = draw(_transitions(opens, finals))
    clocks = draw(_clocks(opens, transitions))
    reopens = any(t.get("reopens") for t in transitions)
    ladders = [draw(_ladder(clock, reopens)) for clock in clocks if _is_dated(clock) and draw(st.integers(0, 3))]
    _decorate_with_clocks(draw, transitions, [clock["key"] for clock in clocks])
    document = {
        "key": KIND,
        "title": TITLE,
        "number": "生成〔{year}〕{n}号",
        "level": draw(st.integers(0, 3)),
        "on_agenda": draw(st.booleans()),
        "opened_by": [{"roles": ROLES, "relations": ["registrar"], "organs": ["inspection_office"]}],
        "access": [{"relation": relation, "may": "act"} for relation in READERS]
        + [{"relation": "past_holder", "may": "read"}, {"relation": "above_subject", "may": "exists"}],
        "states": [{"key": key, "title": TITLE, "initial": key == opens[0], "final": key in finals} for key in opens + finals],
        "fields": FIELDS,
        "transitions": transitions,
        "clocks": clocks,
        "ladders": ladders,
        "rules": draw(st.lists(_rules, max_size=1)),
    }
    assume(not prove(document, office_vocabulary()))
    return document


# ---- transitions --------------------------------------------------------------------------------------------------------


@st.composite
def _transitions(draw: DrawFn, opens: list[str], finals: list[str]) -> list[Doc]:
    way = [(f"step_{n}", [state], (opens + finals)[n + 1]) for n, state in enumerate(opens)]
    way += [("leave", [draw(st.sampled_from(opens))], final) for final in finals[1:]]
    targets = st.sampled_from([*opens, *finals, "=", "="])
    sources = st.lists(st.sampled_from(opens), min_size=1, max_size=3, unique=True)
    more = draw(st.lists(st.tuples(sources, targets), max_size=4))
    way += [(f"more_{n}", *told) for n, told in enumerate(more)]
    found = [draw(_transition(*told, target in finals)) for *told, target in ((*edge, edge[2]) for edge in way)]
    if draw(st.booleans()):
        back = draw(_transition("reopen", finals, draw(st.sampled_from(opens)), False))
        date = {"key": "new_due_on", "title": TITLE, "type": "date", "required": True, "max_days": 60, "stores": False}
        form = [question for question in back["form"] if question["key"] != "new_due_on"]
        found.append(back | {"reopens": True, "form": [*form, date]})
    for state in opens:
        leaving = [t for t in found if state in t["from"] and not any(t["from"] == m["from"] for m in found if m.get("main"))]
        if leaving and len(leaving[0]["from"]) == 1:
            leaving[0]["main"] = True
    return found


@st.composite
def _transition(draw: DrawFn, trigger: str, sources: list[str], target: str, closes: bool) -> Doc:
    who = st.lists(st.sampled_from(ROLES), min_size=1, unique=True), st.lists(st.sampled_from(READERS), min_size=1, unique=True)
    seldom = st.sampled_from([False, False, False, True])
    made: Doc = {"trigger": trigger, "title": TITLE, "from": sources, "to": target}
    made["who"] = [{"roles": draw(who[0]), "relations": draw(who[1])}]
    made["holder"] = draw(st.sampled_from(HOLDERS))
    made["form"] = draw(st.lists(st.sampled_from(QUESTIONS), max_size=2, unique_by=lambda q: str(q["key"])))
    if made["holder"] == "recipient":
        made["form"].append({"key": "recipient", "title": TITLE, "type": "organ", "required": True, "stores": False})
    made["effects"] = draw(st.lists(st.sampled_from(EFFECTS), max_size=2))
    made["guards"] = [draw(st.sampled_from(GUARDS))] if draw(seldom) else []
    made |= {"work": draw(seldom), "sends_back": draw(seldom), "separate": ["work"] if draw(seldom) else []}
    if draw(seldom):
        made["evidence"] = {"at_least": 1}
    if draw(seldom):
        made["who"].append({"roles": ["handler"], "relations": ["holder"]})
        made["approval"] = {"roles": ["head"], "relation": "supervisor"}
    if closes:
        made["grounds"] = [{"key": "done", "title": TITLE}, {"key": "moot", "title": TITLE, "counted": False}]
        made["undo"] = draw(st.booleans())
    return made


def _decorate_with_clocks(draw: DrawFn, transitions: list[Doc], clocks: list[str]) -> None:
    """Some transitions stop clocks or let them go on; the settled ones are never those that must run."""
    extra = [key for key in clocks if key.startswith("extra")]
    effects: list[Any] = [{"pause_clocks": {"clocks": clocks, "max_days": 20}}, {"resume_clocks": {}}]
    effects += [{"settle_clocks": {"clocks": extra}}] if extra else []
    for transition in transitions:
        if draw(st.integers(0, 4)) == 0:
            transition["effects"] = [*transition["effects"], draw(st.sampled_from(effects))]


# ---- clocks -------------------------------------------------------------------------------------------------------------


def _entering(transitions: list[Doc], states: set[str], *, from_outside: bool) -> list[str]:
    """The triggers that lead into one of the states."""
    found = {
        t["trigger"]
        for t in transitions
        for source in t["from"]
        if (source if t["to"] == "=" else t["to"]) in states and not (from_outside and source in states)
    }
    return sorted(found)


@st.composite
def _clocks(draw: DrawFn, opens: list[str], transitions: list[Doc]) -> list[Doc]:
    """Open states fall into groups with a clock that runs in each; other clocks run wherever they like."""
    groups = draw(st.lists(st.integers(0, 1), min_size=len(opens), max_size=len(opens)))
    found: list[Doc] = []
    for number in sorted(set(groups)):
        runs_in = [state for state, group in zip(opens, groups, strict=True) if group == number]
        starts = _entering(transitions, set(runs_in), from_outside=True) + (["open"] if opens[0] in runs_in else [])
        stands_in = draw(_some([state for state in opens if state not in runs_in]))
        clock = draw(_clock(f"cover_{number}", runs_in, stands_in))
        found.append(clock | {"starts": [{"on": trigger} for trigger in starts]})
    for number in range(draw(st.integers(0, 2))):
        runs_in = draw(st.lists(st.sampled_from(opens), min_size=1, unique=True))
        stands_in = draw(_some([state for state in opens if state not in runs_in]))
        found.append(draw(_extra(number, draw(_clock(f"extra_{number}", runs_in, stands_in)), opens, transitions)))
    if draw(st.booleans()):
        found[draw(st.integers(0, len(found) - 1))]["main"] = True
    return found


def _some(items: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(items), unique=True) if items else st.just([])


@st.composite
def _clock(draw: DrawFn, key: str, runs_in: list[str], stands_in: list[str]) -> Doc:
    made: Doc = {"key": key, "title": TITLE, "runs_in": runs_in, "stands_in": stands_in, "limits": draw(_limits())}
    made["owner"] = draw(st.sampled_from(READERS))
    made["roll"] = draw(st.sampled_from([True, "none"]))
    made["pause"] = {"max_days": draw(st.integers(5, 40))}
    if draw(st.booleans()):
        made["extension"] = {"times": 2, "share": 1, "max_months": 3, "wait_workdays": draw(st.integers(0, 5))}
    return made


@st.composite
def _extra(draw: DrawFn, number: int, clock: Doc, opens: list[str], transitions: list[Doc]) -> Doc:
    covers = {*clock["runs_in"], *clock["stands_in"]}
    triggers = _entering(transitions, covers, from_outside=False) + (["open"] if opens[0] in covers else [])
    starts = [{"on": trigger} for trigger in draw(st.lists(st.sampled_from(triggers), min_size=1, max_size=3, unique=True))]
    if draw(st.booleans()):
        starts[0]["date_field"] = "agreed_on"
    if draw(st.booleans()):
        starts[-1]["when"] = {"topic": "two"}
    staying = [t["trigger"] for t in transitions if t["to"] == "=" and set(t["from"]) <= covers]
    clock |= {"restart": draw(st.sampled_from(["anew", "never"])), "starts": starts}
    clock |= {"settled_by": draw(_some([t["trigger"] for t in transitions])), "restarted_by": draw(_some(staying))}
    if number == 1 and draw(st.booleans()):
        clock["fixed_days"] = [15, 31]
    return clock


@st.composite
def _limits(draw: DrawFn) -> list[Doc]:
    spans = st.builds("{} {}".format, st.integers(1, 40), st.sampled_from(["day", "workday"]))
    spans |= st.builds("{} month".format, st.integers(1, 3))
    rows: list[Doc] = []
    if draw(st.booleans()):
        rows.append({"when": {"topic": "one"}, "limit": draw(spans)})
    if draw(st.booleans()):
        rows.append({"when": {"flagged": True}, "date_field": "agreed_on", "at_most": "6 month"})
    return [*rows, {"limit": draw(spans | st.just("none"))}]


def _is_dated(clock: Doc) -> bool:
    return any(row.get("limit") != "none" for row in clock["limits"])


# ---- ladders and rules --------------------------------------------------------------------------------------------------


@st.composite
def _ladder(draw: DrawFn, clock: Doc, reopens: bool) -> Doc:
    """The ladder of one clock: each tier behind the first is reached by an interview, or by reopening."""
    clock["ladder"] = clock["key"]
    holds = draw(st.lists(st.booleans(), min_size=1, max_size=3))
    tiers = [draw(_tier(first=True, holds=holds[0]))]
    for number, held in enumerate(holds[1:], start=1):
        if holds[number - 1] or (number == 1 and reopens):
            tiers.append(draw(_tier(first=False, holds=held)))
        else:
            break
    return {"key": clock["key"], "tiers": tiers}


@st.composite
def _tier(draw: DrawFn, *, first: bool, holds: bool) -> list[Doc]:
    offsets = st.builds("{} {}".format, st.integers(-3 if first else 0, 20), st.sampled_from(["day", "workday"]))
    acts = draw(st.lists(st.sampled_from(ACTS), min_size=1, max_size=3))
    times = sorted((draw(offsets) for _ in acts), key=_days)
    rungs = [{**act, "at": at, "key": f"rung_{n}"} for n, (act, at) in enumerate(zip(acts, times, strict=True))]
    if holds:
        rungs.append({"do": "propose_interview", "holds": True, "at": "21 workday", "key": "talk", "params": {"tier": 1}})
    return [{"title": TITLE, "to": draw(st.lists(st.sampled_from(POSTS), max_size=2, unique=True)), **rung} for rung in rungs]


def _days(written: str) -> float:
    amount, unit = written.split(" ")
    return days_of(Limit(int(amount), "workday" if unit == "workday" else "day"))


_rules = st.fixed_dictionaries(
    {
        "key": st.just("many"),
        "title": st.just(TITLE),
        "counts": st.sampled_from(["overdue", "sent_back", "handed_back"]),
        "of": st.sampled_from(["holder", "subject"]),
        "threshold": st.integers(1, 2),
        "do": st.sampled_from(["notify_posts", "propose_interview"]),
        "to": st.just(["head@supervisor"]),
        "params": st.just({"message": "organisation_rule"}),
    }
)
