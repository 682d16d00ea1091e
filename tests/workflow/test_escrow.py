"""A case that ended long enough ago: nobody named for it opens its secrets, two people bring them back, and only for some days."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from states.errors import Conflict, NotPermitted, NotReady
from tests.factories import BLINDING, SEALER, County, at
from tests.workflow.looking import case_row, rows_of
from tests.workflow.test_sealing import BIRD
from workflow.audit import verify
from workflow.engine import Engine
from workflow.models import Case, CaseKey, Event, Loosening, Note, Secret
from workflow.relatives import open_cases_with_secrets
from workflow.sealing import escrow
from workflow.sealing.ciphers import SUITES, Broken, new_key
from workflow.sealing.masters import Masters
from workflow.sealing.sealer import Sealer
from workflow.verbs.archiving import OPEN_DAYS

DAY, DAYS = date(2026, 3, 26), 90
OVER = DAY + timedelta(DAYS + 1)


@pytest.fixture
def clue(county: County) -> int:
    """A clue with its reporter that 林静 registered and 赵国华 voided the same day."""
    facts = {"summary": "虚报补助", "managed_by": "village", "reporter_name": BIRD}
    told: dict[str, Any] = {"title": "线索", "subject_id": county.organs["donggou_branch"], "data": facts}
    made = county.engine.open("clue", actor=county.actor("lin"), now=at(DAY, 9), **told).case_id
    county.engine.void(made, actor=county.actor("zhao"), now=at(DAY, 10), reason="重复", approver="高建国")
    return made


def night(county: County, on: date) -> int:
    return county.engine.put_keys_away(at(on, 3), days=DAYS)


def unseal(county: County, case_id: int, on: date, login: str = "lin") -> dict[str, str]:
    told: dict[str, Any] = {"fields": ("reporter_name",), "reason": "答复举报人"}
    return county.engine.unseal(case_id, actor=county.actor(login, on), now=at(on, 12), **told)


def ask(county: County, case_id: int, on: date, login: str = "lin") -> int:
    told: dict[str, Any] = {"what": "archive", "reason": "举报人再次来信"}
    county.engine.ask_loosening(case_id, actor=county.actor(login, on), now=at(on, 10), **told)
    return int(rows_of(county, Loosening)[-1]["id"])


def decide(county: County, case_id: int, asked: int, on: date, login: str = "zhao", *, granted: bool = True) -> None:
    told: dict[str, Any] = {"asked_id": asked, "granted": granted, "reason": "同意"}
    county.engine.decide_loosening(case_id, actor=county.actor(login, on), now=at(on, 11), **told)


def refusal(call: Any, *told: Any, **named: Any) -> str:
    with pytest.raises((Conflict, NotReady, NotPermitted)) as refused:
        call(*told, **named)
    return str(refused.value.params["why"])


def test_until_its_time_has_come_it_is_opened_as_before(county: County, clue: int) -> None:
    last = DAY + timedelta(DAYS)
    assert night(county, last) == 0
    assert unseal(county, clue, last) == {"reporter_name": BIRD}


def test_then_the_key_is_wrapped_by_the_archive_alone_and_whoever_is_named_opens_nothing(county: County, clue: int) -> None:
    (before,) = rows_of(county, CaseKey)
    assert (night(county, OVER), night(county, OVER)) == (1, 0)
    (after,) = rows_of(county, CaseKey)
    assert (after["master_id"], after["algorithm"]) == ("archive", before["algorithm"])
    assert before["wrapped"] != after["wrapped"] and after["escrowed_at"] is not None
    for login in ("lin", "zhao"):
        assert refusal(unseal, county, clue, OVER, login) in ("key_in_escrow", "not_named")
    assert refusal(unseal, county, clue, OVER) == "key_in_escrow"
    assert {json.loads(row["body"])["verb"] for row in rows_of(county, Note, kind="refused")} == {"unseal"}
    last = rows_of(county, Event, case_id=clue)[-1]
    assert (last["verb"], last["actor_id"], json.loads(last["facts"])["escrow"]) == ("put_away", None, "archive")
    assert county.database.read(verify).faults == ()


def test_the_masters_of_the_office_do_not_open_what_was_put_away(county: County, clue: int) -> None:
    night(county, OVER)
    bare = Sealer(lambda: Masters(SEALER.masters.current, SEALER.masters.by_id, BLINDING))
    assert refusal(county.database.write, lambda store: bare.bring_back(store, clue)) == "no_escrow_key"
    # Not by saying that it was never put away either.
    county.database.write(lambda store: store.update(CaseKey, {"escrowed_at": None}, case_id=clue))
    assert refusal(county.database.read, lambda store: SEALER.open(store, clue, ["reporter_name"])) == "no_sealing_key"


def test_two_people_bring_it_back_and_each_step_is_on_record(county: County, clue: int) -> None:
    assert refusal(ask, county, clue, DAY) == "not_in_escrow"
    night(county, OVER)
    asked = ask(county, clue, OVER, "zhao")
    assert refusal(decide, county, clue, asked, OVER, "zhao") == "separation_asked"
    assert refusal(decide, county, clue, asked, OVER, "lin") == "role"
    assert refusal(unseal, county, clue, OVER) == "key_in_escrow", "asking opens nothing"
    decide(county, clue, asked, OVER, "fang")
    assert unseal(county, clue, OVER) == {"reporter_name": BIRD}
    verbs = [row["verb"] for row in rows_of(county, Event, case_id=clue)]
    assert verbs[-4:] == ["put_away", "ask_loosening", "decide_loosening", "unseal"]
    assert county.database.read(verify).faults == ()


def test_what_is_refused_stays_away(county: County, clue: int) -> None:
    night(county, OVER)
    decide(county, clue, ask(county, clue, OVER), OVER, granted=False)
    assert refusal(unseal, county, clue, OVER) == "key_in_escrow"


def test_a_case_that_stays_closed_is_put_away_again_after_some_days(county: County, clue: int) -> None:
    night(county, OVER)
    decide(county, clue, ask(county, clue, OVER), OVER)
    assert night(county, OVER + timedelta(OPEN_DAYS)) == 0
    assert night(county, OVER + timedelta(OPEN_DAYS + 1)) == 1
    assert refusal(unseal, county, clue, OVER + timedelta(OPEN_DAYS + 1)) == "key_in_escrow"


def test_a_reopened_case_keeps_its_seal_until_two_people_lift_it_and_the_rest_of_it_goes_on(county: County, clue: int) -> None:
    night(county, OVER)
    told = {"final": False, "state": "received", "ground": None, "closed_on": None}
    county.database.write(lambda store: store.update(Case, told, id=clue))
    lin = county.actor("lin", OVER)
    assert clue not in county.database.read(lambda store: open_cases_with_secrets(store, 0)), "the night trips over nothing"
    amend: dict[str, Any] = {"actor": lin, "now": at(OVER, 12), "reason": "补充"}
    county.engine.amend(clue, data={"summary": "补充的情况"}, **amend)
    assert refusal(county.engine.amend, clue, data={"reporter_name": "别人"}, **amend) == "key_in_escrow"
    assert refusal(unseal, county, clue, OVER) == "key_in_escrow"
    decide(county, clue, ask(county, clue, OVER), OVER)
    assert unseal(county, clue, OVER) == {"reporter_name": BIRD}
    later = OVER + timedelta(3 * OPEN_DAYS)
    assert night(county, later) == 0 and not case_row(county, clue)["final"]
    assert clue in county.database.read(lambda store: open_cases_with_secrets(store, 0))


def test_a_key_that_was_carried_away_is_missed_when_it_is_needed_and_not_before(
    county: County, clue: int, tmp_path: Path
) -> None:
    folder, safe = tmp_path / "keys", tmp_path / "safe"
    escrow.make_missing(folder, datetime(2026, 1, 1, tzinfo=UTC), "sm4-gcm")
    safe.mkdir()
    (key,) = folder.glob("escrow-*.key")
    shutil.move(key, safe)
    masters = SEALER.masters

    def sealer() -> Sealer:
        return Sealer(lambda: Masters(masters.current, masters.by_id, BLINDING, escrow.read_escrows(folder)))

    def engine() -> Engine:
        return Engine(county.database, effects=county.engine.effects, rungs=county.engine.rungs, sealer=sealer())

    county.engine = engine()
    assert night(county, OVER) == 1
    asked = ask(county, clue, OVER)
    assert refusal(decide, county, clue, asked, OVER) == "no_escrow_key"
    assert [row["decided_at"] for row in rows_of(county, Loosening)] == [None]
    shutil.move(safe / key.name, folder)
    county.engine = engine()
    decide(county, clue, asked, OVER)
    assert unseal(county, clue, OVER) == {"reporter_name": BIRD}


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_wrapped_for_a_place_opens_there_and_nowhere_else(tmp_path: Path, suite: str) -> None:
    escrow.make_missing(tmp_path, datetime(2026, 1, 1, tzinfo=UTC), suite)
    escrow.make_missing(tmp_path, datetime(2026, 2, 1, tzinfo=UTC), suite)
    (pair,) = escrow.read_escrows(tmp_path).values()
    raw = new_key(suite)
    wrapped = pair.wrap(raw, "case_key/1/x")
    assert pair.unwrap(wrapped, "case_key/1/x") == raw and wrapped != pair.wrap(raw, "case_key/1/x")
    for told, place in ((wrapped, "case_key/2/x"), (wrapped[:-4] + "AAAA", "case_key/1/x"), ("", "case_key/1/x")):
        with pytest.raises(Broken):
            pair.unwrap(told, place)
    (kept,) = tmp_path.glob("*.key")
    assert kept.stat().st_mode & 0o077 == 0 and "private" not in repr(pair)
    kept.chmod(0o644)
    assert refusal(escrow.read_escrows, tmp_path) == "key_open"
    kept.chmod(0o600)
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "private": json.loads(kept.read_text())["public"]}))
    assert refusal(escrow.read_escrows, tmp_path) == "key_unreadable"


def test_without_the_archive_s_key_nothing_moves(county: County, clue: int) -> None:
    bare = Sealer(lambda: Masters(SEALER.masters.current, SEALER.masters.by_id, BLINDING))
    county.engine = Engine(county.database, effects=county.engine.effects, rungs=county.engine.rungs, sealer=bare)
    assert night(county, OVER) == 0
    assert unseal(county, clue, OVER) == {"reporter_name": BIRD}
    assert BIRD not in repr(rows_of(county, Secret))
