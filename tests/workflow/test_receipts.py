"""Receipts are made with their event, kept as they were signed, and missed where they are gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from states.errors import CaseNotFound, Conflict, NotFound, TransitionRefused
from tests.factories import MONDAY, SEALER, County, at
from tests.tampering import tamper
from tests.workflow.looking import case_row, rows_of
from workflow import keyring, receipts
from workflow.engine import Engine
from workflow.history import chain_hash
from workflow.imports import begin_run
from workflow.least import grants_for
from workflow.models import Event, Receipt
from workflow.nightly import check_night
from workflow.reads.receipts import receipt_of, receipts_of
from workflow.reads.seen import see
from workflow.receipts import AT_EVENT, LATE, ON_DEMAND, find_faults, is_waiting, sign_waiting
from workflow.signing import Signer
from workflow.statements import Prepared
from workflow.store import Store
from workflow.text import canonical
from workflow.verbs.adopt import Adoption
from workflow.verbs.bulk import Wish
from workflow.verbs.replay import CaseLog, LogEvent

NOW = at(MONDAY)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with the key of receipts."""
    keyring.make_key(tmp_path, "receipt", NOW)
    return tmp_path


@pytest.fixture
def signing(county: County, keys: Path) -> County:
    """The county, whose engine makes receipts."""
    return with_signer(county, keys)


def with_signer(county: County, folder: Path) -> County:
    told: dict[str, Any] = {"effects": county.engine.effects, "rungs": county.engine.rungs, "sealer": SEALER}
    return replace(county, engine=Engine(county.database, signer=Signer(folder, "duban"), **told))


def signer_of(county: County) -> Signer:
    assert county.engine.signer is not None
    return county.engine.signer


def asked(county: County, login: str, case_id: int, seq: int, signer: Signer | None = None) -> dict[str, Any]:
    """The receipt as somebody gets it an hour later."""
    actor, by = county.actor(login), signer or signer_of(county)
    return county.engine.read(
        LATER, lambda store, occasion: receipt_of(see(store, occasion, actor, case_id), seq, signer=by, now=LATER)
    )


def all_asked(county: County, login: str, case_id: int) -> dict[int, dict[str, Any]]:
    actor, by = county.actor(login), signer_of(county)
    found = county.engine.read(
        LATER, lambda store, occasion: list(receipts_of(see(store, occasion, actor, case_id), signer=by, now=LATER))
    )
    return {event["seq"]: receipt for event, receipt in found}


def why_not(county: County, case_id: int, seq: int) -> str:
    """Why the village gets no receipt of the event."""
    with pytest.raises(Conflict) as refused:
        asked(county, "zhou", case_id, seq)
    return str(refused.value.params["why"])


