"""我的整改: a village works through its own items on a phone, and finds nothing there that is another's."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest

from tests import hours
from tests.factories import County, local_day_text
from tests.walks.filling import answers_for
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Case, Content, Evidence
from workflow.outbox import deliver

NOW = hours.now()
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def item(county: County) -> int:
    """An item in 东沟村's hands with two measures."""
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    row = {"unit": county.organs["donggou_branch"], "person": "孙强", "due_words": "长期坚持", "label": "long_term"}
    measures = [{**row, "text": "补齐半年来应公开的内容"}, {**row, "text": "每月10日前更新一次"}]
    plan = {"cause": "无人管", "first_responsible_post": "书记", "first_responsible": "周明远", "measures": measures}
    county.fire(case_id, "submit_plan", "zhou", NOW - timedelta(minutes=20), **plan)
    return case_id


def measures_of(county: County, item: int) -> list[int]:
    return [int(row["id"]) for row in rows_of(county, Case, kind="measure", parent_id=item)]


def save(client: Any, item: int, work: int, **told: Any) -> Any:
    return post(client, f"/village/{item}", f"/village/{item}/save", {"work": str(work), **told})


def test_work_begins_with_the_most_urgent_item(client: Client, county: County, item: int) -> None:
    late = county.supervised_item(
        NOW - timedelta(days=60), title="路灯损坏", immediate="rectify_now", period="default_immediate"
    )
    county.engine.tick(NOW - timedelta(minutes=1))
    zhou = client("zhou")
    assert zhou.get("/", follow_redirects=True).request.path == f"/village/{late}"
    page = zhou.get(f"/village/{late}").text
    assert "第1项，共2项" in words_of(page) and f'href="/village/{item}"' in page
    assert "逾期" in words_of(page)


def test_a_talk_is_on_the_village_page_from_its_notice_on(client: Client, county: County) -> None:
    late = county.supervised_item(
        NOW - timedelta(days=60), title="路灯损坏", immediate="rectify_now", period="default_immediate"
    )
    county.engine.tick(NOW - timedelta(minutes=5))
    talk, zhou = int(rows_of(county, Case, kind="interview")[0]["id"]), client("zhou")
    pages = [f"/village/{late}", f"/cases/{late}", "/", "/inbox", "/ledger", "/interviews", "/notices", "/search?q=约谈"]

    def told() -> set[str]:
        """The pages that lead to the talk or say that there is one."""
        found = {page: zhou.get(page, follow_redirects=True) for page in (*pages, f"/cases/{talk}")}
        marks = re.compile(rf"/cases/{talk}\b|>有约谈<|自动督促：拟约谈|等约谈定下新期限")
        return {page for page, answer in found.items() if answer.status_code == 200 and marks.search(answer.text)}

    assert told() == set()
    assert zhou.get(f"/cases/{talk}").status_code == 404
    county.fire(talk, "order", "zhao", NOW - timedelta(minutes=4), hold_by=(NOW + timedelta(days=9)).date().isoformat())
    assert told() == set()
    notice = {"held_on": (NOW + timedelta(days=8)).date().isoformat(), "held_time": "9:00", "place": "镇会议室"}
    notice |= {"chair": "陈立新", "interviewee_post": "书记", "interviewee_name": "周明远", "contact_name": "许洁"}
    county.fire(talk, "notify", "chen", NOW - timedelta(minutes=3), **notice, contact_phone="0300-2345678")
    deliver(county.database, {}, now=NOW)
    assert zhou.get(f"/cases/{talk}").status_code == 200
    assert told() >= {f"/village/{late}", f"/cases/{late}", "/interviews", f"/cases/{talk}", "/notices"}


def test_the_switch_and_a_note_move_a_measure(client: Client, county: County, item: int) -> None:
    zhou, (first, _second) = client("zhou"), measures_of(county, item)
    page = words_of(zhou.get(f"/village/{item}").text)
    assert all(word in page for word in ("正在整改", "阶段性完成", "已完成", "长期坚持", "还不能报整改完成"))
    assert save(zhou, item, first, step="stage", note="已补到3月").status_code == 303
    assert case_row(county, first)["state"] == "staged"
    assert save(zhou, item, first, step="report_progress", note="补到4月").status_code == 303
    assert case_row(county, first)["state"] == "staged"


