"""The site on a loopback port and people who use it: one server thread, one browser, one context for each person."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select
from sqlmodel import SQLModel
from waitress import wasyncore
from waitress.server import create_server

from tests import hours
from tests.browser.looking import WATCH
from web.access import COOKIE
from workflow.database import Database
from workflow.models import Case, Person, SignIn
from workflow.people.accounts import issue_password
from workflow.people.bearer import digest_of, new_token
from workflow.store import table_of

# Milliseconds; a busy machine is slow, and a passing test never waits so long.
PATIENCE = 30_000
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serves the app from this process while the block runs; gives its address."""
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=4, ident="duban")
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Closed by its own loop, so that no socket goes away under it.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join()
        server.task_dispatcher.shutdown()


@dataclass
class Site:
    """A served county and the browser that looks at it."""

    browser: Browser
    address: str
    database: Database
    people: dict[str, int]
    link: str = ""  # where it is set up, as long as nobody has done so
    _page: Page | None = None

    def stranger(self, **options: Any) -> BrowserContext:
        """A fresh browser profile that nobody has signed in with."""
        context = self.browser.new_context(**{"base_url": self.address, "viewport": DESK, "locale": "zh-CN", **options})
        context.set_default_timeout(PATIENCE)
        return context

    def case(self, kind: str, state: str) -> int:
        """The first case of a kind in a state."""
        table = table_of(Case)
        wanted = select(table.c.id).where(table.c.kind == kind, table.c.state == state).order_by(table.c.id)
        return int(self.database.read(lambda store: store.select(wanted))[0]["id"])

    def first(self, model: type[SQLModel], column: str, **where: Any) -> Any:
        """A column of the first row of a table."""
        table = table_of(model)
        wanted = (
            select(table.c[column]).where(*(table.c[name] == told for name, told in where.items())).order_by(table.c[column])
        )
        return self.database.read(lambda store: store.select(wanted))[0][column]

    def forget_tours(self) -> None:
        """Everybody is new again."""
        self.database.write(lambda store: [store.update(Person, {"toured_at": None}, id=one) for one in self.people.values()])

    def password(self, login: str) -> str:
        """A new password of somebody."""
        now = hours.now()
        return issue_password(self.database, person_id=self.people[login], now=now, must_change=False)

    def person(self, login: str, **options: Any) -> BrowserContext:
        """A browser profile of somebody who has signed in; the form itself is for the walks."""
        context = self.stranger(**options)
        context.add_cookies([self.cookie(login)])
        return context

    def page(self, login: str, *, is_proved: bool = True) -> Page:
        """One page that tests take turns with, as somebody ("" for a stranger), who has shown just now who he is."""
        if self._page is None:
            self._page = self.stranger().new_page()
            self._page.add_init_script(WATCH)
        self._page.context.clear_cookies()
        if login:
            self._page.context.add_cookies([self.cookie(login, is_proved)])
        return self._page

    def cookie(self, login: str, is_proved: bool = True) -> Any:
        """What the browser of somebody keeps who has signed in."""
        token, now = new_token(), hours.now()
        proved_at = now if is_proved else None
        row: dict[str, Any] = {"token_digest": digest_of(token), "person_id": self.people[login], "acting_grant_id": None}
        row |= {"created_at": now, "seen_at": now, "proved_at": proved_at, "device": "chrome.linux", "address": "127.0.0.1"}
        self.database.write(lambda store: store.insert(SignIn, [row]))
        return {"name": COOKIE, "value": token, "url": self.address, "httpOnly": True, "sameSite": "Strict"}


def sign_in(page: Page, login: str, password: str, word: Callable[[str], str] = str) -> None:
    """Opens the site and signs in, as a person would; `word` says the page's words in the reader's language."""
    page.goto("/")
    page.get_by_label(word("账号")).fill(login)
    page.get_by_label(word("口令")).fill(password)
    page.get_by_role("button", name=word("登录"), exact=True).click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
