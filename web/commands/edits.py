"""duban workflow undo, redo, rename, mend, adopt, place: edits of a draft, as on the page on which it is designed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from states.errors import BadInput, Conflict
from states.schema.places import NAMED
from web.commands.drafts import draft_words, drafts_told, unproven
from web.commands.office import acting, common, opened, say, writing

if TYPE_CHECKING:
    from web.designer.edits import Draft
    from web.wiring import Office
    from workflow.store import Store

DRAFT = click.argument("draft_id", metavar="DRAFT", type=int)


def _kept(login: str | None, draft_id: int, as_json: bool, work: Callable[[Office, Mapping[str, Any]], Any]) -> None:
    """Keeps the step that `work` gives, with how it is put among the others; says how far the draft has come."""
    from workflow.versions import drafts
    from workflow.versions.steps import Step

    now = datetime.now(UTC)
    with opened() as office:
        actor = acting(office, login, now)
        drafts.require_administrator(actor)
        row = office.database.read(partial(drafts.get_open_draft, draft_id=draft_id))
        step, put = work(office, row)

        def body(store: Store) -> None:
            put(store)
            told: Any = {"source": step.source, "layout": step.layout, "actor": actor, "now": now}
            drafts.change(store, draft_id, revision=row["revision"], **told)

        if step != Step(row["source"], drafts.layout_of(row)):
            writing(office, lambda: office.database.write(body))
            # What cannot be proven yet is kept all the same, and the answer says so.
            with suppress(BadInput, Conflict):
                unproven(office, draft_id)
        (told,) = drafts_told(office, lambda one: one["id"] == draft_id)
    say(told, as_json, draft_words)


def _edited(login: str | None, draft_id: int, as_json: bool, edit: Callable[[Office, Draft], Draft]) -> None:
    """The draft after an edit, which can be taken back."""
    from web.designer.edits import Draft, required_text
    from workflow.versions.drafts import layout_of
    from workflow.versions.steps import Step, add_step

    def work(office: Office, row: Mapping[str, Any]) -> Any:
        before = Step(row["source"], layout_of(row))
        found = edit(office, Draft(row["kind"], before.source, before.layout))
        after = Step(required_text(found.source), found.layout)
        return after, partial(add_step, draft_id=draft_id, before=before, after=after)

    _kept(login, draft_id, as_json, work)


# ---- taken back -------------------------------------------------------------------------------------------------------------


def _taken_back(login: str | None, draft_id: int, as_json: bool, by: int) -> None:
    from workflow.versions import steps

    def work(office: Office, _row: Mapping[str, Any]) -> Any:
        told: Any = {"draft_id": draft_id, "by": by}
        return office.database.read(partial(steps.step_to, **told)), partial(steps.stand_at, **told)

    _kept(login, draft_id, as_json, work)


@click.command("undo")
@DRAFT
@common
@click.pass_obj
def undo(login: str | None, draft_id: int, yes: bool, as_json: bool) -> None:
    """Take the last edit of a draft back."""
    del yes
    _taken_back(login, draft_id, as_json, -1)


@click.command("redo")
@DRAFT
@common
@click.pass_obj
def redo(login: str | None, draft_id: int, yes: bool, as_json: bool) -> None:
    """Do again what `undo` took back."""
    del yes
    _taken_back(login, draft_id, as_json, 1)


# ---- renamed, mended --------------------------------------------------------------------------------------------------------


@click.command("rename")
@DRAFT
@click.argument("old")
@click.argument("new")
@click.option("--what", type=click.Choice(list(NAMED)), help="What is renamed, where several are called OLD.")
@common
@click.pass_obj
def rename(login: str | None, draft_id: int, old: str, new: str, what: str | None, yes: bool, as_json: bool) -> None:
    """Give a state, transition, field, clock or ladder another key, wherever the draft names it."""
    del yes
    from werkzeug.datastructures import MultiDict

    from web.designer.edits import edited

    def edit(_office: Office, draft: Draft) -> Draft:
        return edited(replace(draft, at=_place_of(draft.source, old, what)), MultiDict({"act": "rename", "key": new}))

    _edited(login, draft_id, as_json, edit)


def _place_of(source: str, key: str, what: str | None) -> str:
    """The pointer of what has that key. BadInput edit_nowhere where nothing has it; a usage error where several lists do."""
    from web.designer.proving import read_draft
    from workflow.versions import editing

    document, _fault = read_draft(source)
    if document is None:
        raise BadInput(why="draft_unreadable")
    found = [one for one in NAMED if what in (None, one) and key in editing.keys_of(document.data, one)]
    if not found:
        raise BadInput(why="edit_nowhere")
    if len(found) > 1:
        raise click.UsageError(f"--what {'|'.join(found)}")
    listed, name = NAMED[found[0]]
    things = document.data[listed]
    return next(f"/{listed}/{n}" for n, thing in enumerate(things) if isinstance(thing, dict) and thing.get(name) == key)


@click.command("mend")
@DRAFT
@click.argument("place", required=False)
@click.option("--fault", help="Which fault, where several of the place can be mended.")
@common
@click.pass_obj
def mend(login: str | None, draft_id: int, place: str | None, fault: str | None, yes: bool, as_json: bool) -> None:
    """Mend the fault at a PLACE of a draft as the page suggests; without a PLACE, list what can be mended so."""
    del yes
    from werkzeug.datastructures import MultiDict

    from web import create_app
    from web.designer.edits import edited
    from workflow.versions.drafts import get_open_draft

    def edit(office: Office, draft: Draft) -> Draft:
        # Suggestions are put into the words of the page.
        with create_app(office).test_request_context():
            fits = [one for one in _mends(draft.source, draft.kind) if one["pointer"] == place and fault in (None, one["id"])]
            if not fits:
                raise BadInput(why="edit_nowhere")
            return edited(draft, MultiDict({"act": "mend", "fault": fits[0]["id"], "pointer": fits[0]["pointer"]}))

    if place is not None:
        _edited(login, draft_id, as_json, edit)
        return
    with opened() as office:
        row = office.database.read(partial(get_open_draft, draft_id=draft_id))
        with create_app(office).test_request_context():
            found = _mends(row["source"], row["kind"])
    say(
        found,
        as_json,
        lambda told: "\n".join(f"{one['pointer']}\t{one['said']}\t{one['mend']}" for one in told) or "没有可以直接改好的",
    )


def _mends(source: str, kind: str) -> list[dict[str, str]]:
    """The faults for which there is a plain mend, each with its place and what the mend says."""
    from web.designer.proving import prove_draft, read_draft

    document, _fault = read_draft(source)
    if document is None:
        raise BadInput(why="draft_unreadable")
    return [
        {"pointer": one.fault.pointer, "id": one.fault.id, "said": one.said, "mend": one.mend}
        for one in prove_draft(document, kind)
        if one.mend
    ]


# ---- expected, put in place -------------------------------------------------------------------------------------------------


@click.command("adopt")
@DRAFT
@click.argument("scenario")
@common
@click.pass_obj
def adopt(login: str | None, draft_id: int, scenario: str, yes: bool, as_json: bool) -> None:
    """Have a scenario of a draft, by its title or its number, expect what came of it; look first at `scenarios`."""
    del yes
    from werkzeug.datastructures import MultiDict

    from web import create_app
    from web.designer.edits import edited
    from workflow.versions.drafts import require_text

    def edit(office: Office, draft: Draft) -> Draft:
        with create_app(office).test_request_context():
            at = _scene_at(draft.source, scenario)
            office.examine(require_text(draft.source).document)  # What came is what is lived through now.
            return edited(replace(draft, at=at), MultiDict({"act": "adopt"}))

    _edited(login, draft_id, as_json, edit)


def _scene_at(source: str, told: str) -> str:
    """The pointer of a scenario. BadInput edit_nowhere where no one, or more than one, is called so."""
    from web.designer.names import spoken
    from web.designer.proving import read_draft

    document, _fault = read_draft(source)
    if document is None:
        raise BadInput(why="draft_unreadable")
    found = [scene.get("title") for scene in document.data.get("scenarios") or ()]
    called = [n for n, title in enumerate(found) if told in (title, spoken(title), str(n + 1))]
    if len(called) != 1:
        raise BadInput(why="edit_nowhere")
    return f"/scenarios/{called[0]}"


@click.command("place")
@DRAFT
@click.argument("places", metavar="STATE=X,Y…", nargs=-1)
@common
@click.pass_obj
def place(login: str | None, draft_id: int, places: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Put states of a draft at places of its drawing; without any, every state is where the drawing puts it by itself."""
    del yes
    from werkzeug.datastructures import MultiDict

    from web.designer.edits import edited

    told = MultiDict([("act", "places"), *(("place", one) for one in places)])
    _edited(login, draft_id, as_json, lambda _office, draft: edited(draft, told))


COMMANDS = (undo, redo, rename, mend, adopt, place)