def test_what_needs_proof_is_done_with_the_photograph_of_the_same_form(client: Client, county: County, item: int) -> None:
    zhou, (first, _second) = client("zhou"), measures_of(county, item)
    bare = save(zhou, item, first, step="complete", note="全部补齐")
    assert bare.status_code == 409 and "全部补齐" in bare.text and "证" in words_of(bare.text)
    done = save(zhou, item, first, step="complete", note="全部补齐", file=(io.BytesIO(PNG), "公开栏.png"))
    assert done.status_code == 303
    assert case_row(county, first)["state"] == "done"
    assert [row["label"] for row in rows_of(county, Evidence, case_id=first)] == ["site_photo"]


def test_what_proves_the_measures_proves_their_item_which_is_then_reported_done(
    client: Client, county: County, item: int
) -> None:
    zhou, both = client("zhou"), measures_of(county, item)
    assert "还不能报整改完成" in words_of(zhou.get(f"/village/{item}").text)
    for measure in both:
        sent = save(
            zhou, item, measure, step="complete", note="完成", file=(io.BytesIO(PNG + bytes([measure])), f"{measure}.png")
        )
        assert sent.status_code == 303
    assert len(rows_of(county, Evidence, case_id=item)) == len(both)
    page = zhou.get(f"/village/{item}").text
    assert f'href="/cases/{item}/do/report_rectified?village={item}"' in page and "还不能报整改完成" not in words_of(page)


def test_the_item_itself_takes_a_photograph_once(client: Client, county: County, item: int) -> None:
    zhou = client("zhou")
    assert save(zhou, item, item, step="report_progress", file=(io.BytesIO(PNG), "全貌.png")).status_code == 303
    assert len(rows_of(county, Evidence, case_id=item)) == 1


def test_what_was_saved_is_shown_where_it_was_saved(client: Client, county: County, item: int) -> None:
    zhou, (first, second) = client("zhou"), measures_of(county, item)
    for work in (item, second):
        sent = save(zhou, item, work, step="report_progress", note="已公示", file=(io.BytesIO(PNG), f"{work}号照片.png"))
        assert sent.location.endswith(f"/village/{item}?saved={work}#work-{work}")
        page = zhou.get(sent.location).text
        assert re.findall(r'id="work-(\d+)" open', page) == [str(work)], "the work itself is unfolded, and no other"
        unfolded = page.partition(f'id="work-{work}"')[2].partition("</details>")[0]
        assert f"{work}号照片.png" in unfolded and "已公示" in words_of(unfolded)
    assert words_of(page).count("点开写进展、加照片") == 3 and f'id="work-{first}" open' in zhou.get(f"/village/{item}").text


def test_the_proof_of_a_measure_that_is_done_can_still_be_seen(client: Client, county: County, item: int) -> None:
    zhou, (first, _second) = client("zhou"), measures_of(county, item)
    sent = save(zhou, item, first, step="complete", note="全部补齐", file=(io.BytesIO(PNG), "公开栏.png"))
    shown = zhou.get(sent.location).text.partition(f'id="work-{first}" open')[2].partition("</details>")[0]
    assert "公开栏.png" in shown and "<form" not in shown


def test_a_photograph_alone_is_kept_but_a_turned_switch_wants_a_word(client: Client, county: County, item: int) -> None:
    zhou, (first, _second) = client("zhou"), measures_of(county, item)
    assert save(zhou, item, first, step="report_progress", file=(io.BytesIO(PNG), "一.png")).status_code == 303
    assert len(rows_of(county, Evidence, case_id=first)) == 1
    refused = save(zhou, item, first, step="complete", file=(io.BytesIO(PNG), "二.png"))
    assert refused.status_code == 422 and "这一栏要填" in words_of(refused.text)
    assert len(rows_of(county, Evidence, case_id=first)) == 1, "nothing is kept of what was refused"
    assert save(zhou, item, first, step="report_progress").status_code == 422
    spoilt = save(zhou, item, first, step="stage", note="补到5月", file=(io.BytesIO(b""), "空.png"))
    assert spoilt.status_code == 422 and "补到5月" in spoilt.text and case_row(county, first)["state"] == "doing"


def test_a_form_sent_twice_writes_once(client: Client, county: County, item: int) -> None:
    zhou, (first, _second) = client("zhou"), measures_of(county, item)
    before = len(rows_of(county, Content, case_id=first))
    for _ in range(2):
        told = {"step": "report_progress", "note": "补到6月", "key": "once", "file": (io.BytesIO(PNG), "六.png")}
        assert save(zhou, item, first, **told).status_code == 303
    assert len(rows_of(county, Content, case_id=first)) == before + 2


