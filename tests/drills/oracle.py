"""Who may read which case, worked out from the rows alone, so that the program's own rules can be compared with it.

Written from the texts (visibility follows relations, hand-overs, levels and recusals; the kinds say what each relation gives),
and from the YAML that ships; it calls nothing of the program that decides who sees what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tests.factories import County
from tests.workflow.looking import rows_of
from workflow.models import Area, Barred, Case, Event, Grant, Organ, Party, Person

WORKFLOWS = Path(__file__).parents[2] / "config" / "workflows"
WORKING = ("handler", "deputy", "head", "inspector", "observer")  # Administrators of any kind see no case.
COLUMNS = ("registrar", "subject", "holder", "supervisor", "interviewer", "interviewee")
PARTIES = ("past_holder", "measure_unit")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may read: the cases as they stand, and those only as they were when he handed them on."""

    whole: frozenset[int]
    past: frozenset[int]

    @property
    def all(self) -> frozenset[int]:
        """Both."""
        return self.whole | self.past


class Oracle:
    """Every row that says something about rights, read once."""

    def __init__(self, county: County, today: date) -> None:
        self.today = today
        self.cases = {row["id"]: row for row in rows_of(county, Case)}
        self.people = {row["id"]: row for row in rows_of(county, Person)}
        self._grants = rows_of(county, Grant)
        self._parties = {(row["case_id"], row["organ_id"], row["relation"]) for row in rows_of(county, Party)}
        self._barred = rows_of(county, Barred)
        self._organs = {row["id"]: row for row in rows_of(county, Organ)}
        self._above = {row["id"]: row["parent_id"] for row in rows_of(county, Area)}
        self._kinds = {told["key"]: told for told in map(_read, WORKFLOWS.glob("*.yaml"))}
        self._ended_from: dict[int, str] = {}
        for event in rows_of(county, Event):
            if event["from_state"] != event["to_state"] == self.cases[event["case_id"]]["state"]:
                self._ended_from[event["case_id"]] = event["from_state"]

    def on_ledger(self) -> dict[int, Row]:
        """The cases of the kinds that stand on the ledger."""
        return {case_id: row for case_id, row in self.cases.items() if self._kinds[row["kind"]]["ledger"]}

    def rights(self, person_id: int) -> Rights:
        """What this person may read of the ledger today."""
        posts = list(self._posts(person_id))
        organs = {post["organ_id"] for post in posts}
        barred = {
            row["case_id"] for row in self._barred if row["person_id"] == person_id or row["organ_id"] in organs
        }  # A recusal of an organ is one of everybody in it.
        whole, past = set(), set()
        for case_id, row in self.on_ledger().items():
            if row["withdrawn"] or case_id in barred or self._is_of_own(organs, row):
                continue
            given = {relation for post in posts for relation in self._given(post, row)}
            if given - {"past_holder"}:
                whole.add(case_id)
            elif given:
                past.add(case_id)
        return Rights(frozenset(whole), frozenset(past))

    def _is_of_own(self, organs: set[int], row: Row) -> bool:
        """Is it about an organ of his, and of a kind with secrets that such an organ does not read (R21)? The sponsor keeps it."""
        told = self._kinds[row["kind"]]
        reads = any(rule["relation"] == "subject" and rule["may"] in ("read", "act") for rule in told["access"])
        keeps = any(field.get("secret") for field in told["fields"])
        return keeps and not reads and row["subject_id"] in organs and row["subject_id"] != row["supervisor_id"]

    def _posts(self, person_id: int) -> Iterator[Row]:
        """The grants that work on cases and are valid today."""
        if self.people[person_id]["disabled_at"] is not None:
            return
        for grant in self._grants:
            begun = grant["since"] is None or grant["since"] <= self.today
            ended = grant["until"] is not None and grant["until"] < self.today
            if grant["person_id"] == person_id and grant["role"] in WORKING and begun and not ended:
                yield grant

    def _given(self, post: Row, row: Row) -> Iterator[str]:
        """The relations through which this post lets its holder read the case."""
        if row["level"] > post["ceiling"]:
            return
        stands = set(self._relations(post["organ_id"], row))
        for rule in self._kinds[row["kind"]]["access"]:
            organs = rule.get("organs")
            is_his = rule["relation"] in stands and (not organs or self._organs[post["organ_id"]]["kind"] in organs)
            if is_his and rule["may"] in ("read", "act") and self._is_open_to(rule, row):
                yield rule["relation"]

    def _relations(self, organ_id: int, row: Row) -> Iterator[str]:
        yield "none"
        yield from (name for name in COLUMNS if row[f"{name}_id"] == organ_id)
        if self._organs[organ_id]["area_id"] in self._areas_above(self._organs[row["subject_id"]]["area_id"]):
            yield "above_subject"
        yield from (name for name in PARTIES if (row["id"], organ_id, name) in self._parties)

    def _areas_above(self, area_id: int) -> Iterator[int]:
        while (parent := self._above[area_id]) is not None:
            yield parent
            area_id = parent

    def _is_open_to(self, rule: Row, row: Row) -> bool:
        """Does the rule give the case in its state? What it kept back while the case was open it keeps back afterwards."""
        states = rule.get("in")
        if not states:
            return True
        final = {state["key"] for state in self._kinds[row["kind"]]["states"] if state.get("final")}
        came_from = self._ended_from.get(row["id"])
        is_ended = row["state"] in final and came_from is not None and not final.issuperset(states)
        return row["state"] in states and (not is_ended or came_from in states)


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return told


def tally(cases: Mapping[int, Row], ids: frozenset[int], *columns: str) -> Counter[Any]:
    """How many of these cases have each value of the columns."""
    return Counter(tuple(cases[case_id][name] for name in columns) for case_id in ids)
