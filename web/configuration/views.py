"""Settings: what is in force and since when, a change proposed with its example, another's word on it, and all that was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from handlers.settings.registry import SETTINGS
from states.errors import DomainError, NotFound
from web.access import GET_AND_POST, Access, Route
from web.configuration import bundles, forms, showing
from web.configuration.bundles import READERS
from web.configuration.differences import differences
from web.configuration.words import KINDS, STATUSES, kind_title, setting_title, values_of_setting
from web.current import actor, now, office, today
from web.days import sure_day
from web.errors import Problem, problem_of
from web.exports.handing import begin, made
from web.language import current_language
from web.setting_words import setting_words
from web.storable import whole
from web.trailing import origin
from workflow.configuration import changes
from workflow.configuration.kinds import (
    Kind,
    SettingFaulty,
    in_force,
    may_change,
    read,
    require_faultless,
    shipped_digest,
    written,
)
from workflow.configuration.years import CALENDAR
from workflow.occasion import Occasion
from workflow.reads import configuration as reads
from workflow.reads.configuration import SettingView
from workflow.store import Store

SHOWN_CHANGES = 12


def _is_reader() -> bool:
    return actor().has_role(*READERS)


def _require_reader(kind: str = "") -> None:
    """Administrators read every setting, and whoever changes one of a kind reads that kind."""
    found = SETTINGS.get(kind)
    if not _is_reader() and (found is None or found.may is None or not may_change(actor(), found)):
        raise NotFound(what="page")


def _kind(name: str) -> Kind:
    if name not in SETTINGS:
        raise NotFound(what="page")
    return SETTINGS[name]


def _title(kind: str, key: str, data: Any = None) -> str:
    return setting_title(office().titles, kind, key, data or office().engine.settings.data(kind).get(key))


def _named(one: SettingView) -> dict[str, Any]:
    """A version with what it is called, for lists over several kinds."""
    return {"one": one, "kind": kind_title(one.kind), "title": _title(one.kind, one.key, one.data)}


def configuration_page() -> Any:
    """The kinds of setting, what waits, and what was changed last."""
    _require_reader()
    every = [one for one in office().database.read(reads.list_settings) if one.status != "shipped" and one.kind in SETTINGS]
    kinds = [(name, title, about, *_counts(name, every)) for name, (title, about) in KINDS.items()]
    waiting = [_named(one) for one in every if one.is_open]
    done = [_named(one) for one in every if not one.is_open][:SHOWN_CHANGES]
    mine = {name for name, kind in SETTINGS.items() if may_change(actor(), kind)}
    told = {"kinds": kinds, "waiting": waiting, "changes": done, "statuses": STATUSES, "mine": mine, "me": actor().person_id}
    return render_template("configuration/configuration.html", **told)


def _counts(name: str, every: list[SettingView]) -> tuple[int, int, SettingView | None]:
    """How many settings of the kind there are, how many the county has changed, and the last change."""
    changed = [one for one in every if one.kind == name and one.status == "current"]
    last = max(changed, key=lambda one: (one.decided_at, one.id), default=None)
    return len({*SETTINGS[name].shipped(), *(one.key for one in changed)}), len(changed), last


def kind_page(kind: str) -> Any:
    """Every setting of a kind with its version and last change."""
    _require_reader(kind)
    found = _kind(kind)
    every = [one for one in office().database.read(reads.list_settings) if one.kind == kind]
    current = {one.key: one for one in every if one.status == "current"}
    waiting = {one.key: one for one in every if one.is_open}
    keys = list(dict.fromkeys([*found.shipped(), *current, *waiting]))
    rows = [(key, _title(kind, key, _data_of(waiting.get(key))), current.get(key), waiting.get(key)) for key in keys]
    told: dict[str, Any] = {"kind": kind, "title": kind_title(kind), "about": KINDS[kind][1], "rows": rows}
    told |= {"may_add": found.grows and may_change(actor(), found), "is_year": kind == CALENDAR}
    return render_template("configuration/kind.html", is_reader=_is_reader(), **told)


def _data_of(one: SettingView | None) -> Any:
    return one.data if one is not None else None


def add_setting(kind: str) -> Any:
    """The page of a setting that the county adds."""
    _require_reader(kind)
    if not _kind(kind).grows:
        raise NotFound(what="page")
    key = request.args.get("key", "").strip().lower()
    if not key:
        return redirect(url_for("configuration.kind_page", kind=kind))
    return redirect(url_for("configuration.setting_page", kind=kind, key=key))


# ---- one setting ----------------------------------------------------------------------------------------------------------


def setting_page(kind: str, key: str) -> Any:
    """The text in force, the form of its change, and its history."""
    return _setting(kind, key, None)


def _setting(
    kind: str, key: str, problem: Problem | None, *, typed: str | None = None, preview: Any = None, faults: Any = None
) -> Any:
    _require_reader(kind)
    found = _kind(kind)
    history = office().database.read(lambda store: reads.history_of(store, kind, key))
    found.require_key(key, {one.key for one in history})
    current = next((one for one in history if one.status == "current"), None)
    data = office().engine.read(now(), lambda _store, occasion: in_force(occasion, found, key))
    source = typed if typed is not None else _start(found, key, history, data)
    told: dict[str, Any] = {"kind": kind, "key": key, "kind_title": kind_title(kind), "title": _title(kind, key, data)}
    told |= {"history": history, "current": current, "number": current.number if current else 0, "statuses": STATUSES}
    told |= {"waiting": next((one for one in history if one.is_open), None), "may": may_change(actor(), found)}
    told |= {"form": _form(kind, key, source), "has_form": kind in forms.FORMS}
    told |= {"boxes": _boxes(kind, data, source), "source": source, "values": values_of_setting(kind, key)}
    told |= {
        "in_force": showing.preview_of(kind, key, data) if data is not None and kind != CALENDAR else None,
        "preview": preview,
    }
    told |= {
        "newer": _newer(found, key, current),
        "problem": problem,
        "faults": faults or {},
        "reason": request.form.get("reason", ""),
    }
    told["from_on"] = request.form.get("from_on", "")
    return render_template("configuration/setting.html", is_reader=_is_reader(), **told), problem.status if problem else 200


def _start(kind: Kind, key: str, history: list[SettingView], data: Any) -> str:
    """What the form begins with: the version asked for, what ships, or what is in force."""
    wanted = request.args.get("from", "")
    chosen = next((one for one in history if str(one.id) == wanted), None)
    shipped = kind.shipped()
    if chosen is not None:
        return chosen.source
    if wanted == "shipped" and key in shipped:
        return written(shipped[key])
    return written(data) if data is not None else showing.blank(kind.name, key)


def _boxes(kind: str, data: Any, source: str) -> list[showing.Box]:
    if kind not in showing.WITH_BOXES:
        return []
    typed = showing.data_in(source)
    return showing.boxes_of(kind, typed if isinstance(typed, Mapping) else data)


def _form(kind: str, key: str, source: str) -> forms.Form | None:
    """The form of the text; none where the text itself is asked for, was typed, or cannot be shown so."""
    wished = request.form.get("act", "")
    is_text = wished == "text" or (wished != "form" and ("source" in request.form or request.args.get("as") == "text"))
    if is_text:
        return None
    return forms.form_of(kind, key, showing.data_in(source))


def _newer(kind: Kind, key: str, current: SettingView | None) -> bool:
    """Has what ships changed since the county wrote its own, to something else?"""
    shipped = shipped_digest(kind, key)
    return current is not None and shipped not in ("", current.shipped, current.digest)


def change_setting(kind: str, key: str) -> Any:
    """Shows the typed text filled in, or proposes it."""
    _require_reader(kind)
    found = _kind(kind)
    if not may_change(actor(), found):
        raise NotFound(what="page")
    data = office().engine.read(now(), lambda _store, occasion: in_force(occasion, found, key))
    source = showing.typed_source(kind, key, request.form, data)
    try:
        if request.form.get("act") in ("text", "form"):
            return _setting(kind, key, None, typed=source)
        if request.form.get("act") == "preview":
            return _setting(kind, key, None, typed=source, preview=_previewed(found, key, source))
        told: Any = {"source": source, "reason": request.form.get("reason", "")}
        told |= {"based_on": request.form.get("based_on", type=whole), "from_on": _from_on()}
        body: Any = partial(changes.propose, kind=found, key=key, **told)
        made = office().engine.administer(lambda desk: body(desk), actor=actor(), now=now(), origin=origin())
    except NotFound:
        raise
    except DomainError as refusal:
        return _setting(kind, key, problem_of(refusal), typed=source, faults=_at_their_places(refusal))
    status = office().database.read(lambda store: reads.get_version(store, made)).status
    flash(gettext("已生效") if status == "current" else gettext("已提出，等另一位管理员决定"), "toast")
    return redirect(url_for("configuration.change_page", version_id=made), 303)


def _at_their_places(refusal: DomainError) -> dict[str, list[str]]:
    """What is wrong with a typed setting, by where it stands."""
    found: dict[str, list[str]] = {}
    for fault in refusal.params.get("faults", ()) if isinstance(refusal, SettingFaulty) else ():
        found.setdefault(str(fault.get("where", "")), []).append(setting_words(fault, current_language()))
    return found


def _from_on() -> date | None:
    """The day from which it is to hold; BadInput day_unread for what is no day, and for one without its year."""
    text = request.form.get("from_on", "").strip()
    return sure_day(text, today=today(), why="day_unread") if text else None


def _previewed(kind: Kind, key: str, source: str) -> Any:
    data = read(source)

    def check(store: Store, occasion: Occasion) -> None:
        require_faultless(kind, key, data, changes.known_of(store, occasion.catalogue, kind, key))

    office().engine.read(now(), check)
    return showing.preview_of(kind.name, key, data) or showing.Preview()


def setting_text(kind: str, key: str, version_id: int) -> Response:
    """The text of a version as it was written."""
    _require_reader(kind)
    one = office().database.read(lambda store: reads.get_version(store, version_id))
    if (one.kind, one.key) != (kind, key):
        raise NotFound(what="setting", id=version_id)
    headers = {"Content-Disposition": f'attachment; filename="{kind}-{key}-{one.number or one.id}.yaml"'}
    return Response(one.source, mimetype="application/yaml", headers=headers)


def report_file(version_id: int) -> Response:
    """The deadlines that a change has moved, as a table for a spreadsheet."""
    one = office().database.read(lambda store: reads.get_version(store, version_id))
    _require_reader(one.kind)
    lines = [[str(row["number"]), row["before"].isoformat(), row["after"].isoformat()] for row in showing.moves_of(one.report)]
    mark = begin("moved", "csv", len(lines))
    made(len(lines))
    head = [gettext("编号"), gettext("原期限"), gettext("新期限")]
    table = "".join(",".join(f'"{cell}"' for cell in line) + "\r\n" for line in (head, *lines))
    text = f"\ufeff{table}{mark.blank_line}\r\n"
    headers = {"Content-Disposition": f'attachment; filename="moved-{version_id}-{mark.number}.csv"'}
    return Response(text, mimetype="text/csv; charset=utf-8", headers=headers)


# ---- one change -----------------------------------------------------------------------------------------------------------


def change_page(version_id: int) -> Any:
    """What is proposed against what is in force, how it would look, and the second administrator's word."""
    return _change(version_id, None)


