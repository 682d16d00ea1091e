"""The page where two administrators say which account somebody of the provider is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import hours
from tests.factories import County
from tests.web.admin.conftest import Keeper
from tests.web.site import post, signed_in, site, words_of
from tests.workflow.looking import rows_of
from workflow.models import ProviderLink, Trail
from workflow.people import links
from workflow.people.sign_in import Caller

ISSUER = "https://id.example"
LATIN = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture
def app(county: County, home: Path) -> Flask:
    """A site with a provider, which nobody asks here."""
    secret = home.parent / "oidc.secret"
    secret.write_text("x", encoding="utf-8")
    secret.chmod(0o600)
    told = {"ISSUER": ISSUER, "CLIENT_ID": "duban", "SECRET_FILE": str(secret), "HOSTS": "id.example"}
    settings = {f"DUBAN_OIDC_{name}": value for name, value in told.items()}
    return site(county, home, DUBAN_SITE_URL="http://localhost", **settings)


def propose(who: FlaskClient, **more: str) -> int:
    told = {"login": "zhou", "subject": "u-7", "reason": "当面核对", **more}
    return post(who, "/links", "/links", told).status_code


def test_one_proposes_and_the_other_agrees_and_then_he_comes_in(county: County, keeper: Keeper) -> None:
    security, system = keeper("security_admin"), keeper("system_admin")
    assert "统一身份" in words_of(security.get("/overview").text)
    assert propose(security) == 303
    page = words_of(security.get("/links").text)
    assert "周明远" in page and "收回提议" in page and "u-7" in page
    (row,) = rows_of(county, ProviderLink)
    assert post(security, "/links", f"/links/{row['id']}/decide", {"word": "yes"}).status_code == 403
    assert "对应一个账号" not in words_of(system.get("/links").text)
    assert post(system, "/links", f"/links/{row['id']}/decide", {"word": "yes"}).status_code == 303
    told = {"issuer": ISSUER, "subject": "u-7", "caller": Caller(""), "now": hours.now()}
    assert county.database.write(lambda store: links.enter(store, **told))
    assert post(security, "/links", f"/links/{row['id']}/end", {}).status_code == 303
    assert rows_of(county, ProviderLink)[0]["ended_at"] is not None
    said = [row["facts"] for row in rows_of(county, Trail) if row["action"] in ("grant", "grant_ended")]
    assert [what for facts in said for what in re.findall(r'"what":"(link [^"]+)"', facts)] == [
        *(f"link {row['id']} proposed", f"link {row['id']}", f"link {row['id']}")
    ]


def test_what_cannot_be_linked_is_said_and_what_was_typed_stays(keeper: Keeper) -> None:
    security = keeper("security_admin")
    answer = post(security, "/links", "/links", {"login": "nobody", "subject": "u-7", "reason": "当面核对"})
    assert answer.status_code == 400
    assert "没有这个账号" in words_of(answer.text) and 'value="u-7"' in answer.text
    assert propose(security, subject="有汉字") == 400
    assert propose(security, reason="") == 400


def test_for_everybody_else_there_is_no_such_page(app: Flask, county: County, keeper: Keeper) -> None:
    keeper("security_admin")
    for who in (signed_in(app, county, "zhou", hours.now()), keeper("audit_admin")):
        assert who.get("/links").status_code == 404
        form = post(who, "/sessions", "/links", {"login": "zhou"})
        assert form.status_code == 404
        assert post(who, "/sessions", "/links/1/decide", {"word": "yes"}).status_code == 404
        assert post(who, "/sessions", "/links/1/end", {}).status_code == 404


def test_the_page_has_no_english_word_but_what_others_call_people(keeper: Keeper) -> None:
    security = keeper("security_admin")
    propose(security)
    assert set(LATIN.findall(words_of(security.get("/links").text))) <= {"English", "Esc", "zhou"}


def test_a_site_without_a_provider_says_so_and_takes_no_link(county: County, home: Path, keeper: Keeper) -> None:
    keeper("security_admin")
    plain = signed_in(site(county, home), county, "security_admin", hours.now())
    assert "没有接统一身份认证" in words_of(plain.get("/links").text)
    assert "统一身份" not in words_of(plain.get("/overview").text)
    assert post(plain, "/sessions", "/links", {"login": "zhou", "subject": "x", "reason": "x"}).status_code == 404
