"""The sheets that the step of a run has issued, one of each case, in one Word file: 销号审批表 after a 集中销号."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from flask import Response, send_file
from flask_babel import gettext

from handlers.letters.facts import LetterFacts
from handlers.letters.forms import is_sheet, one_file
from handlers.registry import LETTERS
from states.definition import Definition
from states.errors import CaseNotFound, NotFound
from web.cases.letters import letter_facts
from web.current import actor, now, office
from web.exports.handing import begin, made
from workflow.definitions import Catalogue
from workflow.occasion import Occasion
from workflow.reads.bulk import Run, done_events
from workflow.reads.case_page import case_page
from workflow.reads.issued import issued_of
from workflow.store import Store

MIMETYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Beyond so many the file is slow to make and to open; the rest are on the pages of their cases.
MOST = 200


def sheets_of(run: Run, catalogue: Catalogue) -> list[str]:
    """The sheets that the run's step issues, by their names."""
    served = [catalogue.current[run.kind]] if run.kind in catalogue.current else list(catalogue.current.values())
    if run.undoes is not None or not run.done:
        return []
    return list(dict.fromkeys(name for one in served for name in _issued_by(one.definition, run.trigger)))


def _issued_by(definition: Definition, trigger: str) -> Iterator[str]:
    for transition in definition.transitions:
        calls = transition.effects if transition.trigger == trigger else ()
        yield from (call.params["letter"] for call in calls if call.name == "issue_letter" and is_sheet(call.params["letter"]))


def papers(run_id: int, name: str) -> Any:
    """The sheets of one's own run as far as its owner may read their cases; NotFound where there is none."""
    if name not in LETTERS or not is_sheet(name):
        raise NotFound(what="letter", id=name)

    def read(store: Store, occasion: Occasion) -> list[LetterFacts]:
        done = done_events(store, actor(), run_id, MOST)
        return [facts for case_id, seq in done if (facts := _facts(store, occasion, case_id, seq, name)) is not None]

    many = office().engine.read(now(), read)
    if not many:
        raise NotFound(what="letter", id=name)
    mark = begin("sheets", "docx", len(many))
    made(len(many))
    said = gettext("%(title)s（%(n)s份）", title=LETTERS[name].title, n=len(many))
    answer: Response = send_file(
        io.BytesIO(one_file(name, many, mark.borne)), mimetype=MIMETYPE, as_attachment=True, download_name=f"{said}.docx"
    )
    return answer


def _facts(store: Store, occasion: Occasion, case_id: int, seq: int, name: str) -> LetterFacts | None:
    try:
        page = case_page(store, occasion, actor(), case_id)
    except CaseNotFound:
        return None
    issued = next((one for one in page.letters if one.letter == name and one.seq == seq), None)
    return letter_facts(page, occasion, issued_of(store, occasion, case_id, issued)) if issued else None
