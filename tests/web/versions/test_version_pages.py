"""The pages around a new version, walked by two administrators and by everybody else, who find nothing there."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import hours
from tests.factories import WHY_LATER, County
from tests.web.site import post, signed_in, site, token, words_of
from tests.workflow.looking import case_row, rows_of
from tests.workflow.versions.conftest import Document, Office, part
from workflow.dates import local_day
from workflow.models import Case, Draft, Impact, Notice, Outbox, Publication, Trail
from workflow.store import Store

NOW = hours.now()
WHY = "县里改了时限"
LATIN = re.compile(r"[A-Za-z]{2,}")
Edit = Callable[[Document], None]


def rename(document: Document) -> None:
    """督办 becomes another state, with a name of its own."""
    text = json.dumps(document, ensure_ascii=False).replace('"supervised"', '"in_hand"')
    document.clear()
    document.update(json.loads(text))
    part(document, "states", "in_hand")["title"] = "办理"


def otherwise(document: Document) -> None:
    """Its scenarios tell the dates of the longer limit."""
    part(document, "clocks", "rectify")["limits"] = [{"limit": "30 workday"}]


def shorter(document: Document) -> None:
    document.pop("scenarios")
    part(document, "clocks", "rectify")["limits"] = [{"limit": "30 workday"}]


def longer(document: Document) -> None:
    part(document, "clocks", "hand_over")["limits"] = [{"limit": "30 workday"}]


@pytest.fixture
def jiang(app: Flask, county: County, office: Office) -> FlaskClient:
    """The first administrator."""
    return signed_in(app, county, "jiang", NOW)


@pytest.fixture
def kong(app: Flask, county: County, office: Office) -> FlaskClient:
    """The second administrator."""
    return signed_in(app, county, "kong", NOW)


def an_item(county: County, days: int = 20) -> int:
    return county.supervised_item(NOW - timedelta(days=days))


def previewed(client: FlaskClient, draft_id: int, **answers: str) -> str:
    """The address of a whole preview."""
    page = f"/versions/drafts/{draft_id}"
    told = {name.replace("__", "/"): said for name, said in answers.items()}
    reasons = {name.replace("clock/", "why/"): WHY for name in told if name.startswith("clock/")}
    answer = post(client, page, f"{page}/preview", {**reasons, **told})
    assert answer.status_code == 303, words_of(answer.text)
    return answer.headers["Location"]


def proposed(client: FlaskClient, preview: str, reason: str = "县里改了时限", **more: Any) -> str:
    """The address of a proposal."""
    seal = re.search(r'name="seal" value="(\w+)"', client.get(preview).text)
    assert seal
    answer = post(client, preview, f"{preview}/propose", {"seal": seal[1], "reason": reason, **more})
    assert answer.status_code == 303, words_of(answer.text)
    return answer.headers["Location"]


def decided(client: FlaskClient, proposal: str, granted: str = "yes", **more: Any) -> Any:
    seal = re.search(r'name="seal" value="(\w+)"', client.get(proposal).text)
    assert seal
    return post(client, proposal, f"{proposal}/decide", {"seal": seal[1], "granted": granted, **more})


# ---- who is let in ----------------------------------------------------------------------------------------------------


def test_nobody_but_administrators_of_workflows_finds_a_page(app: Flask, county: County, office: Office, jiang: Any) -> None:
    an_item(county)
    draft_id = office.draft(shorter, now=NOW)
    preview = previewed(jiang, draft_id)
    proposal = proposed(jiang, preview)
    pages = ("/versions", "/versions/rectification/1.yaml", f"/versions/rectification/diff?draft={draft_id}")
    pages += (
        f"/versions/drafts/{draft_id}",
        preview,
        f"{preview}/rehearsal",
        f"{preview}/rehearsal.csv",
        f"{preview}/lines.csv",
        proposal,
    )
    motion = post(jiang, "/versions", "/versions/clue/stop", {"reason": "并入别的"}).headers["Location"]
    pages += (motion,)
    for page in pages:
        with jiang.get(page) as answer:
            assert answer.status_code == 200, page
    for login in ("lin", "zhao", "he", "zhou", "han"):
        client = signed_in(app, county, login, NOW)
        absent = words_of(client.get("/cases/999999").text)
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 404, (login, page)
            assert words_of(answer.text) == absent
        form = token(client, "/inbox") if "csrf" in client.get("/inbox").text else ""
        for page in (f"{preview}/propose", f"{proposal}/decide", "/versions/rectification/stop", f"{motion}/decide"):
            assert client.post(page, data={"csrf_token": form}).status_code == 404


def marked(drawing: str) -> dict[str, str]:
    """State, or from→to → the sign that stands at it in one drawing."""
    parts = re.findall(r'<g class="[^"]*" data-(?:state="(\w+)"|from="(\w+)" data-to="(\w+)")>(.*?)</g>', drawing, re.S)
    signs = [(state or f"{source}→{target}", re.findall("[＋－△][^<]*", words)) for state, source, target, words in parts]
    return {place: sign for place, found in signs for sign in found}


def test_what_came_went_and_changed_is_marked_in_the_drawings_with_a_legend(office: Office, jiang: FlaskClient) -> None:
    def changed(document: Document) -> None:
        shorter(document)
        part(document, "states", "supervised")["title"] = "督促整改"
        document["states"].append({"key": "parked", "title": "搁置"})
        park = {"trigger": "park", "title": "搁置", "from": ["supervised"], "to": "parked", "who": []}
        document["transitions"] = [one for one in document["transitions"] if one["trigger"] != "send_back"]
        document["transitions"].append(park)

    page = jiang.get(f"/versions/rectification/diff?draft={office.draft(changed, now=NOW)}").text
    shown = page.split("流程图上的改动")[1]
    assert "＋新增、－去掉、△有改动，标在状态和连线旁。" in words_of(shown)
    before, after = (marked(one) for one in re.findall(r"<svg.*?</svg>", shown, re.S)[:2])
    assert after == {"supervised": "△有改动", "parked": "＋新增", "supervised→parked": "＋新增"}
    assert set(before.values()) == {"－去掉"}


def test_no_page_shows_a_title_a_fact_or_a_person_of_a_case(county: County, office: Office, jiang: FlaskClient) -> None:
    county.supervised_item(NOW - timedelta(days=20), title="王某某重复领取补贴")
    preview = previewed(jiang, office.draft(shorter, now=NOW), clock__rectify="carry")
    for page in ("/versions", preview, f"{preview}/lines.csv"):
        with jiang.get(page) as answer:
            text = answer.text
        assert "王某某" not in text and "周明远" not in text
    assert "整改〔" in jiang.get(preview).text
    assert 'href="/cases/' not in jiang.get(preview).text


def test_a_date_behind_the_one_that_is_due_first_is_read_with_its_clock(
    county: County, office: Office, jiang: FlaskClient
) -> None:
    case_id = county.open_item(NOW - timedelta(hours=2), feedback_on=local_day(NOW).isoformat())
    county.hand_over(case_id, NOW - timedelta(hours=1))
    preview = previewed(jiang, office.draft(shorter, now=NOW), clock__rectify="carry")
    for page in (preview, f"{preview}/lines.csv"):
        with jiang.get(page) as answer:
            assert re.search("整改的期限：[0-9年月日]+ → [0-9年月日]+", answer.text)


def test_what_follows_with_its_next_step_says_so_and_stands_in_no_other_figure(
    county: County, office: Office, jiang: FlaskClient
) -> None:
    an_item(county)
    preview = previewed(jiang, office.draft(shorter, now=NOW), clock__rectify="carry", when__supervised="next")
    page = jiang.get(preview).text
    assert "<dt>随下一步</dt><dd>1</dd>" in page and "<dt>期限变动</dt><dd>0</dd>" in page
    assert "随下一步的到那时再算，其余各数里没有它们" in page
    with jiang.get(f"{preview}/lines.csv") as answer:
        assert "下一步若在今天办：" in answer.text


def test_numbers_of_clues_in_a_preview_and_its_file_are_on_the_trail(
    county: County, office: Office, jiang: FlaskClient
) -> None:
    subject, facts = county.organs["donggou_branch"], {"summary": "一", "managed_by": "village"}
    told = {"title": "王某某重复领取补贴", "subject_id": subject, "data": facts}
    clue = county.engine.open("clue", actor=county.actor("lin"), now=NOW - timedelta(days=20), **told)
    preview = previewed(jiang, office.draft(longer, kind="clue", now=NOW), clock__hand_over="carry")
    for page in (preview, f"{preview}/lines.csv"):
        before = len(rows_of(county, Trail))
        with jiang.get(page) as answer:
            assert "线索〔" in answer.text
        told = [(row["cases"], row["actor_id"]) for row in rows_of(county, Trail)[before:]]
        assert (f",{clue.case_id},", county.people["jiang"]) in told, page


def test_a_chinese_page_of_versions_has_no_english_word(county: County, office: Office, jiang: FlaskClient) -> None:
    an_item(county)

    def both(document: Document) -> None:
        rename(document)
        shorter(document)

    draft_id = office.draft(both, now=NOW)
    preview = previewed(jiang, draft_id, state__supervised="in_hand", clock__rectify="carry")
    proposal = proposed(jiang, preview)
    pages = ("/versions", f"/versions/rectification/diff?draft={draft_id}", f"/versions/drafts/{draft_id}", preview, proposal)
    motion = post(jiang, "/versions", "/versions/clue/stop", {"reason": "并入别的"}).headers["Location"]
    for page in (*pages, f"{preview}/rehearsal", motion):
        found = set(LATIN.findall(words_of(jiang.get(page).text))) - {"English", "Esc", "jiang", "kong"}
        seal = rows_of(county, Publication)[0]["seal"]
        assert {word for word in found if word not in seal} == set(), page


def test_a_rehearsal_tells_no_small_number_of_a_township_nor_a_sum_that_gives_one_back(
    county: County, office: Office, jiang: FlaskClient, home: Path
) -> None:
    for n in range(2):
        county.supervised_item(NOW - timedelta(days=150), title=f"拖了很久{n}")
    page = f"{previewed(jiang, office.draft(shorter, now=NOW))}/rehearsal"
    words = " ".join(words_of(jiang.get(page).text).split())
    assert "柳河镇 少于5" in words and not re.search(r"柳河镇[^县]* [1-4] ", words)
    assert "按新规则少于5次" in words
    with jiang.get(f"{page}.csv") as answer:
        assert answer.status_code == 200
        cells = list(csv.reader(answer.get_data(as_text=True).splitlines()))
    (town,) = (line for line in cells if line[0] == "柳河镇")
    assert town[1] == "少于5" and not {"1", "2", "3", "4"} & set(town)
    assert next(line for line in cells if line[0] == "合计")[1] == "少于5"
    with jiang.get(f"{page}.xlsx") as answer:
        assert answer.status_code == 200 and answer.data[:2] == b"PK"
    open_to_all = signed_in(site(county, home, DUBAN_SMALL_COUNTS="1"), county, "jiang", NOW)
    assert re.search(r"柳河镇(?: \d+){6} ", " ".join(words_of(open_to_all.get(page).text).split()))


def test_a_replay_is_worked_off_batch_by_batch_without_a_script_and_says_how_far_it_is(
    county: County, office: Office, jiang: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        an_item(county, 85)
    monkeypatch.setattr("workflow.versions.rehearse.BATCH", 1)
    preview = previewed(jiang, office.draft(shorter, now=NOW))
    rehearsal = f"{preview}/rehearsal"
    for page in (preview, rehearsal):
        shown = jiang.get(page).text
        assert "过去12个月已重演1项，共3项" in words_of(shown) and f'action="{preview}/progress"' in shown
        assert 'width="16.7%"' in shown, "one of three replayed and three computed"
    assert jiang.get(f"{rehearsal}.csv").status_code == 404
    assert post(jiang, rehearsal, f"{preview}/progress", {}).status_code == 303
    assert "过去12个月已重演2项，共3项" in words_of(jiang.get(rehearsal).text)
    post(jiang, rehearsal, f"{preview}/progress", {})
    assert "按新规则6次，按现行规则少于5次" in words_of(jiang.get(rehearsal).text)
    assert f"{preview}/progress" not in jiang.get(preview).text


def test_a_replay_is_kept_with_its_preview_and_its_page_and_files_tell_it_until_it_is_stale(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    for _ in range(6):
        an_item(county, 85)
    draft_id = office.draft(shorter, now=NOW)
    preview = previewed(jiang, draft_id)
    said = "按新规则12次，按现行规则6次（实际0次）"
    proposal = proposed(jiang, preview)
    for who, page in ((jiang, preview), (kong, proposal), (kong, f"{preview}/rehearsal")):
        assert said in words_of(who.get(page).text), page
    an_item(county, 85)

    def sheet(file: str) -> str:
        with jiang.get(f"{preview}/{file}") as answer, ZipFile(BytesIO(answer.data)) as book:
            return "".join(book.read(name).decode() for name in book.namelist() if "sheet1" in name or "Strings" in name)

    assert f"按过去12个月重演 约谈 {said}" in sheet("lines.xlsx")
    assert "又改过" not in sheet("rehearsal.xlsx")
    with jiang.get(f"{preview}/rehearsal.csv") as answer:
        assert '"柳河镇","12","6","0"' in answer.get_data(as_text=True)
    stale = "试算以后草稿又改过，或者已经发布"
    assert stale not in words_of(jiang.get(f"{preview}/rehearsal").text)
    county.database.write(lambda store: store.update(Draft, {"digest": "", "source": "key: [", "revision": 2}, id=draft_id))
    for page in (preview, f"{preview}/rehearsal"):
        assert stale in words_of(jiang.get(page).text) and said in words_of(jiang.get(page).text)
    assert stale in sheet("rehearsal.xlsx")


def test_what_cannot_be_read_is_left_out_of_a_replay_and_a_new_kind_has_none(
    county: County, office: Office, jiang: FlaskClient
) -> None:
    an_item(county)
    broken = an_item(county)
    county.database.write(lambda store: store.update(Case, {"data": "{"}, id=broken))
    preview = previewed(jiang, office.draft(shorter, now=NOW))
    for page in (preview, f"{preview}/rehearsal"):
        assert "1项的记录读不通，没有算在内" in words_of(jiang.get(page).text)
    well = {"key": "well", "number": "机井〔{year}〕{n}号"}
    new = previewed(jiang, office.draft(lambda document: document.update(well), now=NOW))
    assert "重演" not in words_of(jiang.get(new).text)
    assert "试算的时候这一类还没有版本" in words_of(jiang.get(f"{new}/rehearsal").text)
    assert jiang.get(f"{new}/rehearsal.csv").status_code == 404


# ---- from the draft to the last case ------------------------------------------------------------------------------------


def test_a_renamed_state_asks_for_its_new_one_and_the_case_comes_to_it(
    app: Flask, county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    case_id = an_item(county)
    draft_id = office.draft(rename, now=NOW)
    page = f"/versions/drafts/{draft_id}"
    asked = post(jiang, page, f"{page}/preview", {"rungs": "from-now", "when/transferred": "next"})
    assert asked.status_code == 422
    assert "状态“督办”在新版本里没有了，选定转到哪个状态" in words_of(asked.text)
    assert re.search(r'name="when/transferred" value="next" checked', asked.text), "nothing typed is lost"
    proposal = proposed(jiang, previewed(jiang, draft_id, state__supervised="in_hand"))
    assert "督办 → 办理" in words_of(jiang.get(proposal.replace("proposals", "previews")).text)
    assert "须由另一位流程管理员决定" in words_of(jiang.get(proposal).text)
    assert "等你决定" in words_of(kong.get("/versions").text)
    answer = decided(kong, proposal, words="同意")
    assert answer.status_code == 303, words_of(answer.text)
    run = answer.headers["Location"]
    assert "办成1项，未办0项" in words_of(jiang.get(run).text)
    assert "迁移到新版本1项" in words_of(kong.get("/bulk").text)
    assert case_row(county, case_id)["state"] == "in_hand"
    story = words_of(signed_in(app, county, "lin", NOW).get(f"/cases/{case_id}").text)
    assert "流程由第1版改为第2版" in story and "督办→办理" in story
    motion = post(jiang, run, f"{run}/reverse", {"reason": "改错了"}).headers["Location"]
    assert case_row(county, case_id)["state"] == "in_hand"
    back = post(kong, motion, f"{motion}/decide", {"granted": "yes"})
    assert "办成1项" in words_of(kong.get(back.headers["Location"]).text)
    assert "退回原来的版本：改错了" in words_of(jiang.get("/versions").text)
    assert case_row(county, case_id)["state"] == "supervised"
    assert "流程由第2版退回第1版" in words_of(signed_in(app, county, "lin", NOW).get(f"/cases/{case_id}").text)


def test_a_kept_date_is_explained_by_the_version_that_gave_it(app: Flask, county: County, office: Office) -> None:
    case_id = an_item(county)
    office.change(shorter, now=NOW)
    page = words_of(signed_in(app, county, "lin", NOW).get(f"/cases/{case_id}").text)
    assert "按第1版规则定的期限，换版时保留" in page


def test_a_date_computed_anew_says_that_the_days_of_the_extension_are_in_it(
    app: Flask, county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    case_id = asked_for_later(county)
    county.fire(case_id, "advise_extension", "chen", NOW, extension_opinion="agreed")
    told: Any = {"clock": "rectify", "granted": True, "reason": "同意"}
    county.engine.decide_extension(case_id, actor=county.actor("fang", local_day(NOW)), now=NOW, **told)
    decided(kong, proposed(jiang, previewed(jiang, office.draft(shorter, now=NOW), clock__rectify="carry")))
    page = words_of(signed_in(app, county, "lin", NOW).get(f"/cases/{case_id}").text)
    assert "换版时按新规则重算，再加上批准延长的天数" in page
    assert "“整改”的期限由" in page


def test_the_second_person_is_told_in_his_bell_and_the_first_of_the_answer(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    proposal = proposed(jiang, previewed(jiang, office.draft(shorter, now=NOW)))
    told = [(row["message"], row["person_id"]) for row in rows_of(county, Outbox) if row["message"].startswith("version_")]
    assert told == [("version_proposed", county.people["kong"])]
    assert "等你决定" in words_of(kong.get("/inbox").text)
    assert "等你决定" not in words_of(jiang.get("/inbox").text)
    decided(kong, proposal, granted="no", words="时限太短")
    told = [(row["message"], row["person_id"]) for row in rows_of(county, Outbox) if row["message"].startswith("version_")]
    assert ("version_refused", county.people["jiang"]) in told
    assert "时限太短" in words_of(jiang.get("/versions").text)
    assert rows_of(county, Notice) == []


def test_refusing_asks_for_words(county: County, office: Office, jiang: FlaskClient, kong: FlaskClient) -> None:
    proposal = proposed(jiang, previewed(jiang, office.draft(shorter, now=NOW)))
    answer = decided(kong, proposal, granted="no")
    assert answer.status_code == 400
    assert "写明理由" in words_of(answer.text)


def test_the_proposer_may_not_decide_and_may_take_it_back(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    proposal = proposed(jiang, previewed(jiang, office.draft(shorter, now=NOW)))
    seal = rows_of(county, Publication)[0]["seal"]
    own = post(jiang, proposal, f"{proposal}/decide", {"seal": seal, "granted": "yes"})
    assert own.status_code == 403
    assert "须由他人决定" in words_of(own.text)
    other = post(kong, proposal, f"{proposal}/withdraw", {"words": "不要了"})
    assert other.status_code == 403
    assert "不是你提出的，不能撤回" in words_of(other.text)
    silent = post(jiang, proposal, f"{proposal}/withdraw", {"words": " "})
    assert silent.status_code == 400
    assert post(jiang, proposal, f"{proposal}/withdraw", {"words": "写错了"}).status_code == 303
    assert "提出人撤回" in words_of(kong.get("/versions").text)
    late = post(kong, "/versions", f"{proposal}/decide", {"seal": seal, "granted": "yes"})
    assert late.status_code == 409
    assert "这个版本已经定了" in words_of(late.text)


def test_a_version_dated_ahead_waits_and_brings_no_case_over(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    case_id = an_item(county)
    before = case_row(county, case_id)["definition_version_id"]
    ahead = (NOW + timedelta(days=30)).date().isoformat()
    proposal = proposed(jiang, previewed(jiang, office.draft(shorter, now=NOW)), from_on=ahead)
    assert decided(kong, proposal).headers["Location"] == proposal
    assert "已同意，等执行日" in words_of(jiang.get("/versions").text)
    assert case_row(county, case_id)["definition_version_id"] == before
    assert rows_of(county, Draft)[0]["status"] == "open"


def test_a_preview_of_another_ledger_is_asked_for_anew(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    preview = previewed(jiang, office.draft(shorter, now=NOW))
    proposal = proposed(jiang, preview)
    for _ in range(7):
        an_item(county)
    answer = decided(kong, proposal)
    assert answer.status_code == 409
    assert "试算以后台账又有7项的结果会不同，重新试算" in words_of(answer.text)
    assert "重新试算" in words_of(answer.text)


def test_a_draft_that_was_changed_since_cannot_be_proposed(county: County, office: Office, jiang: FlaskClient) -> None:
    draft_id = office.draft(shorter, now=NOW)
    preview = previewed(jiang, draft_id)
    seal = rows_of(county, Impact)[0]["seal"]

    def change(store: Store) -> None:
        store.update(Draft, {"digest": "", "source": "key: [", "revision": 2}, id=draft_id)

    county.database.write(change)
    assert "试算以后草稿又改过" in words_of(jiang.get(preview).text)
    answer = post(jiang, "/versions", f"{preview}/propose", {"seal": seal, "reason": "改"})
    assert answer.status_code == 409
    assert "试算以后草稿又改过，重新试算后再提出" in words_of(answer.text)
    assert "读不通" in words_of(jiang.get(f"/versions/drafts/{draft_id}").text)


def asked_for_later(county: County, days: int = 20) -> int:
    """An item for which a later date is asked and not yet decided."""
    case_id = an_item(county, days)
    told: Any = {"clock": "rectify", "wanted_on": (NOW + timedelta(days=90)).date(), "reason": "账目多", "data": WHY_LATER}
    county.engine.ask_extension(case_id, actor=county.actor("zhou", local_day(NOW)), now=NOW, **told)
    return case_id


def another_clock(document: Document) -> None:
    """The clock of the item has another key: the old one ends."""
    text = json.dumps(document, ensure_ascii=False).replace('"rectify"', '"mend"')
    document.clear()
    document.update(json.loads(text))


def test_what_cannot_come_stands_first_with_its_reason_and_stays(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    fine, stuck = an_item(county), asked_for_later(county)
    preview = previewed(jiang, office.draft(another_clock, now=NOW))
    page = words_of(jiang.get(preview).text)
    assert "1项有问题，不会迁移：延期申请还没有批复，而它的期限在新版本里没有了" in page
    numbers = [case_row(county, case_id)["number"] for case_id in (stuck, fine)]
    assert page.index(numbers[0]) < page.index(numbers[1])
    run = decided(kong, proposed(jiang, preview)).headers["Location"]
    told = words_of(kong.get(run).text)
    assert "办成1项，未办1项" in told and "先批复" in told
    versions = {case_id: case_row(county, case_id)["definition_version_id"] for case_id in (fine, stuck)}
    assert versions[fine] != versions[stuck]
    assert "没有迁移成的" in told and "再迁移一次" in told
    county.fire(stuck, "advise_extension", "chen", NOW, extension_opinion="agreed")
    word: Any = {"clock": "rectify", "granted": False, "reason": "按期办"}
    county.engine.decide_extension(stuck, actor=county.actor("fang", local_day(NOW)), now=NOW, **word)
    again = post(jiang, run, f"{run}/again", {})
    assert again.status_code == 303 and again.headers["Location"] != run
    told = words_of(jiang.get(again.headers["Location"]).text)
    assert "办成1项，未办0项" in told and "再迁移一次" not in told
    assert case_row(county, stuck)["definition_version_id"] == versions[fine]
    refused = post(jiang, "/versions", f"{run}/again", {})
    assert refused.status_code == 409 and "没有可以再迁移的" in words_of(refused.text)


def test_what_could_not_follow_with_its_step_is_shown_with_the_reason(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    stuck = asked_for_later(county)
    preview = previewed(jiang, office.draft(another_clock, now=NOW), when__supervised="next")
    proposal = proposed(jiang, preview)
    assert decided(kong, proposal).headers["Location"] == proposal, "none comes at once, so there is no run"
    county.fire(stuck, "report_progress", "zhou", NOW, progress_note="账目已核对一半", progress_label="ongoing")
    page = words_of(jiang.get(proposal).text)
    assert "随下一步没能转过来的" in page and case_row(county, stuck)["number"] in page and "先批复" in page


def test_a_draft_is_checked_on_its_page_and_what_stands_against_it_is_said(office: Office, jiang: FlaskClient) -> None:
    def begun(edit: Edit) -> str:
        draft_id = office.draft(edit, now=NOW)
        office.county.database.write(lambda store: store.update(Draft, {"proven": ""}, id=draft_id))
        return f"/versions/drafts/{draft_id}"

    page = begun(lambda document: part(document, "states", "closed").update(phrase="已了结"))
    refused = post(jiang, page, f"{page}/preview", {})
    assert refused.status_code == 409 and "草稿还没有通过检查，先检查再试算" in words_of(refused.text)
    assert post(jiang, page, f"{page}/check", {}).status_code == 303
    assert post(jiang, page, f"{page}/preview", {}).status_code == 303
    page = begun(otherwise)
    assert "情景“" in words_of(post(jiang, page, f"{page}/check", {}).text)
    page = begun(lambda document: part(document, "transitions", "close").update(to="nowhere"))
    answer = post(jiang, page, f"{page}/check", {})
    assert answer.status_code == 422 and "草稿没有通过检查" in words_of(answer.text)


def test_what_was_proven_is_examined_once_more_before_its_preview_and_no_longer_proven_where_it_fails(
    office: Office, jiang: FlaskClient
) -> None:
    draft_id = office.draft(otherwise, now=NOW)  # written down as proven beside rules, days and kinds of then
    page = f"/versions/drafts/{draft_id}"
    refused = post(jiang, page, f"{page}/preview", {})
    assert refused.status_code == 409 and "草稿还没有通过检查，先检查再试算" in words_of(refused.text)
    assert [row["proven"] for row in rows_of(office.county, Draft)] == [""]
    assert rows_of(office.county, Impact) == []


def test_the_day_of_a_proposal_is_typed_as_people_write_it_and_nothing_typed_is_lost(
    county: County, office: Office, jiang: FlaskClient
) -> None:
    preview = previewed(jiang, office.draft(shorter, now=NOW))
    seal = rows_of(county, Impact)[0]["seal"]
    told = {"seal": seal, "reason": "县里改了时限"}
    wrong = post(jiang, preview, f"{preview}/propose", {**told, "from_on": "下个月"})
    assert wrong.status_code == 400 and "县里改了时限" in wrong.text and 'value="下个月"' in wrong.text
    past = post(jiang, preview, f"{preview}/propose", {**told, "from_on": "2020年1月1日"})
    assert past.status_code == 400 and "执行日期不能早于今天" in words_of(past.text)
    ahead = (NOW + timedelta(days=40)).date()
    proposed(jiang, preview, from_on=f"{ahead.year}年{ahead.month}月{ahead.day}日")
    assert rows_of(county, Publication)[0]["from_on"] == ahead


# ---- the rest -----------------------------------------------------------------------------------------------------------


# ---- the end of a kind --------------------------------------------------------------------------------------------------


def test_a_kind_is_stopped_by_two_people_and_the_reason_stays_to_be_read(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    assert post(jiang, "/versions", "/versions/nothing/stop", {"reason": "x"}).status_code == 404
    silent = post(jiang, "/versions", "/versions/clue/stop", {"reason": " "})
    assert silent.status_code == 400 and "写明理由" in words_of(silent.text)
    motion = post(jiang, "/versions", "/versions/clue/stop", {"reason": "并入别的"}).headers["Location"]
    assert "已停用" not in words_of(kong.get("/versions").text)
    assert "并入别的" in words_of(kong.get("/inbox").text) and "并入别的" not in words_of(jiang.get("/inbox").text)
    own = post(jiang, motion, f"{motion}/decide", {"granted": "yes"})
    assert own.status_code == 403 and "须由他人决定" in words_of(own.text)
    other = post(jiang, "/versions", "/versions/clue/stop", {"reason": "再说一次"})
    assert other.status_code == 409 and "先定下它" in words_of(other.text)
    no = post(kong, motion, f"{motion}/decide", {"granted": "no", "words": " "})
    assert no.status_code == 400 and "写明理由" in words_of(no.text)
    assert post(kong, motion, f"{motion}/decide", {"granted": "yes", "words": "可以"}).headers["Location"] == motion
    page = words_of(jiang.get("/versions").text)
    assert "已停用" in page and "停用这一类：并入别的" in page and "可以" in page
    late = post(kong, motion, f"{motion}/decide", {"granted": "yes"})
    assert late.status_code == 409 and "这一件已经定了" in words_of(late.text)


def test_whoever_proposed_the_end_of_a_kind_takes_it_back(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    motion = post(jiang, "/versions", "/versions/clue/stop", {"reason": "并入别的"}).headers["Location"]
    other = post(kong, motion, f"{motion}/withdraw", {"words": "不要了"})
    assert other.status_code == 403 and "不是你提出的" in words_of(other.text)
    assert post(jiang, motion, f"{motion}/withdraw", {"words": "写错了"}).status_code == 303
    assert "提出人撤回" in words_of(kong.get(motion).text)