def test_an_item_without_measures_takes_a_note_and_says_what_comes_first(client: Client, county: County) -> None:
    bare = county.supervised_item(NOW - timedelta(minutes=30))
    zhou = client("zhou")
    page = words_of(zhou.get(f"/village/{bare}").text)
    assert "整改措施" not in page.split("还不能")[0] and "先报整改方案，列出整改措施" in page
    assert save(zhou, bare, bare, step="report_progress", note="已开会研究").status_code == 303
    assert "已开会研究" in words_of(zhou.get(f"/cases/{bare}").text)


def test_an_unsigned_item_offers_only_to_sign_for_it(client: Client, county: County) -> None:
    unsigned = county.open_item(NOW - timedelta(hours=2), immediate="rectify_now", period="default_immediate")
    county.hand_over(unsigned, NOW - timedelta(hours=1))
    page = client("zhou").get(f"/village/{unsigned}").text
    assert f'href="/cases/{unsigned}/do/sign_for?village={unsigned}"' in page and 'name="note"' not in page


def test_the_outsider_gets_the_same_404_as_for_nothing(client: Client, county: County, item: int) -> None:
    first = measures_of(county, item)[0]
    for login in ("shi", "han", "lin"):
        assert client(login).get(f"/village/{item}").status_code == 404
    elsewhere = county.supervised_item(NOW - timedelta(minutes=20), subject="shimen_branch", signer="shi")
    shi = client("shi")
    stolen = post(shi, f"/village/{elsewhere}", f"/village/{elsewhere}/save", {"work": str(first), "note": "冒名"})
    assert stolen.status_code == 404
    assert client("shi").get("/village/999999").status_code == 404


def test_who_has_nothing_open_is_told_so(client: Client) -> None:
    assert "今天没有要办的" in words_of(client("feng").get("/village").text)


def test_an_item_that_lies_with_others_is_read_and_says_with_whom(client: Client, county: County) -> None:
    began = NOW - timedelta(minutes=30)
    case_id = county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")
    photo = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou", local_day(NOW)), now=NOW, file_id=photo, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", NOW, result="已更换", progress_label="done")
    zhou = client("zhou")
    reported = zhou.get(f"/village/{case_id}")
    assert reported.status_code == 200 and "现在由县委巡察办承办，不用你办" in words_of(reported.text)
    assert 'name="note"' not in reported.text and f"/village/{case_id}/save" not in reported.text
    county.fire(case_id, "close", "song", NOW, ground="completed")
    told = words_of(zhou.get(f"/village/{case_id}").text)
    assert "办结，不用再办" in told and "已销号" in told and "宋伟" in told
    for login in ("shi", "han", "lin"):
        assert client(login).get(f"/village/{case_id}").status_code == 404


def test_an_item_that_was_handed_on_is_shown_as_it_was_then(client: Client, county: County) -> None:
    case_id = county.open_item(NOW - timedelta(minutes=40), feedback_on=local_day_text(NOW))
    county.hand_over(case_id, NOW - timedelta(minutes=30), to="bureau")
    why = {"hand_back_reason": "not_ours", "hand_back_note": "应由属地承办"}
    county.fire(case_id, "hand_back", "ma", NOW - timedelta(minutes=20), **why)
    county.hand_over(case_id, NOW - timedelta(minutes=10))
    told = words_of(client("ma").get(f"/village/{case_id}").text)
    assert "这一项已经交出" in told and "东沟村党支部" not in told.split("办到了哪一步")[1]


