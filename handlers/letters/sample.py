"""An invented case, for a letter that is looked at before anybody has issued it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from handlers.letters.facts import AgendaRow, LetterFacts

TOWNSHIP, VILLAGE = "中共安澜县柳河镇委员会", "中共柳河镇东沟村支部委员会"
DUE, ISSUED = date(2026, 6, 26), date(2026, 7, 1)


def sample(wording: Mapping[str, Any] | None = None, number: str = "") -> LetterFacts:
    """The facts of a late item of a village, with everything that any letter may name."""
    talk: dict[str, Any] = {"held_on": date(2026, 7, 8), "held_time": "9:30", "place": "镇机关二楼会议室", "chair": "陈立新"}
    talk |= {"interviewee_post": "党支部书记", "interviewee_name": "周明远", "contact_name": "许洁"}
    talk |= {"contact_phone": "0300-2345678", "recorder": "许洁", "pointed_out": "三资管理台账不全。"}
    talk |= {"explained": "台账已在补录。", "required": "7月底前补齐。", "pledged": "按期完成。"}
    said = {"problem": "三资管理台账不全", "result": "台账已补齐并公示。", "requirement": "逐笔核对，补齐附件。"}
    return LetterFacts(
        row={"number": "整改〔2026〕417号", "title": "三资管理台账不全"},
        data=talk | said,
        issuer=TOWNSHIP,
        recipient=VILLAGE,
        issued_on=ISSUED,
        document_number=number,
        subject=VILLAGE,
        holder=VILLAGE,
        holder_short="东沟村党支部",
        interviewer=TOWNSHIP,
        interviewee=VILLAGE,
        leading_group="中共安澜县委巡察工作领导小组",
        due_on=DUE,
        original_due_on=DUE,
        answer_by=date(2026, 7, 8),
        workdays_late=3,
        times=2,
        agenda=(AgendaRow("整改〔2026〕417号", "三资管理台账不全", DUE, date(2026, 7, 31)),),
        evidence=("公示照片.jpg",),
        attendance=("周明远（党支部书记）",),
        ground="整改到位",
        opinion="属实。",
        approval="同意。",
        wording=wording,
    )
