"""Rows of histories and of the trail leave the machine as they are written, and prove the ledger when the machine is gone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from states.errors import BadInput, Conflict
from tests import hours
from tests.factories import County
from tests.tampering import tamper
from tests.web.site import signed_in, site
from tests.web.test_checkpointing import HOUR, NOW, Make, folder, make, witness
from web.checkpointing import keep_outside, keep_rows, lags_of
from web.commands.doctor import faults
from web.wiring import Office
from workflow import keyring, shipping, trail, verifier
from workflow import witness as witnessing
from workflow.digests import digest
from workflow.models import Event, Shipment, Trail
from workflow.shipping import LATE_AFTER
from workflow.store import table_of

__all__ = ["make"]
MINUTE = timedelta(minutes=1)


def read_by(county: County, login: str, case_id: int) -> None:
    """Somebody has read a case."""
    who = trail.Origin(county.people[login], address="10.0.0.1")
    county.database.write(lambda store: trail.record(store, who, "read", now=NOW, cases=[case_id]))


def listed_in(mount: Path) -> list[dict[str, object]]:
    """Every row that lies in a folder, in the order of the files."""
    files = sorted((mount / "rows").glob("*.json"))
    texts = [json.loads(file.read_text(encoding="utf-8"))["listed"] for file in files]
    return [json.loads(line) for text in texts for line in text.split("\n")]


def count(county: County, model: type) -> int:
    """How many rows a table has."""
    return len(county.database.read(lambda store: store.select(table_of(model).select())))


def verified(office: Office, mount: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What the outside verifier says of the rows that lie there, held against the checkpoints beside them."""
    (public,) = office.settings.key_folder.glob("checkpoint-*.pub")
    code = verifier.main([str(mount / "rows"), "--key", str(public), "--remembered", str(mount)])
    return code, capsys.readouterr().out


def busy(county: County, office: Office) -> None:
    """Two beats, each with something new, of which the first takes a checkpoint; then two hours on the next."""
    for at in (NOW, NOW + MINUTE, NOW + 2 * HOUR):
        case = county.open_item(at)
        read_by(county, "lin", case)
        keep_outside(office, at)


def test_rows_leave_with_the_next_beat_and_each_once(make: Make, county: County, tmp_path: Path) -> None:
    mount = folder(tmp_path, "mount")
    office = make(checkpoint_folder=mount)
    busy(county, office)
    assert keep_outside(office, NOW + 2 * HOUR) == {"signed": 0, "taken": 0, "shipped": 0, "carried": 0}
    rows = listed_in(mount)
    told = {name: [row for row in rows if row["table"] == name] for name in ("event", "trail")}
    assert len({(row["case_id"], row["seq"]) for row in told["event"]}) == len(told["event"]) == count(county, Event)
    assert [row["seq"] for row in told["trail"]] == list(range(1, count(county, Trail) + 1))
    assert len(sorted((mount / "rows").iterdir())) == 3


@pytest.mark.parametrize("suite", ["sha256", "sm3"])
def test_when_the_machine_is_gone_the_rows_verify_to_the_last_checkpoint(
    make: Make, county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], suite: str
) -> None:
    county.database.digest_suite = suite
    mount = folder(tmp_path, "mount")
    office = make(checkpoint_folder=mount)
    busy(county, office)
    code, said = verified(office, mount, capsys)
    assert (code, json.loads(said)["events"]) == (0, count(county, Event)), said
    first, *_, last = sorted((mount / "rows").iterdir())
    kept = last.read_text(encoding="utf-8")
    last.unlink()
    code, said = verified(office, mount, capsys)
    assert code == 1 and "trail: cut" in said and ("deleted" in said or "case" in said)
    last.write_text(kept.replace("10.0.0.1", "10.0.0.2"), encoding="utf-8")
    assert f"{last.name}: signature" in verified(office, mount, capsys)[1]
    last.write_text(kept, encoding="utf-8")
    first.unlink()
    assert "chain" in verified(office, mount, capsys)[1]


def test_what_is_shipped_is_no_word_of_a_case(make: Make, county: County, tmp_path: Path) -> None:
    mount = folder(tmp_path, "mount")
    office = make(checkpoint_folder=mount)
    busy(county, office)
    assert {row["table"] for row in listed_in(mount)} == {"definition", "definition_version", "event", "trail"}
    texts = "".join(str(row) for row in listed_in(mount) if row["table"] in ("event", "trail"))
    titles = {row["title"] for row in county.database.read(lambda store: store.select(table_of(shipping.Case).select()))}
    assert titles and not [title for title in titles if title in texts]


def test_a_place_that_was_away_gets_to_the_letter_what_the_other_got(make: Make, county: County, tmp_path: Path) -> None:
    mount = folder(tmp_path, "mount")
    (public,) = keyring.public_keys(make().settings.key_folder)
    with witness(county, tmp_path, public) as (address, memory):
        away = {"witness_url": "http://127.0.0.1:9", "witness_hosts": ("127.0.0.1",)}
        busy(county, make(checkpoint_folder=mount, **away))
        assert not memory.exists()
        back = make(checkpoint_folder=mount, witness_url=address, witness_hosts=("127.0.0.1",))
        assert keep_outside(back, NOW + 2 * HOUR)["shipped"] == 3
    here, there = (sorted(at.iterdir()) for at in (mount / "rows", memory / "rows"))
    assert [json.loads(file.read_text("utf-8")) for file in here] == [json.loads(file.read_text("utf-8")) for file in there]


