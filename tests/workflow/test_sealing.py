"""Secret facts lie sealed under keys: what is copied, changed, moved or cut from its key tells nothing and is noticed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from states.errors import BadInput, CaseNotFound, InvalidForm, NotPermitted, NotReady
from tests.factories import SEALER, County, at
from tests.workflow.looking import rows_of, rows_of_table
from workflow.engine import Engine
from workflow.models import Answer, Case, Content, Event, Note, Outbox, Secret, metadata
from workflow.reads.case_page import case_page
from workflow.sealing import ciphers, masters
from workflow.sealing.ciphers import SUITES, Broken
from workflow.sealing.masters import read_masters
from workflow.sealing.sealer import Sealer, in_use

NOON = at(date(2026, 3, 2), 12)
BIRD = "金丝雀甲"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def clue(county: County) -> int:
    """A clue with its reporter, registered by lin."""
    facts = {"summary": "虚报危房改造补助", "managed_by": "village", "reporter_name": BIRD, "subject_persons": "张三，村主任"}
    return county.engine.open(
        "clue",
        actor=county.actor("lin"),
        now=NOON,
        title="危房改造补助线索",
        subject_id=county.organs["donggou_branch"],
        data=facts,
        key="open",
    ).case_id


def unseal(county: County, case_id: int, login: str, *fields: str, reason: str = "核对举报人") -> dict[str, str]:
    return county.engine.unseal(case_id, actor=county.actor(login), now=NOON, fields=fields, reason=reason)


def stored(county: County, case_id: int) -> dict[str, str]:
    return {row["field"]: row["value"] for row in rows_of(county, Secret, case_id=case_id)}


# ---- ciphers and keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
def test_a_sealed_text_opens_with_its_key_at_its_place_and_not_elsewhere(suite: str) -> None:
    key = ciphers.new_key(suite)
    sealed = ciphers.seal(suite, key, BIRD.encode(), "secret/1/reporter_name")
    assert ciphers.unseal(key, sealed, "secret/1/reporter_name").decode() == BIRD and BIRD not in sealed
    for other_key, place in ((ciphers.new_key(suite), "secret/1/reporter_name"), (key, "secret/2/reporter_name")):
        with pytest.raises(Broken):
            ciphers.unseal(other_key, sealed, place)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-4] + "AAAA", lambda t: t + ":", lambda t: "", lambda t: t.replace("aes", "rot")]
)
def test_a_text_that_was_changed_does_not_open(change: Any) -> None:
    key = ciphers.new_key("aes-256-gcm")
    with pytest.raises(Broken):
        ciphers.unseal(key, change(ciphers.seal("aes-256-gcm", key, b"x" * 30, "p")), "p")


def test_two_texts_alike_are_sealed_unlike() -> None:
    key = ciphers.new_key("aes-256-gcm")
    assert len({ciphers.seal("aes-256-gcm", key, b"same", "p") for _ in range(100)}) == 100


def test_master_keys_are_made_once_and_read_by_their_owner_alone(tmp_path: Path) -> None:
    for _ in range(2):
        masters.make_missing(tmp_path, NOW, "aes-256-gcm")
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {"sealing", "blinding"} and len(
        list(tmp_path.iterdir())
    ) == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    known = read_masters(tmp_path)
    newer = masters.add_master(tmp_path, datetime(2026, 4, 1, tzinfo=UTC), "sm4-gcm")
    assert read_masters(tmp_path).current.id == newer.id and set(read_masters(tmp_path).by_id) == {known.current.id, newer.id}
    assert "raw" not in repr(known)


def _weak(path: Path) -> None:
    told = json.loads(path.read_text())
    raw = b"duban" * 6 + b"!!"
    path.write_text(
        json.dumps({**told, "private": __import__("base64").b64encode(raw).decode(), "id": masters.key_id_of("sealing", raw)})
    )


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda path: path.chmod(0o640), "key_open"),
        (lambda path: path.write_text("{}"), "key_unreadable"),
        (lambda path: path.unlink(), "no_sealing_key"),
        (_weak, "key_weak"),
    ],
)
def test_a_key_that_must_not_be_used_is_not_used(tmp_path: Path, spoil: Any, why: str) -> None:
    masters.make_missing(tmp_path, NOW, "aes-256-gcm")
    spoil(next(tmp_path.glob("sealing-*.key")))
    with pytest.raises(NotReady) as refusal:
        read_masters(tmp_path)
    assert refusal.value.params["why"] == why


def test_an_unknown_suite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        masters.add_master(tmp_path, NOW, "rot13")
    assert refusal.value.params["why"] == "suite"


# ---- in the database ------------------------------------------------------------------------------------------------------


def test_no_table_holds_a_secret_in_plain_words(county: County, clue: int) -> None:
    assert set(stored(county, clue)) == {"reporter_name", "subject_persons"}
    for table in metadata.sorted_tables:
        rows = rows_of_table(county, table)
        assert BIRD not in repr(rows) and "张三" not in repr(rows), table.name


def test_without_a_key_nothing_secret_is_kept_and_nothing_else_is_lost(county: County) -> None:
    bare = Engine(county.database, effects=county.engine.effects, rungs=county.engine.rungs)
    before = len(rows_of(county, Case))
    with pytest.raises(NotReady):
        bare.open(
            "clue",
            actor=county.actor("lin"),
            now=NOON,
            title="线索",
            subject_id=county.organs["donggou_branch"],
            data={"summary": "一", "managed_by": "village", "reporter_name": BIRD},
        )
    assert len(rows_of(county, Case)) == before


def test_a_secret_moved_to_another_place_does_not_open_and_is_noted(county: County, clue: int) -> None:
    moved = stored(county, clue)["subject_persons"]
    county.database.write(lambda store: store.update(Secret, {"value": moved}, case_id=clue, field="reporter_name"))
    with pytest.raises(NotReady) as refusal:
        unseal(county, clue, "lin", "reporter_name")
    assert refusal.value.params["why"] == "sealed_broken"
    assert [json.loads(row["body"])["verb"] for row in rows_of(county, Note, kind="refused")] == ["unseal"]


def test_what_one_master_wrapped_another_wraps_anew_and_it_still_opens(county: County, clue: int, tmp_path: Path) -> None:
    masters.make_missing(tmp_path, NOW, "aes-256-gcm")
    old = SEALER.masters
    new = masters.add_master(tmp_path, datetime(2026, 4, 1, tzinfo=UTC), "sm4-gcm")
    both = masters.Masters(new, {**old.by_id, new.id: new}, old.blinding)
    rotated = Sealer(lambda: both)
    assert county.database.write(lambda store: rotated.rewrap(store, 0)) == (1, clue)
    assert county.database.write(lambda store: rotated.rewrap(store, 0)) == (0, None)
    assert county.database.read(in_use) == {new.id: 1}
    alone = Sealer(lambda: masters.Masters(new, {new.id: new}, old.blinding))
    assert county.database.read(lambda store: alone.open(store, clue, ["reporter_name"])) == {"reporter_name": BIRD}
    with pytest.raises(NotReady):
        county.database.read(lambda store: SEALER.open(store, clue, ["reporter_name"]))


def test_what_was_kept_before_there_were_keys_opens_and_is_sealed_by_night(county: County, clue: int) -> None:
    county.database.write(lambda store: store.execute(metadata.tables["case_key"].delete()))
    plain = {"value": BIRD, "was": "金丝雀误"}
    county.database.write(lambda store: store.update(Secret, plain, case_id=clue, field="reporter_name"))
    county.database.write(
        lambda store: store.execute(
            metadata.tables["secret"].delete().where(metadata.tables["secret"].c.field == "subject_persons")
        )
    )
    assert county.database.read(lambda store: SEALER.open(store, clue, ["reporter_name"])) == {"reporter_name": BIRD}
    assert county.database.write(lambda store: SEALER.seal_plain(store, 0, NOON)) == (1, clue)
    assert county.database.write(lambda store: SEALER.seal_plain(store, 0, NOON))[0] == 0
    row = rows_of(county, Secret, case_id=clue)[0]
    assert "金丝雀" not in repr(row) and unseal(county, clue, "lin", "reporter_name") == {"reporter_name": BIRD}


def test_a_case_whose_key_was_destroyed_is_unreadable_for_ever(county: County, clue: int) -> None:
    county.database.write(lambda store: store.execute(metadata.tables["case_key"].delete()))
    with pytest.raises(NotReady):
        unseal(county, clue, "lin", "reporter_name")


def test_the_digest_of_a_request_cannot_be_tried_out_without_the_key(county: County, clue: int) -> None:
    from workflow.text import digest

    kept = {row["digest"] for row in rows_of(county, Answer, key="open")}
    assert len(kept) == 1 and len(next(iter(kept))) == 64
    assert SEALER.blind("x") != digest("x")


# ---- opening --------------------------------------------------------------------------------------------------------------


def test_whoever_registered_the_clue_opens_it_for_a_reason_and_each_time_is_an_event(county: County, clue: int) -> None:
    version = rows_of(county, Case, id=clue)[0]["version"]
    assert unseal(county, clue, "lin", "reporter_name", "subject_persons") == {
        "reporter_name": BIRD,
        "subject_persons": "张三，村主任",
    }
    event = rows_of(county, Event, case_id=clue)[-1]
    assert (event["verb"], json.loads(event["facts"])["fields"]) == ("unseal", ["reporter_name", "subject_persons"])
    assert json.loads(rows_of(county, Content, case_id=clue)[-1]["body"])["reason"] == "核对举报人"
    assert rows_of(county, Case, id=clue)[0]["version"] == version
    told = [row for row in rows_of(county, Outbox) if row["message"] == "secret_opened"]
    assert county.people["zhao"] in {row["person_id"] for row in told}
    assert BIRD not in repr(told)


@pytest.mark.parametrize(
    ("login", "field", "why"),
    [
        ("song", "reporter_name", "not_named"),  # a colleague of the registrar
        ("zhao", "reporter_name", "not_named"),  # the head, while somebody is named
        ("he", "reporter_name", "relation"),  # the handling body never learns who reported
    ],
)
def test_nobody_else_opens_who_reported(county: County, clue: int, login: str, field: str, why: str) -> None:
    recipient = county.organs["liuhe_discipline"]
    county.fire(clue, "transfer", "zhao", NOON, recipient=recipient, hand_over_mode="transfer")
    with pytest.raises(NotPermitted) as refusal:
        unseal(county, clue, login, field)
    assert refusal.value.params["why"] == why
    assert not [event for event in rows_of(county, Event, case_id=clue) if event["verb"] == "unseal"]


def test_the_handling_body_opens_the_persons_concerned_through_the_one_who_is_named(county: County, clue: int) -> None:
    county.fire(clue, "transfer", "zhao", NOON, recipient=county.organs["liuhe_discipline"], hand_over_mode="transfer")
    county.fire(clue, "sign_for", "luo", NOON)
    with pytest.raises(NotPermitted):
        unseal(county, clue, "luo", "subject_persons")
    assert unseal(county, clue, "he", "subject_persons") == {"subject_persons": "张三，村主任"}  # nobody is named: its head
    county.engine.assign(clue, actor=county.actor("he"), now=NOON, person_id=county.people["luo"])
    assert unseal(county, clue, "luo", "subject_persons") == {"subject_persons": "张三，村主任"}
    with pytest.raises(NotPermitted):
        unseal(county, clue, "he", "subject_persons")


def test_whoever_was_taken_off_the_case_opens_nothing(county: County, clue: int) -> None:
    county.engine.bar(clue, actor=county.actor("zhao"), now=NOON, reason="回避", person_id=county.people["lin"])
    with pytest.raises(CaseNotFound):
        unseal(county, clue, "lin", "reporter_name")


@pytest.mark.parametrize("outsider", ["zhou", "han"])
def test_an_outsider_gets_the_answer_of_a_case_that_is_not_there(county: County, clue: int, outsider: str) -> None:
    with pytest.raises(CaseNotFound):
        unseal(county, clue, outsider, "reporter_name")


def test_what_is_not_secret_or_has_no_reason_is_refused(county: County, clue: int) -> None:
    with pytest.raises(BadInput):
        unseal(county, clue, "lin", "summary")
    for fields, reason in (((), "有"), (("reporter_name",), "  "), (("reporter_name",), "长" * 501)):
        with pytest.raises(InvalidForm):
            unseal(county, clue, "lin", *fields, reason=reason)


def test_only_the_supervising_body_reads_in_the_history_who_opened_it(county: County, clue: int) -> None:
    unseal(county, clue, "lin", "reporter_name")
    county.fire(clue, "transfer", "zhao", NOON, recipient=county.organs["liuhe_discipline"], hand_over_mode="transfer")

    def verbs(login: str) -> list[str]:
        actor = county.actor(login)
        page = county.engine.read(NOON, lambda store, occasion: case_page(store, occasion, actor, clue))
        return [event.verb for event in page.timeline]

    assert "unseal" in verbs("zhao") and "unseal" in verbs("lin") and "unseal" not in verbs("he")


def test_whoever_names_himself_is_named_by_nobody(county: County, clue: int) -> None:
    county.engine.assign(clue, actor=county.actor("song"), now=NOON, person_id=county.people["song"])
    with pytest.raises(NotPermitted) as refusal:
        unseal(county, clue, "song", "subject_persons")
    assert refusal.value.params["why"] == "not_named"
    county.engine.assign(clue, actor=county.actor("zhao"), now=NOON, person_id=county.people["song"])
    assert unseal(county, clue, "song", "subject_persons") == {"subject_persons": "张三，村主任"}
    told = {row["person_id"] for row in rows_of(county, Outbox) if row["message"] == "secret_opened"}
    assert county.people["lin"] in told, "whoever registered it hears of it too"


def test_taking_a_step_back_leaves_the_word_that_something_was_opened(county: County, clue: int) -> None:
    county.engine.assign(clue, actor=county.actor("zhao"), now=NOON, person_id=county.people["song"])
    unseal(county, clue, "song", "subject_persons")
    earlier = NOON - timedelta(seconds=1)  # a request that began before and waited for its turn
    county.engine.assign(clue, actor=county.actor("zhao"), now=earlier, person_id=county.people["lin"])
    county.engine.undo(clue, actor=county.actor("zhao"), now=NOON)
    assert [row for row in rows_of(county, Outbox) if row["message"] == "secret_opened"]
