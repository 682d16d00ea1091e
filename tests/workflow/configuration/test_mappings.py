"""Who keeps a mapping of old ledgers, and what of it takes a second person."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.settings.mappings import KIND, kept
from handlers.settings.registry import SETTINGS
from states.errors import Conflict, NotPermitted
from tests.workflow.configuration.conftest import Desk
from tests.workflow.versions.conftest import NOW
from workflow.configuration import bundles
from workflow.configuration.settings import Settings
from workflow.reads.configuration import SettingView, get_version

PLAIN = {"name": "柳河镇的表", "columns": {"反馈问题": "problem", "承办": "unit"}}
OPEN = {"name": "柳河镇的表", "columns": {"反馈问题": "problem", "举报人": "note"}}


def settings(desk: Desk) -> Settings:
    return desk.county.engine.read(NOW, lambda _store, occasion: occasion.settings)


def version(desk: Desk, version_id: int) -> SettingView:
    return desk.county.database.read(lambda store: get_version(store, version_id))


def test_an_importer_keeps_a_mapping_alone_and_it_is_in_force_with_day_and_name(desk: Desk) -> None:
    one = version(desk, desk.propose(KIND, "mine", PLAIN, by="lin"))
    assert (one.status, one.number, one.proposer, one.decider, one.decided_at) == ("current", 1, "林静", "", NOW)
    assert [(told.name, told.number) for told in kept(settings(desk))] == [("柳河镇的表", 1)]
    changed: Any = {**PLAIN, "columns": {"反馈问题": "problem"}}
    assert version(desk, desk.propose(KIND, "mine", changed, by="song")).number == 2
    with pytest.raises(Conflict):
        desk.propose(KIND, "mine", changed, by="song")


def test_what_lets_more_people_read_something_waits_for_a_second_person(desk: Desk) -> None:
    desk.propose(KIND, "mine", PLAIN, by="lin")
    waiting = desk.propose(KIND, "mine", OPEN, by="lin")
    assert version(desk, waiting).status == "waiting"
    assert dict(kept(settings(desk))[0].columns.columns) == PLAIN["columns"]
    with pytest.raises(NotPermitted):
        desk.decide(KIND, waiting, by="lin")
    assert desk.decide(KIND, waiting, by="song") == 2
    assert dict(kept(settings(desk))[0].columns.columns) == OPEN["columns"]


def test_whoever_imports_nothing_keeps_no_mapping(desk: Desk) -> None:
    for login in ("zhou", "he", "an"):
        with pytest.raises(NotPermitted):
            desk.propose(KIND, "mine", PLAIN, by=login)
    with pytest.raises(NotPermitted):
        desk.propose(SETTINGS["message"], "closed", PLAIN, by="lin")


def test_a_bundle_carries_a_mapping_and_puts_none_in_force(desk: Desk) -> None:
    desk.propose(KIND, "mine", PLAIN, by="lin")
    files = desk.county.engine.read(NOW, lambda store, occasion: bundles.collect(store, occasion, [KIND]))
    assert list(name for name in files if name.startswith("settings/")) == ["settings/ledger_mapping/mine.yaml"]
    text = files["settings/ledger_mapping/mine.yaml"].replace("承办", "谁办")
    parts = bundles.read_parts({"settings/ledger_mapping/mine.yaml": text}, SETTINGS)
    jiang = desk.admin("jiang")
    made = desk.county.engine.administer(
        lambda at: bundles.bring_in(at, SETTINGS, parts, reason="另一县带来"), actor=jiang, now=NOW
    )
    assert made[0].made is not None and version(desk, made[0].made).status == "waiting"
