"""Every page of the site, each with somebody of the demo county who looks at it; or why an address is no page of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.happened import LEDGER, ledger_file
from tests.browser.served import Site
from web.ledger.columns import ALWAYS
from workflow.models import BulkRun, Evidence, SettingVersion, Tombstone


@dataclass(frozen=True)
class Sight:
    """A page and who looks at it; `kind` and `state` choose a case, whose number takes the place of the star.

    `press` is what he does there before it is looked at, `unproved`: it is long since he showed who he is; `new`: in a Duban
    that nobody has set up. `again` is another
    state of a page that stands in the list already: axe reads it once.
    """

    path: str
    who: str = "linjing"
    kind: str = "rectification"
    state: str = ""
    status: int = 200
    again: bool = False
    press: Callable[[Page], None] | None = None
    unproved: bool = False
    new: bool = False

    def address(self, site: Site) -> str:
        """The path with the numbers of what it speaks of in it."""
        path = self.path
        for name, find in FOUND.items():
            if name in path:
                path = path.replace(name, str(find(self, site)))
        return path

    def opened(self, site: Site, page: Page) -> int:
        """Brings the page to what is to be looked at; the status that its address was answered with."""
        answer = page.goto(self.address(site))
        assert answer is not None
        if self.press is not None:
            self.press(page)
        return answer.status


FOUND: dict[str, Callable[[Sight, Site], object]] = {
    "*": lambda sight, site: site.case(sight.kind, sight.state),
    "{file}": lambda sight, site: site.first(Evidence, "file_id", case_id=site.case(sight.kind, sight.state)),
    "{stone}": lambda _sight, site: site.first(Tombstone, "case_id"),
    "{change}": lambda _sight, site: site.first(SettingVersion, "id", key="overdue", number=None),
    "{run}": lambda _sight, site: site.first(BulkRun, "id", trigger="remind"),
    "{link}": lambda _sight, site: site.link,
}


def _upload(page: Page) -> None:
    file = {"name": LEDGER, "mimeType": "application/octet-stream", "buffer": ledger_file()}
    page.locator("input[type=file]").set_input_files(file)
    page.locator("form:has(input[type=file]) button[type=submit]").last.click()
    page.locator("[name='heading/0']").wait_for(state="attached")


def _tick_and_hand_over(page: Page) -> None:
    page.locator("[data-tick-all]").check()
    page.locator("[data-bulk] button[value='transfer@rectification']").click()
    page.locator("[name=answered]").wait_for(state="attached")


def _send_empty(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('[required]').forEach((one) => one.removeAttribute('required'))")
    page.locator("main form .button-main").click()
    page.get_by_role("alert").wait_for()


PAGES = {
    "sign-in": Sight("/sign-in", who=""),
    "overview": Sight("/overview"),
    "course of a kind": Sight("/overview/rectification"),
    "reports": Sight("/reports"),
    "sheet of the week": Sight("/reports/week"),
    "sheet of half a month": Sight("/reports/half_month?kind=clue", again=True),
    "ledger on paper": Sight("/ledger/paper"),
    "ledger": Sight("/ledger"),
    "ledger of many columns": Sight(f"/ledger?group=village&cols=title,number,{','.join(ALWAYS)},f.domain", again=True),
    "inbox": Sight("/inbox"),
    "items of a village": Sight("/village", who="zhoumingyuan"),
    "inbox of a village": Sight("/inbox", who="gaoyulan", again=True),
    "inbox of a township": Sight("/inbox", who="chenlixin"),
    "inbox of a committee": Sight("/inbox", who="tangmin"),
    "inbox of a head": Sight("/inbox", who="zhaoguohua", again=True),
    "interviews": Sight("/interviews"),
    "orders": Sight("/orders"),
    "messages": Sight("/notices", who="shidashan"),
    "message settings": Sight("/notices/settings", who="zhoumingyuan"),
    "search": Sight("/search?q=村"),
    "organisations": Sight("/organisations", who="wangyang"),
    "organisation": Sight("/organisations/areas/1", who="wangyang"),
    "changes of organisations": Sight("/organisations/changes", who="wangyang"),
    "calendar": Sight("/calendar", who="wangyang"),
    "health": Sight("/health"),
    "help": Sight("/help"),
    "help of a village": Sight("/help/village", who="zhoumingyuan", again=True),
    "password": Sight("/password"),
    "second factors": Sight("/factors"),
    "signed-in devices": Sight("/sessions"),
    "exports": Sight("/exports"),
    "appraisal": Sight("/retention"),
    "relatives": Sight("/kin"),
    "register": Sight("/register"),
    "tokens": Sight("/tokens"),
    "drafts": Sight("/designer", who="guming"),
    "imports": Sight("/imports"),
    "bulk steps": Sight("/bulk"),
    "versions of workflows": Sight("/versions", who="guming"),
    "two versions compared": Sight("/versions/measure/diff?old=1&new=2", who="guming"),
    "designer": Sight("/designer/1", who="guming"),
    "plan of a new version": Sight("/versions/drafts/1", who="guming"),
    "preview of a new version": Sight("/versions/previews/1", who="guming"),
    "rehearsal of a new version": Sight("/versions/previews/1/rehearsal", who="guming"),
    "proposal of a new version": Sight("/versions/proposals/1", who="fanlei"),
    "migration to a new version": Sight("/versions/runs/1", who="fanlei"),
    "end of a kind": Sight("/versions/motions/1", who="fanlei"),
    "checkpoints": Sight("/audit", who="baixue"),
    "who saw a case": Sight("/audit/seen", who="baixue"),
    "who set what": Sight("/audit/changes?since=2020-01-01&until=2099-12-31", who="baixue"),
    "settings": Sight("/configuration", who="guming"),
    "settings of a kind": Sight("/configuration/letter_number", who="guming"),
    "words of a message": Sight("/configuration/message/overdue", who="guming"),
    "wording of a letter": Sight("/configuration/letter/interview_record", who="guming"),
    "bundle of settings": Sight("/configuration/bundle", who="guming"),
    "people": Sight("/people", who="wangyang"),
    "grants": Sight("/grants", who="qinlan"),
    "linked identities": Sight("/links", who="qinlan"),
    "second factor asked": Sight("/factor", who="luoliang"),
    "proof asked again": Sight("/configuration/bundle.zip", who="guming", status=401, unproved=True),
    "set-up": Sight("/setup/{link}", who="", new=True),
    "ledger of a day": Sight("/ledger?asof=2026-09-30", again=True),
    "clues and orders on paper": Sight("/ledger/paper?kind=clue", again=True),
    "form of many": Sight("/ledger?kind=rectification&state=received", press=_tick_and_hand_over),
    "run of many": Sight("/bulk/{run}"),
    "preview of an import": Sight("/imports", press=_upload),
    "import": Sight("/imports/1"),
    "disposal": Sight("/retention/2", who="fanglei"),
    "disposal that was carried out": Sight("/retention/1", who="fanglei", again=True),
    "change of a setting": Sight("/configuration/changes/{change}", who="fanlei"),
    "new mapping of a ledger": Sight("/configuration/ledger_mapping/new", who="guming"),
    "order disposed of": Sight("/cases/{stone}", who="fanglei"),
    "refused": Sight("/retention?after=x", status=400),
    "absent": Sight("/cases/99999", status=404),
    "registering": Sight("/cases/new/rectification"),
    "item registered": Sight("/cases/*", state="received", again=True),
    "item handed over": Sight("/cases/*", state="transferred", again=True),
    "item supervised": Sight("/cases/*", state="supervised"),
    "diagram of a case": Sight("/cases/*/diagram", state="supervised"),
    "form of passing on": Sight("/cases/*/do/redirect", state="supervised", again=True),
    "past item of a village": Sight("/village/*", state="rectified", who="zhoumingyuan"),
    "piece of evidence": Sight("/cases/*/evidence/{file}", state="rectified"),
    "item in its village": Sight("/cases/*", state="supervised", who="shidashan", again=True),
    "item rectified": Sight("/cases/*", state="rectified", again=True),
    "item closed": Sight("/cases/*", state="closed", again=True),
    "clue": Sight("/cases/*", kind="clue", state="received"),
    "order": Sight("/cases/*", kind="supervision_order", state="issued"),
    "measure": Sight("/cases/*", kind="measure", state="doing"),
    "interview proposed": Sight("/cases/*", kind="interview", state="proposed"),
    "interview held": Sight("/cases/*", kind="interview", state="held", again=True),
    "interview closed": Sight("/cases/*", kind="interview", state="closed"),
    "form of the hand-over": Sight("/cases/*/do/transfer", state="received"),
    "form of the recusal": Sight("/cases/*/bar", state="supervised"),
    "who may know": Sight("/cases/*/discretion", state="supervised"),
    "form of an extension": Sight("/cases/*/extension/rectify", state="transferred", who="qiaoaimin"),
    "form of a list of units": Sight("/cases/*/amend/assisting", state="supervised"),
    "form of the record": Sight("/cases/*/do/record", kind="interview", state="held", who="chenlixin"),
    "form of a refused answer": Sight("/cases/*/do/transfer", state="received", press=_send_empty, again=True),
    "form of a pause": Sight("/cases/*/verbs/pause", state="supervised", who="zhaoguohua"),
    "form of splitting": Sight("/cases/*/verbs/split", state="supervised", again=True),
    "form of voiding": Sight("/cases/*/verbs/void", state="supervised", who="zhaoguohua", again=True),
    "form of taking an original": Sight("/cases/*/evidence/{file}/original", kind="clue", state="rectified", who="zhengxue"),
    "form of opening what is secret": Sight("/cases/*/sealed", kind="clue", state="received", who="zhaoguohua"),
}
# Addresses that answer a GET and are no page, by why.
EXCUSED = {
    "leads on to a page": ("ledger.home",),
    "an answer from another site, which leads on": ("session.back_page",),
    "a file": (
        *("static", "session.icon", "bulk.papers", "cases.scenario", "cases.receipt", "cases.dossier", "cases.letter"),
        *("cases.circulated", "cases.small", "cases.file", "versions.version_text", "designer.draft_text"),
        *("configuration.bundle_file", "configuration.setting_text"),
    ),
    "a file, behind a question what for (exports/reason.html)": (
        *("reports.report_book", "ledger.export", "ledger.paper_book", "versions.preview_export"),
        *("versions.rehearsal_export", "configuration.report_file"),
    ),
    "for scripts of pages": ("admin.days_off", "cases.upload_state"),
    "for programs": (
        *("health.healthz", "health.readyz", "health.metrics", "api.list_cases", "api.show", "api.events", "api.receipt"),
        *(
            "api.votes",
            "api.counts",
            "api.find",
            "api.organisations",
            "api.calendar",
            "api.kinds",
            "api.me",
            "api.file",
            "api.circulated",
        ),
        "api.openapi",
    ),
}
