"""Many at once on the pages: ticked or all that match, by one click or one form, told row by row, and taken back."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from docx import Document
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from handlers.ledgers.marks import find_in_file, grouped
from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.site import post, words_of
from tests.workflow.looking import case_row
from tests.workflow.looking import rows_of as stored
from web.bulk import asking
from workflow.dates import local_day
from workflow.exports import number_of
from workflow.models import BulkItem, BulkRun, Event, Evidence, Export
from workflow.verbs import bulk
from workflow.verbs.bulk import Wish

NOW = hours.now()
BEGAN = NOW - timedelta(minutes=30)
TODAY = local_day(NOW).isoformat()


@pytest.fixture
def ids(county: County) -> list[int]:
    """Five items that are registered and not handed over, of three villages."""
    villages = ("donggou_branch", "donggou_branch", "xitou_branch", "shimen_branch", "shimen_branch")
    return [county.open_item(BEGAN, subject=village, title=f"第{n}项", feedback_on=TODAY) for n, village in enumerate(villages)]


@pytest.fixture
def sent(county: County, ids: list[int]) -> list[int]:
    """The five, each handed over to its village, which has not signed: only another's work is there to remind of."""
    return handed_over(county, ids)


def handed_over(county: County, ids: list[int]) -> list[int]:
    """The items, each handed over to the village that it is about."""
    names = {organ_id: name for name, organ_id in county.organs.items()}
    for case_id in ids:
        county.hand_over(case_id, BEGAN, to=names[case_row(county, case_id)["subject_id"]], by="zhao")
    return ids


def ask(reader: FlaskClient, **form: object) -> TestResponse:
    """The bar's form."""
    return post(reader, "/ledger", "/bulk", form)


def run_of(reader: FlaskClient, answer: TestResponse) -> str:
    """The page of the run that the answer leads to."""
    assert answer.status_code == 303, words_of(answer.text)
    assert re.fullmatch(r"/bulk/\d+", answer.headers["Location"])
    return page(reader, answer.headers["Location"])


def times(county: County, trigger: str, ids: list[int]) -> list[int]:
    return [len(stored(county, Event, case_id=case_id, trigger=trigger)) for case_id in ids]


# ---- by one click ---------------------------------------------------------------------------------------------------------


def test_many_are_reminded_at_once_and_each_has_its_line(client: Client, county: County, sent: list[int]) -> None:
    lin = client("lin")
    told = run_of(lin, ask(lin, verb="remind", case=[*sent[:2], sent[0], 999, "99999999999999999999", "x"]))
    words = words_of(told)
    assert "催办3项，办成2项" in words
    assert "另有1项没有找到，或不在你的知情范围内" in words
    for case_id in sent[:2]:
        row = case_row(county, case_id)
        assert f"{row['number']} {row['title']}" in words
        assert f'href="/cases/{case_id}"' in told
    assert 'href="/cases/999"' not in told
    assert times(county, "remind", sent) == [1, 1, 0, 0, 0]


