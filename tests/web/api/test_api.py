"""The API: tokens, the outsider, idempotency, cursors, strictness, and a document that tells the truth."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import hours
from tests.copies import Copies
from tests.factories import WHY_LATER, County, make_county
from tests.web.site import site
from tests.workflow.test_reading_bound import ask_long
from web.current import office
from web.rate import Rates
from workflow.dates import local_day
from workflow.people import tokens

NOW = hours.now()


@pytest.fixture
def county(copies: Copies) -> County:
    return copies.of(make_county)


@pytest.fixture
def app(county: County, home: Path) -> Flask:
    return site(county, home)


def bearer(county: County, login: str) -> dict[str, str]:
    token = county.database.write(lambda store: tokens.create(store, person_id=county.people[login], label="test", now=NOW))
    return {"Authorization": f"Bearer {token}"}


def an_item(county: County, title: str = "村务公开栏半年未更新") -> int:
    return county.supervised_item(
        NOW - timedelta(minutes=5), title=title, immediate="rectify_now", period="default_immediate", first_check="county"
    )


def test_without_a_live_token_nothing_is_told(app: Flask, county: County) -> None:
    ended = bearer(county, "lin")
    county.database.write(
        lambda store: tokens.end(
            store, person_id=county.people["lin"], token_id=tokens.list_tokens(store, county.people["lin"])[0]["id"], now=NOW
        )
    )
    for headers in ({}, {"Authorization": "Bearer nonsense"}, ended):
        answer = app.test_client().get("/api/v1/cases", headers=headers)
        assert answer.status_code == 401
        assert answer.mimetype == "application/problem+json"


def test_the_outsider_gets_byte_for_byte_what_absence_gets(app: Flask, county: County) -> None:
    case_id, han = an_item(county), bearer(county, "han")
    api = app.test_client()
    absent = api.get("/api/v1/cases/999999", headers=han)
    assert absent.status_code == 404
    assert api.get(f"/api/v1/cases/{case_id}", headers=han).data == absent.data
    fired = api.post(f"/api/v1/cases/{case_id}/transitions/remind", headers=han, json={})
    assert (fired.status_code, fired.data) == (404, absent.data)
    assert api.get("/api/v1/cases", headers=han).json == {"cases": [], "next": None}


def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(app: Flask, county: County) -> None:
    case_id = an_item(county)
    zhou = bearer(county, "zhou") | {"Idempotency-Key": "once"}
    url, api = f"/api/v1/cases/{case_id}/transitions/report_progress", app.test_client()
    first = api.post(url, headers=zhou, json={"data": {"progress_note": "一"}})
    assert first.status_code == 200, first.text
    assert api.post(url, headers=zhou, json={"data": {"progress_note": "一"}}).json == first.json
    assert api.post(url, headers=zhou, json={"data": {"progress_note": "二"}}).json["code"] == "key_reused"


@pytest.mark.parametrize(
    ("path", "login", "told", "other"),
    [
        ("comments", "zhou", {"text": "一"}, {"text": "二"}),
        ("pause", "zhao", {"reason": "雨季", "approver": "高建国", "max_days": 5}, {"max_days": 6}),
        ("transitions/remind", "lin", {"data": {"remind_by": "sheet"}}, {"data": {"remind_by": "phone"}}),
    ],
)
def test_every_verb_heeds_its_key(
    app: Flask, county: County, path: str, login: str, told: dict[str, Any], other: dict[str, Any]
) -> None:
    case_id, who, api = an_item(county), bearer(county, login) | {"Idempotency-Key": "once"}, app.test_client()
    url = f"/api/v1/cases/{case_id}"
    first = api.post(f"{url}/{path}", headers=who, json=told)
    assert first.status_code == 200, first.text
    assert api.post(f"{url}/{path}", headers=who, json=told).json == first.json
    refused = api.post(f"{url}/{path}", headers=who, json=told | other)
    assert (refused.status_code, refused.json["code"]) == (422, "key_reused")
    events: Any = api.get(f"{url}/events", headers=who).json["events"]
    assert events[-1]["seq"] == first.json["seq"]
    assert set(first.json) == {"case_id", "number", "version", "seq", "state", "opened"}


def test_a_file_sent_twice_under_its_key_is_one_file(app: Flask, county: County) -> None:
    zhou, api = bearer(county, "zhou") | {"Idempotency-Key": "once"}, app.test_client()

    def send(content: str) -> Any:
        return api.post("/api/v1/files", headers=zhou, data={"file": (io.BytesIO(content.encode()), "说明.txt")})

    first = send("一")
    assert first.status_code == 201
    assert send("一").json == first.json
    assert send("二").json["code"] == "key_reused"


def test_a_key_longer_than_the_document_says_is_refused(app: Flask, county: County) -> None:
    who = bearer(county, "zhou") | {"Idempotency-Key": "k" * 201}
    answer = app.test_client().post(f"/api/v1/cases/{an_item(county)}/comments", headers=who, json={"text": "一"})
    assert (answer.status_code, set(answer.json["fields"])) == (422, {"key"})


def test_the_document_offers_the_key_on_whatever_writes(app: Flask) -> None:
    paths: Any = app.test_client().get("/api/v1/openapi.json").json["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            names = [parameter["name"] for parameter in operation["parameters"]]
            assert ("Idempotency-Key" in names) == (method == "post"), path


def test_the_cursor_reaches_every_case_once(app: Flask, county: County) -> None:
    ids = {an_item(county, f"第{n}项") for n in range(7)}
    lin, api = bearer(county, "lin"), app.test_client()
    seen: list[int] = []
    after = ""
    while True:
        told: Any = api.get(f"/api/v1/cases?limit=3&kind=rectification{after}", headers=lin).json
        seen += [row["id"] for row in told["cases"]]
        if told["next"] is None:
            break
        after = f"&after={told['next']}"
    assert len(seen) == len(set(seen))
    assert set(seen) == ids


def test_what_nobody_knows_is_refused_by_name(app: Flask, county: County) -> None:
    lin, api = bearer(county, "lin"), app.test_client()
    assert api.get("/api/v1/cases?smuggled=1", headers=lin).status_code == 422
    told = {"kind": "rectification", "title": "x", "subject_id": "3", "extra": 1}
    answer = api.post("/api/v1/cases", headers=lin, json=told)
    assert answer.status_code == 422
    assert set(answer.json["fields"]) == {"subject_id", "extra"}


def test_a_stale_version_is_a_conflict(app: Flask, county: County) -> None:
    case_id, zhou = an_item(county), bearer(county, "zhou")
    url = f"/api/v1/cases/{case_id}/transitions/report_progress"
    answer = app.test_client().post(url, headers=zhou, json={"data": {"progress_note": "一"}, "expected_version": 1})
    assert (answer.status_code, answer.json["code"]) == (409, "case_stale")


def test_a_filter_with_a_value_that_it_has_not_is_refused(app: Flask, county: County) -> None:
    lin, api = bearer(county, "lin"), app.test_client()
    for asked in ("limit=0", "limit=201", "limit=x", "overdue=maybe", "q=%00"):
        assert api.get(f"/api/v1/cases?{asked}", headers=lin).status_code == 422, asked
    for asked in ("counts?limit=3", "search?kind=clue"):
        assert api.get(f"/api/v1/{asked}", headers=lin).status_code == 422, asked


def test_overdue_asks_for_what_is_late_or_for_what_is_not(app: Flask, county: County) -> None:
    case_id, lin, api = an_item(county), bearer(county, "lin"), app.test_client()
    assert [row["id"] for row in api.get("/api/v1/cases?overdue=false", headers=lin).json["cases"]] == [case_id]
    assert api.get("/api/v1/cases?overdue=true", headers=lin).json["cases"] == []


def test_a_past_holder_is_told_of_nothing_after_the_hand_back(app: Flask, county: County) -> None:
    start, later = NOW - timedelta(minutes=5), "退回之后才写的话"
    case_id = county.open_item(start, feedback_on=local_day(start).isoformat())
    county.hand_over(case_id, start, to="bureau")
    county.fire(case_id, "hand_back", "ma", start, hand_back_reason="not_ours", hand_back_note="应由属地承办")
    lin = county.actor("lin", local_day(NOW))
    county.engine.amend(case_id, actor=lin, now=NOW, data={"particulars": later}, reason="补充情况")
    county.hand_over(case_id, NOW)
    url, api = f"/api/v1/cases/{case_id}", app.test_client()
    told: Any = api.get(url, headers=bearer(county, "ma")).json
    whole: Any = api.get(url, headers=bearer(county, "lin")).json
    assert (told["state"], told["history"][-1]["trigger"]) == ("received", "hand_back")
    assert later not in str(told)
    assert later in str(whole)
    assert set(told) == set(whole)
    events: Any = api.get(f"{url}/events", headers=bearer(county, "ma")).json
    assert [event["seq"] for event in events["events"]] == [event["seq"] for event in told["history"]] == [1, 2, 3]


def test_the_clocks_stop_and_go_on(app: Flask, county: County) -> None:
    case_id, zhao, api = an_item(county), bearer(county, "zhao"), app.test_client()
    url = f"/api/v1/cases/{case_id}"
    assert api.post(f"{url}/pause", headers=zhao, json={"reason": "雨季"}).json["fields"].keys() == {"approver", "max_days"}
    paused = api.post(f"{url}/pause", headers=zhao, json={"reason": "雨季", "approver": "gao", "max_days": 5})
    assert paused.status_code == 200, paused.text
    assert api.post(f"{url}/resume", headers=zhao, json={"reason": "雨停了"}).status_code == 200


def test_somebody_of_the_holder_is_named_and_nobody_else(app: Flask, county: County) -> None:
    case_id, zhou, api = an_item(county), bearer(county, "zhou"), app.test_client()
    url = f"/api/v1/cases/{case_id}/assign"
    assert api.post(url, headers=zhou, json={"person_id": county.people["sun"]}).status_code == 200
    assert api.post(url, headers=zhou, json={"person_id": county.people["shi"]}).json["code"] == "bad_input"


def test_a_later_date_is_asked_for_by_one_and_granted_by_another(app: Flask, county: County) -> None:
    case_id, zhou, zhao = an_item(county), bearer(county, "zhou"), bearer(county, "zhao")
    url, api = f"/api/v1/cases/{case_id}", app.test_client()
    clocks = {clock["key"]: clock["due_on"] for clock in api.get(url, headers=zhou).json["clocks"]}
    wanted = (datetime.fromisoformat(clocks["rectify"]) + timedelta(days=2)).date().isoformat()
    told = {"clock": "rectify", "wanted_on": wanted, "reason": "雨季"}
    assert set(api.post(f"{url}/extensions", headers=zhou, json=told).json["fields"]) == set(WHY_LATER)
    asked = api.post(f"{url}/extensions", headers=zhou, json=told | {"data": WHY_LATER})
    assert asked.status_code == 200, asked.text
    decision: dict[str, Any] = {"clock": "rectify", "granted": "true", "reason": "同意"}
    assert set(api.post(f"{url}/extensions/decide", headers=zhao, json=decision).json["fields"]) == {"granted"}
    decision["granted"] = True
    assert api.post(f"{url}/extensions/decide", headers=zhao, json=decision).status_code == 409, "the township first"
    opinion = {"data": {"extension_opinion": "agreed"}}
    advised = api.post(f"{url}/transitions/advise_extension", headers=bearer(county, "chen"), json=opinion)
    assert advised.status_code == 200, advised.text
    assert api.post(f"{url}/extensions/decide", headers=zhao, json=decision).status_code == 200
    assert wanted in [clock["due_on"] for clock in api.get(url, headers=zhou).json["clocks"]]


def test_a_file_is_read_by_those_who_read_its_case(app: Flask, county: County) -> None:
    case_id, zhou, api = an_item(county), bearer(county, "zhou"), app.test_client()
    assert set(api.post("/api/v1/files", headers=zhou, data={}).json["fields"]) == {"file"}
    kept = api.post("/api/v1/files", headers=zhou, data={"file": (io.BytesIO("公示照片说明".encode()), "说明.txt")})
    assert kept.status_code == 201, kept.text
    proof = {"file_id": kept.json["id"], "label": "公示"}
    assert api.post(f"/api/v1/cases/{case_id}/evidence", headers=zhou, json=proof).status_code == 200
    again = api.post(f"/api/v1/cases/{case_id}/evidence", headers=zhou, json=proof)
    assert again.status_code == 422 and "已经在这一项里" in again.json["fields"]["file"][0]
    url = f"/api/v1/files/{kept.json['id']}"
    assert api.get(url, headers=bearer(county, "lin")).data == "公示照片说明".encode()
    absent = api.get("/api/v1/files/999999", headers=bearer(county, "han"))
    assert absent.status_code == 404
    assert api.get(url, headers=bearer(county, "han")).data == absent.data


def test_what_no_database_could_hold_is_refused_and_nothing_fails(app: Flask, county: County) -> None:
    case_id, lin, api = an_item(county), bearer(county, "lin"), app.test_client()
    assert api.get(f"/api/v1/cases/{10**24}", headers=lin).status_code == 404
    for text in ("\0", "\ud800"):
        answer = api.post(f"/api/v1/cases/{case_id}/comments", headers=lin, json={"text": text})
        assert (answer.status_code, set(answer.json["fields"])) == (422, {"text"})
    for data in ({"progress_note": ["\0"]}, {"\0": 1}, {"amount": 10**30}, {"amount": float("inf")}):
        answer = api.post(f"/api/v1/cases/{case_id}/transitions/remind", headers=lin, json={"data": data})
        assert (answer.status_code, set(answer.json["fields"])) == (422, {"data"})


CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def test_every_documented_operation_answers_and_tells_the_truth(app: Flask, county: County) -> None:
    lin = bearer(county, "lin")
    an_item(county)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for result in schema.get_all_operations():
        operation = result.ok()

        # Without shrinking: a failure is told at once, however long its example.
        @settings(max_examples=8, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            case.validate_response(case.call(headers=lin), checks=CHECKS)

        check()


def ask_me(app: Flask, headers: dict[str, str], status: int) -> Any:
    """The first answer of that status to who asks who he is, which the document knows with its body and headers."""
    case: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)["/api/v1/me"]["GET"].Case()
    answer = next(found for _ in range(200) if (found := case.call(headers=headers)).status_code == status)
    case.validate_response(answer, checks=(*CHECKS[1:], response_headers_conformance))
    return answer


def test_the_document_knows_the_answer_to_who_asks_too_often_and_after_how_many_seconds_to_ask_again(
    county: County, home: Path
) -> None:
    app = site(county, home, DUBAN_REQUESTS_PER_SECOND="1")
    app.extensions["duban_rates"] = Rates(1, lambda: 1000.0)
    answer = ask_me(app, bearer(county, "lin"), 429)
    assert (answer.json()["code"], answer.headers["retry-after"]) == ("too_fast", ["1"])


def test_the_document_knows_the_answer_to_who_asks_for_too_much(county: County, home: Path) -> None:
    app = site(county, home, DUBAN_QUERY_SECONDS="1")
    app.view_functions["api.me"] = lambda: str(office().database.read(ask_long))
    assert ask_me(app, bearer(county, "lin"), 503).json()["code"] == "took_too_long"


def test_who_did_too_much_with_a_case_is_told_when_to_go_on(county: County, home: Path) -> None:
    api, zhou = site(county, home, DUBAN_ACTS_PER_HOUR="1").test_client(), bearer(county, "zhou")
    url = f"/api/v1/cases/{an_item(county)}/comments"
    refused = api.post(url, headers=zhou, json={"text": "一"})
    assert (refused.status_code, refused.json["code"]) == (429, "too_many"), "he has signed it within the hour"
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    paths = api.get("/api/v1/openapi.json").json["paths"]
    assert not [path for path, told in paths.items() for one in told.values() if not {"429", "503"} <= one["responses"].keys()]


def test_the_document_says_what_an_address_may_ask(app: Flask, county: County) -> None:
    """Whatever it lists is taken, and what it does not is refused: a program that reads it is not led into refusals."""
    lin, api = bearer(county, "lin"), app.test_client()
    told = api.get("/api/v1/openapi.json").json["paths"]
    for path in ("/api/v1/cases", "/api/v1/counts"):
        closed = {one["name"]: one["schema"] for one in told[path]["get"]["parameters"] if one["schema"] != {"type": "string"}}
        assert closed.keys() >= {"band", "area", "holder", "from", "to", "late", "overdue"}
        for name, schema in closed.items():
            taken = [*schema.get("enum", ()), *({"boolean": ("true", "false"), "integer": ("1",)}.get(schema.get("type"), ()))]
            taken += ["2026-11-02"] if schema.get("format") == "date" else []
            answers = {value: api.get(path, query_string={name: value}, headers=lin).status_code for value in taken}
            assert answers == dict.fromkeys(taken, 200) and taken, name
            assert api.get(path, query_string={name: "perhaps"}, headers=lin).status_code in (400, 422), name


def test_the_document_says_what_a_body_may_hold(app: Flask) -> None:
    bodies = {
        path.rpartition("/")[2]: next(iter(told["post"]["requestBody"]["content"].values()))["schema"]
        for path, told in app.test_client().get("/api/v1/openapi.json").json["paths"].items()
        if "post" in told
    }
    assert bodies["vote"]["properties"]["choice"]["enum"] == ["agree", "disagree", "abstain", "recuse"]
    assert bodies["pause"]["properties"]["max_days"]["minimum"] == 1
    assert {bodies[verb]["properties"]["reason"]["maxLength"] for verb in ("bar", "pause", "resume", "extensions")} == {2000}
    assert bodies["files"]["properties"]["file"]["minLength"] == 1
    assert [one["required"] for one in bodies["bar"]["oneOf"]] == [["person_id"], ["organ_id"]]


def test_a_person_is_taken_off_a_case_and_finds_it_no_more(app: Flask, county: County) -> None:
    case_id, lin, sun, api = an_item(county), bearer(county, "lin"), bearer(county, "sun"), app.test_client()
    url = f"/api/v1/cases/{case_id}"
    assert api.get(url, headers=sun).status_code == 200
    told = {"reason": "亲属", "person_id": county.people["sun"]}
    assert api.post(f"{url}/bar", headers=lin, json=told).status_code == 200
    assert api.get(url, headers=sun).status_code == 404
    both = {**told, "organ_id": county.organs["bureau"]}
    assert api.post(f"{url}/bar", headers=lin, json=both).json["fields"].keys() == {"person"}
    assert api.post(f"{url}/bar", headers=lin, json={"reason": "亲属", "organ_id": 9_999}).status_code == 404
