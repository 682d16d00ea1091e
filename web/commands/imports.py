"""duban import: brings in a ledger or a process log; lists imports, lets their ladders run, takes them back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from handlers.ledgers.apart import read_ledger_apart
from handlers.ledgers.mapping import Mapping, dump_mapping, load_mapping
from handlers.ledgers.rows import Reading
from handlers.settings.ledgers import ledger_words
from handlers.settings.mappings import get_kept
from web import ledger_import, log_import
from web.cli import DONE, FOUND_FAULTS, PARTLY, REFUSED, stop
from web.commands.office import acting, common, confirmed, opened, progress, say, writing
from web.import_words import left_out_words, no_item_words, place_of, refused_words, unread_words, warning_words
from web.ledger_import import Report, Request
from web.text_files import read_text
from web.wiring import Office
from workflow import imports
from workflow.dates import local_day
from workflow.verbs.switch_on import FROM_NOW, MODES

# So many rows of a log are told one by one; --json has them all.
SHOWN_ROWS = 50
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
WRITABLE = click.Path(dir_okay=False, path_type=Path)


@click.group("import")
def command() -> None:
    """Import a ledger (Excel, CSV) or a process log."""


@command.command("ledger")
@click.argument("file", type=READABLE)
@click.option("--mapping", "mapping_file", type=READABLE, help="Which heading fills which field, as YAML; guessed without it.")
@click.option("--kept-mapping", "kept_name", default="", help="The name of a mapping that is kept here in versions.")
@click.option("--save-mapping", "mapping_target", type=WRITABLE, help="Write the mapping that was used here.")
@click.option("--dry-run", is_flag=True, help="Show what would happen, and change nothing.")
@click.option("--create-organisations", is_flag=True, help="Create the organs that the ledger names and the tree lacks.")
@click.option("--county", default="", help="The county's name, where there is no county yet.")
@click.option("--ladder", type=click.Choice([*MODES, "off"]), default="from-now", help="Which of its past rungs act.")
@common
@click.pass_obj
def ledger(login: str | None, /, file: Path, mapping_file: Path | None, yes: bool, as_json: bool, **options: Any) -> None:
    """Import a ledger: items with their states, dates, holders and measures."""
    now = datetime.now(UTC)
    kept_name = options.pop("kept_name")
    if mapping_file and kept_name:
        raise click.UsageError("--mapping or --kept-mapping")
    mapping = load_mapping(read_text(mapping_file)) if mapping_file else None
    source = file.read_bytes()
    with opened() as office:
        if kept_name:
            mapping = get_kept(office.engine.settings, kept_name).columns
        reading = _read(office, source, file.name, mapping, now)
        if options["mapping_target"]:
            options["mapping_target"].write_text(dump_mapping(reading.mapping), encoding="utf-8")
        actor = acting(office, login, now)
        request = ledger_import.make_request(
            reading,
            source,
            file.name,
            actor=actor,
            now=now,
            is_creating=options["create_organisations"],
            county=options["county"],
            kept=ledger_import.kept_of(office, reading, kept_name),
        )
        if options["dry_run"]:
            _rehearse(office, request, _forecast_mode(options["ladder"]), as_json)
        else:
            _bring_in(office, request, options["ladder"], yes, as_json)


def _read(office: Office, source: bytes, name: str, mapping: Mapping | None, now: datetime) -> Reading:
    return read_ledger_apart(source, name, mapping=mapping, today=local_day(now), words=ledger_words(office.engine.settings))


def _forecast_mode(mode: str) -> str:
    """What a ladder would do is told for the default where it stays off."""
    return mode if mode in MODES else FROM_NOW


def _rehearse(office: Office, request: Request, mode: str, as_json: bool) -> None:
    report = writing(office, lambda: ledger_import.dry_run(office, request, mode))
    told = {**report.plain(), "mapping": dict(request.reading.mapping.columns), "dry_run": True}
    say(told, as_json, lambda _told: _words(report, request.reading, is_rehearsed=True))
    if report.refused:
        stop(FOUND_FAULTS)


def _bring_in(office: Office, request: Request, mode: str, yes: bool, as_json: bool) -> None:
    confirmed(yes, f"导入 {request.name} 中的{len(request.reading.rows)}项？")
    with progress(len(request.reading.rows), "导入台账") as bar:
        report = writing(office, lambda: ledger_import.bring_in(office, request, _forecast_mode(mode), advance=bar.update))
    if mode != "off" and report.imported and _is_wanted(report, yes):
        _switch_on(office, request, report, mode)
    say(report.plain(), as_json, lambda _told: _words(report, request.reading, is_rehearsed=False))
    stop(_code(report))


def _switch_on(office: Office, request: Request, report: Report, mode: str) -> None:
    import_id = report.import_id
    assert import_id is not None
    report.clocks = writing(
        office, lambda: ledger_import.switch_on(office, import_id, mode, actor=request.actor, now=request.now)
    )
    report.ladder = mode


def _is_wanted(report: Report, yes: bool) -> bool:
    """Is the ladder to run? Without a terminal no answer is no, and the import stays as it is."""
    try:
        return yes or click.confirm(f"{_forecast_words(report.forecast)}。现在启用催办？", err=True)
    except click.Abort:
        return False


def _code(report: Report) -> int:
    if not report.refused:
        return DONE
    return PARTLY if report.imported or report.present else REFUSED


def _words(report: Report, reading: Reading, *, is_rehearsed: bool) -> str:
    lines = _row_words(report, reading)
    lines += [f"{place_of(one)}：不能导入，{refused_words(one)}" for one in report.refused]
    lines += [f"新建 {'/'.join(one['path'])}：{'、'.join(one['organs']) or '—'}" for one in report.created_organisations]
    lines += [f"另有{report.unplaced}项挂在未归属"] if report.unplaced else []
    done = "将导入" if is_rehearsed else f"第{report.import_id}次导入：已导入" if report.import_id else "已导入"
    lines.append(
        f"{done}{report.imported}项，已有{report.present}项，不是事项{len(report.skipped)}行，不能导入{len(report.refused)}行"
    )
    lines += [_forecast_words(report.forecast)] if report.forecast else []
    return "\n".join(lines + ([f"催办已启用（{report.ladder}），{report.clocks}个时限开始计时"] if report.clocks else []))


def _row_words(report: Report, reading: Reading) -> list[str]:
    """How the headings were read, and one line for each row that is no item or that somebody should look at."""
    headings = "，".join(f"{heading}→{field}" for heading, field in reading.mapping.columns)
    skipped = [f"{place_of(one)}：不是事项（{no_item_words(one)}）" for one in report.skipped]
    doubtful = [f"{place_of(one)}：{warning_words(one)}" for one in report.warnings]
    return [f"表头对照：{headings}", *skipped, *doubtful]


def _forecast_words(forecast: dict[str, Any] | None) -> str:
    told = forecast or {"interviews": 0, "late": 0, "orders": 0}
    orders = f"、{told['orders']}份督办通知书" if told["orders"] else ""
    return f"启用催办后，已逾期{told['late']}个时限，将生成{told['interviews']}次约谈{orders}"


@command.command("log")
@click.argument("file", type=READABLE)
@click.option("--definition", required=True, help="A published kind, or the YAML file of one.")
@click.option("--mapping", "mapping_file", required=True, type=READABLE, help="What each activity of the log means, as YAML.")
@click.option("--county", default="", help="The county's name, where there is no county yet.")
@common
@click.pass_obj
def log(login: str | None, file: Path, definition: str, mapping_file: Path, county: str, yes: bool, as_json: bool) -> None:
    """Import a process log: the history of each case, through the machine and its guards."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = acting(office, login, now)
        request = log_import.make_request(
            file.read_bytes(), file.name, read_text(mapping_file), actor=actor, now=now, county=county
        )
        confirmed(yes, f"导入 {file.name} 中的{len(request.cases)}件？")
        with progress(len(request.cases), "导入日志") as bar:
            report = writing(office, lambda: log_import.bring_in(office, request, definition, advance=bar.update))
    say(report.plain(), as_json, lambda _told: _log_words(report))
    is_whole = not report.refused and not any(one["why"] == "here_otherwise" for one in report.skipped)
    stop(DONE if is_whole else PARTLY if report.accepted or report.present else REFUSED)


