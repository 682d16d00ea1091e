"""The bell of somebody with more messages than one looks at: in how many statements, and that each is reached."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflow.reads.scenes import Scene
from tests.workflow.reads.test_ledger import Counting
from workflow.models import Notice
from workflow.occasion import Occasion
from workflow.reads.notices import COUNTED_AT_MOST, Listed, list_notices, unread_count
from workflow.store import Store
from workflow.text import canonical

# No case has an id as high: nobody is told of these.
NOWHERE = 1_000_000


def tell(scene: Scene, login: str, *about: list[int], key: str = "n") -> None:
    """A message for each of these, the newest first."""
    rows: list[dict[str, Any]] = []
    for number, cases in enumerate(about):
        at = scene.now - timedelta(seconds=number // 2)  # two at the same moment
        row = {"key": f"{key}{number}", "person_id": scene.county.people[login], "message": "overdue", "created_at": at}
        lines = [{"number": f"甲{case_id}"} for case_id in cases] or [{"name": "级别"}]
        rows.append({**row, "params": canonical(lines), "cases": canonical(cases)})
    scene.county.database.write(lambda store: store.insert(Notice, rows))


def counted(store: Store, occasion: Occasion, actor: Any) -> tuple[int, int]:
    """What the bell counts, and in how many statements."""
    counting = Counting(store.connection, store.digest_suite)
    return unread_count(counting, occasion, actor), counting.statements


def listed(store: Store, occasion: Occasion, actor: Any, after: int | None = None) -> tuple[Listed, int]:
    """A page of the bell, and in how many statements."""
    counting = Counting(store.connection, store.digest_suite)
    return list_notices(counting, occasion, actor, after=after), counting.statements


@pytest.mark.parametrize("login", ["lin", "zhou"])
def test_the_bell_counts_a_few_messages_in_two_statements_and_no_further_than_it_says(scene: Scene, login: str) -> None:
    seen = scene.ids["to_sign"]
    tell(scene, login, *([seen] for _ in range(5)))
    assert scene.look(login, counted) == (5, 2)
    tell(scene, login, *([seen] for _ in range(300)), key="more")
    assert scene.look(login, counted) == (COUNTED_AT_MOST, 2)


def test_messages_of_two_hundred_cases_each_cost_every_page_fifteen_statements_at_most(scene: Scene) -> None:
    seen = scene.ids["to_sign"]
    many = [[seen, *range(NOWHERE + 200 * n, NOWHERE + 200 * n + 199)] for n in range(300)]
    for login in ("lin", "zhou"):
        tell(scene, login, *many, key=login)
        unread, statements = scene.look(login, counted)
        assert unread > 20 and statements <= 15
        page, statements = scene.look(login, listed)
        assert len(page.notices) == 100 and statements <= 50


def test_the_same_cases_are_asked_for_once_however_many_messages_name_them(scene: Scene) -> None:
    tell(scene, "lin", *([scene.ids["to_sign"], *range(NOWHERE, NOWHERE + 1_500)] for _ in range(100)))
    unread, statements = scene.look("lin", counted)
    assert unread == COUNTED_AT_MOST and statements <= 5


@pytest.mark.parametrize("login", ["zhou", "luo"])
def test_who_is_told_of_none_of_thousands_of_messages_walks_on_in_bounded_pages_to_what_he_is_told(
    scene: Scene, login: str
) -> None:
    tell(scene, login, *([NOWHERE + n] for n in range(2_100)), [])
    unread, statements = scene.look(login, counted)
    assert unread == 0 and statements <= 15
    found, pages, after = 0, 0, None
    while pages == 0 or after is not None:
        page, statements = scene.look(login, listed, after)
        assert statements <= 50
        found, pages, after = found + len(page.notices), pages + 1, page.after
    assert (found, pages) == (1, 3)


def test_a_message_that_names_more_cases_than_a_look_asks_for_is_told_and_passed(scene: Scene) -> None:
    seen = scene.ids["to_sign"]
    tell(scene, "lin", [*range(NOWHERE, NOWHERE + 40_000), seen], [seen])
    page, statements = scene.look("lin", listed)
    assert [view.cases for view in page.notices] == [(seen,), (seen,)] and page.after is None
    assert statements <= 10 and scene.look("lin", counted)[0] == 2


def test_every_message_that_is_told_among_others_stands_on_one_page(scene: Scene) -> None:
    seen = scene.ids["to_sign"]
    tell(scene, "zhou", *([seen] if n % 3 else [NOWHERE] for n in range(400)))
    found: list[int] = []
    after = None
    while True:
        page = scene.look("zhou", listed, after)[0]
        found += [view.id for view in page.notices]
        after = page.after
        if after is None:
            break
        assert len(page.notices) == 100
    assert len(found) == len(set(found)) == sum(1 for n in range(400) if n % 3)
