"""What the letters say: exactly their paragraphs, organs by their own full names, and nothing of a clue."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import config
from handlers.letters.facts import AgendaRow
from handlers.registry import LETTERS
from tests.handlers.letters.facts import LATE, TOWN, VILLAGE, cells, everything, facts, lines, rows, written


def test_a_supervision_order_says_what_is_late_and_until_when_to_answer() -> None:
    found = lines("supervision_order", facts(workdays_late=3, answer_by=date(2026, 7, 8), copied=("安澜县财政局",)))
    assert found == [
        "柳督〔2026〕7号",
        "督办通知书",
        f"{VILLAGE}：",
        "你单位承办的“三资管理台账不全”事项（编号整改〔2026〕17号）应于2026年6月26日办结，现已逾期3个工作日。"
        "现予督办，有关要求通知如下：",
        "一、请主要负责同志亲自过问，查明未按期办结的原因，明确责任人和完成时限，抓紧办理。",
        "二、请对照办理要求逐项落实，做到事事有着落、件件有回音。",
        "三、请收到本通知书后及时签收，并于2026年7月8日（星期三）前书面答复。",
        TOWN,
        "2026年7月1日",
        "抄送：安澜县财政局。",
    ]


def test_an_order_by_hand_before_the_limit_speaks_of_no_lateness() -> None:
    found = lines("supervision_order", facts(data={"requirement": "请报进展"}))
    assert "现就你单位承办的“三资管理台账不全”事项（编号整改〔2026〕17号）予以督办，有关要求通知如下：" in found
    assert "二、请报进展" in found


@pytest.mark.parametrize(
    ("post", "name", "said"),
    [
        ("书记", "李明", "书记李明"),
        ("村党支部书记", "李明", "书记李明"),
        ("东沟村党支部书记、村委会主任", "李明", "书记、村委会主任李明"),
        ("村党支部书记", "村党支部书记李明", "书记李明"),
        ("村委会主任", "李明", "村委会主任李明"),
        ("西头村党支部书记", "李明", "西头村党支部书记李明"),
    ],
)
def test_a_post_is_printed_once_after_its_organ(post: str, name: str, said: str) -> None:
    organ = "中共柳河镇东沟村支部委员会"
    found = lines("interview_notice", facts(interviewee=organ, data={"interviewee_post": post, "interviewee_name": name}))
    assert any(f"对{organ}{said}进行约谈" in line for line in found)


def test_a_village_with_three_overdue_items_and_two_overdue_clues_gets_a_notice_of_three() -> None:
    talk = facts(
        row={"number": "约谈〔2026〕3号", "title": "关于东沟村党支部整改工作的约谈"},
        data={
            "tier": "first",
            "held_on": "2026-07-29",
            "held_time": "上午9时",
            "place": "镇三楼会议室",
            "chair": "镇党委书记王建国",
            "interviewee_post": "书记",
            "interviewee_name": "李明",
            "contact_name": "周敏",
            "contact_phone": "0300-2345678",
        },
        agenda=rows(3, 2),
    )
    assert lines("interview_notice", talk) == [
        "柳督〔2026〕7号",
        "约谈通知书",
        f"{VILLAGE}：",
        f"定于2026年7月29日（星期三）上午9时在镇三楼会议室，由镇党委书记王建国对{VILLAGE}书记李明进行约谈。"
        "现将有关事项通知如下：",
        "一、约谈事由",
        f"{VILLAGE}有3项整改事项逾期未完成：",
        "1.问题1（编号整改〔2026〕1号，应于2026年6月26日办结）。",
        "2.问题2（编号整改〔2026〕2号，应于2026年6月26日办结）。",
        "3.问题3（编号整改〔2026〕3号，应于2026年6月26日办结）。",
        "二、有关要求",
        "请准时参加，并准备逾期事项办理情况的书面说明。无正当理由不得缺席，确需改期的，请提前报告。",
        "联系人：周敏，联系电话：0300-2345678。",
        TOWN,
        "2026年7月1日",
    ]
    for letter in LETTERS:
        assert "线索〔" not in everything(letter, talk) and "隐情" not in everything(letter, talk)


def test_a_handling_body_is_told_numbers_and_count_of_its_clues_and_no_titles() -> None:
    talk = facts(data={"tier": "handler"}, interviewee="柳河镇纪律检查委员会", agenda=rows(0, 2))
    found = lines("interview_notice", talk)
    assert "你单位承办的2件事项逾期未反馈办理情况：" in found
    assert "1.编号线索〔2026〕1号，应于2026年6月26日反馈。" in found
    assert "隐情" not in everything("interview_notice", talk)


def test_a_talk_without_items_is_about_the_work() -> None:
    assert "就巡察整改工作有关情况进行约谈。" in lines("interview_notice", facts())


@pytest.mark.parametrize("letter", LETTERS)
def test_of_a_case_that_keeps_secrets_only_number_and_dates_are_printed(letter: str) -> None:
    clue = facts(
        row={"number": "线索〔2026〕17号", "title": "张三套取补助"},
        data={"problem": "张三套取补助", "result": "张三退款", "requirement": "找张三谈话"},
        recipient="柳河镇纪律检查委员会",
        holder="柳河镇纪律检查委员会",
        holder_short="柳河镇纪委",
        interviewer="",
        interviewee="",
        evidence=("张三笔录.pdf",),
        attachments=("张三材料",),
        opinion="张三属实",
        confidential=True,
    )
    found = everything(letter, clue)
    assert "张三" not in found and "东沟" not in found
    assert letter == "interview_notice" or "线索〔2026〕17号" in found


def test_a_transfer_letter_hands_over_by_number_and_counts_what_goes_along() -> None:
    found = lines("transfer_letter", facts(attachments=("甲", "乙"), confidential=True))
    assert "现将问题线索1件（编号整改〔2026〕17号）移交你单位办理，有关材料随函附后。" in found
    assert "附件：有关材料2件" in found


def test_an_admonition_names_the_first_date_and_the_fixed_one() -> None:
    found = lines("admonition", facts(original_due_on=LATE, due_on=date(2026, 8, 28), leading_group="领导小组"))
    assert found[3] == (
        "你单位承办的“三资管理台账不全”事项（编号整改〔2026〕17号）原定于2026年6月26日办结，"
        "经约谈确定于2026年8月28日前整改到位，至今仍未完成。现予告诫。"
    )


def test_a_circular_and_an_accountability_proposal_are_about_the_late_organ() -> None:
    assert lines("circular", facts())[2] == "关于东沟村党支部逾期未办结事项的通报"
    assert "按最后限期计算，已逾期10个工作日。" in lines("accountability_proposal", facts(workdays_late=10))


def test_a_record_lists_each_item_with_its_new_date() -> None:
    agenda = (AgendaRow("整改〔2026〕1号", "问题1", LATE, date(2026, 8, 20)),)
    said = {"pointed_out": "台账不全", "recorder": "周敏", "held_on": date(2026, 7, 29)}
    found = cells(
        "interview_record",
        facts(data=said, agenda=agenda, attendance=("王建国（镇党委书记）", "李明（书记）")),
    )
    assert found["约谈事项及新期限"] == "1.问题1（编号整改〔2026〕1号，应于2026年6月26日办结，新期限2026年8月20日）"
    assert (found["一、指出问题"], found["记录人"]) == ("台账不全", "周敏")
    assert found["约谈时间"] == "2026年7月29日"
    assert found["到会人员"] == "王建国（镇党委书记）、李明（书记）"


def test_sheets_are_filled_and_leave_room_for_hands() -> None:
    sheet = cells("assignment_sheet", facts(data={"problem": "账外资金"}))
    assert (sheet["反馈问题"], sheet["办理时限"], sheet["领导批示"]) == (
        "账外资金",
        "2026年6月26日（星期五）",
        "",
    )
    urged = cells("reminder_sheet", facts(times=2, workdays_late=3))
    assert (urged["催办次数"], urged["逾期天数"]) == ("第2次", "3个工作日")
    form = cells(
        "close_out_form",
        facts(ground="完成销号", evidence=("照片.jpg", "收据.pdf"), data={"result": "已追缴"}),
    )
    assert (form["办结方式"], form["佐证材料"], form["完成情况"]) == (
        "完成销号",
        "照片.jpg\n收据.pdf",
        "已追缴",
    )


def test_what_is_not_known_is_a_blank_to_write_in() -> None:
    assert "联系人：＿＿＿＿，联系电话：＿＿＿＿。" in lines("interview_notice", facts())


@pytest.mark.parametrize("letter", LETTERS)
def test_a_users_text_is_text(letter: str) -> None:
    hostile = "{issuer}{{7*7}}<w:br/>&a\x00\x0b\u202e\ud800末"
    of = facts(
        row={"number": "1号", "title": hostile},
        data={"problem": hostile, "result": hostile, "pointed_out": hostile, "requirement": hostile},
        recipient=hostile,
        agenda=(AgendaRow("2号", hostile, LATE),),
        attachments=(hostile,),
        copied=(hostile,),
    )
    printed = "\n".join([*lines(letter, of), *(cells(letter, of).values() if "rows" in _wording(letter) else ())])
    assert "{issuer}{{7*7}}<w:br/>&a末" in printed
    assert not set("\x00\x0b\u202e\ud800") & set(printed)


def _wording(letter: str) -> dict[str, object]:
    from config.letters import load_letters

    found: dict[str, object] = load_letters()[letter]
    return found


def test_the_wording_fixes_no_kind_of_party_committee() -> None:
    said = (Path(config.__file__).parent / "letters" / "letters.yaml").read_text(encoding="utf-8")
    wording = "\n".join(line for line in said.splitlines() if not line.startswith("#"))
    assert not [word for word in ("乡镇", "党委", "党工委", "纪委", "党支部") if word in wording]


def test_there_is_a_wording_for_every_letter_and_no_other() -> None:
    from config.letters import load_letters

    assert set(load_letters()) == set(LETTERS)


@pytest.mark.parametrize("letter", ["assignment_sheet", "reminder_sheet", "interview_record", "close_out_form"])
def test_numbers_and_days_of_a_sheet_are_broken_by_no_grid_of_the_page(letter: str) -> None:
    table = written(letter, facts()).tables[0]
    assert [round(column.width.mm) for column in table.columns] == [30, 48, 30, 48]
    for paragraph in (one for row in table.rows for cell in row.cells for one in cell.paragraphs):
        assert paragraph._p.pPr.xpath("./w:snapToGrid[@w:val='0']")
        assert all(run._r.rPr.xpath("./w:snapToGrid[@w:val='0']") for run in paragraph.runs)
