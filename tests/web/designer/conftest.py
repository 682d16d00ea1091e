"""The county with an administrator of workflows, and drafts that he works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config.documents import parse
from tests import hours
from tests.factories import County
from tests.web.site import post, signed_in
from tests.workflow.versions.conftest import ADMINISTRATORS, hire
from workflow.versions import drafts

LOGIN = ADMINISTRATORS[0]


class Boxes(HTMLParser):
    """What a browser would post of each form of a page, in the order of the forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[MultiDict[str, str]] = []
        self._select = self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append(MultiDict())
        elif not self.forms:
            return
        elif tag == "select":
            self._select, self._first = told.get("name", ""), True
        elif tag == "option" and self._select and ("selected" in told or self._first):
            if "selected" in told and not self._first:
                self.forms[-1].setlist(self._select, self.forms[-1].getlist(self._select)[:-1])
            self.forms[-1].add(self._select, told.get("value", ""))
            self._first = False
        elif tag == "textarea":
            self._area = told["name"]
            self.forms[-1].add(self._area, "")
        elif tag == "input" and "name" in told and (told.get("type") not in ("checkbox", "radio") or "checked" in told):
            self.forms[-1].add(told["name"], told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            said = self.forms[-1][self._area] + data
            self.forms[-1][self._area] = said.removeprefix("\n")


@dataclass
class Desk:
    """One administrator at one draft, who fills in the forms that the page shows."""

    client: FlaskClient
    county: County
    draft_id: int
    at: str = ""
    answers: list[TestResponse] = field(default_factory=list)

    @property
    def row(self) -> dict[str, Any]:
        """The draft as it is stored."""
        return dict(self.county.database.read(lambda store: drafts.get_draft(store, self.draft_id)))

    @property
    def text(self) -> str:
        """Its text."""
        return str(self.row["source"])

    @property
    def says(self) -> Any:
        """What the text says."""
        return parse(self.text, name="draft").data

    def page(self, at: str = "") -> str:
        """The page with a panel open."""
        answer = self.client.get(f"/designer/{self.draft_id}", query_string={"at": at})
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, act: str, *, at: str = "", **told: Any) -> TestResponse:
        """One edit, as a form of the page sends it."""
        data = {"act": act, "at": at, "revision": self.row["revision"], **told}
        return post(self.client, f"/designer/{self.draft_id}", f"/designer/{self.draft_id}/edit", data)

    def done(self, act: str, *, at: str = "", **told: Any) -> str:
        """The same, which goes through; the address that it leads to."""
        answer = self.send(act, at=at, **told)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def fill(self, at: str, then: str = "", **typed: Any) -> TestResponse:
        """The panel's own form, sent back with what is typed into it; a dot in a name is written as two underscores."""
        form = next(form for form in Boxes(self.page(at)).forms if form.get("act") == "panel")
        for name, value in typed.items():
            form.setlist(name.replace("__", "."), value if isinstance(value, list) else [value])
        if then:
            form["then"] = then
        return self.client.post(f"/designer/{self.draft_id}/edit", data=form)


@pytest.fixture
def administrator(app: Flask, county: County) -> FlaskClient:
    """Somebody who designs."""
    hire(county)
    return signed_in(app, county, LOGIN, hours.now())


@pytest.fixture
def new(administrator: FlaskClient, county: County) -> Callable[..., Desk]:
    """Begins a draft on the list's page: of a new kind, unless said otherwise."""

    def begin(**told: Any) -> Desk:
        data = {"how": "empty", "key": "visit", "title": "走访", **told}
        answer = post(administrator, "/designer", "/designer/new", data)
        assert answer.status_code == 303, answer.text
        return Desk(administrator, county, int(answer.headers["Location"].rsplit("/", 1)[1]))

    return begin
