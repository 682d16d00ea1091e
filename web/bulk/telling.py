"""How a bulk run is told: what it is called, and of each case its number and title with what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from states.definition import Field
from states.forms import transition_fields
from web.answers import named_faults
from web.bulk.papers import sheets_of
from web.cases.page import letter_title, names_in
from web.current import actor, now, office
from web.errors import Problem, problem_of
from web.language import said
from workflow.definitions import Catalogue
from workflow.occasion import Occasion
from workflow.reads.bulk import Item, Items, Run, get_run, items_of
from workflow.reads.many import step_of
from workflow.reads.next_step import PRODDING
from workflow.store import Store
from workflow.verbs.bulk import TO_SIGN


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one case. `words` are its number and title, "" where the reader sees no such case."""

    case_id: int
    words: str
    href: str
    status: str
    said: str
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A run with one page of its cases; `sheets` are the papers of its step, as (name, title)."""

    run: Run
    title: str
    lines: tuple[Line, ...]
    after: str
    can_undo: bool
    sheets: tuple[tuple[str, str], ...] = ()

    @property
    def refused(self) -> tuple[Line, ...]:
        """The cases of this page that were refused."""
        return tuple(line for line in self.lines if line.status == "refused")

    @property
    def heading(self) -> str:
        """What was done with how many, and how many of them went through."""
        run = self.run
        words = {"what": self.title, "all": f"{run.total + run.unseen:,}", "done": f"{run.done:,}"}
        if run.finished_at is None:
            return str(gettext("%(what)s%(all)s项，正在办理", **words))
        return str(gettext("%(what)s%(all)s项，办成%(done)s项", **words))


def tell(run_id: int, after: str = "") -> Told:
    """One's own run; NotFound for anybody else's."""

    def read(store: Store, occasion: Occasion) -> tuple[Run, Items, Catalogue]:
        run = get_run(store, actor(), run_id)
        return run, items_of(store, occasion, actor(), run, after), occasion.catalogue

    run, items, catalogue = office().engine.read(now(), read)
    names = {kind: names_in(served.definition) for kind, served in catalogue.current.items()}
    steps = {kind: step_of(served.definition, run.trigger) for kind, served in catalogue.current.items()}
    asked = {kind: transition_fields(step) for kind, step in steps.items() if step}
    lines = tuple(_line(item, run, names, asked) for item in items.items)
    sheets = tuple((name, letter_title(name)) for name in sheets_of(run, catalogue))
    return Told(run, title_of(run, catalogue), lines, items.after, items.can_undo, sheets)


def title_of(run: Run, catalogue: Catalogue) -> str:
    """What the run does, in the words of the step's own definition."""
    if run.undoes is not None:
        return str(gettext("撤销"))
    if not run.trigger:
        return str(gettext("迁移到新版本"))
    if run.trigger == PRODDING:
        return str(gettext("催签收") if run.condition == TO_SIGN else gettext("催办"))
    served = [catalogue.current[run.kind]] if run.kind in catalogue.current else list(catalogue.current.values())
    titles = (step.title for one in served for step in one.definition.transitions if step.trigger == run.trigger)
    return said(next(titles, ""))


def _line(item: Item, run: Run, names: Mapping[str, Mapping[str, str]], asked: Mapping[str, tuple[Field, ...]]) -> Line:
    row = item.row
    words = f"{row.number} {row.title}" if row else ""
    href = url_for("cases.case_page", case_id=row.id) if row else ""
    kind = row.kind if row else ""
    told = _said(item, run, names.get(kind, {}), asked.get(kind, ()))
    return Line(item.case_id, words, href, item.status, told, item.can_undo)


def _said(item: Item, run: Run, names: Mapping[str, str], questions: tuple[Field, ...]) -> str:
    if item.status == "waiting":
        return str(gettext("还没轮到"))
    if item.why is not None:
        return why_of(problem_of(item.why, names=names), questions)
    return str(gettext("已撤销") if item.is_taken_back or run.undoes else gettext("办成"))


def why_of(problem: Problem, questions: Iterable[Field] = ()) -> str:
    """A refusal on one line; what is wrong with an answer is said with what its question is called."""
    told = str(gettext("；")).join([*problem.reasons, *named_faults(problem.fields or {}, questions)])
    return str(gettext("：")).join([problem.title, told] if told else [problem.title])
