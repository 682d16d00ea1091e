"""The list of what was taken away: one's own, one's organ's, or everybody's; and whose a number is."""

from __future__ import annotations

import re
from typing import Any

from flask import render_template, request

from handlers.ledgers.marks import find_in_text, grouped
from states.errors import NotFound
from web.access import Access, Route
from web.current import actor, now, office
from web.language import mark
from web.storable import whole
from workflow import exports

WHATS: dict[str, str] = {
    "ledger": mark("台账"),
    "paper": mark("打印台账"),
    "report": mark("统计报表"),
    "dossier": mark("案卷"),
    "sheets": mark("审批表"),
    "preview": mark("新版本试算"),
    "moved": mark("变动的期限"),
    "copy": mark("流转件"),
    "original": mark("原件"),
    "statistics": mark("对外统计"),
}
FORMS: dict[str, str] = {
    "xlsx": mark("电子表格"),
    "csv": mark("纯文本表格"),
    "print": mark("打印"),
    "zip": mark("压缩包"),
    "docx": mark("文档"),
    "pdf": mark("文档"),
    "jpg": mark("图片"),
    "png": mark("图片"),
    "pptx": mark("演示文稿"),
    "txt": mark("文本"),
    "file": mark("文件"),
}


def exports_page() -> Any:
    """What was taken away, the newest first; with a number, or a heading pasted out of a file, the one that it belongs to."""
    typed, before = request.args.get("number", "").replace("\0", "").strip(), request.args.get("before", type=whole)
    asked = find_in_text(typed) or re.sub(r"\D", "", typed)
    told: dict[str, Any] = {"typed": asked or typed, "is_unknown": False}

    def read(store: Any, _occasion: Any) -> list[dict[str, Any]]:
        if not typed:
            return exports.listed(store, actor(), before=before)
        try:
            return [exports.find_by_number(store, actor(), asked)]
        except NotFound:
            told["is_unknown"] = True
            return []

    rows = office().engine.read(now(), read)
    more = rows[-1]["id"] if len(rows) == exports.SHOWN else None
    settings = office().settings
    words = {"whats": WHATS, "forms": FORMS, "grouped": grouped, "most": settings.exports_per_hour}
    return render_template(
        "exports/exports.html", rows=rows, more=more, is_all=actor().has_role(exports.ALL_SEEING), **words, **told
    )


ROUTES = (Route("/exports", exports_page, Access.SIGNED_IN),)
