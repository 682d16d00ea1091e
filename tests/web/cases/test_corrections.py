"""Who has reported something wrong and no longer holds the item reads whom to ask; whoever may correct it himself does not."""

from __future__ import annotations

from datetime import timedelta

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import words_of

NOW = hours.now()
ASK = "报过的金额等内容写错了，请县委巡察办宋伟更正"


def test_a_village_corrects_a_figure_while_the_item_is_its_own_and_reads_then_whom_to_ask(
    client: Client, county: County
) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=3), immediate="rectify_now", period="default_immediate")
    zhou, pages = client("zhou"), (f"/cases/{case_id}", f"/village/{case_id}")
    for page in pages:
        text = zhou.get(page).text
        assert f"/cases/{case_id}/amend/money_involved" in text and "写错了" not in words_of(text), page
    photo = county.keep_file("公示照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOW, file_id=photo, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", NOW, result="已更新", progress_label="done")
    for page in pages:
        text = zhou.get(page).text
        assert "/amend/money_involved" not in text and ASK in words_of(text), page
    for login in ("lin", "chen"):
        assert "写错了" not in words_of(client(login).get(pages[0]).text), login


def test_what_is_closed_is_corrected_by_nobody_and_asks_for_nobody(client: Client, county: County) -> None:
    case_id = county.supervised_item(
        NOW - timedelta(days=3), immediate="rectify_now", period="default_immediate", first_check="county"
    )
    photo = county.keep_file("公示照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOW, file_id=photo, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", NOW, result="已更新", progress_label="done")
    county.fire(case_id, "close", "song", NOW, ground="completed")
    assert "写错了" not in words_of(client("zhou").get(f"/cases/{case_id}").text)
