"""Two people end a case whose time has run out: what it said is nowhere any more, and its number and its chain still are."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError

from states.errors import BadInput, CaseNotFound, Conflict, DomainError, NotPermitted
from tests.factories import MONDAY, County, at, vault_of
from tests.shipped.walking import Walk
from tests.workflow.disposal.acts import APPROVAL, FILE, REASON, REPORTER, TEN_YEARS, THIRTY_YEARS, TITLE, WORD, Cellar
from tests.workflow.looking import case_row, dump, rows_of
from tests.workflow.test_receipts import with_signer
from tests.workflow.test_votes import DATA, STEP, publish
from web.wiring import shipped_workflows
from workflow import definitions, files, keyring, occasions, previews
from workflow.audit import verify
from workflow.disposal import appraisal
from workflow.disposal.appraisal import list_due
from workflow.disposal.showing import count_disposed
from workflow.former import compare_former
from workflow.models import (
    Ballot,
    Case,
    CaseKey,
    Content,
    Event,
    FormerFacet,
    FormerText,
    Notice,
    Receipt,
    Resolution,
    Secret,
    StoredFile,
    Tombstone,
)
from workflow.reads.register import series_of
from workflow.receipts import find_faults
from workflow.spells import compare_spells
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.verbs.votes import Word

# Of a file its digest stays: the chain holds it as the proof that it was handed in.
CANARIES = (TITLE, WORD, REPORTER, f"{FILE}.txt")


def refusal_of(call: object, *told: object, **named: object) -> str:
    with pytest.raises(DomainError) as refused:
        call(*told, **named)  # type: ignore[operator]
    return str(refused.value.params.get("why", refused.value.code))


def test_what_the_case_said_is_nowhere_any_more(cellar: Cellar) -> None:
    case_id = cellar.clue()
    assert rows_of(cellar.county, FormerText, case_id=case_id) and rows_of(cellar.county, FormerFacet, case_id=case_id)
    before = cellar.everything()
    assert all(canary in before for canary in (TITLE, WORD, FILE)), "the reporter is sealed"
    cellar.dispose(case_id)
    after = cellar.everything()
    assert not [canary for canary in CANARIES if canary in after]
    assert rows_of(cellar.county, CaseKey) == rows_of(cellar.county, Secret) == []
    assert cellar.wiped == [FILE], "the digest of the file that only this case had"


def test_a_tombstone_is_left_with_no_word_of_the_case(cellar: Cellar) -> None:
    case_id, county = cellar.clue(), cellar.county
    row = case_row(county, case_id)
    cellar.dispose(case_id)
    (stone,) = rows_of(county, Tombstone)
    assert (stone["number"], stone["kind"], stone["retention"]) == (row["number"], "clue", "important")
    assert (stone["opened_on"], stone["closed_on"]) == (MONDAY, MONDAY)
    assert stone["due_on"] == MONDAY.replace(year=MONDAY.year + 30)
    assert (stone["seq"], stone["head"]) == (row["seq"], row["head"])
    assert (stone["proposed_by"], stone["decided_by"]) == (county.people["song"], county.people["fang"])
    assert (stone["reason"], stone["approval"], stone["restored"]) == (REASON, APPROVAL, False)
    last = rows_of(county, Event, case_id=case_id)[-1]
    assert (last["verb"], last["actor_id"], last["prev"]) == ("dispose", None, row["head"])
    facts = json.loads(last["facts"])
    assert (facts["retention"], facts["decided_by"]) == ("important", county.people["fang"])


def test_the_history_still_verifies_up_to_the_tombstone(cellar: Cellar) -> None:
    case_id, kept = cellar.clue(), cellar.voided(file="另一张照片")
    cellar.dispose(case_id)
    assert cellar.county.database.read(verify).faults == ()
    assert cellar.county.database.read(compare_spells) == []
    known = cellar.county.database.read(definitions.catalogue)
    assert cellar.county.database.read(partial(compare_former, catalogue=known)) == []
    assert [row["seq"] for row in rows_of(cellar.county, Content, case_id=case_id)] == [case_row(cellar.county, case_id)["seq"]]
    assert len(rows_of(cellar.county, Content, case_id=kept)) > 1


def test_a_past_day_lacks_only_what_lay_open_to_its_reader_then(cellar: Cellar) -> None:
    county, days = cellar.county, [MONDAY + timedelta(n) for n in range(-1, 3)]
    case_id = county.open_item(at(MONDAY), feedback_on=MONDAY.isoformat())
    county.hand_over(case_id, at(days[2]), by="lin")
    county.engine.void(case_id, actor=county.actor("zhao"), now=at(days[3]), reason=WORD, approver="高建国")
    cellar.dispose(case_id)

    def lacking(login: str) -> list[int]:
        actor = county.actor(login, THIRTY_YEARS)
        asked = [partial(count_disposed, actor=actor, kinds=("rectification",), on=day) for day in days]
        return [county.engine.read(at(THIRTY_YEARS), lambda *read, one=one: one(*read)) for one in asked]

    assert {login: lacking(login) for login in ("lin", "zhou", "chen", "han")} == {
        "lin": [0, 1, 1, 1],
        "zhou": [0, 0, 1, 1],
        "chen": [0, 0, 1, 1],
        "han": [0, 0, 0, 0],
    }


def test_the_register_has_no_gap(cellar: Cellar) -> None:
    case_id = cellar.clue()
    cellar.dispose(case_id)
    (series,) = [one for one in cellar.county.engine.read(at(THIRTY_YEARS), series_of) if one.kind == "clue"]
    assert series.missing == () and (series.registered, series.disposed, series.withdrawn) == (1, 1, 0)


def test_the_engine_finds_it_no_more(cellar: Cellar) -> None:
    case_id = cellar.clue()
    cellar.dispose(case_id)
    for login in ("lin", "zhao", "machine"):
        told = {"actor": cellar.who(login, THIRTY_YEARS), "now": at(THIRTY_YEARS, 13), "text": "还在吗"}
        with pytest.raises(CaseNotFound):
            cellar.county.engine.comment(case_id, **told)


def test_nothing_is_due_before_the_last_day_is_over(cellar: Cellar) -> None:
    case_id = cellar.voided()
    last = MONDAY.replace(year=MONDAY.year + 10)
    assert refusal_of(cellar.propose, case_id, on=last) == "retention_runs"
    assert cellar.propose(case_id, on=last + timedelta(1))


def test_each_kind_has_its_time(cellar: Cellar) -> None:
    item, clue = cellar.voided(), cellar.clue()
    county = cellar.county

    def due(login: str, on: object) -> list[int]:
        found = county.engine.read(at(on), lambda store, occasion: list_due(store, occasion, cellar.who(login, on)))
        return [one.id for one in found.cases]

    assert due("song", MONDAY) == []
    assert due("song", TEN_YEARS) == [item]
    assert due("song", THIRTY_YEARS) == [item, clue]
    # Another's office, the organ that is supervised, and nobody's.
    assert due("qian", THIRTY_YEARS) == due("zhou", THIRTY_YEARS) == due("chen", THIRTY_YEARS) == []


def weighed(county: County, *weights: dict[str, Any]) -> None:
    """The kind of clues as it ships, with these weights."""
    document = {**shipped_workflows()["clue"].data, "weights": list(weights)}

    def work(store: Store) -> None:
        definitions.publish(store, document, source="", now=at(MONDAY, 8))
        occasions.moved(store, "definitions")

    county.database.write(work)


def due_on(cellar: Cellar, case_id: int, on: date) -> date | None:
    found = cellar.county.engine.read(at(on), lambda store, occasion: list_due(store, occasion, cellar.who("song", on)))
    return next((one.due_on for one in found.cases if one.id == case_id), None)


def test_a_case_is_kept_by_its_own_weight_of_facts_and_outcome(cellar: Cellar) -> None:
    """The shipped clue: what was not taken on, and a reference that proved untrue, is 一般; all else 重要."""
    facts: dict[str, Any] = {"reporter_name": REPORTER, "summary": WORD}
    ids = {
        name: cellar.voided("clue", **facts, **more) for name, more in (("plain", {}), ("reference", {"class": "reference"}))
    }
    for ground, name, on in (
        ("void", "plain", THIRTY_YEARS),
        ("not_accepted", "plain", TEN_YEARS),
        ("merged", "reference", TEN_YEARS),
        ("unfounded", "plain", THIRTY_YEARS),
        ("unfounded", "reference", TEN_YEARS),
    ):
        cellar.county.database.write(lambda store, g=ground, n=name: store.update(Case, {"ground": g}, id=ids[n]))
        assert due_on(cellar, ids[name], on) == on - timedelta(1), (ground, name)
        assert due_on(cellar, ids[name], on - timedelta(1)) is None, (ground, name)


def test_the_first_weight_that_fits_counts_for_proposal_run_and_tombstone(cellar: Cellar) -> None:
    weighed(cellar.county, {"retention": "ordinary", "grounds": ["void"]}, {"retention": "permanent"})
    case_id = cellar.clue()
    cellar.dispose(case_id, on=TEN_YEARS)
    (stone,) = rows_of(cellar.county, Tombstone)
    assert (stone["retention"], stone["due_on"]) == ("ordinary", MONDAY.replace(year=MONDAY.year + 10))


def test_what_is_kept_for_ever_by_its_weight_is_never_due_and_hides_nobody_behind_it(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appraisal, "TOGETHER", 2)
    weighed(cellar.county, {"retention": "permanent", "when": {"urgency": "grave"}})
    kept = [cellar.voided("clue", reporter_name=REPORTER, summary=WORD, urgency="grave") for _ in range(5)]
    last = cellar.clue()
    assert due_on(cellar, last, THIRTY_YEARS) == THIRTY_YEARS - timedelta(1)
    assert not any(due_on(cellar, one, THIRTY_YEARS) for one in kept)
    assert refusal_of(cellar.propose, kept[0]) == "retention_runs"


def test_whoever_proposed_it_does_not_decide(cellar: Cellar) -> None:
    disposal_id = cellar.propose(cellar.voided(), by="fang")
    assert refusal_of(cellar.decide, disposal_id, by="fang") == "separation_asked"


def test_nobody_who_handled_the_case_proposes_or_decides(cellar: Cellar) -> None:
    case_id = cellar.voided()
    assert refusal_of(cellar.propose, case_id, by="lin") == "separation_worked"
    assert refusal_of(cellar.decide, cellar.propose(case_id), by="zhao") == "separation_worked"


def test_a_handler_does_not_decide_and_nobody_of_another_office_does_either(cellar: Cellar) -> None:
    case_id = cellar.voided()
    assert refusal_of(cellar.decide, cellar.propose(case_id, by="fang"), by="song") == "role"
    assert refusal_of(cellar.propose, case_id, by="zhou") in ("role", "relation", "case_not_found")


@pytest.mark.parametrize(
    ("told", "why"),
    [({"decision": " "}, "reason_empty"), ({"approval": ""}, "approval_empty"), ({"decision": "好" * 501}, "reason_too_long")],
)
def test_a_decision_has_its_reason_and_the_paper_that_approves_it(cellar: Cellar, told: dict[str, str], why: str) -> None:
    disposal_id = cellar.propose(cellar.voided())
    before = dump(cellar.county)
    assert refusal_of(cellar.decide, disposal_id, **told) == why
    assert dump(cellar.county) == before


def test_a_refusal_keeps_everything_and_frees_the_case_for_another_proposal(cellar: Cellar) -> None:
    case_id = cellar.voided()
    disposal_id = cellar.propose(case_id)
    assert refusal_of(cellar.propose, case_id) == "disposal_held"
    cellar.decide(disposal_id, granted=False, approval="")
    assert cellar.work() == 0 and cellar.item(disposal_id, case_id) == ("kept", "refused")
    assert refusal_of(cellar.decide, disposal_id) == "disposal_decided"
    assert cellar.propose(case_id) != disposal_id


def test_what_is_held_back_stays_until_a_leader_lets_it_go(cellar: Cellar) -> None:
    case_id, engine = cellar.voided(), cellar.county.engine
    told = {"now": at(THIRTY_YEARS), "reason": "有申诉未结"}
    engine.hold_back(case_id, actor=cellar.who("song", THIRTY_YEARS), **told)
    assert refusal_of(engine.hold_back, case_id, actor=cellar.who("song", THIRTY_YEARS), **told) == "held_back"
    assert refusal_of(cellar.propose, case_id) == "disposal_held"
    assert refusal_of(engine.let_go, case_id, actor=cellar.who("song", THIRTY_YEARS), **told) == "role"
    engine.let_go(case_id, actor=cellar.who("fang", THIRTY_YEARS), **told)
    assert cellar.item(cellar.dispose(case_id), case_id) == ("done", "")


def test_what_comes_between_decision_and_run_keeps_that_case_alone(cellar: Cellar) -> None:
    held, free = cellar.voided(), cellar.voided()
    disposal_id = cellar.propose(held, free)
    cellar.decide(disposal_id)
    told = {"now": at(THIRTY_YEARS), "reason": "有申诉未结"}
    cellar.county.engine.hold_back(held, actor=cellar.who("song", THIRTY_YEARS), **told)
    assert cellar.work() == 2
    assert cellar.item(disposal_id, held) == ("kept", "held")
    assert cellar.item(disposal_id, free) == ("done", "")
    assert cellar.disposal(disposal_id)["finished_at"] == at(THIRTY_YEARS, 12)
    assert case_row(cellar.county, held)["title"] == TITLE


def test_a_case_that_is_linked_with_an_open_one_stays(cellar: Cellar) -> None:
    case_id, county = cellar.voided(), cellar.county
    other = county.open_item(at(MONDAY))
    county.engine.link(other, actor=county.actor("lin"), now=at(MONDAY, 15), other_id=case_id)
    assert refusal_of(cellar.propose, case_id) == "disposal_held"


def test_a_run_that_broke_off_goes_on_and_does_nothing_twice(cellar: Cellar) -> None:
    cases = [cellar.voided() for _ in range(3)]
    disposal_id = cellar.propose(*cases)
    cellar.decide(disposal_id)
    assert cellar.work(limit=1) == 1 and cellar.disposal(disposal_id)["finished_at"] is None
    assert cellar.work() == 2 and cellar.work() == 0
    assert len(rows_of(cellar.county, Tombstone)) == 3
    assert sum(row["verb"] == "dispose" for row in rows_of(cellar.county, Event)) == 3
    assert set(cellar.wiped) == {FILE}


def test_without_a_tombstone_the_database_itself_keeps_what_was_said(cellar: Cellar) -> None:
    case_id = cellar.voided()
    delete = text(f"DELETE FROM content WHERE case_id = {case_id}")
    with pytest.raises(DBAPIError, match="goes only with its case"):
        cellar.county.database.write(lambda store: store.connection.execute(delete))


def test_all_or_none_is_proposed_and_not_endlessly_many(cellar: Cellar) -> None:
    free, kept = cellar.voided(), cellar.county.open_item(at(MONDAY))
    assert refusal_of(cellar.propose, free, kept) in ("retention_runs", "separation_worked")
    with pytest.raises(BadInput):
        cellar.propose()
    with pytest.raises(BadInput):
        cellar.propose(*range(1, 300))
    with pytest.raises((NotPermitted, Conflict, CaseNotFound)):
        cellar.propose(free, by="machine")
    assert len(rows_of(cellar.county, Case)) == 2


def test_bytes_that_another_row_speaks_of_stay(cellar: Cellar, home: Path) -> None:
    county, content = cellar.county, b"the same photograph"
    told = {"name": "a.txt", "uploaded_by": None, "now": at(MONDAY), "limit": 100}
    ids = [files.keep(county.database, vault_of(home), stream=io.BytesIO(content), **told) for _ in range(2)]
    (digest,) = {row["digest"] for row in rows_of(county, StoredFile) if row["id"] in ids}

    def wipe() -> None:
        county.database.read(lambda store: previews.destroy(store, home, digest))

    previews.keep(vault_of(home), digest, b"small")
    wipe()
    assert files.path_of(home, digest).exists() and previews.find(vault_of(home), digest)
    county.database.write(lambda store: store.execute(delete(table_of(StoredFile))))
    wipe()
    assert not files.path_of(home, digest).exists() and previews.find(vault_of(home), digest) is None


def test_lines_in_bells_say_no_more_of_it(cellar: Cellar) -> None:
    gone, stays = cellar.voided(), cellar.voided()
    county = cellar.county
    line = {"person_id": county.people["lin"], "message": "closed", "created_at": at(MONDAY)}
    told = [("a", [gone]), ("b", [gone, stays]), ("c", [stays])]
    rows = [
        {**line, "key": key, "cases": canonical(ids), "params": canonical([{"n": one} for one in ids])} for key, ids in told
    ]
    county.database.write(lambda store: (store.execute(delete(table_of(Notice))), store.insert(Notice, rows)))
    cellar.dispose(gone)
    left = {row["key"]: (row["cases"], row["params"]) for row in rows_of(county, Notice)}
    only = (canonical([stays]), canonical([{"n": stays}]))
    assert left == {"b": only, "c": only}


def test_a_restore_to_before_somebody_had_an_account_disposes_all_the_same(cellar: Cellar) -> None:
    case_id, county = cellar.voided(), cellar.county
    told = {"retention": "ordinary", "proposed_by": county.people["song"], "decided_by": 99_999, "approval": APPROVAL}
    told |= {"closed_on": "2026-03-02", "due_on": "2036-03-02"}
    told |= {name: "2036-04-01T00:00:00.000000Z" for name in ("proposed_at", "decided_at")}
    listed = {str(case_id): told, "99999": told}
    assert county.engine.dispose_again(listed, at(TEN_YEARS), wipe=cellar.wiped.append) == 1
    (stone,) = rows_of(county, Tombstone)
    assert (stone["proposed_by"], stone["decided_by"], stone["restored"]) == (county.people["song"], None, True)
    assert county.database.read(verify).ok
    assert county.engine.dispose_again(listed, at(TEN_YEARS), wipe=cellar.wiped.append) == 0


def test_what_was_voted_goes_with_the_case_and_not_before(cellar: Cellar) -> None:
    county = cellar.county
    publish(county, states=("received",))
    case_id = Walk.open(county, "rectification", MONDAY, title=TITLE).id
    lin, zhao = county.actor("lin"), county.actor("zhao")
    county.engine.ask_decision(case_id, STEP, actor=lin, now=at(MONDAY, 12), data=DATA)
    told = {"words": [Word(county.people["zhao"], "abstain", WORD)], "met_on": MONDAY, "minutes": WORD}
    scan = county.keep_file(FILE, "lin")
    county.engine.record_votes(case_id, STEP, actor=lin, now=at(MONDAY, 13), scan=scan, **told)
    county.engine.void(case_id, actor=zhao, now=at(MONDAY, 14), reason=WORD, approver="高建国")
    assert all(canary in cellar.everything() for canary in (WORD, FILE))
    (resolution,) = rows_of(county, Resolution)
    with pytest.raises(DBAPIError, match="goes only with its case"):
        county.database.write(lambda store: store.execute(delete(table_of(Ballot))))
    cellar.dispose(case_id)
    assert rows_of(county, Ballot) == rows_of(county, Resolution) == []
    assert not [canary for canary in CANARIES if canary in cellar.everything()]
    assert resolution["scan_id"] not in {row["id"] for row in rows_of(county, StoredFile)}
    assert county.database.read(verify).faults == ()


def test_receipts_outlive_the_case_and_say_no_word_of_it(cellar: Cellar, tmp_path: Path) -> None:
    """They are of the history: who handed it to whom and when, by number; the page of a tombstone shows none."""
    keyring.make_key(tmp_path, "receipt", at(MONDAY))
    cellar.county = with_signer(cellar.county, tmp_path)
    case_id = cellar.voided()
    kept = rows_of(cellar.county, Receipt, case_id=case_id)
    assert kept
    cellar.dispose(case_id)
    assert rows_of(cellar.county, Receipt, case_id=case_id) == kept
    assert not any(word in cellar.everything() for word in CANARIES)
    signer = cellar.county.engine.signer
    assert signer is not None
    assert cellar.county.database.read(lambda store: list(find_faults(store, signer.publics()))) == []
