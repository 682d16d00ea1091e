"""The style pages: every macro with made-up data, rendered by a test and served for the eye.

`python -m tests.web.style.pages DIR` photographs each of them at the desk and on the phone, light and dark.
"""

from __future__ import annotations

import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, abort, render_template
from jinja2 import ChoiceLoader, FileSystemLoader
from waitress.server import create_server

from states.definition import Choice, Field, Text
from states.errors import CaseNotFound, TransitionRefused
from tests.browser.ready import find_chromium
from tests.web.frame import TODAY, make_frame
from web.errors import Problem
from web.shell import Shell
from web.weeks import ExplainedDay, week_rows

HERE = Path(__file__).resolve().parent
PAGES = ("ledger", "case", "inbox", "form", "absent", "refused", "sign_in")
ROW = ("集体肉牛养殖场出租三年，年租金3万元一分未收，承租人擅自转租", "三资管理", "柳河镇·东沟村", "柳河镇纪委")


def _row(due: date, number: int, at: int, step: str, mine: bool) -> tuple[Any, ...]:
    problem, category, place, holder = ROW
    state = ("受理", "移交", "督办", "整改", "销号")[at - 1]
    head = (None, due, f"{number}号", problem, category, place, holder, number % 40)
    return (*head, at, state, "黄色预警", "1/4", "今天 8:40", step, mine)


def _groups() -> list[tuple[Any, ...]]:
    def rows(first: int, count: int, number: int) -> list[tuple[Any, ...]]:
        return [
            _row(TODAY + timedelta(first + n), number + n, 1 + n % 4, "催办" if n % 2 else "验收", not n % 2)
            for n in range(count)
        ]

    return [
        ("late", "逾期", 37, "最久46天", rows(-46, 5, 206)),
        ("soon", "10天内到期", 58, "本周21项", rows(1, 5, 471)),
        ("near", "20天内到期", 76, "已发绿色提醒", rows(11, 3, 511)),
        ("calm", "尚未预警", 305, "", rows(25, 3, 540)),
    ]


def _weeks() -> Any:
    start, due = date(2026, 8, 6), date(2026, 11, 11)
    holidays = {date(2026, 9, day) for day in (25, 26, 27)} | {date(2026, 10, day) for day in range(1, 8)}
    makeup = {date(2026, 9, 20), date(2026, 10, 10)}
    paused = {date(2026, 9, day) for day in range(14, 19)}
    days, count, late, on = [ExplainedDay(start, "start")], 0, 0, start
    while on < TODAY:
        on += timedelta(1)
        works = on in makeup or (on.weekday() < 5 and on not in holidays)
        if on in paused or not works:
            days.append(ExplainedDay(on, "paused" if on in paused else "holiday" if on in holidays else "off"))
        elif on > due:
            late += 1
            days.append(ExplainedDay(on, "late", late))
        else:
            count += 1
            days.append(ExplainedDay(on, "due" if on == due else "makeup" if on in makeup else "counted", count))
    return week_rows(days, today=TODAY, language="zh-Hans")


def _questions() -> dict[str, Any]:
    choices = (Choice("urgent", Text("急")), Choice("light", Text("轻")))
    columns = (Field("title", Text("措施")), Field("due_on", Text("期限"), "date"), Field("organ", Text("牵头单位"), "organ"))
    questions = [
        Field("reason", Text("退回的理由"), "long_text", required=True, hint=Text("村里看得到这段话")),
        Field("due_on", Text("新期限"), "date", required=True),
        Field("money", Text("涉及金额"), "money"),
        Field("urgency", Text("缓急"), "choice", choices=choices),
        Field("ways", Text("表现形式"), "choices", choices=choices),
        Field("signed", Text("已签字背书"), "flag"),
        Field("recipient", Text("接收单位"), "organ", required=True),
        Field("measures", Text("整改措施"), "rows", columns=columns),
        Field("new_dates", Text("新期限"), "agenda_dates"),
    ]
    errors = {
        "reason": ("写明退回的理由，至少10个字",),
        "measures/0/due_on": ("日期太晚",),
        "new_dates/418": ("最晚可定到12月25日",),
    }
    return {
        "questions": questions,
        "problem": Problem(422, "form_invalid", "填写有误，没有提交", "你填写的内容还在。", fields=errors),
        "values": {"reason": "不归我们", "money": 3000050, "ways": ["light"], "measures": [{"title": "追缴租金", "organ": 2}]},
        "errors": errors,
        "organs": [("柳河镇", [(1, "柳河镇党委"), (2, "柳河镇纪委")]), ("青石镇", [(3, "青石镇党委")])],
        "people": [],
        "agenda": [
            {"id": 417, "number": "417号", "title": "集体肉牛养殖场租金三年未收", "href": "#", "late": "14天"},
            {"id": 418, "number": "418号", "title": "村务公开栏半年未更新", "href": "#", "late": "13天"},
        ],
    }


def make_style_app() -> Flask:
    """The frame with one address for each style page."""
    app = make_frame()
    own = FileSystemLoader(HERE)
    app.jinja_env.loader = ChoiceLoader([own, app.jinja_env.loader or own])

    @app.get("/style/<page>")
    def style(page: str) -> str:
        if page == "absent":
            raise CaseNotFound(id=1)
        if page == "refused":
            raise TransitionRefused(why=[{"name": "wrong_state"}, {"name": "has_evidence", "params": {"at_least": 1}}])
        if page not in PAGES:
            abort(404)
        if page == "sign_in":
            return render_template(
                "sign_in.html", shell=Shell(office="安澜县委巡察工作领导小组办公室", preferences_url="/preferences")
            )
        return render_template(f"{page}.html", groups=_groups(), due=date(2026, 11, 11), weeks=_weeks(), **_questions())

    return app


def photograph(folder: Path) -> None:
    """Writes page-width-theme.png for every style page."""
    from playwright.sync_api import sync_playwright

    server = create_server(make_style_app(), host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for width, height in ((1440, 900), (390, 844)):
            for theme in ("light", "dark"):
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
                for name in PAGES:
                    page.goto(f"http://127.0.0.1:{server.effective_port}/style/{name}")
                    page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=width == 390)
                page.close()
        browser.close()
    server.close()


if __name__ == "__main__":
    photograph(Path(sys.argv[1]))
