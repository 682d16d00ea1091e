"""What is sealed of a clue is opened from its page by whoever is named for it, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, token, words_of
from tests.workflow.looking import rows_of
from workflow.models import Event, Outbox

NOW = hours.now()
BIRD = "金丝雀甲"


@pytest.fixture
def case_id(county: County) -> int:
    """A clue with its reporter, registered by lin an hour ago."""
    facts = {"summary": "虚报补助", "managed_by": "village", "reporter_name": BIRD, "subject_persons": "张三\n李四"}
    subject = county.organs["donggou_branch"]
    opened = county.engine.open(
        "clue", actor=county.actor("lin"), now=NOW - timedelta(hours=1), title="虚报补助", subject_id=subject, data=facts
    )
    return opened.case_id


def test_the_registrar_opens_what_he_chose_and_the_page_says_that_it_is_told(
    client: Client, county: County, case_id: int
) -> None:
    lin, url = client("lin"), f"/cases/{case_id}/sealed"
    assert url in lin.get(f"/cases/{case_id}").text and BIRD not in lin.get(url).text
    answer = post(lin, url, url, {"fields": ["reporter_name"], "reason": "回复举报人"})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    said = words_of(answer.text)
    assert BIRD in said and "张三" not in said and "记入办理经过" in said
    assert BIRD not in lin.get(f"/cases/{case_id}").text
    assert "查看保密内容" in words_of(client("zhao").get(f"/cases/{case_id}").text)
    assert "金丝雀" not in repr(rows_of(county, Outbox)) and [e["verb"] for e in rows_of(county, Event)].count("unseal") == 1


def test_the_answer_in_place_brings_the_history_with_the_look_in_it(client: Client, case_id: int) -> None:
    lin, url = client("lin"), f"/cases/{case_id}/sealed"
    assert '<div id="story">' in lin.get(f"/cases/{case_id}").text
    told = {"fields": "reporter_name", "reason": "回复举报人", "csrf_token": token(lin, url)}
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/cases/{case_id}"}
    opened, _oob, story = lin.post(url, data=told, headers=headers).text.partition('hx-swap-oob="innerHTML:#story"')
    assert BIRD in opened and "查看保密内容" in words_of(story) and "回复举报人" in words_of(story) and BIRD not in story


def test_no_reason_or_nothing_chosen_opens_nothing_and_keeps_what_was_typed(client: Client, case_id: int) -> None:
    lin, url = client("lin"), f"/cases/{case_id}/sealed"
    for told in ({"fields": ["reporter_name"], "reason": ""}, {"reason": "核对来信人"}):
        answer = post(lin, url, url, told)
        assert answer.status_code == 422 and BIRD not in answer.text
    assert "核对来信人" in answer.text


@pytest.mark.parametrize("login", ["song", "zhao", "he", "zhou"])
def test_nobody_else_has_the_page_or_its_answer(client: Client, county: County, case_id: int, login: str) -> None:
    who, url = client(login), f"/cases/{case_id}/sealed"
    assert who.get(url).status_code == 404
    answer = post(who, "/notices", url, {"fields": ["reporter_name"], "reason": "看看"})
    assert answer.status_code in (403, 404) and BIRD not in answer.text


def test_a_case_without_secrets_has_no_such_page(client: Client, county: County) -> None:
    item = county.open_item(NOW - timedelta(hours=1))
    assert client("lin").get(f"/cases/{item}/sealed").status_code == 404
    assert "查看保密内容" not in client("lin").get(f"/cases/{item}").text