def test_a_form_sent_twice_acts_once_and_leads_to_the_same_run(client: Client, county: County, sent: list[int]) -> None:
    lin = client("lin")
    first, again = (ask(lin, verb="remind", case=sent, key="k") for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert times(county, "remind", sent) == [1] * 5


def test_those_who_have_not_signed_are_urged_and_the_others_left_alone(client: Client, county: County, ids: list[int]) -> None:
    county.hand_over(ids[0], BEGAN)
    lin = client("lin")
    assert 'value="urge"' in page(lin, "/ledger?band=to_sign")
    first = words_of(ask(lin, verb="urge", case=ids[:2]).text)
    assert "可办1项，1项不可办" in first and "1项：这一项不在等签收" in first
    assert stored(county, BulkRun) == [], "nothing goes out before it is said"
    told = words_of(run_of(lin, ask(lin, verb="urge", case=ids[0], answered="1")))
    assert "催签收1项，办成1项" in told
    assert times(county, "remind", ids[:2]) == [1, 0]


def test_nothing_ticked_is_said_and_nothing_begun(client: Client, county: County) -> None:
    lin = client("lin")
    answer = ask(lin, verb="remind", page="ledger.orders_page", query="band=late&evil=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/orders?band=late")
    assert "没有选中的事项" in words_of(page(lin, "/orders"))
    assert stored(county, BulkRun) == []


def test_the_way_back_leads_to_the_list_it_came_from_and_nowhere_else(client: Client, sent: list[int]) -> None:
    lin = client("lin")
    told = ask(lin, verb="remind", case=sent, page="ledger.orders_page", query="band=late&evil=1")
    assert 'href="/orders?band=late"' in run_of(lin, told)
    assert 'href="/ledger"' in run_of(lin, ask(lin, verb="remind", case=sent, page="//evil.example"))


@pytest.mark.parametrize("verb", ["close", "never@rectification", "remind@", "@", "reopen@rectification", "close@never"])
def test_a_verb_that_is_none_for_many_is_refused(client: Client, county: County, ids: list[int], verb: str) -> None:
    assert ask(client("lin"), verb=verb, case=ids).status_code in (400, 404)
    assert ask(client("lin"), verb=verb, case=ids, answered="1").status_code in (400, 404)
    assert stored(county, BulkRun) == []


# ---- all that match -------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(county: County) -> list[int]:
    """More items than a page of the ledger shows, in two townships."""
    villages = ("donggou_branch", "shimen_branch")
    return [county.open_item(BEGAN, subject=villages[n % 2], title=f"第{n}项") for n in range(60)]


@pytest.fixture
def many_sent(county: County, many: list[int]) -> list[int]:
    """All of them, each handed over to its village."""
    return handed_over(county, many)


def test_all_that_match_are_chosen_by_a_link_that_needs_no_script(client: Client, county: County, many_sent: list[int]) -> None:
    lin = client("lin")
    ledger = page(lin, "/ledger")
    assert "改选全部60项" in words_of(ledger)
    chosen = page(lin, "/ledger?all=1")
    assert "已选60项" in words_of(chosen)
    assert chosen.count(" checked aria-label") == len(rows_of(chosen)) == 50
    assert '<input type="hidden" name="all" value="1" form="bulk"' in chosen
    assert "改选全部" not in words_of(page(lin, "/ledger?q=第59项"))
    ask(lin, verb="remind", all="1", query="", page="ledger.ledger_page")
    assert sum(times(county, "remind", many_sent)) == 60


def test_all_that_match_are_those_of_the_filters_and_of_the_readers_sight(
    client: Client, county: County, many_sent: list[int]
) -> None:
    lin = client("lin")
    told = run_of(lin, ask(lin, verb="remind", all="1", case=many_sent[:1], query=f"area={county.areas['qingshi']}"))
    assert "催办30项，办成30项" in words_of(told)
    assert times(county, "remind", many_sent[:4]) == [0, 1, 0, 1]
    shi = client("shi")
    assert "可办0项，30项不可办" in words_of(ask(shi, verb="remind", all="1", query="").text), "what it sees"
    assert "催办30项，办成0项" in words_of(run_of(shi, ask(shi, verb="remind", all="1", query="", answered="1")))
    assert sum(times(county, "remind", many_sent)) == 30


def test_too_many_rows_are_refused_in_a_sentence_and_nothing_is_done(
    client: Client, county: County, many_sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 55)
    monkeypatch.setattr(asking, "ENOUGH", 56)
    answer = ask(client("lin"), verb="remind", all="1", query="")
    assert answer.status_code == 400
    assert "一次最多办55项，缩小筛选范围后再办" in words_of(answer.text)
    assert stored(county, BulkRun) == []
    assert sum(times(county, "remind", many_sent)) == 0


def test_a_long_run_goes_on_from_its_own_page_until_it_is_over(
    client: Client, county: County, many_sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 25)
    lin = client("lin")
    told = run_of(lin, ask(lin, verb="remind", all="1", query=""))
    assert "催办60项，正在办理" in words_of(told)
    assert "已办25项，共60项" in words_of(told)
    address = re.search(r'hx-post="(/bulk/\d+/progress)"', told)
    assert address
    url = address[1].removesuffix("/progress")
    for come in ("已办50项", "已办60项"):
        answer = lin.post(address[1], headers={"HX-Request": "true", "X-CSRFToken": csrf_of(told)})
        assert come in words_of(answer.text)
    assert answer.headers["HX-Refresh"] == "true"
    assert "hx-post" not in answer.text + page(lin, url)
    assert "催办60项，办成60项" in words_of(page(lin, url))
    assert set(times(county, "remind", many_sent)) == {1}


def csrf_of(text: str) -> str:
    found = re.search(r"X-CSRFToken\": \"([^\"]+)\"", unescape(text))
    assert found
    return found[1]


def test_without_a_script_a_button_does_the_next_batch(
    client: Client, county: County, many_sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 40)
    lin = client("lin")
    url = ask(lin, verb="remind", all="1", query="").headers["Location"]
    assert "接着办，刷新进度" in page(lin, url)
    answer = post(lin, url, f"{url}/progress", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, url)
    assert set(times(county, "remind", many_sent)) == {1}


def test_results_are_paged_with_what_was_refused_first(client: Client, county: County, many: list[int]) -> None:
    lin = client("lin")
    for case_id in many[-3:]:
        county.hand_over(case_id, BEGAN, by="zhao")
    form = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}
    wish, head = Wish("transfer", form), county.actor("zhao")
    run_id = county.engine.begin_run(wish, lambda _store, _occasion: many, actor=head, now=NOW)
    county.engine.work_runs(NOW, ceiling=3)
    assert lin.get(f"/bulk/{run_id}").status_code == 404
    zhao = client("zhao")
    first = page(zhao, f"/bulk/{run_id}")
    assert [int(n) for n in re.findall(r'<li class="is-refused">.*?href="/cases/(\d+)"', first)] == many[-3:]
    onward = re.search(rf'href="(/bulk/{run_id}\?after=[^"]+)"', first)
    assert onward
    second = page(zhao, unescape(onward[1]))
    shown = [int(n) for text in (first, second) for n in re.findall(r'<li class="is-\w+">.*?href="/cases/(\d+)"', text)]
    assert sorted(shown) == many and len(shown) == len(set(shown))
    assert zhao.get(f"/bulk/{run_id}?after=never").status_code == 400


