"""A password is half a sign-in: no post, no case, and one page, for whoever may see clues or give rights."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests import hours
from tests.web.session.conftest import Office
from tests.web.site import post, token, words_of
from workflow.people import factors
from workflow.people.accounts import issue_password

SECRET = re.compile(r'<p class="codes">([A-Z2-7 ]+)</p>')
FACTOR = re.compile(r'name="factor" value="(\d+)"')
CODE = re.compile(r"<li>((?:[A-Z2-7]{4}-){5}[A-Z2-7]{4})</li>")
PAGES = ("/ledger", "/inbox", "/overview", "/search?q=公开", "/people", "/tokens", "/ledger/export.csv")


def test_a_session_with_only_the_password_has_no_scope_and_is_led_to_the_second_factor(office: Office) -> None:
    case_id = office.county.open_item(hours.now())
    secret = office.enrol("lin")
    lin = office.client("lin")
    for page in (*PAGES, f"/cases/{case_id}"):
        answer = lin.get(page)
        assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (302, "/factor"), page
    with office.app.test_request_context():
        assert "村务公开栏" not in lin.get("/factor").text
    assert office.show(lin, secret) == 303
    assert lin.get(f"/cases/{case_id}").status_code == 200


def test_the_actor_of_half_a_sign_in_holds_no_post_on_any_page(office: Office) -> None:
    from flask import g

    office.enrol("lin")
    lin = office.client("lin")
    seen: list[object] = []
    office.app.before_request_funcs[None].append(lambda: seen.append(g.actor.grants if g.actor else None))
    for page in ("/ledger", "/factor", "/help", "/health"):
        lin.get(page)
    lin.post("/preferences", data={"csrf_token": token(lin, "/factor"), "theme": "dark"})
    assert [grants for grants in seen if grants] == []


def test_whoever_may_see_clues_gets_a_factor_before_anything_else_and_ten_codes_once(office: Office) -> None:
    lin = office.client("lin")
    assert lin.get("/ledger").headers["Location"].startswith("/factors")
    begun = post(lin, "/factors", "/factors/generator", {})
    secret, factor = SECRET.search(begun.text), FACTOR.search(begun.text)
    assert secret
    assert factor
    assert "<svg" in begun.text
    assert "script" not in begun.text.split("<svg", 1)[1].split("</svg>")[0]
    told = {"factor": factor[1], "code": "000000", "label": "手机"}
    wrong = post(lin, "/factors", "/factors/generator/confirm", told)
    assert wrong.status_code == 400
    assert "验证码不对" in words_of(wrong.text)
    assert secret[1] in wrong.text, "nothing was lost: the picture is there again"
    told["code"] = pyotp.TOTP(secret[1].replace(" ", "")).at(hours.now())
    added = post(lin, "/factors", "/factors/generator/confirm", told)
    assert len(CODE.findall(added.text)) == 10
    again = lin.get("/factors")
    assert CODE.findall(again.text) == []
    assert secret[1] not in again.text
    assert lin.get("/ledger").status_code == 200


def test_a_village_without_clues_needs_none_and_an_administrator_does(office: Office) -> None:
    from workflow.models import Grant

    county = office.county
    county.database.write(lambda store: store.update(Grant, {"ceiling": 0}, person_id=county.people["zhou"]))
    assert office.client("zhou").get("/inbox").status_code == 200
    ending = {"person_id": county.people["zhou"]}
    county.database.write(lambda store: store.update(Grant, {"role": "security_admin"}, **ending))
    assert office.client("zhou").get("/grants").headers["Location"].startswith("/factors")


def test_a_one_time_password_does_not_go_round_the_second_factor(office: Office) -> None:
    secret = office.enrol("lin")
    database, person_id = office.county.database, office.county.people["lin"]
    made = issue_password(database, person_id=person_id, now=hours.now())
    client = office.app.test_client()
    client.post("/sign-in", data={"login": "lin", "password": made, "csrf_token": token(client, "/sign-in")})
    assert client.get("/password").headers["Location"].startswith("/factor?"), "the factor comes first"
    told = {"old": made, "new": "harbour-lamp-77", "again": "harbour-lamp-77", "csrf_token": token(client, "/factor")}
    assert client.post("/password", data=told).headers["Location"].startswith("/factor")
    assert office.show(client, secret) == 303
    assert client.get("/ledger").headers["Location"].startswith("/password")


def test_a_wrong_code_is_a_sentence_and_the_next_page_is_kept(office: Office) -> None:
    office.enrol("lin")
    lin = office.client("lin")
    answer = post(lin, "/factor?next=/inbox", "/factor", {"proof_code": "000000", "next": "/inbox"})
    assert answer.status_code == 401
    assert "没有验证通过" in words_of(answer.text)
    assert 'name="next" value="/inbox"' in answer.text


@pytest.mark.parametrize("page", ["/factors", "/sessions"])
def test_the_pages_of_ones_own_safety_speak_no_english(office: Office, page: str) -> None:
    secret = office.enrol("lin")
    lin = office.client("lin")
    office.show(lin, secret)
    answer = lin.get(page)
    assert answer.status_code == 200
    assert re.findall(r"[A-Za-z]{2,}", words_of(answer.text)) in ([], ["English"])


def test_nobody_gives_up_anothers_factor(office: Office) -> None:
    secret, _other = office.enrol("lin"), office.enrol("song")
    lin = office.client("lin")
    office.show(lin, secret)
    database, people = office.county.database, office.county.people
    (his,) = database.read(lambda store: factors.list_factors(store, people["song"]))
    (mine,) = database.read(lambda store: factors.list_factors(store, people["lin"]))
    assert post(lin, "/factors", f"/factors/{his['id']}/end", {}).status_code == 404
    assert post(lin, "/factors", f"/factors/{mine['id']}/end", {}).status_code == 303
    assert lin.get("/ledger").headers["Location"].startswith("/factors")
