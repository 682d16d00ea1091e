"""A served Duban for tests of pages: the real app over a county, and clients that signed in through the real form."""

from __future__ import annotations

import re
from pathlib import Path
from types import CodeType
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from markupsafe import Markup
from werkzeug.test import TestResponse

from config.settings import load
from tests import hours
from tests.factories import County
from web import create_app
from web.wiring import Office
from workflow.people.accounts import issue_password

# Not read as words: what is no text, and the names that keys bear on every keyboard.
SHELL = re.compile(r"<(script|style|template|svg|kbd)\b.*?</\1>", re.S)
TAG = re.compile(r"<[^>]+>")
# What an export bears of who took it: a number without width, and the same in digits.
MARKS = re.compile("[\u200b-\u200d\u2060]|\\d{5} \\d{5} \\d{5}|^[ \\t]{48}\\r?$", re.MULTILINE)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class CompiledOnce(BytecodeCache):
    """What a template compiles to is the same in every app of this process; each app would compile it again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Gives the code of a template that has not changed."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps it."""
        assert bucket.code is not None
        self._kept[bucket.key, bucket.checksum] = bucket.code


COMPILED = CompiledOnce()
# Tests ask for more in a second than anybody reads.
UNHURRIED = {"DUBAN_REQUESTS_PER_SECOND": "0"}


def site(county: County, home: Path, **told: str) -> Flask:
    """The app over the county's database; a password is enough to sign in unless `DUBAN_SECOND_FACTOR` says more."""
    settings = load({"DUBAN_HOME": str(home), "DUBAN_CEILING": "3", "DUBAN_SECOND_FACTOR": "off", **UNHURRIED, **told})
    app = create_app(Office(settings, county.database, county.engine, hours.now))
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.jinja_env.bytecode_cache = COMPILED
    return app


def signed_in(app: Flask, county: County, login: str, now: Any) -> FlaskClient:
    """A client with a live session."""
    password = issue_password(county.database, person_id=county.people[login], now=now, must_change=False)
    client = app.test_client()
    answer = client.post("/sign-in", data={"login": login, "password": password, "csrf_token": token(client, "/sign-in")})
    assert answer.status_code == 302, answer.text
    return client


def token(client: FlaskClient, page: str) -> str:
    """The form token of a page."""
    found = TOKEN.search(client.get(page).text)
    assert found, f"{page} has no form"
    return found[1]


def post(client: FlaskClient, page: str, url: str, data: dict[str, Any]) -> TestResponse:
    """Posts a form of a page, with its token."""
    return client.post(url, data={**data, "csrf_token": token(client, page)})


def words_of(page: str) -> str:
    """What a reader of the page sees."""
    return str(Markup(TAG.sub(" ", SHELL.sub(" ", page))).unescape())


def unmarked(text: str) -> str:
    """What an export says, whoever took it away and whenever."""
    return MARKS.sub("", text)
