"""However many sign in at once, few passwords are looked at together, whoever cannot wait is told so, and pages are answered."""

from __future__ import annotations

import threading

from flask import Flask

from tests import hours
from tests.factories import County
from tests.web.site import post, signed_in, words_of
from tests.workflow.looking import rows_of
from web.server import THREADS
from workflow.models import Throttle
from workflow.people import turns
from workflow.people.turns import AT_ONCE, IN_LINE, SignInBusy, turn


def test_whoever_finds_the_line_full_is_told_so_and_nothing_of_it_is_counted(app: Flask, county: County) -> None:
    lin, stranger = signed_in(app, county, "lin", hours.now()), app.test_client()
    before = rows_of(county, Throttle)
    taken = [turns._line.acquire(blocking=False) for _ in range(IN_LINE)]
    try:
        refused = post(stranger, "/sign-in", "/sign-in", {"login": "lin", "password": "wrong"})
        assert refused.status_code == 503
        assert "登录的人太多" in words_of(refused.text)
        assert lin.get("/ledger").status_code == 200, "who reads is not in the line"
    finally:
        for _ in taken:
            turns._line.release()
    assert rows_of(county, Throttle) == before
    assert post(stranger, "/sign-in", "/sign-in", {"login": "lin", "password": "wrong"}).status_code == 401


def test_no_more_than_so_many_have_their_turn_together_and_a_full_line_refuses_at_once() -> None:
    most, now_in, refused = 0, 0, 0
    lock, go = threading.Lock(), threading.Barrier(3 * IN_LINE)

    def come() -> None:
        nonlocal most, now_in, refused
        go.wait()
        try:
            with turn():
                with lock:
                    now_in += 1
                    most = max(most, now_in)
                passed.wait(30)
                with lock:
                    now_in -= 1
        except SignInBusy:
            with lock:
                refused += 1
                if refused == 2 * IN_LINE:
                    passed.set()  # everybody who was too many has been told while nobody had finished

    passed = threading.Event()
    people = [threading.Thread(target=come) for _ in range(3 * IN_LINE)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert (most, refused) == (AT_ONCE, 2 * IN_LINE)


def test_the_server_has_threads_left_for_those_who_read() -> None:
    assert THREADS >= 2 * IN_LINE
