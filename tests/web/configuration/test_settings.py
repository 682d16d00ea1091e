"""A county words its own messages, letters and numbers on a page: with an example, by two people, in force for all."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from flask.testing import FlaskClient

from config.settings import load
from handlers.channels.smtp import MailChannel
from handlers.effects.messages import VALUES
from handlers.settings.registry import SETTINGS
from states.errors import DomainError, TransitionRefused
from tests import hours
from tests.house.source import ROOT
from tests.web.conftest import Client
from tests.web.site import post, token, words_of
from tests.web.test_pages import ALLOWED, LATIN
from tests.workflow.configuration.conftest import Desk
from tests.workflow.looking import rows_of
from web.configuration.words import EXAMPLES, KINDS, MESSAGES, VALUE_WORDS, values_of_setting
from web.delivery import channels_of
from web.language import translate
from web.setting_words import FAULTS
from web.wiring import Office
from workflow.configuration import changes
from workflow.configuration.settings import LETTER, LETTER_NUMBER
from workflow.dates import local_day
from workflow.models import SettingVersion
from workflow.outbox import deliver
from workflow.reads.configuration import last_number

NOW = hours.now()
CLOSED = "/configuration/message/closed"
TEXTS = {
    "zh-Hans": "{编号}号已办结，{销号日期}销号。",
    "zh-Hant": "{编号}號{销号日期}銷號。",
    "en": "{编号} closed {销号日期}.",
}


def propose(who: FlaskClient, page: str, texts: dict[str, Any], **more: Any) -> Any:
    """Presses 提出改动 on a setting's page."""
    return post(who, page, page, {**texts, "based_on": "0", "reason": "县里改了说法", "act": "propose", **more})


def decided(who: FlaskClient, answer: Any, word: str = "yes", words: str = "") -> Any:
    """The other administrator's word on the page that the proposer was led to."""
    page = answer.headers["Location"]
    return post(who, page, f"{page}/decide", {"granted": word, "words": words})


def docx(who: FlaskClient, case_id: int, letter: str) -> str:
    """The letter of a case as Word reads it."""
    answer = who.get(f"/cases/{case_id}/letters/{letter}")
    assert answer.status_code == 200
    file = Document(io.BytesIO(answer.data))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in file.paragraphs), *cells])


def test_a_message_is_reworded_by_two_people_who_see_it_filled_in_and_compared(desk: Desk, client: Client) -> None:
    first, second = client("jiang"), client("kong")
    shown = post(first, CLOSED, CLOSED, {**TEXTS, "based_on": "0", "act": "preview"})
    assert "整改〔2026〕417号号已办结" in words_of(shown.text)
    assert rows_of(desk.county, SettingVersion) == []
    answer = propose(first, CLOSED, TEXTS)
    assert answer.status_code == 303
    alone = decided(first, answer)
    assert "须由他人决定" in words_of(alone.text)
    page = words_of(second.get(answer.headers["Location"]).text)
    assert "由“编号{编号}事项经核验符合销号条件，于{销号日期}准予销号。”改为“{编号}号已办结，{销号日期}销号。”" in page
    assert decided(second, answer).status_code == 303
    history = words_of(second.get(CLOSED).text)
    assert "第1版" in history
    assert "jiang提出，kong决定" in history
    assert "县里改了说法" in history


