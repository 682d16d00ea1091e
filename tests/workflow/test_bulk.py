"""Bulk runs: fixed when they begin, worked off in batches by anybody, nothing twice and nothing left out, whoever is killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_events

from handlers.registry import EFFECTS, RUNGS
from states.errors import BadInput, InvalidForm, KeyReused, NotFound
from tests.factories import MONDAY, County, at, vault_of
from tests.workflow.looking import case_row, rows_of
from workflow import occasions
from workflow.audit import verify
from workflow.database import Database
from workflow.engine import Engine
from workflow.models import Answer, BulkItem, BulkRun, Event, Evidence, Grant, Note, Outbox, StoredFile
from workflow.reads import bulk as reading
from workflow.reads.ledger import first_ids
from workflow.reads.query import Query
from workflow.spells import compare_spells
from workflow.store import Store, table_of
from workflow.verbs import bulk
from workflow.verbs.bulk import Wish

NOON = at(MONDAY, 12)
SHEET = {"remind_by": "sheet"}
BRANCHES = ("donggou_branch", "xitou_branch", "shimen_branch")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven a transaction, so that a few cases make several."""
    monkeypatch.setattr(bulk, "BATCH", 7)


def items(county: County, number: int) -> list[int]:
    """Registered items of three villages."""
    told = {"feedback_on": "2026-03-02"}
    return [county.open_item(at(MONDAY), subject=BRANCHES[n % 3], title=f"第{n}项", **told) for n in range(number)]


def begin(county: County, wish: Wish, ids: Iterable[int], login: str = "song", **more: Any) -> int:
    return county.engine.begin_run(wish, lambda _store, _occasion: ids, actor=county.actor(login), now=NOON, **more)