def _change(version_id: int, problem: Problem | None) -> Any:
    one = office().database.read(lambda store: reads.get_version(store, version_id))
    _require_reader(one.kind)
    kind = _kind(one.kind)
    history = office().database.read(lambda store: reads.history_of(store, one.kind, one.key))
    before, before_title = _before(kind, one, history)
    shown = showing.preview_of(one.kind, one.key, one.data) if one.kind != CALENDAR or one.is_open else None
    told = _named(one) | {"kind_key": one.kind, "statuses": STATUSES, "problem": problem, "before_title": before_title}
    told |= {"sentences": differences(before, one.data), "preview": shown, "report": showing.moves_of(one.report)}
    told |= {"may": may_change(actor(), kind), "is_mine": one.proposed_by == actor().person_id, "typed": request.form}
    told["is_ahead"] = one.from_on is not None and one.from_on > today()
    told |= {"against": [row for row in history if row.id != one.id and row.number is not None]}
    return render_template("configuration/change.html", is_reader=_is_reader(), **told), problem.status if problem else 200


def _before(kind: Kind, one: SettingView, history: list[SettingView]) -> tuple[Any, str]:
    """The text that it is held against, and what that is called: the one asked for, else the one it was written on."""
    wanted = request.args.get("against", type=whole)
    found = next((row for row in history if row.id == wanted), None) if wanted is not None else None
    found = found or next((row for row in history if row.number and row.number == one.based_on), None)
    found = found or next((row for row in history if row.number == 0 and row.digest == one.shipped), None)
    if found is not None and found.number:
        return found.data, gettext("第%(n)s版", n=found.number)
    shipped = kind.shipped().get(one.key)
    return (found.data if found else shipped), gettext(STATUSES["shipped"]) if shipped is not None else ""