# ---- one form for all -----------------------------------------------------------------------------------------------------


def reported(county: County, subject: str, signer: str) -> int:
    """An immediate item that its village has reported as rectified, with a photo."""
    told = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    case_id = county.supervised_item(BEGAN, subject=subject, signer=signer, **told)
    file_id = county.keep_file(f"photo{case_id}", signer)
    at = BEGAN + timedelta(minutes=3)
    county.engine.add_evidence(case_id, actor=county.actor(signer), now=at, file_id=file_id, label="site_photo")
    county.fire(case_id, "report_rectified", signer, at, result="已整改", progress_label="done")
    return case_id


def test_many_are_closed_by_one_form_with_one_meeting_and_a_result_each(
    client: Client, county: County, ids: list[int], tmp_path: Path
) -> None:
    ready = [
        reported(county, *whose) for whose in (("donggou_branch", "zhou"), ("xitou_branch", "feng"), ("shimen_branch", "shi"))
    ]
    song = client("song")
    assert 'value="close@rectification"' in page(song, "/ledger?band=waiting_check")
    form = ask(song, verb="close@rectification", case=[*ready, ids[0]], query="band=waiting_check")
    words = words_of(form.text)
    assert "销号3项" in words and "集中销号会议编号" in words
    assert "可办3项，1项不可办" in words and "1项：刷新后再看，这一项已不在这一步" in words and "第0项" not in words
    kept = re.search(r'name="cases" value="([^"]+)"', form.text)
    assert kept
    told = {"verb": "close@rectification", "answered": "1", "cases": kept[1], "query": "band=waiting_check"}
    wrong = ask(song, **told, meeting_no="2026年第3次")
    assert wrong.status_code == 422
    assert "2026年第3次" in wrong.text and "办结依据：" in words_of(wrong.text)
    assert stored(county, BulkRun) == []
    run = run_of(song, ask(song, **told, meeting_no="2026年第3次", ground="completed"))
    result = words_of(run)
    assert "销号3项，办成3项" in result
    lines = re.findall(r'<li class="is-(\w+)">.*?href="/cases/(\d+)"', run)
    assert lines == [("done", str(case_id)) for case_id in ready], "each row has its own result"
    rows = [case_row(county, case_id) for case_id in ready]
    assert {row["state"] for row in rows} == {"closed"}
    assert all("2026年第3次" in row["data"] for row in rows)
    assert case_row(county, ids[0])["state"] == "received"
    papers = re.search(r'href="(/bulk/\d+/papers/close_out_form)"', run)
    assert papers is not None and "下载销号审批表，一项一页" in result
    file = song.get(papers[1])
    document = Document(io.BytesIO(file.data))
    assert [table.rows[0].cells[1].text for table in document.tables] == [row["number"] for row in rows]
    breaks = [one.paragraph_format.page_break_before for one in document.paragraphs if one.text == "销号审批表"]
    assert [bool(one) for one in breaks] == [False] + [True] * (len(ready) - 1)
    number = number_of(stored(county, Export)[-1]["request"])
    (tmp_path / "x").write_bytes(file.data)
    assert find_in_file(tmp_path / "x") == number
    for header in (document.sections[0].header, document.sections[0].even_page_header):
        assert "宋" in header.paragraphs[0].text and grouped(number) in header.paragraphs[0].text
    for login in ("lin", "han"):
        assert client(login).get(papers[1]).status_code == 404, "a run is its owner's"
    for name in ("transfer_letter", "assignment_sheet", "nothing"):
        assert song.get(papers[1].replace("close_out_form", name)).status_code == 404
    assert "撤销全部" not in result  # a close-out is not undone but reopened


