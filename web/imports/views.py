"""Imports: a ledger uploaded, looked at and brought in; every import with what its ladders would do, let run or taken back."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from handlers.ledgers.apart import read_ledger_apart
from handlers.ledgers.facts import heading_of
from handlers.ledgers.headings import field_keys
from handlers.ledgers.mapping import Mapping, load_mapping
from handlers.ledgers.rows import ItemRow, Reading
from handlers.settings import mappings
from handlers.settings.ledgers import ledger_words
from states.errors import BadInput, Conflict, DomainError, InvalidForm, NotFound, NotPermitted
from web import import_words, ledger_import
from web.access import Access, Route
from web.current import actor, now, office, today
from web.errors import problem_of
from web.imports.waiting import Waiting, forget, keep, read_upload, take
from web.language import current_language
from web.trailing import origin
from workflow import imports, kept_texts
from workflow.configuration import changes
from workflow.configuration.settings import Settings
from workflow.reads.configuration import get_version, history_of
from workflow.verbs.switch_on import FROM_NOW, MODES

SHOWN_ROWS, SHOWN_CASES, COLUMNS_AT_MOST = 200, 50, 200


def imports_page() -> Any:
    """Every import, and where a ledger is uploaded."""
    _require_importer()
    return _imports(None)


def _imports(problem: Any) -> Any:
    runs = office().database.read(imports.list_runs)
    kept = len(mappings.kept(_settings()))
    page = render_template("imports/imports.html", runs=runs[::-1], problem=problem, kept=kept)
    return page, problem.status if problem else 200


def _require_importer() -> None:
    """Whoever may not import is told what anybody is told of a page that there is none of."""
    try:
        imports.require_may_import(actor())
    except NotPermitted as refusal:
        raise NotFound(what="page") from refusal


# ---- looked at, and brought in --------------------------------------------------------------------------------------------


def preview() -> Any:
    """How the ledger is read, what is left out and why, and what would happen; nothing is changed."""
    _require_importer()
    try:
        waiting = _waiting()
        reading = _read(waiting, _mapping())
        waiting = waiting if waiting.word else keep(waiting)
        _keep_mapping(reading.mapping, waiting)
        return _preview(waiting, reading)
    except DomainError as refusal:
        return _imports(problem_of(refusal))


def _waiting() -> Waiting:
    word, upload = request.form.get("word", ""), request.files.get("file")
    if word:
        return take(word)
    if upload is None or not upload.filename:
        raise InvalidForm(fields={"file": ["required"]})
    return read_upload(upload)


def _mapping() -> Mapping | None:
    """A kept mapping that was chosen, else the columns as they stand on the page; None for a guess."""
    chosen = request.form.get("mapping", "")
    if chosen:
        return _kept(chosen)
    numbers = [n for n in range(COLUMNS_AT_MOST) if request.form.get(f"field/{n}")]
    columns = {request.form.get(f"heading/{n}", ""): request.form[f"field/{n}"] for n in numbers}
    if not set(columns.values()) <= field_keys():
        raise BadInput(why="mapping_name")
    return Mapping(tuple(columns.items())) if columns else None


def _settings() -> Settings:
    """What is in force now, with what this request has kept."""
    return office().engine.read(now(), lambda _store, occasion: occasion.settings)


def _kept(name: str) -> Mapping:
    """The version in force of this name, or what was kept of it before there were versions."""
    if name in {one.name for one in mappings.kept(_settings())}:
        return mappings.get_kept(_settings(), name).columns
    return load_mapping(kept_texts.get_text(office().settings.home, name))


def _kept_names() -> list[str]:
    names = [one.name for one in mappings.kept(_settings())]
    return names + [name for name in kept_texts.list_names(office().settings.home) if name not in names]


def _keep_mapping(mapping: Mapping, waiting: Waiting) -> None:
    """A new version of the mapping of this name; one that lets more people read something waits for a second person."""
    name = " ".join(request.form.get("keep_as", "").split())
    if not name:
        return
    told: Any = {"key": mappings.key_of(_settings(), name), "source": mappings.text_of(name, mapping)}
    told["reason"] = gettext("导入“%(file)s”时保存", file=waiting.name)
    body: Any = partial(changes.propose, kind=mappings.KIND, **told)
    try:
        made = office().engine.administer(lambda desk: body(desk), actor=actor(), now=now(), origin=origin())
    except Conflict as refusal:
        flash(gettext("；").join(problem_of(refusal).reasons), "toast")
        return
    one = office().database.read(lambda store: get_version(store, made))
    waits = gettext("这样读，保密的内容会有更多人看到，等另一人同意后才能用")
    said = gettext("已保存为第%(n)s版", n=one.number) if one.number else waits
    flash(said, "toast")


def _read(waiting: Waiting, mapping: Mapping | None) -> Reading:
    words = ledger_words(office().engine.settings)
    return read_ledger_apart(waiting.source, waiting.name, mapping=mapping, today=today(), words=words)


def _request(waiting: Waiting, reading: Reading) -> ledger_import.Request:
    is_creating = request.form.get("create") == "1"
    told: Any = {"is_creating": is_creating, "kept": ledger_import.kept_of(office(), reading, _name_used())}
    return ledger_import.make_request(reading, waiting.source, waiting.name, actor=actor(), now=now(), **told)


def _name_used() -> str:
    """What the mapping on the page is called: as it was just kept, chosen, or chosen when the page was made."""
    return request.form.get("keep_as", "").strip() or request.form.get("mapping", "") or request.form.get("used", "")


def _preview(waiting: Waiting, reading: Reading) -> Any:
    asked = _request(waiting, reading)
    report = ledger_import.dry_run(office(), asked)
    return render_template(
        "imports/preview.html",
        waiting=waiting,
        reading=reading,
        report=report,
        fields=[(key, heading_of(key)) for key in _fields_in_order()],
        mappings=_kept_names(),
        used=_name_used(),
        statuses=_statuses(reading.rows),
        starts=_starts(reading.rows),
        lacking=ledger_import.lacking_organisations(office(), asked),
        is_creating=asked.is_creating,
        lines=_lines(report),
        field_of=reading.mapping.field_of,
    )


def _fields_in_order() -> list[str]:
    return sorted(field_keys(), key=heading_of)


def bring_in() -> Any:
    """Brings the ledger in, read as the columns stand on the page."""
    _require_importer()
    try:
        waiting = take(request.form.get("word", ""))
        reading = _read(waiting, _mapping())
        _keep_mapping(reading.mapping, waiting)
        report = ledger_import.bring_in(office(), _request(waiting, reading))
    except DomainError as refusal:
        return _imports(problem_of(refusal))
    forget(waiting)
    return render_template("imports/done.html", report=report, name=waiting.name, lines=_lines(report))


def _statuses(rows: tuple[ItemRow, ...]) -> list[dict[str, Any]]:
    """How many rows say each status word, what it was read as, and whether it is known."""
    counted = Counter((row.status_word.strip(), row.kind_hint, row.state, "unknown_status" in row.warnings) for row in rows)
    catalogue = office().engine.read(now(), lambda _store, occasion: occasion.catalogue)
    return [
        {
            "word": word,
            "count": count,
            "state": catalogue.of_kind(kind).definition.state_by_key[state].title.in_(current_language()),
            "is_unknown": is_unknown,
        }
        for (word, kind, state, is_unknown), count in counted.most_common()
    ]


def _starts(rows: tuple[ItemRow, ...]) -> list[dict[str, Any]]:
    """Where the starts of the clocks come from, how many of each, and their first and last day."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.start_basis, []).append(row.start_on)
    return [{"basis": basis, "count": len(days), "first": min(days), "last": max(days)} for basis, days in found.items()]