def decide_change(version_id: int) -> Any:
    """The second administrator's word."""
    granted = request.form.get("granted") == "yes"
    one = office().database.read(lambda store: reads.get_version(store, version_id))
    is_ahead = one.from_on is not None and one.from_on > today()
    body = partial(changes.decide, version_id=version_id, granted=granted, words=request.form.get("words", ""))
    agreed = gettext("已同意，到时自动生效") if is_ahead else gettext("已生效")
    return _act(version_id, body, agreed if granted else gettext("已退回，提出人会看到理由"))


def withdraw_change(version_id: int) -> Any:
    """Whoever proposed it takes it back."""
    return _act(
        version_id, partial(changes.withdraw, version_id=version_id, words=request.form.get("words", "")), gettext("已撤回")
    )


def _act(version_id: int, body: Any, done: str) -> Any:
    kind = _kind(office().database.read(lambda store: reads.get_version(store, version_id)).kind)
    _require_reader(kind.name)
    if not may_change(actor(), kind):
        raise NotFound(what="page")
    try:
        office().engine.administer(lambda desk: body(desk, kind=kind), actor=actor(), now=now(), origin=origin())
    except NotFound:
        raise
    except DomainError as refusal:
        return _change(version_id, problem_of(refusal))
    flash(done, "toast")
    return redirect(url_for("configuration.change_page", version_id=version_id), 303)


ROUTES = (
    Route("/configuration", configuration_page, Access.SIGNED_IN),
    Route("/configuration/changes/<int:version_id>", change_page, Access.SIGNED_IN),
    Route("/configuration/changes/<int:version_id>/decide", decide_change, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/configuration/changes/<int:version_id>/withdraw", withdraw_change, Access.SIGNED_IN, ("POST",)),
    Route("/configuration/changes/<int:version_id>/moved.csv", report_file, Access.SIGNED_IN, GET_AND_POST, fresh=True),
    *bundles.ROUTES,
    Route("/configuration/<kind>", kind_page, Access.SIGNED_IN),
    Route("/configuration/<kind>/new", add_setting, Access.SIGNED_IN),
    Route("/configuration/<kind>/<key>", setting_page, Access.SIGNED_IN),
    Route("/configuration/<kind>/<key>", change_setting, Access.SIGNED_IN, ("POST",)),
    Route("/configuration/<kind>/<key>/<int:version_id>.yaml", setting_text, Access.SIGNED_IN),
)