def test_before_it_is_pressed_it_is_said_on_how_many_it_can_be_taken_and_why_not_on_the_others(
    client: Client, county: County, ids: list[int]
) -> None:
    ready = reported(county, "donggou_branch", "zhou")
    own, unproved = reported(county, "xitou_branch", "feng"), reported(county, "shimen_branch", "shi")
    county.fire(own, "send_back", "lin", NOW - timedelta(minutes=9), send_back_reason="other", send_back_note="补照片")
    for case_id, title in ((ready, "lin"), (unproved, "song")):
        assert case_row(county, case_id)["state"] == "rectified", title
    song = client("song")
    form = words_of(ask(song, verb="close@rectification", case=[ready, own, unproved, *ids[:2]]).text)
    assert "可办2项，3项不可办" in form and "3项：刷新后再看，这一项已不在这一步" in form
    none = words_of(ask(song, verb="close@rectification", case=ids[:2]).text)
    assert "可办0项，2项不可办" in none and "办结依据" not in none
    # Who registered them himself may close none of them; that is another reason, counted apart.
    lin = words_of(ask(client("lin"), verb="close@rectification", case=[ready, own, unproved]).text)
    assert "可办0项，3项不可办" in lin and "2项：" in lin and "1项：刷新后再看" in lin
    county.engine.void(ids[0], actor=county.actor("zhao"), now=NOW, reason="重复", approver="高建国")
    handed_over(county, ids[1:3])
    reminded = words_of(ask(song, verb="remind", case=ids[:3]).text)
    assert "可办2项，1项不可办" in reminded and "1项：这一项已经办结" in reminded


def test_a_reminder_of_what_lies_with_ones_own_office_says_so_and_never_that_the_list_is_old(
    client: Client, county: County, ids: list[int]
) -> None:
    handed_over(county, ids[:1])
    told = words_of(ask(client("song"), verb="remind", case=ids[:3]).text)
    assert "可办1项，2项不可办" in told and "2项：这一项现在由你单位办，直接办理，不用催办" in told
    verified = reported(county, "donggou_branch", "zhou")
    assert "1项：不用催办，现在由县级核验" in words_of(ask(client("song"), verb="remind", case=verified).text)
    # Whoever else still reads it has nobody to remind.
    county.hand_over(ids[3], BEGAN, to="bureau", by="zhao")
    why = {"hand_back_reason": "not_ours", "hand_back_note": "应由属地承办"}
    county.fire(ids[3], "hand_back", "ma", BEGAN + timedelta(minutes=1), **why)
    assert "1项：这一项现在没有单位要催办" in words_of(ask(client("ma"), verb="remind", case=ids[3]).text)


def test_a_form_is_for_the_cases_it_was_opened_for(client: Client, county: County, many: list[int]) -> None:
    zhao = client("zhao")
    form = ask(zhao, verb="transfer@rectification", all="1", query=f"area={county.areas['liuhe']}")
    assert "交办30项" in words_of(form.text)
    kept = re.search(r'name="cases" value="([^"]+)"', form.text)
    assert kept
    later = county.open_item(BEGAN)
    told = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}
    run_of(zhao, ask(zhao, verb="transfer@rectification", answered="1", cases=kept[1], **told))
    assert {row["case_id"] for row in stored(county, BulkItem)} == set(many[::2])
    assert case_row(county, later)["state"] == "received"