def test_the_word_of_the_second_person_is_his_consent_and_not_the_state_that_came_of_it(desk: Desk, client: Client) -> None:
    answer = propose(client("jiang"), CLOSED, TEXTS)
    assert decided(client("kong"), answer).status_code == 303
    page = client("kong").get(answer.headers["Location"]).text
    (told,) = re.findall(r"<dt>决定</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    assert told.startswith("kong") and told.endswith("同意")


def test_every_message_has_a_short_name_of_its_own(desk: Desk, client: Client) -> None:
    assert set(MESSAGES) == set(VALUES)
    for language in ("zh-Hans", "zh-Hant", "en"):
        names = [translate(name, language) for name in MESSAGES.values()]
        assert len(set(names)) == len(names) and max(map(len, names)) <= (16 if language != "en" else 50), language
    assert "…" not in words_of(client("jiang").get("/configuration/message").text)


def test_what_cannot_be_proposed_is_said_in_a_sentence_and_nothing_typed_is_lost(desk: Desk, client: Client) -> None:
    who = client("jiang")
    answer = propose(who, CLOSED, {**TEXTS, "en": "{编号} {nobody} closed {销号日期}"})
    assert answer.status_code == 422
    assert "英文用了没有的值“{nobody}”" in words_of(answer.text)
    assert "{编号} {nobody} closed {销号日期}" in answer.text
    empty = propose(who, CLOSED, {**TEXTS, "en": ""})
    assert "英文要写上" in words_of(empty.text)
    assert "写明理由" in words_of(propose(who, CLOSED, TEXTS, reason="").text)
    letter = "/configuration/letter/transfer_letter"
    broken = propose(who, letter, {"source": "title: [\n"})
    assert "行读不通" in words_of(broken.text)
    assert "title: [" in broken.text
    assert rows_of(desk.county, SettingVersion) == []


def test_outsiders_find_no_page_and_readers_no_form(desk: Desk, client: Client) -> None:
    assert desk.county
    pages = ["/configuration", "/configuration/message", CLOSED, "/configuration/role/handler"]
    for page in pages:
        assert client("lin").get(page).status_code == 404
    security = client("an")
    assert "提出改动" not in security.get(CLOSED).text
    assert post(security, "/configuration/role/handler", CLOSED, {**TEXTS, "act": "propose"}).status_code == 404
    assert "提出改动" in security.get("/configuration/role/handler").text
    who = client("jiang")
    assert "提出改动" not in who.get("/configuration/role/handler").text
    for page in ("/configuration/nothing", "/configuration/message/nothing", "/configuration/changes/99"):
        assert who.get(page).status_code == 404
    assert who.get("/configuration/message/closed/99.yaml").status_code == 404


def test_bell_and_mail_speak_the_countys_words_from_the_next_request_on(desk: Desk, client: Client, home: Path) -> None:
    reader, county = client("sun"), desk.county
    case_id = county.supervised_item(NOW - timedelta(days=9))
    county.engine.remind(
        case_id, actor=county.actor("lin", local_day(NOW)), now=NOW - timedelta(days=1), data={"remind_by": "sheet"}
    )
    office = Office(load({"DUBAN_HOME": str(home), "DUBAN_SMTP_HOST": "mail.example"}), county.database, county.engine)
    deliver(county.database, {}, now=NOW)
    assert "请抓紧办理并回复" in words_of(reader.get("/notices").text)
    said = {
        "zh-Hans": "{number}第{times}次催办，{due_on}到期。",
        "zh-Hant": "{number}{times}{due_on}",
        "en": "{number}{times}{due_on}",
    }
    desk.change("message", "reminded", lambda data: data.update(said), now=NOW)
    page = words_of(reader.get("/notices").text)
    assert "第1次催办，" in page
    assert "请抓紧办理并回复" not in page
    mail = channels_of(office)["mail"]
    assert isinstance(mail, MailChannel)
    assert mail.render("reminded", {"number": "甲1", "times": 2, "due_on": "2026-05-06"}, "zh-Hans") == (
        "甲1第2次催办，2026年5月6日到期。"
    )


def test_a_letter_comes_out_in_the_countys_words_and_those_that_went_out_before_keep_theirs(desk: Desk, client: Client) -> None:
    county, reader = desk.county, client("song")
    county.database.write(lambda store: changes.ship(store, SETTINGS.values(), now=NOW - timedelta(days=30)))
    before = county.supervised_item(NOW - timedelta(days=9))
    shipped = "办理时限自交办之日起计算，未签收不停止计时。"
    assert shipped in docx(reader, before, "assignment_sheet")
    of = NOW - timedelta(days=5)
    desk.change(LETTER, "assignment_sheet", lambda data: data.update(foot="未签收不停表。"), now=of)
    desk.change(LETTER_NUMBER, "assignment_sheet", lambda data: data.update(pattern="巡承〔{year}〕{n}号"), now=of)
    assert shipped in docx(reader, before, "assignment_sheet")
    for number in (1, 2, 3):
        after = county.supervised_item(NOW - timedelta(days=4 - number))
        assert f"巡承〔{NOW.year}〕{number}号" in words_of(reader.get(f"/cases/{after}").text)
        assert "未签收不停表。" in docx(reader, after, "assignment_sheet")
        if number == 2:  # The pattern is another from here on, the count goes on.
            desk.change(
                LETTER_NUMBER,
                "assignment_sheet",
                lambda data: data.update(pattern="巡承{year}-{n}"),
                now=NOW - timedelta(days=2),
            )
            break
    last = county.supervised_item(NOW - timedelta(days=1))
    assert f"巡承{NOW.year}-3" in words_of(reader.get(f"/cases/{last}").text)


def test_a_step_that_took_a_number_is_not_undone_so_no_number_is_lost(desk: Desk) -> None:
    county = desk.county
    case_id = county.open_item(NOW, feedback_on=local_day(NOW))
    county.hand_over(case_id, NOW)
    assert county.engine.undo(case_id, actor=county.actor("song", local_day(NOW)), now=NOW).state == "received"
    desk.change(LETTER_NUMBER, "assignment_sheet", lambda data: data.update(pattern="巡承〔{year}〕{n}号"), now=NOW)
    county.hand_over(case_id, NOW + timedelta(minutes=2))
    with pytest.raises(TransitionRefused) as refused:
        county.engine.undo(case_id, actor=county.actor("song", local_day(NOW)), now=NOW + timedelta(minutes=3))
    assert refused.value.params["why"] == [{"name": "not_undoable"}]


def test_a_step_that_fails_takes_no_number(desk: Desk) -> None:
    county = desk.county
    desk.change(
        LETTER_NUMBER, "assignment_sheet", lambda data: data.update(pattern="巡承〔{year}〕{n}号"), now=NOW - timedelta(days=1)
    )
    case_id = county.open_item(NOW, feedback_on=local_day(NOW))
    with pytest.raises(DomainError):
        county.hand_over(case_id, NOW, to="office")
    county.hand_over(case_id, NOW)
    assert county.database.read(lambda store: last_number(store, "assignment_sheet", NOW.year)) == 1


def test_an_old_ledger_is_read_by_the_countys_words_from_the_next_upload_on(desk: Desk, client: Client) -> None:
    ledger = "村里的事,何处,办到哪\n村务公开栏半年未更新,东沟村,在路上\n".encode()
    who = client("lin")

    def uploaded() -> str:
        answer = who.post(
            "/imports/preview", data={"file": (io.BytesIO(ledger), "台账.csv"), "csrf_token": token(who, "/imports")}
        )
        return words_of(answer.text)

    assert "没有找到表头" in uploaded()

    def add(data: Any) -> None:
        data["fields"]["problem"]["headings"].append("村里的事")
        data["fields"]["village"]["headings"].append("何处")
        data["fields"]["status"]["headings"].append("办到哪")
        data["statuses"][1]["words"].append("在路上")

    desk.change("ledger_words", "ledger", add)
    told = uploaded()
    assert "没有找到表头" not in told
    assert "在路上" in told
    assert "移交" in told or "交办" in told


def test_every_kind_value_example_and_fault_is_in_words() -> None:
    assert set(KINDS) == set(SETTINGS)
    for kind in ("message", LETTER, LETTER_NUMBER):
        for key in SETTINGS[kind].shipped():
            words = [VALUE_WORDS[name] for name, _word in values_of_setting(kind, key)]
            assert len(words) == len(set(words)), (kind, key)
    raised = {
        found
        for path in ("texts", "messages", "letters", "titles", "ledgers")
        for found in re.findall(r'fault\(\s*"([a-z_]+)"', (ROOT / "handlers" / "settings" / f"{path}.py").read_text("utf-8"))
    }
    assert raised <= set(FAULTS)
    assert {name for names in VALUES.values() for name in names} == set(EXAMPLES)


@pytest.mark.parametrize(
    "page", ["", "/message", "/letter", "/letter_number/circular", "/evidence_label", "/role", "/calendar", "/bundle"]
)
def test_a_chinese_page_of_settings_has_no_english_word_and_no_raw_key(desk: Desk, client: Client, page: str) -> None:
    desk.change("evidence_label", "minutes", lambda data: data.update({"zh-Hans": "会议纪要"}), now=NOW)
    told = words_of(client("jiang").get(f"/configuration{page}").text)
    assert set(LATIN.findall(told)) - ALLOWED - set(desk.county.people) == set()
    assert "_" not in told


def test_a_change_is_dated_ahead_on_its_page_and_says_so_until_its_day(desk: Desk, client: Client) -> None:
    jiang, kong, day = client("jiang"), client("kong"), local_day(NOW) + timedelta(9)
    for text, said in (
        ("某天", "日期不能识别"),
        ("2020-01-01", "执行的日子已经过去"),
        ("2099-01-01", "执行日期最远定在365天以内"),
    ):
        answer = propose(jiang, CLOSED, TEXTS, from_on=text)
        assert answer.status_code == 400
        assert said in words_of(answer.text)
        assert text[:4] in answer.text, "nothing typed is lost"
    answer = propose(jiang, CLOSED, TEXTS, from_on=day.isoformat())
    page = answer.headers["Location"]
    assert "同意，到时生效" in words_of(kong.get(page).text)
    assert decided(kong, answer).status_code == 303
    assert "未到日子" in words_of(jiang.get(page).text)
    assert "有一处改动自" in words_of(jiang.get(CLOSED).text)
    assert post(kong, page, f"{page}/withdraw", {"words": "不改了"}).status_code == 303
    assert "已撤回" in words_of(jiang.get(page).text)
    assert desk.county.engine.take_settings(NOW + timedelta(days=10), SETTINGS) == 0
