"""Whoever drafts, proposes, decides or takes back a version is on the trail, in the transaction of the act itself."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from states.errors import BadInput, Conflict
from tests.factories import at
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Office
from tests.workflow.versions.test_changing_a_running_kind import two_months
from tests.workflow.versions.test_motions import decided, moved, withdrawn
from workflow import desk as desks
from workflow.models import DefinitionVersion, Draft, Publication, Trail
from workflow.trail import Origin
from workflow.versions import drafts, motions, publishing

FROM = Origin(1, 7, "10.0.0.9", "session", "request")


def told(office: Office) -> list[tuple[str | None, str]]:
    """(login, what) of every row of what was set, in order."""
    logins = {person: login for login, person in office.county.people.items()}
    facts = [json.loads(row["facts"]) for row in rows_of(office.county, Trail, action="configure")]
    return [(logins.get(one["actor"]), one["what"]) for one in facts]


def digest_of(office: Office, draft_id: int) -> str:
    return str(rows_of(office.county, Draft, id=draft_id)[0]["digest"])


def test_every_step_of_a_draft_is_on_the_trail_with_its_digest(office: Office) -> None:
    draft_id = office.draft(two_months)
    first = digest_of(office, draft_id)
    about: Any = {"actor": office.admin(), "now": NOW}
    write = office.county.database.write
    assert write(lambda store: drafts.change(store, draft_id, revision=1, source="title: x", origin=FROM, **about)) == 2
    write(lambda store: drafts.drop(store, draft_id, **about))
    assert [what for _who, what in told(office)] == [
        f"draft {draft_id} begun, digest {first}",
        f"draft {draft_id} changed, revision 2, digest ",
        f"draft {draft_id} dropped",
    ]
    given = json.loads(rows_of(office.county, Trail, action="configure")[1]["facts"])
    assert (given["post"], given["address"], given["session"], given["request"]) == (7, "10.0.0.9", "session", "request")


def test_every_step_of_a_version_is_on_the_trail_with_who_took_it(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    seal, text = impact["seal"], f"digest {impact['digest']}, seal {impact['seal']}"
    first = office.propose(impact)
    back = partial(publishing.withdraw, publication_id=first, words="再看看")
    office.county.engine.administer(lambda desk: back(desk), actor=office.admin(), now=NOW)
    second = office.propose(impact)
    by: Any = {"actor": office.admin("kong"), "now": NOW, "seal": seal}
    office.county.engine.decide_publication(second, granted=False, words="时限太短", **by)
    third = office.propose(impact)
    office.county.engine.decide_publication(third, granted=True, origin=FROM, **by)
    (row,) = rows_of(office.county, DefinitionVersion, kind="rectification", status="published")
    assert told(office)[1:6] == [
        ("jiang", f"publication {first} proposed, {text}"),
        ("jiang", f"publication {first} withdrawn, {text}"),
        ("jiang", f"publication {second} proposed, {text}"),
        ("kong", f"publication {second} refused, {text}"),
        ("jiang", f"publication {third} proposed, {text}"),
    ]
    assert [what for _who, what in told(office)[6:]] == [
        f"publication {third} granted, {text}",
        f"publication {third} current, version {row['id']}, digest {row['digest']}",
    ]
    assert row["digest"] == impact["digest"]


def test_the_end_of_a_kind_and_the_way_back_are_on_the_trail(office: Office) -> None:
    (row,) = rows_of(office.county, DefinitionVersion, kind="rectification", status="published")
    text = f"version {row['id']}, digest {row['digest']}"
    first = moved(office)
    withdrawn(office, first)
    second = moved(office)
    decided(office, second)
    third = moved(office, motions.REOPEN, "kong")
    decided(office, third, "jiang", granted=False, words="不开")
    assert told(office) == [
        ("jiang", f"motion {first} proposed, retire {text}"),
        ("jiang", f"motion {first} withdrawn, retire {text}"),
        ("jiang", f"motion {second} proposed, retire {text}"),
        ("kong", f"motion {second} granted, retire {text}"),
        ("kong", f"motion {third} proposed, reopen {text}"),
        ("jiang", f"motion {third} refused, reopen {text}"),
    ]


def test_a_migration_that_goes_back_is_on_the_trail(office: Office) -> None:
    office.county.supervised_item(at(TODAY))
    run_id = office.change(two_months)
    motion_id = moved(office, motions.REVERSE, run_id=run_id)
    decided(office, motion_id)
    assert told(office)[-2:] == [
        ("jiang", f"motion {motion_id} proposed, reverse run {run_id}"),
        ("kong", f"motion {motion_id} granted, reverse run {run_id}"),
    ]


def test_what_is_refused_or_cannot_be_audited_changes_nothing_and_leaves_no_row(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    impact = office.preview(office.draft(two_months))
    before = told(office)
    with pytest.raises(Conflict):
        office.propose({**impact, "seal": "another"})
    assert told(office) == before

    def full(*_told: Any, **_more: Any) -> None:
        raise BadInput(why="disk_full")

    with monkeypatch.context() as broken:
        broken.setattr(desks, "configured", full)
        with pytest.raises(BadInput):
            office.propose(impact)
    assert rows_of(office.county, Publication) == [] and told(office) == before
