"""The words of a row's next step: whom it reminds and how that is said, the file that is wanted, or what comes first."""

from __future__ import annotations

from flask_babel import gettext
from markupsafe import Markup, escape

from web.cases.page import evidence_title, names_of_kind
from web.current import office
from web.errors import reasons_of
from web.language import current_language, said
from web.messages import render
from workflow.reads.buttons import Button
from workflow.reads.next_step import NextStep
from workflow.reads.rows import LedgerRow


def lacking_words(row: LedgerRow) -> str:
    """What the reader's own step on a row wants first; "" where the row has a next step, or he none."""
    return "".join(reasons_of([reason.as_dict() for reason in row.lacking[:1]], names_of_kind(row.kind)))


def step_words(step: NextStep | Button) -> str:
    """What the button of a step says; of a reminder also whom it reaches, on a line of its own where there is no room."""
    title = said(step.title)
    whom = Markup('<span class="whole">{}</span>').format(step.urges)
    words = escape(gettext("%(remind)s%(whom)s")) % {"remind": title, "whom": whom}
    return Markup("<span>{}</span>").format(words) if step.urges else title


def reminder_words(row: LedgerRow, times: int) -> str:
    """The sentence that may be sent by any channel: number, count and date, never the content."""
    due_on = row.due_on.isoformat() if row.due_on else ""
    return render(office().titles, "reminded", {"number": row.number, "times": times, "due_on": due_on}, current_language())


def upload_words(step: NextStep) -> str:
    """What the button says of a step that wants a file first."""
    return str(gettext("上传%(what)s", what=evidence_title(step.label) if step.label else gettext("佐证材料")))
