"""A draft comes further only proven, and a scenario can be recorded from a real case without a word of it."""

from __future__ import annotations

import copy
import json
from datetime import date
from functools import partial

import pytest

from handlers.registry import EFFECTS, RUNGS
from states.errors import CaseNotFound, Conflict, NotPermitted
from tests.factories import at
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office
from web.wiring import shipped_titles, shipped_workflows, vocabulary
from workflow.calendars import shipped
from workflow.occasion import Occasion
from workflow.reads.seen import see
from workflow.store import Store
from workflow.versions import drafts, made_county, preview, proving
from workflow.versions.plan import Plan
from workflow.versions.recorded import scenario_of
from workflow.versions.shipping import ship

WORDS = vocabulary(shipped_titles())
HOSTILE = {
    "billion laughs": "a: &a [1]\nb: [*a, *a]\n",
    "a tag": "key: !!python/object/apply:os.getcwd []\n",
    "not yaml": "key: [",
    "another kind": "key: other\n",
    "a huge number": "key: rectification\nlevel: 9999999999999999999999999999999999\n",
    "an attribute": "key: rectification\nnumber: '{n.__class__}'\n",
}


def examine(document: Document) -> proving.Examined:
    kinds = {kind: told.data for kind, told in shipped_workflows().items()}
    office = made_county.Office(EFFECTS, RUNGS, WORDS.organ_kinds, shipped())
    return proving.examine(document, vocabulary=WORDS, others=kinds, office=office)


def record(office: Office, case_id: int, login: str, on: date = TODAY) -> Document:
    """The scenario of a case, as this person records it."""
    actor = office.county.actor(login, on)

    def read(store: Store, occasion: Occasion) -> Document:
        return scenario_of(see(store, occasion, actor, case_id))

    return office.county.engine.read(at(on, 12), read)


def test_a_case_recorded_as_a_scenario_lives_through_the_same_again(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(at(date(2026, 3, 2)), title="张三家门前路灯不亮")
    county.engine.tick(at(TODAY, 11))
    told = record(office, case_id, "lin")
    assert told["expect"]["state"] == "supervised"
    assert told["expect"]["due"]["rectify"] == "2026-06-02"
    assert [step["do"] for step in told["steps"]] == ["transfer", "sign_for"]
    assert told["steps"][0]["to"] == "village_party_organisation"
    document = copy.deepcopy(shipped_workflows()["rectification"].data)
    document["scenarios"] = [told]
    examined = examine(document)
    assert examined.faults == ()
    assert [one.differences for one in examined.told] == [()]


def test_no_word_of_the_case_is_in_its_scenario(office: Office) -> None:
    case_id = office.county.supervised_item(at(date(2026, 3, 2)), title="张三家门前路灯不亮")
    told = json.dumps(record(office, case_id, "lin"), ensure_ascii=False)
    for word in ("张三", "路灯", "东沟", "林静", "周明远"):
        assert word not in told


def test_nobody_records_what_he_may_not_read(office: Office) -> None:
    case_id = office.county.supervised_item(at(date(2026, 3, 2)))
    for login in ("han", "jiang"):
        with pytest.raises(CaseNotFound):
            record(office, case_id, login)


def test_whoever_only_reads_a_case_does_not_record_it_for_it_would_tell_of_talks(office: Office) -> None:
    case_id = office.county.supervised_item(at(date(2026, 1, 5)), feedback_on="2026-01-05")
    for month in (2, 3, 4):
        office.county.engine.tick(at(date(2026, month, 27)))
    for login in ("zhou", "chen", "he"):
        with pytest.raises(NotPermitted):
            record(office, case_id, login, date(2026, 4, 28))


def test_a_changed_rule_breaks_the_scenario_that_speaks_of_it_and_is_not_proven() -> None:
    document = copy.deepcopy(shipped_workflows()["rectification"].data)
    for clock in document["clocks"]:
        if clock["key"] == "rectify":
            clock["limits"][-1] = {"limit": "2 month"}
    examined = examine(document)
    assert not examined.is_proven
    assert {one.what for told in examined.told for one in told.differences} == {"due", "rung"}


def test_a_draft_that_is_not_proven_is_not_previewed(office: Office) -> None:
    draft = office.draft(lambda _document: None)
    source = office.county.database.read(lambda store: drafts.get_draft(store, draft))["source"].replace(
        "反馈问题", "反馈的问题"
    )
    admin = office.admin()

    def change(store: Store) -> int:
        return drafts.change(store, draft, revision=1, actor=admin, now=NOW, source=source)

    assert office.county.database.write(change) == 2
    with pytest.raises(Conflict) as refusal:
        office.county.engine.administer(
            lambda desk: preview.begin(desk.store, desk.occasion, draft, Plan(), admin, orders=()), actor=admin, now=NOW
        )
    assert refusal.value.params["why"] == "draft_not_proven"


def test_what_ships_anew_is_proven_by_the_run_of_this_county_and_by_nobody_else(office: Office) -> None:
    office.county.open_item(NOW)
    document = copy.deepcopy(shipped_workflows()["rectification"].data)
    document["measure_word"] = {"zh-Hans": "项", "zh-Hant": "項", "en": "items"}
    told = {"source": json.dumps(document, ensure_ascii=False), "now": NOW}
    assert office.county.database.write(lambda store: ship(store, document, **told)) is None
    (draft,) = office.county.database.read(drafts.list_open)
    assert draft["digest"] and draft["proven"] == ""
    assert office.county.database.write(lambda store: ship(store, document, **told)) is None
    assert len(office.county.database.read(drafts.list_open)) == 1


def test_two_people_at_one_draft_do_not_overwrite_each_other(office: Office) -> None:
    draft = office.draft(lambda _document: None)

    def change(login: str, name: str) -> int:
        told = {"revision": 1, "actor": office.admin(login), "now": NOW, "name": name}
        return office.county.database.write(lambda store: drafts.change(store, draft, **told))

    assert change("jiang", "甲稿") == 2
    with pytest.raises(Conflict) as refusal:
        change("kong", "乙稿")
    assert refusal.value.params == {"why": "draft_changed", "revision": 2}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_kept_as_it_is_and_comes_no_further(office: Office, text: str) -> None:
    told = {"kind": "rectification", "name": "", "source": text, "actor": office.admin(), "now": NOW}
    draft = office.county.database.write(lambda store: drafts.begin(store, **told))
    row = office.county.database.read(lambda store: drafts.get_draft(store, draft))
    assert (row["source"], row["digest"]) == (text, "")


def test_only_administrators_of_workflows_draft(office: Office) -> None:
    told = {"kind": "rectification", "name": "", "source": "key: x\n", "now": NOW}
    for login in ("zhao", "lin", "gao"):
        with pytest.raises(NotPermitted):
            office.county.database.write(partial(drafts.begin, actor=office.county.actor(login, TODAY), **told))