def said(receipt: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(receipt["body"])
    return told


def faults(county: County) -> list[tuple[int, str]]:
    publics = signer_of(county).publics()
    return [(one["seq"], one["kind"]) for one in county.database.read(lambda store: list(find_faults(store, publics)))]


def steps(county: County, case_id: int) -> list[str]:
    """The steps that have a receipt, in their order."""
    return [said(row)["step"] for row in rows_of(county, Receipt, case_id=case_id)]


def rewrite(county: County, case_id: int) -> None:
    """Whoever owns the database makes the whole chain anew: everything was done by nobody."""
    prev, changes = "", []
    for row in rows_of(county, Event, case_id=case_id):
        facts = json.dumps(
            {**json.loads(row["facts"]), "actor": None}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        made = chain_hash("sha256", prev, facts)
        told = facts.replace("'", "''")
        told = told if county.database.is_sqlite else told.replace("%", "%%")
        where = f"case_id = {case_id} AND seq = {row['seq']}"
        changes.append(f"UPDATE event SET facts = '{told}', actor_id = NULL, prev = '{prev}', hash = '{made}' WHERE {where}")
        prev = made
    tamper(county.database.url, *changes, f"UPDATE cases SET head = '{prev}' WHERE id = {case_id}")


# ---- with the event -------------------------------------------------------------------------------------------------------


def test_a_hand_over_and_a_sign_for_leave_a_signed_receipt_in_their_own_transaction(signing: County) -> None:
    case_id = signing.supervised_item(NOW)
    handed, signed = rows_of(signing, Receipt, case_id=case_id)
    (public,) = signer_of(signing).publics()
    for row, trigger in ((handed, "transfer"), (signed, "sign_for")):
        event = next(event for event in rows_of(signing, Event, case_id=case_id) if event["trigger"] == trigger)
        told = json.loads(row["body"])
        assert told["heads"] == [[case_id, event["seq"], event["hash"]]]
        assert (told["step"], told["made"], told["origin"]) == (trigger, AT_EVENT, "duban")
        assert told["issued_at"] == told["recorded_at"]
        assert public.verifies({"type": "duban/receipt/1", **row})
    assert (said(handed)["from"], said(handed)["to"], said(handed)["by"]) == ("县委巡察办", "东沟村党支部", "县委巡察办")
    assert said(signed)["by"] == "东沟村党支部"
    assert "村务公开栏" not in handed["body"] + signed["body"]


def test_a_step_that_is_refused_leaves_none(signing: County) -> None:
    case_id = signing.supervised_item(NOW)
    with pytest.raises(TransitionRefused):
        signing.fire(case_id, "sign_for", "zhou", LATER, pieces=1)
    assert steps(signing, case_id) == ["transfer", "sign_for"]


def test_a_hand_back_a_way_back_and_an_end_are_proven_too(signing: County) -> None:
    case_id = signing.open_item(NOW, feedback_on=MONDAY.isoformat())
    signing.hand_over(case_id, NOW + timedelta(minutes=1), by="lin")
    signing.engine.undo(case_id, actor=signing.actor("lin"), now=NOW + timedelta(minutes=2))
    signing.engine.comment(case_id, actor=signing.actor("lin"), now=NOW + timedelta(minutes=3), text="先不交")
    zhao = signing.actor("zhao")
    signing.engine.void(case_id, actor=zhao, now=NOW + timedelta(minutes=4), reason="登记错了", approver="高建国")
    assert steps(signing, case_id) == ["transfer", "undo", "void"]


def test_whoever_sees_the_event_gets_the_bytes_that_were_signed_then_and_nobody_else(signing: County) -> None:
    case_id = signing.supervised_item(NOW)
    handed = rows_of(signing, Receipt, case_id=case_id)[0]
    found = [asked(signing, login, case_id, handed["seq"]) for login in ("lin", "zhou", "lin")]
    assert found[0] == found[1] == found[2]
    assert found[0]["body"] == handed["body"] and found[0]["signature"] == handed["signature"]
    assert all_asked(signing, "lin", case_id) == all_asked(signing, "zhou", case_id)
    with pytest.raises(CaseNotFound):
        asked(signing, "han", case_id, handed["seq"])


def test_whoever_handed_it_back_keeps_the_receipts_of_his_time_and_gets_no_later_one(signing: County) -> None:
    case_id = signing.open_item(NOW, feedback_on=MONDAY.isoformat())
    signing.hand_over(case_id, NOW + timedelta(minutes=1), to="bureau")
    told = {"hand_back_reason": "not_ours", "hand_back_note": "应由属地承办"}
    signing.fire(case_id, "hand_back", "ma", NOW + timedelta(minutes=2), **told)
    signing.hand_over(case_id, NOW + timedelta(minutes=3))
    office = all_asked(signing, "lin", case_id)
    assert [said(one)["step"] for one in office.values()] == ["transfer", "hand_back", "transfer"]
    first, second, third = office
    assert all_asked(signing, "ma", case_id) == {first: office[first], second: office[second]}
    with pytest.raises(NotFound):
        asked(signing, "ma", case_id, third)
    assert said(office[second])["to"] == "县委巡察办"


def test_the_key_that_was_replaced_signs_nothing_more(signing: County, keys: Path) -> None:
    first = signing.supervised_item(NOW)
    made = keyring.rotate_key(keys, "receipt", LATER)
    second = signing.supervised_item(LATER, subject="xitou_branch", signer="feng")
    assert {row["key_id"] for row in rows_of(signing, Receipt, case_id=second)} == {made.id}
    assert {row["key_id"] for row in rows_of(signing, Receipt, case_id=first)} == {made.endorsed_by}
    assert faults(signing) == []


# ---- without a key --------------------------------------------------------------------------------------------------------


def _no_key(folder: Path) -> None:
    del folder


def _open_key(folder: Path) -> None:
    keyring.make_key(folder, "receipt", NOW)
    next(folder.glob("receipt-*.key")).chmod(0o644)


@pytest.mark.parametrize("prepare", [_no_key, _open_key])
def test_no_step_is_lost_for_want_of_a_key_and_what_is_signed_later_says_so(
    county: County, tmp_path: Path, prepare: Callable[[Path], None]
) -> None:
    prepare(tmp_path)
    county = with_signer(county, tmp_path)
    case_id = county.supervised_item(NOW)
    assert [row["key_id"] for row in rows_of(county, Receipt, case_id=case_id)] == ["", ""]
    assert county.database.read(is_waiting) and faults(county) == []
    assert sign_waiting(county.database, signer_of(county), LATER) == 0
    seq = rows_of(county, Receipt, case_id=case_id)[0]["seq"]
    assert why_not(county, case_id, seq) == "receipt_waiting" and all_asked(county, "zhou", case_id) == {}
    for path in tmp_path.glob("receipt-*"):
        path.unlink()
    keyring.make_key(tmp_path, "receipt", LATER)
    assert why_not(county, case_id, seq) == "receipt_waiting", "it is signed once, and not for whoever asks first"
    assert sign_waiting(county.database, signer_of(county), LATER) == 2
    assert sign_waiting(county.database, signer_of(county), LATER) == 0
    assert not county.database.read(is_waiting) and faults(county) == []
    told = asked(county, "zhou", case_id, seq)
    assert told == asked(county, "lin", case_id, seq)
    assert (said(told)["made"], said(told)["issued_at"][:19]) == (LATE, LATER.isoformat()[:19])


def test_what_somebody_has_changed_meanwhile_is_not_signed_later(county: County, tmp_path: Path) -> None:
    county = with_signer(county, tmp_path)
    case_id = county.supervised_item(NOW)
    rewrite(county, case_id)
    keyring.make_key(tmp_path, "receipt", LATER)
    assert sign_waiting(county.database, signer_of(county), LATER) == 0
    assert {kind for _seq, kind in faults(county)} == {"event"}
    for row in rows_of(county, Receipt, case_id=case_id):
        assert why_not(county, case_id, row["seq"]) == "receipt_waiting", "nor is the new history signed for whoever asks"
    assert all_asked(county, "zhou", case_id) == {}


@pytest.mark.parametrize(
    "changed",
    [
        *({name: "另一个"} for name in ("number", "kind", "step", "from", "to", "by", "happened_at", "recorded_at")),
        {"from": "", "to": "县委巡察办"},
        {"said": "多的一句"},
        {"heads": []},
    ],
)
def test_no_word_of_it_that_somebody_has_changed_is_signed_later(
    county: County, tmp_path: Path, changed: dict[str, Any]
) -> None:
    county = with_signer(county, tmp_path)
    case_id = county.supervised_item(NOW)
    handed, signed = rows_of(county, Receipt, case_id=case_id)
    body = canonical({**said(handed), **changed})
    tamper(county.database.url, f"UPDATE receipt SET body = '{body}' WHERE seq = {handed['seq']}")
    keyring.make_key(tmp_path, "receipt", LATER)
    assert sign_waiting(county.database, signer_of(county), LATER) == 1
    assert faults(county) == [(handed["seq"], "event")]
    assert said(asked(county, "zhou", case_id, signed["seq"]))["made"] == LATE


def test_where_it_comes_from_is_said_by_whoever_signs_it(county: County, tmp_path: Path) -> None:
    county = with_signer(county, tmp_path)
    county.supervised_item(NOW)
    tamper(county.database.url, "UPDATE receipt SET body = replace(body, '\"duban\"', '\"elsewhere\"')")
    keyring.make_key(tmp_path, "receipt", LATER)
    assert sign_waiting(county.database, signer_of(county), LATER) == 2
    assert {said(row)["origin"] for row in rows_of(county, Receipt) if row["key_id"]} == {"duban"}


def test_an_event_that_says_of_no_receipt_gets_none_later(county: County, tmp_path: Path) -> None:
    county = with_signer(county, tmp_path)
    case_id = county.supervised_item(NOW)
    opened, facts = rows_of(county, Event, case_id=case_id)[0], json.loads(rows_of(county, Event, case_id=case_id)[0]["facts"])
    row = case_row(county, case_id)
    told: dict[str, Any] = {"number": row["number"], "kind": row["kind"], "before": None, "holder": facts["holder"]}
    tree = county.engine.read(NOW, lambda _store, occasion: occasion.tree)
    made = receipts.body_of(opened, **told, tree=tree, origin="duban", issued_at=NOW, made=AT_EVENT)
    values = f"({case_id}, {opened['seq']}, '', '', '', '{canonical(made)}')"
    tamper(county.database.url, f"INSERT INTO receipt (case_id, seq, key_id, algorithm, signature, body) VALUES {values}")
    keyring.make_key(tmp_path, "receipt", LATER)
    assert sign_waiting(county.database, signer_of(county), LATER) == 2
    assert faults(county) == [(opened["seq"], "event")]


def test_one_that_waited_while_its_organ_got_another_name_is_signed(county: County, tmp_path: Path) -> None:
    county = with_signer(county, tmp_path)
    county.supervised_item(NOW)
    village = county.organs["donggou_branch"]
    former = "INSERT INTO former_unit (organ_id, until, name, short_name, above_id) SELECT id, '2026-01-01', name, short_name, area_id"
    tamper(
        county.database.url,
        f"{former} FROM organ WHERE id = {village}",
        f"UPDATE organ SET name = '东沟新村党支部', short_name = '' WHERE id = {village}",
    )
    keyring.make_key(tmp_path, "receipt", LATER)
    assert sign_waiting(county.database, signer_of(county), LATER) == 2
    assert faults(county) == []


DAMAGES = ["facts = '{'", "facts = '[]'", "recorded_at = 'x'"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_event_that_cannot_be_read_any_more_stops_neither_signing_nor_the_night(
    county: County, tmp_path: Path, damage: str
) -> None:
    if "recorded_at" in damage and not county.database.is_sqlite:
        pytest.skip("PostgreSQL stores no hour that is none")
    county = with_signer(county, tmp_path)
    case_id = county.supervised_item(NOW)
    handed = rows_of(county, Receipt, case_id=case_id)[0]["seq"]
    tamper(county.database.url, f"UPDATE event SET {damage} WHERE seq = {handed}")
    assert faults(county)[0] == (handed, "event")
    keyring.make_key(tmp_path, "receipt", LATER)
    assert sign_waiting(county.database, signer_of(county), LATER) == 1
    assert (handed, "event") in faults(county)


def plan_of(store: Store, prepared: Prepared) -> str:
    """How the database goes about it, were the table large."""
    text, bound = prepared.text(store.dialect)
    bound = {"case_id": 1, "seq": 1, "key_id": "", "limit": 500, **bound}
    cursor: Any = store.connection.connection.cursor()
    if store.dialect == "postgresql":
        cursor.execute("SET LOCAL enable_seqscan = off")
    cursor.execute(f"{'EXPLAIN' if store.dialect == 'postgresql' else 'EXPLAIN QUERY PLAN'} {text}", bound)
    return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_what_waits_is_found_by_its_own_index(county: County) -> None:
    plan = county.database.read(lambda store: plan_of(store, receipts.WAITING))
    assert "ix_receipt_unsigned" in plan and "SCAN" not in plan


def test_each_batch_of_the_night_begins_where_the_last_one_ended(county: County) -> None:
    plan = county.database.read(lambda store: plan_of(store, receipts.KEPT))
    if county.database.is_sqlite:
        assert "SEARCH receipt USING INDEX sqlite_autoindex_receipt_1 ((case_id,seq,key_id)>" in plan
    else:
        assert "ROW(" in plan and "Filter: (ROW(" not in plan


def test_more_than_one_batch_is_signed(county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "TOGETHER", 1)
    county = with_signer(county, tmp_path)
    county.supervised_item(NOW)
    county.supervised_item(NOW, subject="xitou_branch", signer="feng")
    keyring.make_key(tmp_path, "receipt", LATER)
    assert sign_waiting(county.database, signer_of(county), LATER) == 4
    tamper(county.database.url, "UPDATE receipt SET signature = '' WHERE key_id <> ''")
    assert [kind for _seq, kind in faults(county)] == ["signature"] * 4


# ---- from before ----------------------------------------------------------------------------------------------------------


def test_an_event_from_before_gets_its_receipt_on_demand_and_it_says_so(county: County, keys: Path) -> None:
    case_id = county.supervised_item(NOW)
    assert rows_of(county, Receipt) == []
    signing = with_signer(county, keys)
    found = all_asked(signing, "zhou", case_id)
    assert [said(one)["made"] for one in found.values()] == [ON_DEMAND, ON_DEMAND]
    assert {said(one)["issued_at"][:19] for one in found.values()} == {LATER.isoformat()[:19]}
    assert rows_of(county, Receipt) == [] and faults(signing) == []


# ---- what somebody does to them -------------------------------------------------------------------------------------------


def test_a_history_that_was_rewritten_before_anybody_asked_is_not_signed_as_if_true(signing: County, tmp_path: Path) -> None:
    case_id = signing.supervised_item(NOW)
    before = all_asked(signing, "zhou", case_id)
    rewrite(signing, case_id)
    assert all_asked(signing, "zhou", case_id) == before, "whoever asks afterwards gets what was signed then"
    assert {kind for _seq, kind in faults(signing)} == {"event"}
    counts = check_night(signing.engine, tmp_path, LATER, archive_days=90)
    assert counts["receipts"] == 2


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("UPDATE receipt SET body = replace(body, '东沟', '西沟') WHERE seq = {seq}", "signature"),
        ("UPDATE receipt SET key_id = 'ffff' WHERE seq = {seq}", "signature"),
        ("UPDATE receipt SET body = '{{' WHERE seq = {seq}", "signature"),
        ("DELETE FROM receipt WHERE seq = {seq}", "lost"),
    ],
)
def test_a_receipt_that_was_changed_or_taken_away_is_an_alarm_of_the_night(
    signing: County, tmp_path: Path, damage: str, kind: str
) -> None:
    case_id = signing.supervised_item(NOW)
    seq = rows_of(signing, Receipt, case_id=case_id)[0]["seq"]
    assert faults(signing) == []
    tamper(signing.database.url, damage.format(seq=seq))
    assert faults(signing) == [(seq, kind)]
    assert check_night(signing.engine, tmp_path, LATER, archive_days=90)["receipts"] == 1


def test_what_is_gone_is_not_signed_anew(signing: County) -> None:
    case_id = signing.supervised_item(NOW)
    seq = rows_of(signing, Receipt, case_id=case_id)[0]["seq"]
    tamper(signing.database.url, f"DELETE FROM receipt WHERE seq = {seq}")
    with pytest.raises(Conflict) as told:
        asked(signing, "zhou", case_id, seq)
    assert told.value.params["why"] == "receipt_lost"
    assert seq not in all_asked(signing, "zhou", case_id)


def test_the_program_can_neither_change_nor_remove_one(signing: County) -> None:
    signing.supervised_item(NOW)
    assert "GRANT SELECT, INSERT ON receipt TO duban_app" in grants_for("duban_app")
    if signing.database.is_sqlite:
        for statement in (
            "UPDATE receipt SET body = body",
            "DELETE FROM receipt",
            "REPLACE INTO receipt SELECT * FROM receipt",
        ):
            with pytest.raises(DBAPIError, match=r"not authorized|prohibited"):
                signing.database.write(lambda store, said=statement: store.connection.exec_driver_sql(said))


# ---- whoever takes the step -----------------------------------------------------------------------------------------------


def test_a_bulk_run_signs_for_each_of_its_cases_and_for_none_that_it_refuses(signing: County) -> None:
    ids = [signing.open_item(NOW, title=f"第{n}项", feedback_on=MONDAY.isoformat()) for n in range(3)]
    signing.hand_over(ids[1], NOW)
    wish = Wish("transfer", {"recipient": signing.organs["donggou_branch"], "hand_over_mode": "assign"})
    signing.engine.begin_run(wish, lambda _store, _occasion: ids, actor=signing.actor("song"), now=NOW)
    assert signing.engine.work_runs(NOW, ceiling=3) == 3
    assert {case_id: steps(signing, case_id) for case_id in ids} == {case_id: ["transfer"] for case_id in ids}
    assert faults(signing) == []


def test_what_an_import_tells_of_the_past_is_handed_over_by_nobody_here(signing: County) -> None:
    lin = signing.actor("lin")
    run = {"digest": "旧", "name": "旧台账.xlsx", "mapping": ""}
    import_id = signing.database.write(lambda store: begin_run(store, actor=lin, now=NOW, **run))
    organs = {"subject_id": signing.organs["donggou_branch"], "supervisor_id": signing.organs["office"]}
    came = {"kind": "rectification", "title": "旧账", "state": "closed", "import_id": import_id, "row": 1, "digest": "1" * 64}
    told = {"closed_on": MONDAY, "ground": "completed", "past": (("registered_on", MONDAY - timedelta(30)),)}
    case_id = signing.engine.adopt(Adoption(**came, **organs, **told), actor=lin, now=NOW).case_id
    facts = {"immediate": "rectify_now", "feedback_on": MONDAY.isoformat()}
    opened, handed = LogEvent(2, "open", NOW, "登记", data=facts), LogEvent(3, "transfer", NOW, "交办")
    log = CaseLog(
        "rectification",
        "旧1",
        **organs,
        import_id=import_id,
        digest="2" * 64,
        events=(opened, handed, LogEvent(4, "sign_for", NOW, "签收")),
    )
    replayed = signing.engine.replay(log, actor=lin, now=NOW)
    assert replayed.outcome is not None and (replayed.accepted, replayed.refused) == (3, ())
    assert steps(signing, case_id) == steps(signing, replayed.outcome.case_id) == []
