"""A scenario in plain words: what is done when and what it expects, and where it came out otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from states.definition import Language, Scenario, ScenarioStep
from web.formatting import full_day, plain_day
from web.language import mark, translate
from web.versions.naming import Names
from workflow.versions.scenarios import Difference, Told

LENGTHS = ("long", "medium", "short")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DIFFERENT: Mapping[str, str] = {
    "opening": mark("没有人能登记%(why)s"),
    "step": mark("第%(n)s步：%(on)s办不了“%(do)s”%(why)s"),
    "step_allowed": mark("第%(n)s步：%(on)s不该办得了“%(do)s”"),
    "state": mark("最后是“%(found)s”，应是“%(expected)s”"),
    "due": mark("“%(clock)s”的期限是%(found)s，应是%(expected)s"),
    "rung": mark("“%(clock)s”的“%(rung)s”是%(found)s，应是%(expected)s"),
    "too_long": mark("没有跑完：全部情景合起来最多跑%(seconds)s秒，删去几个再检查"),
}
WHYS: Mapping[str, str] = {"nobody_may": mark("没有人能办"), "wrong_state": mark("这时的状态没有这一步")}
IN_SCENARIO = mark("情景“%(title)s”：%(said)s")
NONE, NEVER = mark("没有"), mark("没有走到")
OPENED, DONE = mark("%(on)s登记%(told)s"), mark("%(on)s%(do)s%(told)s")
REFUSED = mark("应当办不成")
VOTES: Mapping[str, str] = {
    "agree": mark("同意%(n)s人"),
    "disagree": mark("不同意%(n)s人"),
    "abstain": mark("弃权%(n)s人"),
    "recuse": mark("回避%(n)s人"),
    "absent": mark("没有表决%(n)s人"),
}
ENDS = mark("到%(until)s应是“%(state)s”")
FACT = mark("%(field)s：%(value)s")
DUE, SINCE = mark("“%(clock)s”期限%(on)s"), mark("%(rung)s自%(on)s")


def story(scenario: Scenario, names: Names) -> str:
    """The whole of it in one line: 2026年3月26日登记；3月26日移交（村党组织）；到7月13日应是“督办”、“整改”期限6月26日…"""
    return translate("；", names.language).join(_phases(scenario, names))


def _phases(scenario: Scenario, names: Names) -> Iterator[str]:
    language = names.language
    organ = names.tell("organ_kind", scenario.subject) if scenario.subject else ""
    told = names.aside(_list([organ, *facts_words(scenario.facts, names)], language))
    yield translate(OPENED, language) % {"on": full_day(scenario.on, language=language), "told": told}
    for step in scenario.steps:
        yield _step(step, scenario, names)
    yield _list([*_expected(scenario, names)], language)


def _step(step: ScenarioStep, scenario: Scenario, names: Names) -> str:
    language = names.language
    organ = names.tell("organ_kind", step.to) if step.to else ""
    answers = {key: value for key, value in step.answers.items() if key != "ground"}
    refused = translate(REFUSED, language) if step.refused else ""
    parts = [organ, *facts_words(answers, names), _ground(step, names), *_vote(step, language), refused]
    told = names.aside(_list(parts, language))
    on = plain_day(step.on, today=scenario.on, language=language)
    return translate(DONE, language) % {"on": on, "do": names.step(step.do), "told": told}


def _vote(step: ScenarioStep, language: Language) -> Iterator[str]:
    """同意3人、弃权1人: how the body voted."""
    for choice, said in VOTES.items() if step.vote else ():
        if count := getattr(step.vote, choice):
            yield translate(said, language) % {"n": count}


def _ground(step: ScenarioStep, names: Names) -> str:
    """The ground of a close, which is asked beside the form."""
    for document in names.documents:
        for one in document.get("transitions", ()):
            for ground in one.get("grounds", ()) if one.get("trigger") == step.do else ():
                if ground["key"] == step.answers.get("ground"):
                    return names.label(ground["title"])
    return ""


def _expected(scenario: Scenario, names: Names) -> Iterator[str]:
    def day(on: date) -> str:
        return plain_day(on, today=scenario.on, language=names.language)

    expect, language = scenario.expect, names.language
    yield translate(ENDS, language) % {"until": day(scenario.until), "state": names.state(expect.state)}
    for clock, on in expect.due.items():
        yield translate(DUE, language) % {"clock": names.clock(clock), "on": day(on)}
    for rung in expect.rungs:
        yield translate(SINCE, language) % {"rung": rung_words(rung.clock, rung.rung, names), "on": day(rung.on)}


def rung_words(clock: str, key: str, names: Names) -> str:
    """What a rung is called on the ladder of its clock, or on those that the length of the limit chooses."""
    for document in names.documents:
        ladder = next((one.get("ladder", "") for one in document.get("clocks", ()) if one["key"] == clock), "")
        for one in document.get("ladders", ()):
            if one["key"] == ladder or (ladder == "by_length" and one["key"] in LENGTHS):
                for rung in (rung for tier in one["tiers"] for rung in tier):
                    if rung["key"] == key:
                        return names.label(rung["title"])
    return key


def facts_words(facts: Mapping[str, Any], names: Names) -> list[str]:
    """Each fact with its value, a day as a day."""
    told = []
    for key, value in facts.items():
        is_day = isinstance(value, str) and bool(_DAY.fullmatch(value))
        said = full_day(date.fromisoformat(value), language=names.language) if is_day else names.value(key, value)
        told.append(translate(FACT, names.language) % {"field": names.field(key), "value": said})
    return told


def _list(parts: list[str], language: Language) -> str:
    return translate("、", language).join(part for part in parts if part)


# ---- what came out otherwise ----------------------------------------------------------------------------------------------


def scenario_words(told: Told, names: Names, language: Language) -> list[str]:
    """What came out otherwise of one scenario than it says, each with its title; nothing where it came out."""
    title = told.title.in_(language)
    return [translate(IN_SCENARIO, language) % {"title": title, "said": said_of(one, names)} for one in told.differences]


def said_of(one: Difference, names: Names) -> str:
    """What was expected, and what came."""
    words = {key: _word(one, key, value, names) for key, value in one.params.items()}
    words["n"] = int(one.params.get("index", 0)) + 1
    words["why"] = names.aside(_why(str(one.params.get("why", "")), names))
    return translate(DIFFERENT[one.what], names.language) % words


def _word(one: Difference, key: str, value: Any, names: Names) -> Any:
    if isinstance(value, date):
        return full_day(value, language=names.language)
    if value is None:
        return translate(NEVER if one.what == "rung" else NONE, names.language)
    if key == "rung":
        return rung_words(str(one.params["clock"]), str(value), names)
    ways = {"do": names.step, "clock": names.clock}
    if key in ways:
        return ways[key](str(value))
    return (names.state(value) or value) if isinstance(value, str) else value


def _why(told: str, names: Names) -> str:
    """The guards or the questions that said no; "" where a reader would not know them."""
    if told in WHYS:
        return translate(WHYS[told], names.language)
    found = []
    for name in told.split("、"):
        guard = names.titles["guards"].get(name)
        found.append(names.condition(name) if guard else names.field(name))
    return _list(found, names.language)
