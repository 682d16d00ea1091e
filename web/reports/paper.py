"""Puts a report into words: the same cells stand on the page, on paper and in the workbook, each number with its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext

from handlers.ledgers.report_sheet import ReportCell, ReportColumn, ReportPaper, ReportSection
from states.definition import Definition
from states.shut import keeps_secrets
from web import formatting
from web.current import actor, today
from web.language import current_language, said
from web.ledger.questions import asked_for
from web.reports.asking import Wanted, title_of
from web.reports.words import COLUMNS, NOTES, ORDINALS, REPORTS, SECTIONS, SIDES, WIDTHS, word
from web.watermark import watermark_of
from workflow.occasion import Occasion
from workflow.reads.query import Query
from workflow.reads.rows import county_name, own_body
from workflow.reports.dispatch import Sheet
from workflow.reports.shape import CaseRef, Cell, Column, Late, Number, Report, Section, Share


def paper_of(wanted: Wanted, occasion: Occasion, kind: Definition, sheet: Sheet, report: Report) -> ReportPaper:
    """A report as the paper of whoever reads it."""
    language = current_language()
    pages = {talk: url_for("ledger.interviews_page") for talk in (sheet.talks.kinds if sheet.talks else ())}
    county = county_name(occasion.tree)
    period = formatting.month_day_range(report.period.first, report.period.last, today=today(), language=language)
    title = f"{county}{title_of(wanted.name, kind)}"
    return ReportPaper(
        gettext("%(title)s（%(leader)s包联）", title=title, leader=wanted.leader) if wanted.leader else title,
        (
            gettext("填报单位：%(organ)s", organ=own_body(occasion.tree, actor())),
            gettext("统计期：%(days)s", days=period),
            gettext("截至%(day)s24时", day=formatting.full_day(report.period.last, language=language)),
            gettext("单位：件") if keeps_secrets(kind) else gettext("单位：个"),
        ),
        Printer(wanted.name, report, today(), pages).sections(),
        (gettext("注：") + "".join(gettext(word(NOTES, wanted.name, note)) for note in report.notes),),
        (gettext("制表人：%(name)s", name=actor().name), gettext("审核人："), gettext("分管领导：")),
        watermark_of(kind),
        # In some languages the words go on from the kind's title behind a colon, which no name of a sheet may have.
        gettext(REPORTS[wanted.name]).lstrip(": "),
    )


@dataclass(frozen=True, slots=True)
class Printer:
    """Says the cells of one report; `bases` are the pages of kinds that do not stand on the ledger's own."""

    name: str
    report: Report
    today: date
    bases: Mapping[str, str]

    def sections(self) -> tuple[ReportSection, ...]:
        """Every section in words, numbered."""
        return tuple(self._section(place, section) for place, section in enumerate(self.report.sections))

    def _section(self, place: int, section: Section) -> ReportSection:
        title = gettext(word(SECTIONS, self.name, section.key))
        return ReportSection(
            gettext("%(number)s、%(title)s", number=gettext(ORDINALS)[place : place + 1] or str(place + 1), title=title),
            tuple(self._column(column) for column in section.columns),
            tuple(tuple(self.cell(cell) for cell in row) for row in section.rows),
            self._total(section),
            self._remark(section),
            gettext("没有"),
            section.lines,
        )

    def _column(self, column: Column) -> ReportColumn:
        title = gettext(word(COLUMNS, self.name, column.key))
        group = gettext(word(COLUMNS, self.name, column.group)) if column.group else ""
        return ReportColumn(column.key, title, group, WIDTHS.get(column.key, 4), SIDES.get(column.key, "end"))

    def _total(self, section: Section) -> tuple[ReportCell, ...]:
        """The sums; their name stands in the second cell, beside the ordinal that they do not have."""
        if not section.total:
            return ()
        first, _name, *rest = (self.cell(cell) for cell in section.total)
        return (first, ReportCell(gettext("合计")), *rest)

    def _remark(self, section: Section) -> ReportCell:
        """How many there are in all, where fewer are shown."""
        whole = section.whole
        if whole is None or whole.n <= len(section.rows):
            return ReportCell()
        return ReportCell(gettext("共%(all)s项，先列%(n)s项", all=whole.n, n=len(section.rows)), href=self.address(whole.query))

    def address(self, query: Query) -> str:
        """The page that shows the rows of a query."""
        base = next((self.bases[kind] for kind in query.kinds if kind in self.bases), "")
        asked = asked_for(query)
        return asked.without("kind").link(base) if base else asked.link(url_for("ledger.ledger_page"))

    def cell(self, cell: Cell) -> ReportCell:
        """A cell in words."""
        match cell:
            case Number():
                return self._number(cell)
            case Share(percent, part):
                return self._share(percent, part)
            case CaseRef(case_id, number, words):
                href = url_for("cases.case_page", case_id=case_id)
                return ReportCell(words or formatting.case_number(number, today=self.today), href=href)
            case Late(days):
                told = formatting.days(days, language=current_language())
                return ReportCell(told, days, _around(told, formatting.number(days)), is_late=True)
            case date():
                told = formatting.plain_day(cell, today=self.today, language=current_language())
                return ReportCell(told, cell, _day_form(cell.year != self.today.year))
            case int():
                return ReportCell(str(cell), cell)
            case None:
                return ReportCell()
            case _:
                return ReportCell(said(cell))

    def _share(self, percent: float | None, part: Query) -> ReportCell:
        href = self.address(part)
        if percent is None:
            return ReportCell("—", href=href)
        told = formatting.percent(percent / 100)
        return ReportCell(told, percent / 100, "0.0%" if "." in told else "0%", href)

    def _number(self, cell: Number) -> ReportCell:
        text, href = formatting.number(cell.n), self.address(cell.query)
        if cell.before is None:
            return ReportCell(text, cell.n, href=href)
        by = cell.n - cell.before
        change = gettext("持平") if not by else f"+{formatting.number(by)}" if by > 0 else f"−{formatting.number(-by)}"
        told = gettext("%(n)s（%(change)s）", n=text, change=change)
        return ReportCell(told, cell.n, _around(told, text), href)


def _around(told: str, number: str) -> str:
    """How a workbook shows the number at the beginning of some words so that it says all of them."""
    return f'#,##0"{told.removeprefix(number)}"'


def _day_form(has_year: bool) -> str:
    """How a workbook shows a day as `formatting.plain_day` says it."""
    if current_language() == "en":
        return "d mmm yyyy" if has_year else "d mmm"
    return 'yyyy"年"m"月"d"日"' if has_year else 'm"月"d"日"'