def _log_words(report: log_import.LogReport) -> str:
    refused = [f"{_event(one)}：未采纳，{report.said[one['row']]}" for one in report.refused]
    skipped = [f"{_event(one)}：略过，{left_out_words(one)}" for one in report.skipped]
    unread = [f"第{one['row']}行（{one['case']}）：{unread_words(one)}" for one in report.warnings]
    return "\n".join(
        [
            *refused,
            *_bounded(unread),
            *_bounded(skipped),
            f"第{report.import_id}次导入：{report.imported}件，{report.accepted}步采纳，{len(report.refused)}步未采纳，"
            f"{len(report.skipped)}步略过，已有{report.present}件",
        ]
    )


def _event(row: dict[str, Any]) -> str:
    told = " ".join(filter(None, (row["case"], row["activity"])))
    return f"第{row['row']}行（{told}）"


def _bounded(lines: list[str]) -> list[str]:
    """The first lines, then how many more there are."""
    rest = len(lines) - SHOWN_ROWS
    return [*lines[:SHOWN_ROWS], f"……还有{rest}行"] if rest > 0 else lines


@command.command("switch-on")
@click.argument("import_id", type=int)
@click.option("--ladder", "mode", type=click.Choice(MODES), default="from-now", show_default=True)
@common
@click.pass_obj
def switch_on(login: str | None, import_id: int, mode: str, yes: bool, as_json: bool) -> None:
    """Let the ladders of an import run, after showing what they would do."""
    now = datetime.now(UTC)
    with opened() as office:
        actor = acting(office, login, now)
        office.database.read(lambda store: imports.require_standing(store, import_id))
        forecast = writing(office, lambda: ledger_import.forecast_of(office, import_id, now, mode))
        confirmed(yes, f"{_forecast_words(forecast)}。启用催办？")
        clocks = writing(office, lambda: ledger_import.switch_on(office, import_id, mode, actor=actor, now=now))
    told = {"import": import_id, "ladder": mode, "clocks": clocks, "forecast": forecast}
    say(told, as_json, lambda value: f"催办已启用，{value['clocks']}个时限开始计时")


