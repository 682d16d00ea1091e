"""Two at once, thousands of times: one of them wins, nothing is lost and nothing is done twice (security.md, drill D10)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from handlers.settings.registry import SETTINGS
from states.errors import CaseNotFound, DomainError, KeyReused, StaleCase
from tests.copies import Copies
from tests.drills.scale import Stopwatch, size, tell
from tests.factories import County, at, make_county
from tests.workflow.configuration.conftest import Desk, hire_security
from tests.workflow.looking import case_row, rows_of
from tests.workflow.versions.conftest import hire
from workflow.audit import verify
from workflow.configuration import changes
from workflow.configuration.settings import LETTER_NUMBER
from workflow.models import Content, Event, SignIn
from workflow.people import factors, passwords
from workflow.people.accounts import create_person
from workflow.people.proving import Shown, prove
from workflow.people.security_keys import Site
from workflow.people.sign_in import Session, session_of, sign_in
from workflow.reconcile import reconcile
from workflow.sealing.seal import Seal
from workflow.store import table_of
from workflow.types import Outcome

ROUNDS = size(test=4, drill=1_500)  # of each of the seven races
DAY = date(2026, 3, 26)
NOON = at(DAY, 12)
LETTER = "assignment_sheet"
PASSWORD = "a-lamp-in-the-bay"  # pragma: allowlist secret: of somebody who is made here
SEAL = Seal(bytes(range(32)))
SITE = Site("duban.example", "https://duban.example", "Duban")

Act = Callable[[], Any]


@dataclass
class Two:
    """A county served twice, each with its own connections and its own memory of what is in force; who begins at once."""

    first: County
    second: County
    pool: ThreadPoolExecutor

    def race(self, one: Act, other: Act) -> list[Any]:
        """What each was answered, begun at the same moment; a refusal is its error."""
        line = Barrier(2)

        def begin(act: Act) -> Any:
            line.wait()
            try:
                return act()
            except DomainError as refusal:
                return refusal

        begun = [self.pool.submit(begin, act) for act in (one, other)]
        return [act.result() for act in begun]

    def fire(self, case_id: int, trigger: str, login: str, data: dict[str, Any], **more: Any) -> tuple[Act, Act]:
        """The same step by the same person at both."""
        told = {"actor": self.first.actor(login, DAY), "now": NOON, "data": data, **more}
        return partial(self.first.engine.fire, case_id, trigger, **told), partial(
            self.second.engine.fire, case_id, trigger, **told
        )

    def events(self, case_id: int) -> list[dict[str, Any]]:
        """The history of the case."""
        return [json.loads(row["facts"]) for row in rows_of(self.first, Event, case_id=case_id)]


@pytest.fixture
def two(copies: Copies) -> Iterator[Two]:
    """The county, whose sheets of assignment are numbered, and the same over other connections."""
    county = copies.of(make_county)
    hire(county)
    hire_security(county)
    county.database.write(lambda store: changes.ship(store, SETTINGS.values(), now=NOON - timedelta(days=30)))
    Desk(county).change(
        LETTER_NUMBER, LETTER, lambda data: data.update(pattern="巡承〔{year}〕{n}号"), now=NOON - timedelta(days=9)
    )
    second = county.reopened(county.database.url)
    with ThreadPoolExecutor(2) as pool:
        yield Two(county, second, pool)
    second.close()


def test_of_two_at_once_one_wins_and_nothing_is_lost_or_done_twice(two: Two) -> None:
    clock = Stopwatch()
    for run in RACES:
        run(two)
    county = two.first
    assert county.database.read(verify).faults == ()
    assert county.engine.read(NOON, reconcile) == ()
    name = f"two at once ({county.database.writer.dialect.name})"
    tell(name, f"{len(RACES) * ROUNDS:,} races, {ROUNDS:,} of each of {len(RACES)} kinds: one winner each, in {clock.said()}")


def one_version(two: Two) -> None:
    """Both have read the same version: one step is taken, the other is told that the case has changed."""
    case_id = two.first.supervised_item(NOON)
    version, seen = case_row(two.first, case_id)["version"], len(two.events(case_id))
    for n in range(ROUNDS):
        told = two.race(
            *two.fire(case_id, "report_progress", "zhou", {"progress_note": "已联系"}, expected_version=version + n)
        )
        assert sorted(type(one).__name__ for one in told) == [Outcome.__name__, StaleCase.__name__], told
    assert case_row(two.first, case_id)["version"] == version + ROUNDS
    assert len(two.events(case_id)) == seen + ROUNDS


def one_key(two: Two) -> None:
    """The same request twice under one key is one step with one answer; another request under it is refused."""
    case_id = two.first.supervised_item(NOON)
    seen = len(two.events(case_id))
    for n in range(ROUNDS):
        one, other = two.fire(case_id, "report_progress", "zhou", {"progress_note": "已联系"}, key=f"key {n}")
        if n % 2:
            _same, other = two.fire(case_id, "report_progress", "zhou", {"progress_note": "已再联系"}, key=f"key {n}")
            told = two.race(one, other)
            assert sorted(type(each).__name__ for each in told) == [KeyReused.__name__, Outcome.__name__], told
        else:
            first, second = two.race(one, other)
            assert isinstance(first, Outcome), first
            assert second == first
    assert len(two.events(case_id)) == seen + ROUNDS


def numbers_of_cases(two: Two) -> None:
    """Two are registered at once: each has a number of its own, and none is left out."""
    ids = [case_id for n in range(ROUNDS) for case_id in two.race(*(_opening(each, n) for each in (two.first, two.second)))]
    numbers = sorted(_number(case_row(two.first, case_id)["number"]) for case_id in ids)
    assert numbers == list(range(numbers[0], numbers[0] + 2 * ROUNDS))


def numbers_of_letters(two: Two) -> None:
    """Two letters of one series are written at once: the same of theirs."""
    data = {"recipient": two.first.organs["donggou_branch"], "hand_over_mode": "assign"}
    given = []
    for _round in range(ROUNDS):
        ids = [two.first.open_item(NOON, feedback_on=DAY.isoformat()) for _ in range(2)]
        (one, _), (_, other) = (two.fire(case_id, "transfer", "song", data) for case_id in ids)
        assert [type(each) for each in two.race(one, other)] == [Outcome, Outcome]
        given += [_letter_number(two, case_id) for case_id in ids]
    assert sorted(given) == list(range(min(given), min(given) + 2 * ROUNDS))


def two_ways_out(two: Two) -> None:
    """Two hand the same case to two bodies: one does, and the case lies with whom it was handed to."""
    bodies = [two.first.organs[key] for key in ("donggou_branch", "liuhe_party")]
    for _round in range(ROUNDS):
        case_id = two.first.open_item(NOON, feedback_on=DAY.isoformat())
        ways = [{"recipient": body, "hand_over_mode": "assign"} for body in bodies]
        told = two.race(two.fire(case_id, "transfer", "song", ways[0])[0], two.fire(case_id, "transfer", "lin", ways[1])[1])
        won = [body for body, one in zip(bodies, told, strict=True) if isinstance(one, Outcome)]
        assert won == [case_row(two.first, case_id)["holder_id"]], told
        assert [event["trigger"] for event in two.events(case_id) if event["verb"] == "fire"] == ["transfer"]


def act_and_recusal(two: Two) -> None:
    """Somebody acts while he is taken off the case: before, or not at all."""
    zhou, lin = two.first.people["zhou"], two.first.actor("lin", DAY)
    for _round in range(ROUNDS):
        case_id = two.first.supervised_item(NOON)
        act, again = two.fire(case_id, "report_progress", "zhou", {"progress_note": "已联系"})
        bar = partial(two.second.engine.bar, case_id, actor=lin, now=NOON, reason="亲属", person_id=zhou)
        acted, barred = two.race(act, bar)
        assert isinstance(barred, Outcome), barred
        verbs = [event["trigger"] or event["verb"] for event in two.events(case_id)]
        assert verbs[-2:] == (["report_progress", "bar"] if isinstance(acted, Outcome) else ["sign_for", "bar"]), (acted, verbs)
        assert isinstance(acted, Outcome | CaseNotFound)
        with pytest.raises(CaseNotFound):
            again()


def one_code(two: Two) -> None:
    """A code is shown twice at once, in one session or in two: once it is right, and no session has two tokens."""
    database = two.first.database
    began = datetime(2026, 3, 2, 1, tzinfo=UTC)
    hashed = passwords.hash_of(PASSWORD)
    person_id = database.write(lambda store: create_person(store, login="wen", name="文静", now=began, password_hash=hashed))
    factor_id, secret = database.write(partial(factors.begin_totp, person_id=person_id, seal=SEAL, now=began))
    told = {"factor_id": factor_id, "code": pyotp.TOTP(secret).at(began), "label": "手机"}
    database.write(lambda store: factors.confirm_totp(store, person_id=person_id, seal=SEAL, now=began, **told))
    live = select(table_of(SignIn)).where(table_of(SignIn).c.person_id == person_id, table_of(SignIn).c.ended_at.is_(None))
    for n in range(ROUNDS):
        now, address = began + timedelta(minutes=n + 1), f"10.{n // 250}.{n % 250}.1"
        sessions = [_entered(two.first, now, address) for _ in range(1 + n % 2)]
        shown = {"shown": Shown(code=pyotp.TOTP(secret).at(now)), "seal": SEAL, "site": SITE, "address": address, "now": now}
        tries = [
            partial(prove, each.database, session=sessions[-place], **shown)
            for place, each in enumerate((two.first, two.second))
        ]
        tokens = [one for one in two.race(*tries) if isinstance(one, str)]
        assert len(tokens) == 1
        proved = [row for row in database.read(lambda store: store.select(live)) if row["factor_at"] == now]
        assert len(proved) == 1


RACES = (one_version, one_key, numbers_of_cases, numbers_of_letters, two_ways_out, act_and_recusal, one_code)


def _entered(county: County, now: datetime, address: str) -> Session:
    token = sign_in(county.database, login="wen", password=PASSWORD, address=address, now=now)
    session = county.database.read(partial(session_of, token=token, now=now))
    assert session is not None
    return session


def _opening(county: County, n: int) -> Act:
    return partial(county.open_item, NOON, title=f"第{n}项")


def _number(text: str) -> int:
    """The running one in `整改〔2026〕12号`."""
    return int(text.partition("〕")[2].rstrip("号"))


def _letter_number(two: Two, case_id: int) -> int:
    contents = [json.loads(row["body"]) for row in rows_of(two.first, Content, case_id=case_id)]
    (told,) = [content["letter_numbers"][LETTER] for content in contents if "letter_numbers" in content]
    return _number(told)