def test_what_was_sent_back_says_why_on_top_of_the_village_page(client: Client, county: County) -> None:
    began = NOW - timedelta(minutes=30)
    case_id = county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")
    proof = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOW, file_id=proof)
    definition = county.engine.read(NOW, lambda _store, occasion: occasion.catalogue.of_kind("rectification").definition)
    for trigger, login in (("report_rectified", "zhou"), ("send_back", "song")):
        step = next(one for one in definition.transitions if one.trigger == trigger)
        told = answers_for(definition, step, local_day(NOW), county.organs, county.people)
        county.fire(case_id, trigger, login, NOW, **told)
    page = words_of(client("zhou").get(f"/village/{case_id}").text)
    assert "退回" in page.split("写进展")[0]
    assert "答" in page.split("写进展")[0]
    # The photograph from before does not do a second time, on the page of the village as in the list and on the case's page.
    wants = "退回以后还没有补充材料，先上传新的佐证材料"
    assert wants in page and wants in words_of(client("zhou").get(f"/cases/{case_id}").text)
    assert "上传佐证材料" in words_of(client("zhou").get("/inbox").text)
    proof = county.keep_file("新照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOW, file_id=proof)
    assert wants not in words_of(client("zhou").get(f"/village/{case_id}").text)
    assert f'href="/cases/{case_id}/do/report_rectified?inbox=row-{case_id}"' in client("zhou").get("/inbox").text


# ---- what it is about, what was done and what can be taken back --------------------------------------------------------------


def test_what_was_found_and_is_asked_for_is_read_before_it_is_signed_for(client: Client, county: County) -> None:
    told = {"problem": "公示栏半年未更新", "particulars": "三处公示栏停在上半年", "cause": "无人管"}
    case_id = county.open_item(NOW - timedelta(hours=2), feedback_on=local_day_text(NOW), **told)
    county.fire(
        *(case_id, "transfer", "song", NOW - timedelta(hours=1)),
        **{"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign", "requirement": "一个月内补齐"},
    )
    zhou = client("zhou")
    found = zhou.get(f"/village/{case_id}").text.partition('id="found" open')[2].partition("</details>")[0]
    words = words_of(found)
    assert "反馈问题" in words and "公示栏半年未更新" in words and "三处公示栏停在上半年" in words and "一个月内补齐" in words
    assert "无人管" not in words, "what its holder writes was not found"
    # The form that opens on the row of the inbox shows it as well.
    here = {"HX-Request": "true", "HX-Current-URL": "http://localhost/inbox"}
    form = zhou.get(f"/cases/{case_id}/do/sign_for?inbox=row-{case_id}", headers=here).text
    gist = form.partition('<details class="gist-here" open>')[2].partition("</section>")[0]
    assert "公示栏半年未更新" in words_of(gist)


def test_what_was_found_folds_behind_the_measures(client: Client, county: County, item: int) -> None:
    page = client("zhou").get(f"/village/{item}").text
    assert 'class="village-found" id="found">' in page


def test_a_note_that_was_saved_is_taken_back_from_its_toast_and_from_its_measure(
    client: Client, county: County, item: int
) -> None:
    zhou, (first, _second) = client("zhou"), measures_of(county, item)
    undo = f'action="/cases/{first}/undo?village={item}"'
    assert undo not in zhou.get(f"/village/{item}").text
    page = zhou.get(save(zhou, item, first, step="stage", note="已补到3月").location).text
    assert (
        undo in page.partition("data-toasts")[2]
        and undo in page.partition(f'id="work-{first}" open')[2].partition("</details>")[0]
    )
    back = post(zhou, f"/village/{item}", f"/cases/{first}/undo?village={item}", {})
    assert back.location == f"/village/{item}" and case_row(county, first)["state"] == "doing"
    alone = save(zhou, item, first, step="report_progress", file=(io.BytesIO(PNG), "一.png"))
    assert undo not in zhou.get(alone.location).text, "a photograph alone is no step"


def test_what_became_of_a_measure_stands_in_the_story_of_its_item(client: Client, county: County, item: int) -> None:
    zhou, (first, second) = client("zhou"), measures_of(county, item)
    save(zhou, item, first, step="complete", note="全部补齐", file=(io.BytesIO(PNG), "一.png"))
    save(zhou, item, second, step="stage", note="已更新一次")
    assert "正在整改→阶段性完成" in words_of(zhou.get(f"/cases/{item}").text)
    post(zhou, f"/village/{item}", f"/cases/{second}/undo?village={item}", {})
    for login in ("zhou", "song"):
        story = client(login).get(f"/cases/{item}").text.partition('id="story"')[2].partition("</section>")[0]
        done = [words_of(one) for one in re.findall(r'<li class="event-state">.*?</li>', story, re.S) if "措施已完成" in one]
        assert len(done) == 1 and "东沟村党支部周明远" in done[0] and "正在整改→已完成" in done[0]
        assert f'href="/cases/{first}">补齐半年来应公开的内容</a>' in story
        assert "阶段性完成" not in words_of(story), "what was taken back is not told"
    hours_told = [at.rjust(5) for at in re.findall(r'class="event-at">([^<]+)<', story)]
    assert hours_told == sorted(hours_told, reverse=True), "the newest first"
    assert client("shi").get(f"/cases/{item}").status_code == 404