def test_a_witness_refuses_rows_of_another_past_and_of_somebody_else(make: Make, county: County, tmp_path: Path) -> None:
    mount = folder(tmp_path, "mount")
    office = make(checkpoint_folder=mount)
    busy(county, office)
    keys, memory = folder(tmp_path, "known"), tmp_path / "memory"
    (public,) = keyring.public_keys(office.settings.key_folder)
    (keys / "anlan.pub").write_text(json.dumps(public.document()), encoding="utf-8")
    own = keyring.get_key(office.settings.key_folder, "checkpoint")
    seal = keyring.make_key(tmp_path / "own", "witness", NOW), keyring.get_key(tmp_path / "own", "witness")
    one, two, three = (json.loads(file.read_text("utf-8")) for file in sorted((mount / "rows").iterdir()))

    def show(document: object) -> object:
        return witnessing.see(memory, keys, "anlan", document, key=seal[1], now=NOW)

    assert show(one) and show(one), "the same again is signed again"
    with pytest.raises(Conflict):
        show(three)
    with pytest.raises(Conflict):
        show(
            {
                **own.sign(
                    two["type"], {**json.loads(one["body"]), "number": 1, "digest": digest("sha256", "", "{}"), "prev": ""}
                ),
                "listed": "{}",
            }
        )
    for false in ({**two, "listed": one["listed"]}, {**two, "signature": one["signature"]}):
        with pytest.raises(BadInput):
            show(false)
    assert show(two) and show(three)


def test_a_row_that_was_changed_before_it_left_is_not_sent_and_is_late(make: Make, county: County, tmp_path: Path) -> None:
    office = make(checkpoint_folder=folder(tmp_path, "mount"))
    away = replace(office, settings=replace(office.settings, checkpoint_folder=tmp_path / "away"))
    county.open_item(NOW)
    keep_rows(away, NOW)
    tamper(county.database.url, "UPDATE event SET verb = 'comment'")
    assert keep_rows(office, NOW) == 0
    (lag,) = lags_of(office, NOW + LATE_AFTER)
    assert (lag.place, lag.number, lag.waiting_since, lag.is_late) == ("folder", 0, NOW, False)
    assert lags_of(office, NOW + LATE_AFTER + MINUTE)[0].is_late


def test_what_is_in_no_shipment_for_too_long_is_late_too(make: Make, county: County, tmp_path: Path) -> None:
    office = make(checkpoint_folder=folder(tmp_path, "mount"))
    keep_rows(office, NOW)
    read_by(county, "lin", county.open_item(NOW))
    assert lags_of(office, NOW + LATE_AFTER + MINUTE)[0].is_late
    keep_rows(office, NOW + LATE_AFTER + MINUTE)
    assert not lags_of(office, NOW + LATE_AFTER + MINUTE)[0].is_late


def test_much_at_once_goes_in_several_shipments_and_a_long_history_is_cut_between(
    make: Make, county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shipping, "ROWS_AT_MOST", 40)
    mount = folder(tmp_path, "mount")
    office = make(checkpoint_folder=mount)
    case = county.open_item(NOW)
    for _ in range(90):
        county.engine.comment(case, actor=county.actor("lin"), now=NOW, text="电话催过")
        read_by(county, "lin", case)
    keep_outside(office, NOW)
    assert len(list((mount / "rows").iterdir())) >= 5
    assert verified(office, mount, capsys)[0] == 0


def test_a_row_recorded_long_ago_goes_with_the_next_checkpoint(make: Make, county: County, tmp_path: Path) -> None:
    mount = folder(tmp_path, "mount")
    office = make(checkpoint_folder=mount)
    county.open_item(NOW)
    keep_outside(office, NOW)
    late = county.open_item(NOW - 5 * HOUR)  # by a clock that went wrong
    keep_outside(office, NOW + MINUTE)
    assert late not in {row["case_id"] for row in listed_in(mount) if row["table"] == "event"}
    keep_outside(office, NOW + HOUR)
    assert late in {row["case_id"] for row in listed_in(mount) if row["table"] == "event"}


def test_no_shipment_is_made_where_no_place_takes_rows(make: Make, county: County, tmp_path: Path) -> None:
    county.open_item(NOW)
    keep_outside(make(timestamp_folder=folder(tmp_path, "authority")), NOW)
    assert count(county, Shipment) == 0


def test_a_place_that_lags_is_told_to_whoever_looks(make: Make, county: County, tmp_path: Path) -> None:
    office = make(checkpoint_folder=folder(tmp_path, "mount"))
    county.open_item(NOW)
    away = replace(office, settings=replace(office.settings, checkpoint_folder=tmp_path / "away"))
    keep_rows(away, NOW)
    late = "新的记录太久没有送到库外"
    told = {at: [fault for fault in faults(office, at) if late in fault] for at in (NOW, NOW + LATE_AFTER + MINUTE)}
    assert [len(found) for found in told.values()] == [0, 1]
    mine = site(county, tmp_path / "site", DUBAN_CHECKPOINT_FOLDER=str(tmp_path / "mount"))
    song = signed_in(mine, county, "song", hours.now())
    assert late in song.get("/health").text
    keep_rows(office, hours.now())
    assert late not in song.get("/health").text