def hand_over(county: County) -> Wish:
    return Wish("transfer", {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"})


def work(county: County, now: datetime = NOON) -> int:
    return county.engine.work_runs(now, ceiling=3)


def results(county: County, run_id: int) -> dict[int, tuple[str, str]]:
    return {row["case_id"]: (row["status"], row["code"]) for row in rows_of(county, BulkItem, run_id=run_id)}


def fired(county: County, trigger: str) -> Counter[int]:
    return Counter(row["case_id"] for row in rows_of(county, Event, trigger=trigger))


def items_seen(county: County, run_id: int, login: str = "song", now: datetime = NOON) -> reading.Items:
    actor = county.actor(login)
    return county.engine.read(
        now,
        lambda store, occasion: reading.items_of(store, occasion, actor, reading.get_run(store, actor, run_id)),
    )


def test_every_case_is_done_once_with_its_result_and_the_run_is_over(county: County) -> None:
    ids = items(county, 23)
    run_id = begin(county, hand_over(county), ids)
    assert work(county) == 23
    assert work(county) == 0
    assert results(county, run_id) == dict.fromkeys(ids, ("done", ""))
    assert fired(county, "transfer") == Counter(ids)
    run = rows_of(county, BulkRun, id=run_id)[0]
    assert (run["finished_at"], run["data"], run["total"]) == (NOON, "{}", 23)
    assert {row["seq"] for row in rows_of(county, BulkItem)} == {case_row(county, ids[0])["seq"]}
    assert county.database.read(verify).faults == ()
    assert county.database.read(compare_spells) == []


def test_one_refused_spoils_no_other_of_its_batch_and_is_told_with_its_reason(county: County) -> None:
    ids = items(county, 10)
    county.hand_over(ids[3], at(MONDAY, 11))
    run_id = begin(county, hand_over(county), ids)
    work(county)
    assert results(county, run_id) == dict.fromkeys(ids, ("done", "")) | {ids[3]: ("refused", "transition_refused")}
    assert fired(county, "transfer") == Counter(ids)
    first = items_seen(county, run_id).items[0]
    assert first.case_id == ids[3] and first.why is not None
    assert first.why.params["why"] == [{"name": "wrong_state"}]
    assert len(rows_of(county, Note, kind="refused")) == 1


def test_one_that_breaks_is_refused_alone_and_the_rest_go_through(county: County) -> None:
    ids = items(county, 9)

    def breaks(change: Any, **params: Any) -> Any:
        if change.case.id == ids[4]:
            raise ZeroDivisionError
        return EFFECTS["notify_posts"](change, **params)

    engine = Engine(county.database, effects={**EFFECTS, "notify_posts": breaks}, rungs=RUNGS)
    run_id = begin(county, hand_over(county), ids)
    while engine.work_run(run_id, now=NOON, ceiling=3):
        pass
    assert results(county, run_id) == dict.fromkeys(ids, ("done", "")) | {ids[4]: ("refused", "refused")}
    assert case_row(county, ids[4])["state"] == "received"


def test_the_same_form_sent_again_begins_nothing(county: County) -> None:
    ids = items(county, 3)
    first = begin(county, hand_over(county), ids, key="k")
    assert begin(county, hand_over(county), ids, key="k") == first
    with pytest.raises(KeyReused):
        begin(county, Wish("remind", SHEET), ids, key="k")
    assert len(rows_of(county, BulkRun)) == 1
    assert len(rows_of(county, Answer)) == 1


def test_what_comes_after_the_beginning_is_not_meant(county: County) -> None:
    ids = items(county, 4)
    actor, query = county.actor("song"), Query(kinds=("rectification",))
    run_id = county.engine.begin_run(
        Wish("remind", SHEET),
        lambda store, occasion: first_ids(store, occasion, actor, query, limit=100),
        actor=actor,
        now=NOON,
    )
    later = county.open_item(at(MONDAY))
    work(county)
    assert set(results(county, run_id)) == set(ids)
    assert fired(county, "remind")[later] == 0


def test_too_many_cases_begin_nothing(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST", 5)
    with pytest.raises(BadInput) as refusal:
        begin(county, hand_over(county), items(county, 6))
    assert refusal.value.params["why"] == "too_many_cases"
    assert rows_of(county, BulkRun) == [] == rows_of(county, BulkItem)


def test_forged_ids_and_those_of_others_are_no_items_and_stay_untouched(county: County) -> None:
    ours = items(county, 6)
    county.hand_over(ours[2], at(MONDAY), to="shimen_branch")
    run_id = begin(county, Wish("remind", SHEET), [*ours, 10**6], login="shi")
    work(county)
    assert set(results(county, run_id)) == {ours[2]}  # of its two, 石门村 sees the one that was handed over
    assert rows_of(county, BulkRun)[0]["unseen"] == 6
    assert fired(county, "remind") == Counter()


def test_a_row_that_has_gone_out_of_sight_meanwhile_is_refused_as_not_found(county: County) -> None:
    ids = items(county, 3)
    run_id = begin(county, hand_over(county), ids)
    county.engine.bar(ids[1], actor=county.actor("lin"), now=NOON, reason="亲属", person_id=county.people["song"])
    work(county)
    assert results(county, run_id)[ids[1]] == ("refused", "case_not_found")
    assert fired(county, "transfer") == Counter({ids[0]: 1, ids[2]: 1})
    gone = items_seen(county, run_id).items[0]
    assert (gone.case_id, gone.row) == (ids[1], None)


def test_posts_count_as_they_are_when_the_work_is_done(county: County) -> None:
    ids = items(county, 9)
    run_id = begin(county, hand_over(county), ids)
    county.engine.work_run(run_id, now=NOON, ceiling=3)
    grants = table_of(Grant)

    def resign(store: Store) -> None:
        store.execute(grants.delete().where(grants.c.person_id == county.people["song"]))
        occasions.moved(store, "people")

    county.database.write(resign)
    work(county)
    assert Counter(status for status, _code in results(county, run_id).values()) == {"done": 7, "refused": 2}
    assert sum(fired(county, "transfer").values()) == 7


def test_only_what_waits_to_be_signed_for_is_urged(county: County) -> None:
    ids = items(county, 2)
    county.hand_over(ids[0], at(MONDAY, 11))
    run_id = begin(county, Wish("remind", SHEET, condition="to_sign"), ids)
    work(county)
    assert fired(county, "remind") == Counter({ids[0]: 1})
    why = items_seen(county, run_id).items[0].why
    assert why is not None and why.params["why"] == [{"name": "not_to_sign"}]


def test_a_fault_of_the_form_is_said_before_anything_is_begun(county: County) -> None:
    ids = items(county, 2)
    with pytest.raises(InvalidForm) as refusal:
        begin(county, Wish("transfer", {"hand_over_mode": "never"}, kind="rectification"), ids)
    assert set(refusal.value.params["fields"]) == {"recipient", "hand_over_mode"}
    assert rows_of(county, BulkRun) == []


def test_an_answer_that_fits_only_some_is_refused_only_there(county: County) -> None:
    told = {"report_to": "高建国", "report_text": "请阅"}
    ids = items(county, 2)
    run_id = begin(county, Wish("report_up", told, kind="rectification"), [*ids, county_clue(county)])
    work(county)
    assert set(results(county, run_id)) == set(ids)  # a clue is no item of this form


def county_clue(county: County) -> int:
    facts = {"summary": "举报", "source": "visit", "area": "discipline", "class": "key", "urgency": "light"}
    found = county.engine.read(NOON, lambda _store, occasion: occasion.catalogue.of_kind("clue").definition)
    told = {
        one.key: facts.get(one.key) or (one.choices[0].key if one.choices else "2026-03-02" if one.type == "date" else "写")
        for one in found.fields
        if one.required
    }
    return county.engine.open(
        "clue", actor=county.actor("lin"), now=NOON, title="线索", subject_id=county.organs["donggou_branch"], data=told
    ).case_id


# ---- killed, and two at once ----------------------------------------------------------------------------------------------


def be_a_worker(url: str, run_id: int, stops_at: int) -> None:
    """Works at the run in this process; the commit of batch `stops_at` waits for a line of input that never comes."""
    bulk.BATCH = 7
    database, commits = Database(url), 0

    @sqlalchemy_events.listens_for(database.writer, "commit")
    def wait(_connection: Any) -> None:
        nonlocal commits
        commits += 1
        if commits == stops_at:
            print("acted", flush=True)
            sys.stdin.readline()

    engine = Engine(database, effects=EFFECTS, rungs=RUNGS)
    while engine.work_run(run_id, now=NOON, ceiling=3):
        pass
    database.close()


def test_a_killed_worker_leaves_nothing_half_done_and_the_next_one_does_the_rest(county: County) -> None:
    ids = items(county, 40)
    run_id = begin(county, hand_over(county), ids)
    command = [sys.executable, "-m", __name__, county.database.url, str(run_id), "3"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "acted\n"
        worker.kill()
    assert sum(fired(county, "transfer").values()) == 14  # two batches were committed, the third was not
    assert Counter(status for status, _ in results(county, run_id).values()) == {"done": 14, "waiting": 26}
    work(county)
    assert fired(county, "transfer") == Counter(ids)
    assert results(county, run_id) == dict.fromkeys(ids, ("done", ""))
    assert county.database.read(verify).faults == ()


def test_several_workers_at_once_share_the_work_and_double_nothing(county: County) -> None:
    ids = items(county, 60)
    county.hand_over(ids[30], at(MONDAY, 11))
    run_id, start = begin(county, hand_over(county), ids), threading.Barrier(3)

    def be_one() -> None:
        start.wait()
        while county.engine.work_run(run_id, now=NOON, ceiling=3):
            pass

    workers = [threading.Thread(target=be_one) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    work(county)
    assert fired(county, "transfer") == Counter(ids)
    assert Counter(status for status, _ in results(county, run_id).values()) == {"done": 59, "refused": 1}
    assert rows_of(county, BulkRun, id=run_id)[0]["finished_at"] == NOON
    assert county.database.read(verify).faults == ()


# ---- taken back -----------------------------------------------------------------------------------------------------------


def take_back(county: County, run_id: int, *, only: Iterable[int] = (), login: str = "song", now: datetime = NOON) -> int:
    actor = county.actor(login)
    return county.engine.begin_run(
        Wish(undoes=run_id),
        lambda store, _occasion: bulk.done_in(store, actor, run_id, only),
        actor=actor,
        now=now,
    )


def told_of(county: County, case_id: int) -> dict[str, Any]:
    row = case_row(county, case_id)
    return {name: value for name, value in row.items() if name not in ("version", "seq", "head", "changed_at", "told_at")}


def test_taking_a_run_back_gives_every_case_back_exactly(county: County) -> None:
    ids = items(county, 16)
    before = {case_id: told_of(county, case_id) for case_id in ids}
    lines = len(rows_of(county, Outbox))
    run_id = begin(county, hand_over(county), ids)
    work(county)
    assert all(item.can_undo for item in items_seen(county, run_id).items)
    back = take_back(county, run_id)
    work(county, NOON + timedelta(minutes=5))
    assert results(county, back) == dict.fromkeys(ids, ("done", ""))
    assert {case_id: told_of(county, case_id) for case_id in ids} == before
    assert len(rows_of(county, Outbox)) == lines
    assert [(item.can_undo, item.is_taken_back) for item in items_seen(county, run_id).items] == [(False, True)] * 16
    assert county.database.read(verify).faults == ()
    assert county.database.read(compare_spells) == []


def test_what_was_done_after_the_run_is_not_taken_back_with_it(county: County) -> None:
    ids = items(county, 3)
    run_id = begin(county, hand_over(county), ids)
    work(county)
    county.fire(ids[1], "remind", "song", NOON, **SHEET)
    assert [item.can_undo for item in items_seen(county, run_id).items] == [True, False, True]
    back = take_back(county, run_id)
    work(county)
    assert results(county, back)[ids[1]] == ("refused", "transition_refused")
    assert case_row(county, ids[1])["state"] == "transferred"
    assert [event["verb"] for event in rows_of(county, Event, case_id=ids[1])].count("undo") == 0


def test_one_row_alone_is_taken_back(county: County) -> None:
    ids = items(county, 3)
    run_id = begin(county, hand_over(county), ids)
    work(county)
    back = take_back(county, run_id, only=[ids[2], 10**6])
    work(county)
    assert results(county, back) == {ids[2]: ("done", "")}


def test_after_ten_minutes_nothing_is_taken_back(county: County) -> None:
    ids, late = items(county, 2), NOON + timedelta(minutes=11)
    run_id = begin(county, hand_over(county), ids)
    work(county)
    assert not items_seen(county, run_id, now=late).can_undo
    back = take_back(county, run_id, now=late)
    work(county, late)
    assert {status for status, _ in results(county, back).values()} == {"refused"}


def test_nobody_sees_or_takes_back_the_run_of_another(county: County) -> None:
    run_id = begin(county, hand_over(county), items(county, 2))
    work(county)
    with pytest.raises(NotFound):
        take_back(county, run_id, login="lin")
    with pytest.raises(NotFound):
        items_seen(county, run_id, login="lin")
    assert county.database.read(lambda store: reading.list_runs(store, county.actor("lin"))) == []
    assert [run.id for run in county.database.read(lambda store: reading.list_runs(store, county.actor("song")))] == [run_id]


def test_a_scan_shared_by_all_is_kept_once_and_is_evidence_of_each(county: County, home: Any) -> None:
    import io

    from workflow.files import receive

    ids = [county.open_item(at(MONDAY), title=f"第{n}项") for n in range(3)]  # without signed feedback the head approves
    scan = receive(vault_of(home), name="审批.png", stream=io.BytesIO(b"\x89PNG\r\n\x1a\n"), limit=1000)
    wish = hand_over(county)
    told = {**wish.data, "approval": {"approver": "赵国华", "on": "2026-03-02"}}
    run_id = begin(county, Wish("transfer", told, kind="rectification"), ids, scan=scan)
    work(county)
    assert results(county, run_id) == dict.fromkeys(ids, ("done", ""))
    assert len(rows_of(county, StoredFile)) == 1
    assert {row["case_id"] for row in rows_of(county, Evidence, label="approval_scan")} == set(ids)


if __name__ == "__main__":
    be_a_worker(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