def _lines(report: ledger_import.Report) -> dict[str, list[str]]:
    """One line for each row that is refused, left out or to be looked at, in the reader's language."""
    language = current_language()
    words = {
        "refused": (report.refused, import_words.refused_words),
        "skipped": (report.skipped, import_words.no_item_words),
        "warnings": (report.warnings, import_words.warning_words),
    }
    return {
        name: [f"{_place(row)}{gettext('：')}{say(row, language)}" for row in rows[:SHOWN_ROWS]]
        + ([gettext("还有%(n)s行", n=len(rows) - SHOWN_ROWS)] if len(rows) > SHOWN_ROWS else [])
        for name, (rows, say) in words.items()
    }


def _place(row: dict[str, Any]) -> str:
    number = gettext("第%(row)s行", row=row["row"]) if row.get("row") is not None else ""
    return " ".join(filter(None, (str(row.get("sheet") or ""), number)))


# ---- let run, or taken back -----------------------------------------------------------------------------------------------


def import_page(import_id: int) -> Any:
    """One import: its cases, what the next sweep would do, and the two ways on."""
    _require_importer()
    mode = request.args.get("mode", FROM_NOW)
    if mode not in MODES:
        raise BadInput(why="ladder", mode=mode)
    run = next((run for run in office().database.read(imports.list_runs) if run.id == import_id), None)
    if run is None:
        raise NotFound(what="import", id=import_id)
    is_asleep = run.switched_on_at is None and run.withdrawn_at is None
    cases = office().engine.read(
        now(),
        lambda store, occasion: imports.shown_cases(
            store, import_id, actor=actor(), catalogue=occasion.catalogue, limit=SHOWN_CASES
        ),
    )
    told = ledger_import.forecast_of(office(), import_id, now(), mode) if is_asleep else None
    return render_template("imports/import.html", run=run, cases=cases, told=told, mode=mode, **_read_by(run))


