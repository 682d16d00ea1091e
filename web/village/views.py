"""我的整改: one item at a time on a phone, its measures with a switch, photographs, a note; and reporting it done."""

from __future__ import annotations

from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import CaseNotFound, DomainError, InvalidForm
from states.evidence import takes
from web.access import Access, Route
from web.cases import page as shown
from web.cases.papers import Sent, receive_all
from web.cases.showing import undo_of
from web.cases.typed import number, text, who
from web.current import actor, now, office
from web.errors import Problem, problem_of
from web.ledger.kinds import LEDGER, kinds_on
from web.parts import over_page
from web.storable import whole
from web.village.items import Mine, Step, Work, limits_of, mine_of, own_items, past_of
from workflow.files import Received
from workflow.occasion import Occasion
from workflow.reads.case_page import case_page

# The labels of what is photographed on the spot, and of what else proves something.
PROOF, OTHER = "site_photo", "other"


def _kinds(occasion: Occasion) -> tuple[str, ...]:
    """What stands on the ledger may come into a village's hands; talks and orders have pages of their own."""
    return kinds_on(LEDGER, occasion.catalogue)


def first_item() -> Any:
    """The most urgent item, or that there is none."""
    ids = office().engine.read(now(), lambda store, occasion: own_items(store, occasion, actor(), _kinds(occasion)))
    if not ids:
        return render_template("village/none.html")
    return redirect(url_for("village.item_page", case_id=ids[0]))


def item_page(case_id: int) -> Any:
    """One item; one that is done or lies with others can be read, and says what became of it."""
    past = office().engine.read(now(), lambda store, occasion: past_of(store, occasion, actor(), case_id, _kinds(occasion)))
    if past is None:
        return _page(case_id)
    theirs = limits_of(past, actor())[1] if past.seen_upto is None else ()
    return over_page(render_template("village/past.html", page=past, row=past.row, shown=shown, theirs=theirs))


def _page(case_id: int, problem: Problem | None = None, sent: Sent | None = None) -> Any:
    told: dict[str, Any] = {"mine": _mine(case_id), "problem": problem, "typed": request.form, "sent": sent}
    told["saved"] = request.args.get("saved", type=whole) if request.method == "GET" else None
    rendered = render_template("village/item.html", shown=shown, **told)
    return over_page(rendered, problem.status if problem else 200)


def _mine(case_id: int) -> Mine:
    found = office().engine.read(now(), lambda store, occasion: mine_of(store, occasion, actor(), case_id, _kinds(occasion)))
    if found is None:
        raise CaseNotFound(id=case_id)
    return found


def save(case_id: int) -> Any:
    """Keeps the files and then the note of one measure; what was typed stays where something is refused."""
    work = next((work for work in _mine(case_id).works if work.row.id == number("work")), None)
    if work is None:
        raise CaseNotFound(id=number("work"))
    sent = receive_all(work.row.id)
    problem = sent.problem() if sent.faults else None
    try:
        if problem is None:
            _keep_files(case_id, work, sent.files)
            sent = Sent()
            _write(work)
    except CaseNotFound:
        raise
    except DomainError as refusal:
        problem = problem_of(refusal)
    if problem is not None:
        return _page(case_id, problem, sent.held(work.row.id))
    flash(cast(Any, {"text": gettext("已保存"), "undo": _undo_of(work, case_id)}), "toast")
    ids = office().engine.read(now(), lambda store, occasion: own_items(store, occasion, actor(), _kinds(occasion)))
    if case_id not in ids:
        return redirect(url_for("village.first_item"), 303)
    # Back to the very work, unfolded, so that what was saved is seen.
    return redirect(url_for("village.item_page", case_id=case_id, saved=work.row.id, _anchor=f"work-{work.row.id}"), 303)


def _undo_of(work: Work, case_id: int) -> str:
    """The address that takes the note back and leads to the item again; "" where there is nothing to take back. Files stay."""
    if not text("note"):
        return ""
    page = office().engine.read(now(), lambda store, occasion: case_page(store, occasion, actor(), work.row.id))
    return undo_of(page, village=case_id)


def _keep_files(case_id: int, work: Work, received: list[Received]) -> None:
    step, note = _step_of(work), text("note")
    # A switch that was turned, and no word about it: nothing is kept, so that nobody believes it was.
    if not note and not (received and (step is None or step.stays)):
        raise InvalidForm(fields={"note": ["required"]})
    asked = who()
    key = asked.pop("key")
    # What proves a measure proves its item too: nobody uploads a photograph twice. What is said of it goes with it.
    for place in dict.fromkeys((case_id, work.row.id)) if received else ():
        for label, files in _by_label(work, received):
            part = f"{key}/files/{place}/{label}" if key else None
            office().engine.add_uploads(place, uploads=files, label=label, caption=note, key=part, **asked)


def _by_label(work: Work, received: list[Received]) -> list[tuple[str, list[Received]]]:
    """Photographs, and what is none and so is called none."""
    photos = [one for one in received if takes(work.definition, PROOF, one.media_type)]
    others = [one for one in received if one not in photos]
    return [(label, files) for label, files in ((PROOF, photos), (OTHER, others)) if files]


def _write(work: Work) -> None:
    step, note = _step_of(work), text("note")
    if note and step is not None:
        office().engine.fire(work.row.id, step.trigger, data={step.question.key: note}, **who())


def _step_of(work: Work) -> Step | None:
    return next((step for step in work.steps if step.trigger == text("step")), None)


ROUTES = (
    Route("/village", first_item, Access.SIGNED_IN),
    Route("/village/<int:case_id>", item_page, Access.SIGNED_IN),
    Route("/village/<int:case_id>/save", save, Access.SIGNED_IN, ("POST",)),
)
