"""The API: tokens, the outsider, idempotency, cursors, strictness, and a document that tells the truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings

from tests.factories import County, make_county
from tests.web.site import site
from workflow.people import tokens

NOW = datetime.now(UTC)


@pytest.fixture
def county(database_url: str) -> Iterator[County]:
    made = make_county(database_url)
    yield made
    made.database.close()


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


def test_every_documented_operation_answers_and_tells_the_truth(app: Flask, county: County) -> None:
    lin = bearer(county, "lin")
    an_item(county)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            answer = case.call(headers=lin)
            assert answer.status_code < 500, (case.method, case.path, answer.status_code)
            case.validate_response(answer, checks=(schemathesis.checks.not_a_server_error,))

        check()
