"""Walks an item of practice.md §6: each press fills its form plausibly, and what the walk says overrides it."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from tests.factories import County, at
from tests.walks.filling import answers_for, approver_of, fill, with_scan
from tests.workflow.looking import case_row, clock_row, rows_of
from workflow.definitions import catalogue
from workflow.models import Clock
from workflow.types import Outcome


class Walk:
    """One case of the county, walked day by day."""

    def __init__(self, county: County, case_id: int) -> None:
        self.county, self.id = county, case_id

    @classmethod
    def open(
        cls,
        county: County,
        kind: str,
        on: date,
        login: str = "lin",
        *,
        subject: str = "donggou_branch",
        sponsor: str = "office",
        title: str = "走查事项",
        **facts: Any,
    ) -> Self:
        """Registers a case; required facts that the walk does not name are filled."""
        definition = county.database.read(catalogue).of_kind(kind).definition
        required = [field for field in definition.fields if field.required]
        data = fill(required, on, county.organs, county.people) | facts
        outcome = county.engine.open(
            kind,
            actor=county.actor(login),
            now=at(on),
            title=title,
            subject_id=county.organs[subject],
            data=data,
            supervisor_id=county.organs[sponsor],
        )
        return cls(county, outcome.case_id)

    def press(self, trigger: str, login: str, on: date, hour: int = 11, **told: Any) -> Outcome:
        """Fires a transition on a day. An organ is named by its key."""
        row = self.row
        definition = self.county.database.read(catalogue).of_version(row["definition_version_id"]).definition
        transition = definition.transition_by_edge[(row["state"], trigger)]
        organs = self.county.organs
        approver = approver_of(transition, row, organs, login)
        data = answers_for(definition, transition, on, organs, self.county.people, approver=approver)
        known = {question.key for question in transition.form} | {"ground", "approval", "reason", "comment"}
        data |= {key: self.county.organs.get(value, value) if isinstance(value, str) else value for key, value in told.items()}
        data = {key: value for key, value in data.items() if key in known and value is not None}
        data = with_scan(data, lambda: self.county.keep_file("审批单", login))
        return self.county.fire(self.id, trigger, login, at(on, hour), **data)

    def prove(self, login: str, on: date, label: str = "") -> None:
        """Adds a piece of evidence."""
        file_id = self.county.keep_file("佐证", login)
        self.county.engine.add_evidence(self.id, actor=self.county.actor(login, on), now=at(on), file_id=file_id, label=label)

    @property
    def row(self) -> dict[str, Any]:
        """The case's row."""
        return case_row(self.county, self.id)

    def clock(self, key: str) -> dict[str, Any]:
        """The newest run of a clock."""
        return clock_row(self.county, self.id, key)

    def runs(self, key: str) -> list[dict[str, Any]]:
        """Every run of a clock."""
        return rows_of(self.county, Clock, case_id=self.id, key=key)

    def tick(self, on: date, hour: int = 9) -> None:
        """The sweep of that day."""
        self.county.engine.tick(at(on, hour))
