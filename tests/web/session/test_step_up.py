"""What is sensitive wants a proof from the last five minutes, and goes on with what was typed once that is given."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask

from tests import hours
from tests.tampering import unguard_posts
from tests.web.session.conftest import Office
from tests.web.site import post, signed_in, token, words_of
from web.access import COOKIE
from workflow.models import Grant, Person
from workflow.people import passwords
from workflow.people.actors import find_person

# Every address that must not be open to somebody who only found an open session.
SENSITIVE = {
    "admin.add_person",
    "admin.change_unit",
    "admin.decide_change",
    "admin.undo_change",
    "admin.withdraw_change",
    "cases.dossier",
    "cases.loosen",
    "cases.original",
    "cases.unseal",
    "configuration.bundle_file",
    "configuration.decide_change",
    "configuration.report_file",
    "configuration.take_bundle_in",
    "admin.change_email",
    "admin.decide_proposal",
    "admin.disable_person",
    "admin.end_grant",
    "admin.give_grant",
    "admin.issue_password",
    "admin.make_token",
    "admin.propose_link",
    "admin.decide_link",
    "admin.end_link",
    "imports.withdraw_import",
    "ledger.export",
    "ledger.paper_book",
    "reports.report_book",
    "retention.choose",
    "retention.decide",
    "session.begin_totp",
    "session.confirm_key",
    "session.confirm_totp",
    "session.end_factor",
    "session.key_options",
    "session.new_codes",
    "session.prove_for",
    "versions.again",
    "versions.decide",
    "versions.decide_motion",
    "versions.preview_export",
    "versions.rehearsal_export",
    "versions.propose",
    "versions.reopen_kind",
    "versions.reverse_run",
    "versions.stop_kind",
}
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
SAMPLES = {"unit": "organs", "form": "csv", "name": "week", "kind": "rectification"}


def test_the_sensitive_addresses_are_these_and_no_export_is_forgotten(app: Flask) -> None:
    marked = app.extensions["duban_fresh"]
    assert marked == SENSITIVE
    exports = {rule.endpoint for rule in app.url_map.iter_rules() if re.search(r"xlsx|csv", rule.rule)}
    assert exports - marked == set()


@pytest.mark.parametrize("endpoint", sorted(SENSITIVE))
def test_without_a_fresh_proof_a_sensitive_address_asks_for_one_and_does_nothing(office: Office, endpoint: str) -> None:
    secret = office.enrol("lin")
    lin = office.client("lin")
    office.show(lin, secret)
    form = token(lin, "/factors")
    _give_every_role(office)
    office.age()
    rule = next(rule for rule in office.app.url_map.iter_rules() if rule.endpoint == endpoint)
    with office.app.test_request_context():
        address = rule.build({name: SAMPLES.get(name, 1) for name in rule.arguments})
    assert address is not None
    method = "POST" if "POST" in (rule.methods or ()) else "GET"
    answer = lin.open(address[1], method=method, data={"csrf_token": form} if method == "POST" else None)
    assert answer.status_code == 401, endpoint
    assert "确认是你本人" in words_of(answer.text)


def _give_every_role(office: Office) -> None:
    """As no person may be: so that only the proof is missing."""
    county = office.county
    rows = [
        {"person_id": county.people["lin"], "role": role, "organ_id": county.organs["office"], "title": "", "ceiling": 0}
        for role in ("system_admin", "security_admin", "workflow_admin")
    ]
    unguard_posts(county.database.url)
    county.database.write(lambda store: store.insert(Grant, [{**row, "since": None, "until": None} for row in rows]))


def test_what_was_typed_is_carried_and_done_once_the_proof_is_right(office: Office) -> None:
    county = office.county
    county.database.write(lambda store: store.update(Grant, {"role": "system_admin"}, person_id=county.people["lin"]))
    secret = office.enrol("lin")
    lin = office.client("lin")
    office.show(lin, secret)
    office.age()
    before = lin.get_cookie(COOKIE)
    typed = {"login": "xin.ren", "name": "新人“甲”", "email": "xin@anlan.example"}
    asked = post(lin, "/people", "/people", typed)
    assert asked.status_code == 401
    carried = {name: html.unescape(value) for name, value in FIELD.findall(asked.text)}
    assert {name: carried[name] for name in typed} == typed
    wrong = lin.post("/people", data={**carried, "proof_code": "000000"})
    assert wrong.status_code == 401
    assert "没有验证通过" in words_of(wrong.text)
    assert county.database.read(lambda store: find_person(store, "xin.ren")) is None
    # The code of this half minute was used at sign-in; the next one is right too.
    code = pyotp.TOTP(secret).at(hours.now() + timedelta(seconds=30))
    done = lin.post("/people", data={**carried, "proof_code": code})
    assert done.status_code == 200, words_of(done.text)
    assert county.database.read(lambda store: find_person(store, "xin.ren")) is not None
    after = lin.get_cookie(COOKIE)
    assert before
    assert after
    assert before.value != after.value, "a proof gives a new session id"


def test_an_export_goes_on_by_itself_after_the_password_of_somebody_without_a_factor(app: Flask, office: Office) -> None:
    lin = signed_in(app, office.county, "lin", hours.now())
    address = "/ledger/export.csv?kind=rectification"
    with lin.get(address) as export:
        assert export.status_code == 200, "signing in was a proof"
    office.age()
    asked = lin.get(address)
    assert asked.status_code == 401
    carried = dict(FIELD.findall(asked.text))
    assert html.unescape(carried["next"]) == address
    assert "proof_password" in asked.text
    wrong = lin.post("/prove", data={**carried, "proof_password": "wrong"})
    assert wrong.status_code == 401
    assert dict(FIELD.findall(wrong.text))["next"] == carried["next"]
    hashed = passwords.hash_of("a-lamp-in-the-bay")
    office.county.database.write(lambda store: store.update(Person, {"password_hash": hashed}, id=office.county.people["lin"]))
    proved = lin.post("/prove", data={**carried, "next": address, "proof_password": "a-lamp-in-the-bay"})
    assert proved.status_code == 200
    assert "文件正在下载" in words_of(proved.text)
    with lin.get(address) as export:
        assert export.status_code == 200


def test_a_proof_leads_to_no_other_site(office: Office) -> None:
    secret = office.enrol("lin")
    lin = office.client("lin")
    office.show(lin, secret)
    for told in ("//evil.example/x", "https://evil.example/", "/\\evil.example"):
        answer = post(lin, "/sessions", "/prove", {"next": told})
        assert "evil.example" not in answer.text


def test_a_wrong_proof_is_told_by_what_was_asked_for_and_by_nothing_else(office: Office) -> None:
    """Whoever has no second factor reads of his password alone; of codes all that is wrong has one answer."""
    by_password = office.client("shi")
    form = token(by_password, "/factors")
    office.age()
    plain = words_of(by_password.post("/factors/generator", data={"csrf_token": form, "proof_password": "wrong"}).text)
    assert "口令不对，再输一次" in plain and "验证码" not in plain
    secret = office.enrol("lin")
    by_code = office.client("lin")
    used = pyotp.TOTP(secret).at(hours.now())
    office.show(by_code, secret)
    form = token(by_code, "/factors")
    office.age()
    answers = {
        words_of(by_code.post("/prove", data={"csrf_token": form, "proof_code": code}).text) for code in ("000000", used)
    }
    (answer,) = answers
    assert "验证码、备用码或安全密钥没有对上" in answer and "口令不对" not in answer


def test_an_unknown_account_and_a_wrong_password_get_one_sentence_without_a_word_of_codes(office: Office) -> None:
    database, lin = office.county.database, office.county.people["lin"]
    database.write(lambda store: store.update(Person, {"password_hash": passwords.hash_of("harbour-lamp-77")}, id=lin))
    office.enrol("lin")
    said = set()
    for login in ("lin", "nobody"):
        client = office.app.test_client()
        told = {"login": login, "password": "wrong", "csrf_token": token(client, "/sign-in")}
        answer = client.post("/sign-in", data=told)
        assert answer.status_code == 401
        said.add(words_of(answer.text.partition('role="alert">')[2].partition("</p>")[0]))
    (sentence,) = said
    assert "账号或口令不对" in sentence and "验证码" not in sentence
