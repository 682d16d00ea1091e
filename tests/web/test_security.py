"""Every answer carries the headers, and no template needs an exception from them."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.house.source import ROOT
from tests.web.frame import make_frame
from web.security import HEADERS

TEMPLATES = sorted(path for path in (ROOT / "web").rglob("*.html") if "node_modules" not in path.parts)
# What the policy would block, so that nobody writes it: inline script, style and handlers, and other hosts.
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//", re.IGNORECASE)


def _app(*, https: bool) -> Flask:
    app = make_frame(https=https)
    app.add_url_rule("/fails", view_func=lambda: str(1 // 0))
    return app


@pytest.mark.parametrize("address", ["/nowhere", "/api/nowhere", "/fails", "/static/nowhere.css"])
def test_pages_programs_failures_and_assets_all_carry_the_headers(address: str) -> None:
    app = _app(https=False)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    told = app.test_client().get(address).headers
    assert {name: told[name] for name in HEADERS} == HEADERS


def test_the_policy_allows_nothing_inline_and_no_other_host() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "http" not in policy


def test_pages_stay_out_of_caches_and_differ_by_cookie() -> None:
    told = _app(https=False).test_client().get("/nowhere").headers
    assert told["Cache-Control"] == "no-store"
    assert "Cookie" in told["Vary"]


def test_strict_transport_is_promised_only_where_every_page_is_behind_tls() -> None:
    assert "Strict-Transport-Security" not in _app(https=False).test_client().get("/nowhere").headers
    assert "max-age" in _app(https=True).test_client().get("/nowhere").headers["Strict-Transport-Security"]


def test_a_view_may_say_something_stricter_itself() -> None:
    app = make_frame()
    app.add_url_rule("/own", view_func=lambda: ("", {"Referrer-Policy": "no-referrer"}))
    assert app.test_client().get("/own").headers.getlist("Referrer-Policy") == ["no-referrer"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "web").as_posix())
def test_a_template_holds_nothing_inline_and_names_no_other_host(template: object) -> None:
    text = template.read_text(encoding="utf-8")  # type: ignore[attr-defined]  # a Path
    assert INLINE.findall(text) + ELSEWHERE.findall(text) == []