def test_a_scan_that_all_share_is_evidence_of_each(client: Client, county: County) -> None:
    items = [county.open_item(BEGAN) for _ in range(3)]  # without signed feedback the head approves
    song = client("song")
    form = ask(song, verb="transfer@rectification", case=items)
    assert "赵国华" in words_of(form.text)
    told = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}
    told |= {"approval/approver": "zhao", "approval/on": TODAY}
    cases = ",".join(map(str, items))
    lacking = ask(song, verb="transfer@rectification", answered="1", cases=cases, **told)
    assert lacking.status_code == 422
    scan = (io.BytesIO(b"\x89PNG\r\n\x1a\n"), "审批.png")
    sent = {"verb": "transfer@rectification", "answered": "1", "cases": cases, **told, "approval/scan": scan}
    run_of(song, post(song, "/ledger", "/bulk", sent))
    assert [len(stored(county, Evidence, case_id=case_id, label="approval_scan")) for case_id in items] == [1, 1, 1]


def test_a_supervision_order_goes_out_on_each_ticked_row_by_who_may(client: Client, county: County) -> None:
    items = [county.supervised_item(BEGAN, title=f"拖着{n}") for n in range(2)]
    fang = client("fang")
    assert 'value="supervise@rectification"' in page(fang, "/ledger")
    assert 'value="supervise@rectification"' not in page(client("lin"), "/ledger")
    told = {"order_title": "公示栏", "requirement": "三日内更换"}
    cases = ",".join(map(str, items))
    found = words_of(run_of(fang, ask(fang, verb="supervise@rectification", answered="1", cases=cases, **told)))
    assert "督办2项，办成2项" in found


# ---- whose ----------------------------------------------------------------------------------------------------------------


def test_the_outsider_does_nothing_to_what_he_may_not_see(client: Client, county: County, ids: list[int]) -> None:
    han = client("han")
    told = run_of(han, ask(han, verb="remind", case=ids[:2]))
    assert "催办2项，办成0项" in words_of(told)
    assert "第0项" not in told
    assert times(county, "remind", ids) == [0] * 5
    form = ask(han, verb="close@rectification", case=ids[:2])
    assert form.status_code == 303
    assert stored(county, BulkItem) == []


def test_a_run_is_its_owners_alone(client: Client, county: County, sent: list[int]) -> None:
    lin, han = client("lin"), client("han")
    url = ask(lin, verb="remind", case=sent).headers["Location"]
    assert "催办5项" in words_of(page(lin, "/bulk"))
    assert "催办5项" not in words_of(page(han, "/bulk"))
    absent = words_of(han.get("/bulk/99999").text)
    for answer in (han.get(url), post(han, "/ledger", f"{url}/progress", {}), post(han, "/ledger", f"{url}/undo", {})):
        assert answer.status_code == 404
        assert words_of(answer.text) == absent
    assert times(county, "undo", sent) == [0] * 5


# ---- taken back -----------------------------------------------------------------------------------------------------------


def test_one_row_and_then_all_the_rest_are_taken_back(client: Client, county: County, ids: list[int]) -> None:
    zhao = client("zhao")
    told = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}
    url = ask(zhao, verb="transfer@rectification", answered="1", cases=",".join(map(str, ids)), **told).headers["Location"]
    assert page(zhao, url).count("/undo") == 6
    answer = post(zhao, url, f"{url}/undo", {"case": ids[1]})
    assert (answer.status_code, answer.headers["Location"]) == (303, url)
    assert [case_row(county, case_id)["state"] for case_id in ids] == ["transferred", "received", *["transferred"] * 3]
    here = page(zhao, url)
    assert here.count("/undo") == 5 and "已撤销" in words_of(here)
    rest = run_of(zhao, post(zhao, url, f"{url}/undo", {}))
    assert "撤销5项，办成4项" in words_of(rest)
    assert "这一项后来又办过别的，不能从这里撤销" in words_of(rest)
    assert {case_row(county, case_id)["state"] for case_id in ids} == {"received"}
    assert "/undo" not in page(zhao, url)


def test_signing_for_many_is_taken_back_from_the_toast(client: Client, county: County, ids: list[int]) -> None:
    for case_id in ids[:2]:
        county.hand_over(case_id, BEGAN)
    zhou = client("zhou")
    post(zhou, "/inbox", "/inbox/sign", {"case": ids[:2]})
    inbox = page(zhou, "/inbox")
    assert "已签收2件" in words_of(inbox)
    undo = re.search(r'action="(/bulk/\d+/undo)"', inbox)
    assert undo
    assert "撤销2项，办成2项" in words_of(run_of(zhou, post(zhou, "/inbox", undo[1], {})))
    assert {case_row(county, case_id)["state"] for case_id in ids[:2]} == {"transferred"}
