"""Plays demo scripts (`config/demo/*.yaml`, whose head explains the keys of a step) day by day, with a sweep on every day.

The player drives the engine it is given; who people are and how a file is kept is given as functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from workflow.dates import Calendar, local_time
from workflow.types import Actor

OFFSET = re.compile(r"^([+-]?\d+) (day|workday)$")
FIRST_HOUR = 10  # People work after the sweep of nine o'clock.

FindActor = Callable[[str, date], Actor]
KeepFile = Callable[[str, int | None, datetime], int]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case's script on its day; `order` keeps the file's order within a day."""

    on: date
    order: int
    case_key: str
    told: Mapping[str, Any]


@dataclass
class Player:
    """Knows the engine, the people and the organs by key; remembers which case each script became."""

    engine: Any  # the engine is given; a handler does not import it
    calendar: Calendar
    today: date
    find_actor: FindActor
    keep_file: KeepFile
    organs: Mapping[str, int]
    find_related: Callable[[int, str, str, int], int]
    relay: Callable[[datetime], None]  # delivers what is due, so that messages carry the hours of the story
    cases: dict[str, int] = field(default_factory=dict)
    scripts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    minutes: dict[date, int] = field(default_factory=dict)

    def play(self, scripts: Iterable[Mapping[str, Any]], report: Callable[[int], None] = lambda _n: None) -> int:
        """Plays every script up to today; how many cases there are."""
        self.scripts = {script["key"]: script for script in scripts}
        steps = sorted(self._steps(), key=lambda step: (step.on, step.order))
        day = min(step.on for step in steps)
        while day <= self.today:
            if day < self.today:
                self.engine.tick(local_time(day))
                self.relay(local_time(day))
            for step in (step for step in steps if step.on == day):
                self._do(step)
                report(1)
            if day in self.minutes:
                self.relay(self._minute(day))
            day += timedelta(1)
        return len(self.cases)

    def day(self, text: str) -> date:
        """The day of an offset from today: "-36 workday", "+4 day"."""
        found = OFFSET.match(text)
        assert found, f"not an offset: {text}"
        amount, unit = int(found[1]), found[2]
        if amount == 0:
            return self.today
        return self.calendar.nth_workday(self.today, amount) if unit == "workday" else self.today + timedelta(amount)

    def _steps(self) -> Iterable[Step]:
        order = 0
        for key, script in self.scripts.items():
            for told in script["steps"]:
                for on in self._days(told):
                    order += 1
                    yield Step(on, order, key, told)

    def _days(self, told: Mapping[str, Any]) -> Iterable[date]:
        first = self.day(told["on"])
        if "every" not in told:
            return [first]
        days, until = [first], self.day(told["until"])
        found = OFFSET.match(told["every"])
        assert found, f"not a distance: {told['every']}"
        while (following := self.calendar.nth_workday(days[-1], int(found[1]))) <= until:
            days.append(following)
        return days

    def _do(self, step: Step) -> None:
        told = step.told
        actor, now = self.find_actor(told["as"], step.on), self._next_minute(step.on)
        data = self._filled(told.get("data") or {})
        if told["do"] == "open":
            self._open(step, actor, now, data)
            return
        case_id = self.cases[step.case_key]
        if "target" in told:
            case_id = self._target(case_id, told["target"])
        getattr(self, f"_{told['do']}")(case_id, told, actor, now, data)

    def _target(self, case_id: int, target: Mapping[str, Any]) -> int:
        if "interview" in target:
            return self.find_related(case_id, "interview", "", 1)
        if "order" in target:
            return self.find_related(case_id, "caused", "supervision_order", target["order"])
        return self.find_related(case_id, "child", "measure", target["measure"])

    def _next_minute(self, day: date) -> datetime:
        self.minutes[day] = self.minutes.get(day, 0) + 1
        return self._minute(day)

    def _minute(self, day: date) -> datetime:
        """The minute of the last step of a day."""
        return local_time(day, FIRST_HOUR) + timedelta(minutes=self.minutes[day])

    def _filled(self, value: Any) -> Any:
        """Offsets become days, organ keys become ids."""
        if isinstance(value, Mapping):
            if set(value) == {"day"}:
                return self.day(value["day"]).isoformat()
            return {key: self._organ(key, inner) for key, inner in value.items()}
        return [self._filled(inner) for inner in value] if isinstance(value, list) else value

    def _organ(self, key: str, value: Any) -> Any:
        if key in ("recipient", "unit", "organ", "proposed_recipient") and isinstance(value, str) and value in self.organs:
            return self.organs[value]
        return self._filled(value)

    def _open(self, step: Step, actor: Actor, now: datetime, data: dict[str, Any]) -> None:
        script = self.scripts[step.case_key]
        subject = self.organs[script["subject"]]
        outcome = self.engine.open(
            script["kind"],
            actor=actor,
            now=now,
            title=script["title"],
            subject_id=subject,
            data=data,
            supervisor_id=self.organs[script.get("supervisor", "inspection_office")],
        )
        self.cases[step.case_key] = outcome.case_id

    def _fire(self, case_id: int, told: Mapping[str, Any], actor: Actor, now: datetime, data: dict[str, Any]) -> None:
        if "new_dates" in data:
            dates: Any = data["new_dates"]
            data["new_dates"] = {str(self.cases[key]): on for key, on in dates.items()}
        self.engine.fire(case_id, told["trigger"], actor=actor, now=now, data=data)

    def _comment(self, case_id: int, _told: Mapping[str, Any], actor: Actor, now: datetime, data: dict[str, Any]) -> None:
        self.engine.comment(case_id, actor=actor, now=now, text=data["text"])

    def _evidence(self, case_id: int, _told: Mapping[str, Any], actor: Actor, now: datetime, data: dict[str, Any]) -> None:
        file_id = self.keep_file(data["name"], actor.person_id, now)
        self.engine.add_evidence(case_id, actor=actor, now=now, file_id=file_id, label=data.get("label", ""))

    def _ask_extension(self, case_id: int, told: Mapping[str, Any], actor: Actor, now: datetime, data: dict[str, Any]) -> None:
        wanted = date.fromisoformat(data.pop("new_due_on"))
        words = {"clock": told.get("clock", "rectify"), "reason": data.pop("reason")}
        self.engine.ask_extension(case_id, actor=actor, now=now, wanted_on=wanted, data=data, **words)

    def _pause(self, case_id: int, _told: Mapping[str, Any], actor: Actor, now: datetime, data: dict[str, Any]) -> None:
        told = {"reason": data["reason"], "approver": data["approver"], "max_days": data["days"]}
        self.engine.pause(case_id, actor=actor, now=now, **told)