@command.command("withdraw")
@click.argument("import_id", type=int)
@click.option("--reason", required=True, help="Why it is taken back; it stands in the history of each case.")
@common
@click.pass_obj
def withdraw(login: str | None, import_id: int, reason: str, yes: bool, as_json: bool) -> None:
    """Take an import back: its cases leave lists, counts and clocks; numbers and history stay."""
    now = datetime.now(UTC)
    confirmed(yes, f"撤回第{import_id}次导入？")
    with opened() as office:
        actor = acting(office, login, now)
        count = writing(office, lambda: ledger_import.withdraw(office, import_id, actor=actor, now=now, reason=reason))
    say({"import": import_id, "withdrawn": count}, as_json, lambda value: f"已撤回{value['withdrawn']}件")


@command.command("list")
@common
@click.pass_obj
def list_imports(login: str | None, yes: bool, as_json: bool) -> None:
    """List every import with its rows, its cases that stand, and its ladder."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        imports.require_may_import(acting(office, login, now))
        runs = office.database.read(imports.list_runs)
    told = [{name: getattr(run, name) for name in run.__slots__} for run in runs]
    say(told, as_json, lambda found: "\n".join(_run_words(run) for run in found) or "还没有导入过")


def _run_words(run: dict[str, Any]) -> str:
    end = "已撤回" if run["withdrawn_at"] else f"催办{'已启用' if run['switched_on_at'] else '未启用'}"
    return f"{run['id']}\t{run['name']}\t{run['rows']}项，在册{run['cases']}项\t{end}"