def _read_by(run: imports.Run) -> dict[str, Any]:
    """How the columns of an import were read, and the version of the mapping that says so, where one was kept."""
    columns = json.loads(run.mapping) if run.mapping.startswith("{") else {}
    known = field_keys()
    told = [(heading, heading_of(field)) for heading, field in columns.items() if isinstance(field, str) and field in known]
    key = run.mapping_key
    history = office().database.read(lambda store: history_of(store, mappings.NAME, key)) if key else []
    return {"columns": told, "kept": next((one for one in history if one.number == run.mapping_number), None)}


def withdraw_import(import_id: int) -> Any:
    """Takes an import back: its cases leave lists, counts and clocks."""
    _require_importer()
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise InvalidForm(fields={"reason": ["required"]})
    ledger_import.withdraw(office(), import_id, actor=actor(), now=now(), reason=reason)
    flash(gettext("已撤回"), "toast")
    return redirect(url_for("imports.imports_page"), 303)


def switch_on(import_id: int) -> Any:
    """启用催办: lets the ladders of an import run."""
    _require_importer()
    mode = request.form.get("mode", FROM_NOW)
    if mode not in MODES:
        raise BadInput(why="ladder", mode=mode)
    ledger_import.switch_on(office(), import_id, mode, actor=actor(), now=now())
    flash(gettext("已启用催办"), "toast")
    return redirect(url_for("imports.import_page", import_id=import_id), 303)


ROUTES = (
    Route("/imports", imports_page, Access.SIGNED_IN),
    Route("/imports/preview", preview, Access.SIGNED_IN, ("POST",)),
    Route("/imports/bring-in", bring_in, Access.SIGNED_IN, ("POST",)),
    Route("/imports/<int:import_id>", import_page, Access.SIGNED_IN),
    Route("/imports/<int:import_id>/switch-on", switch_on, Access.SIGNED_IN, ("POST",)),
    Route("/imports/<int:import_id>/withdraw", withdraw_import, Access.SIGNED_IN, ("POST",), fresh=True),
)
