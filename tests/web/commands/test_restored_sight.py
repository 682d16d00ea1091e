"""A restore shows nobody a case, or a file, that was taken from him since the backup; and no older list is taken for the newest."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import load
from tests.factories import County
from tests.web.commands.backing import EARLIER, NOW, Site, made, restored, rows
from web import backups
from web.checkpointing import take_signed
from web.cli import REFUSED
from web.wiring import open_office
from workflow.audit import verify
from workflow.database import Database
from workflow.files import find_readable
from workflow.models import Event, Evidence, Grant, StoredFile
from workflow.occasions import moved
from workflow.permissions import CASES, visible
from workflow.store import Store

Taken = Callable[[County, int], None]
WHY = {"reason": "亲属"}


def _recuse(county: County, case_id: int) -> None:
    county.engine.bar(case_id, actor=county.actor("lin"), now=NOW, person_id=county.people["song"], **WHY)


def _recuse_organ(county: County, case_id: int) -> None:
    county.engine.bar(case_id, actor=county.actor("lin"), now=NOW, organ_id=county.organs["liuhe_party"], **WHY)


def _confine(county: County, case_id: int) -> None:
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOW, people=(county.people["sun"],), **WHY)


def _raise(county: County, case_id: int) -> None:
    county.engine.raise_level(case_id, actor=county.actor("lin"), now=NOW, level=2, **WHY)


def _leave_out(county: County, case_id: int) -> None:
    county.engine.leave_out(case_id, actor=county.actor("lin"), now=NOW, person_id=county.people["song"], **WHY)


@pytest.fixture
def case_id(site: Site) -> int:
    """An item that many see; three posts reach the level of the item and no higher."""
    capped = [site.county.people[login] for login in ("song", "chen", "sun")]

    def cap(store: Store) -> None:
        for person_id in capped:
            store.update(Grant, {"ceiling": 1}, person_id=person_id)
        moved(store, "people")

    site.county.database.write(cap)
    return site.county.supervised_item(EARLIER)


def seen_there(site: Site, case_id: int) -> set[str]:
    """Who sees the case in the restored place, by the selectable that every list and page uses."""
    office = open_office(load())
    try:
        there = site.county.reopened(os.environ["DUBAN_DATABASE_URL"])
        assert office.database.read(verify).ok
        seen = {login for login in there.people if _sees(there, login, case_id)}
        there.close()
        return seen
    finally:
        office.close()


def _sees(county: County, login: str, case_id: int) -> bool:
    actor = county.actor(login)

    def ask(store: Store, occasion: Any) -> bool:
        where = (CASES.c.id == case_id, visible(actor, occasion.catalogue))
        return bool(store.select(select(CASES.c.id).where(*where)))

    return bool(county.engine.read(NOW, ask))


@pytest.mark.parametrize(
    ("take", "lost"),
    [(_recuse, {"song"}), (_recuse_organ, {"chen", "xu"}), (_confine, {"song", "chen"}), (_raise, {"song", "chen", "sun"})],
)
def test_nobody_sees_a_case_again_that_was_taken_from_him_since(
    site: Site, case_id: int, take: Taken, lost: set[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    county, file = site.county, made(site, capsys)
    before = {login for login in county.people if _sees(county, login, case_id)}
    assert lost <= before
    take(county, case_id)
    after = {login for login in county.people if _sees(county, login, case_id)}
    assert not lost & after
    backups.keep_standing(site.office, NOW)
    assert restored(site, file, capsys, monkeypatch)["settled"]["cases"] == 1
    assert seen_there(site, case_id) == after
    there = Database(os.environ["DUBAN_DATABASE_URL"])
    last = [row["actor_id"] for row in rows(there, Event) if row["case_id"] == case_id][-1]
    there.close()
    assert last is None, "the machine says that it did"


def test_who_was_left_out_of_the_circle_is_out_and_nobody_is_let_in_by_a_list(
    site: Site, case_id: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    county = site.county
    people = (county.people["song"], county.people["sun"])
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOW, people=people, **WHY)
    file = made(site, capsys)
    _leave_out(county, case_id)
    county.engine.let_in(case_id, actor=county.actor("zhao"), now=NOW, person_id=county.people["chen"], **WHY)
    backups.keep_standing(site.office, NOW)
    assert restored(site, file, capsys, monkeypatch)["settled"]["cases"] == 1
    seen = seen_there(site, case_id)
    assert "sun" in seen and not {"song", "chen"} & seen


def test_a_file_that_was_raised_since_opens_for_nobody_below_it(
    site: Site, case_id: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    county = site.county
    (stored,) = rows(site.office.database, StoredFile)
    line = {"case_id": case_id, "file_id": stored["id"], "seq": 1, "cycle": 1, "label": "", "added_by": county.people["lin"]}
    county.database.write(lambda store: store.insert(Evidence, [line]))
    file = made(site, capsys)
    county.engine.raise_file(case_id, actor=county.actor("lin"), now=NOW, file_id=stored["id"], level=2, **WHY)
    backups.keep_standing(site.office, NOW)
    assert restored(site, file, capsys, monkeypatch)["settled"]["cases"] == 1
    there = site.county.reopened(os.environ["DUBAN_DATABASE_URL"])
    opens = {login: _opens(there, login, stored["id"]) for login in ("lin", "sun")}
    there.close()
    assert opens == {"lin": True, "sun": False}


def _opens(county: County, login: str, file_id: int) -> bool:
    actor = county.actor(login)
    return county.engine.read(NOW, lambda store, occasion: find_readable(store, occasion, actor, file_id)) is not None


def test_a_list_that_is_older_than_the_one_outside_is_refused(
    site: Site, case_id: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, mount = made(site, capsys), site.office.settings.checkpoint_folder
    assert mount is not None
    listed = site.folder / "duban.standing.json"
    old = listed.read_text()
    _recuse(site.county, case_id)
    backups.keep_standing(site.office, NOW)
    numbers = [json.loads(json.loads(text)["body"])["number"] for text in (old, listed.read_text())]
    assert numbers == [1, 2]
    assert (mount / listed.name).read_text() == listed.read_text(), "a copy lies where checkpoints are carried"
    newest = listed.read_text()
    listed.write_text(old)
    told = restored(site, file, capsys, monkeypatch, code=REFUSED, more=("--remembered", str(mount)))
    assert "人员名单太旧" in told
    assert not list(Path(os.environ["DUBAN_HOME"]).glob("*"))
    listed.write_text(newest)
    assert restored(site, file, capsys, monkeypatch, more=("--remembered", str(mount)))["settled"]["cases"] == 1


def test_a_list_is_refused_where_only_checkpoints_are_remembered_that_a_newer_one_must_have_followed(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, elsewhere = made(site, capsys), tmp_path / "witness"
    elsewhere.mkdir()
    old = (site.folder / "duban.standing.json").read_text()
    for number in (2, 3):
        taken = take_signed(site.office, NOW + timedelta(minutes=number))
        (elsewhere / f"duban-00000{number}.json").write_text(json.dumps(taken.document()))
        assert backups.keep_standing(site.office, NOW), "a list follows each checkpoint"
    (site.folder / "duban.standing.json").write_text(old)
    more = ("--remembered", str(elsewhere))
    assert "人员名单太旧" in restored(site, file, capsys, monkeypatch, code=REFUSED, more=more)


def test_a_list_that_was_put_back_does_not_begin_the_numbers_anew(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    made(site, capsys)
    listed = site.folder / "duban.standing.json"
    shutil.copy(listed, site.folder / "old")
    for day in (2, 4):
        assert backups.keep_standing(site.office, NOW + timedelta(days=day))
    shutil.copy(site.folder / "old", listed)
    assert backups.keep_standing(site.office, NOW + timedelta(days=4))
    assert json.loads(json.loads(listed.read_text())["body"])["number"] == 4
