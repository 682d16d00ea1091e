"""What the designer does with a draft, from the command line: an edit taken back, a part renamed, a fault mended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from config.documents import parse
from tests.factories import County
from tests.web.commands.test_commands import run
from tests.web.commands.test_versions import NOW, county, told
from tests.workflow.looking import rows_of
from web.cli import REFUSED, USAGE
from workflow.dates import local_day
from workflow.models import Draft
from workflow.store import Store
from workflow.versions import drafts
from workflow.versions.steps import Step, add_step

__all__ = ["county"]


@pytest.fixture
def well(county: County, capsys: pytest.CaptureFixture[str]) -> str:
    """The number of a draft of the smallest kind."""
    assert run("--as", "jiang", "workflow", "draft", "--empty", "well", "--title", "机井", "--json") == 0
    return str(told(capsys)["draft"])


def edit(*command: str) -> int:
    """A command by an administrator of workflows."""
    return run("--as", "jiang", "workflow", *command, "--json")


def text(county: County) -> str:
    """The draft as it stands."""
    return str(rows_of(county, Draft)[0]["source"])


def change(county: County, old: str, new: str) -> None:
    """The draft with other words in it, as somebody types them on the page."""
    row = rows_of(county, Draft)[0]
    assert old in row["source"]
    said: Any = {"revision": row["revision"], "actor": county.actor("jiang", local_day(NOW)), "now": NOW}
    source = row["source"].replace(old, new)
    county.database.write(lambda store: drafts.change(store, row["id"], source=source, **said))


def test_a_part_is_renamed_wherever_it_is_named_and_its_place_in_the_drawing_goes_with_it(
    county: County, well: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row, admin = rows_of(county, Draft)[0], county.actor("jiang", local_day(NOW))
    put: Any = {"revision": row["revision"], "layout": {"begun": [3, 4]}, "actor": admin, "now": NOW}
    county.database.write(lambda store: drafts.change(store, row["id"], **put))
    assert edit("rename", well, "begun", "under_way") == 0
    answer = told(capsys)
    assert (answer["draft"], answer["faults"], answer["proven"], answer["revision"]) == (int(well), 0, True, 3)
    document = parse(text(county), name="draft").data
    assert document["states"][0]["key"] == "under_way"
    assert document["transitions"][0]["from"] == document["clocks"][0]["runs_in"] == ["under_way"]
    assert json.loads(rows_of(county, Draft)[0]["layout"]) == {"under_way": [3, 4]}
    assert edit("rename", well, "work", "dig") == USAGE, "a clock and a ladder are called so"
    assert edit("rename", well, "work", "dig", "--what", "clock") == 0
    document = parse(text(county), name="draft").data
    assert (document["clocks"][0]["key"], document["ladders"][0]["key"]) == ("dig", "work")


def test_a_name_that_is_not_there_taken_or_no_key_is_refused_and_nothing_changes(
    county: County, well: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = text(county)
    for names, said in (
        (("gone", "other"), "这一处已经不在了"),
        (("begun", "done"), "这个标识已经用了"),
        (("begun", "Bad Key"), "标识只用小写字母"),
    ):
        assert edit("rename", well, *names) == REFUSED
        assert said in capsys.readouterr().err
    assert run("--as", "lin", "workflow", "rename", well, "begun", "other") == REFUSED
    assert run("--as", "lin", "workflow", "undo", well) == REFUSED
    assert edit("rename", "99", "begun", "other") == REFUSED
    assert edit("drop", well, "--yes") == 0
    assert edit("rename", well, "begun", "other") == REFUSED
    assert text(county) == before


def test_an_edit_is_taken_back_and_done_again_step_by_step(
    county: County, well: str, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [text(county)]
    assert edit("undo", well) == REFUSED and "没有可以退回的一步" in capsys.readouterr().err
    for old, new in (("begun", "under_way"), ("under_way", "digging")):
        assert edit("rename", well, old, new) == 0
        texts.append(text(county))
    for command, at in (("undo", 1), ("undo", 0), ("redo", 1), ("redo", 2)):
        capsys.readouterr()
        assert edit(command, well) == 0
        assert text(county) == texts[at]
        assert told(capsys)["proven"] is True, "what is taken back is proven too"
    assert edit("redo", well) == REFUSED
    assert run("--as", "jiang", "workflow", "undo", well) == 0
    assert "第8稿\t已通过检查" in capsys.readouterr().out


def test_a_state_that_was_only_dragged_is_put_back_and_dragged_again(
    county: County, well: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row, admin = rows_of(county, Draft)[0], county.actor("jiang", local_day(NOW))
    before, after = Step(row["source"], {}), Step(row["source"], {"begun": [3, 4]})

    def drag(store: Store) -> None:
        add_step(store, row["id"], before=before, after=after)
        drafts.change(store, row["id"], revision=row["revision"], layout=after.layout, actor=admin, now=NOW)

    county.database.write(drag)
    for command, layout in (("undo", before.layout), ("redo", after.layout)):
        assert edit(command, well) == 0
        assert json.loads(rows_of(county, Draft)[0]["layout"]) == layout
    assert edit("redo", well) == REFUSED, "it stands at the last step"
    assert text(county) == row["source"]
    capsys.readouterr()


def test_a_text_that_is_of_another_kind_is_edited_and_is_not_proven(
    county: County, well: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(county, "key: well", "key: pump")
    assert edit("rename", well, "begun", "under_way") == 0
    assert "under_way" in text(county) and told(capsys)["proven"] is False


def test_a_fault_is_mended_as_the_page_suggests_and_that_can_be_taken_back(
    county: County, well: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = text(county)
    change(county, "do: turn_red", "do: turn_rad")
    change(county, "runs_in: [begun]", "runs_in: [begun, done]")
    faulty = text(county)
    assert edit("mend", well) == 0
    found = {one["id"]: one for one in told(capsys)}
    assert set(found) == {"unknown_name", "clock_in_final_state"}
    assert found["unknown_name"]["mend"].startswith("改为") and found["unknown_name"]["said"]
    assert run("--as", "jiang", "workflow", "mend", well) == 0
    assert found["unknown_name"]["pointer"] + "\t" in capsys.readouterr().out
    assert edit("mend", well, found["unknown_name"]["pointer"]) == 0
    assert "turn_red" in text(county) and told(capsys)["proven"] is False
    place = found["clock_in_final_state"]["pointer"]
    assert edit("mend", well, place, "--fault", "unknown_name") == REFUSED
    assert edit("mend", well, place, "--fault", "clock_in_final_state") == 0
    assert parse(text(county), name="draft").data == parse(sound, name="draft").data
    capsys.readouterr()
    assert edit("mend", well) == 0 and told(capsys) == []
    assert edit("mend", well, place) == REFUSED and "这一处已经不在了" in capsys.readouterr().err
    assert edit("undo", well) == edit("undo", well) == 0 and text(county) == faulty
    assert run("--as", "lin", "workflow", "mend", well, place) == REFUSED


def test_a_scenario_expects_what_came_of_it_by_its_title_or_its_number(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--as", "jiang", "workflow", "draft", "--current", "rectification", "--json") == 0
    draft, before = str(told(capsys)["draft"]), parse(text(county), name="draft").data["scenarios"]
    title = before[0]["title"]
    due = before[0]["expect"]["due"]["rectify"]
    change(county, f"rectify: {due}", "rectify: 2026-12-31")
    assert edit("adopt", draft, "第一百个") == REFUSED and "这一处已经不在了" in capsys.readouterr().err
    assert edit("adopt", draft, title if isinstance(title, str) else title["zh-Hans"]) == 0
    assert told(capsys)["proven"] is False, "the other one says so, too"
    assert parse(text(county), name="draft").data["scenarios"][0]["expect"]["due"]["rectify"] == due
    assert edit("adopt", draft, "2") == 0
    assert told(capsys)["proven"] is True
    assert parse(text(county), name="draft").data["scenarios"][1]["expect"]["due"]["rectify"] == due


def test_states_are_put_where_they_are_drawn_and_none_is_where_the_drawing_puts_them(county: County, well: str) -> None:
    assert edit("place", well, "begun=40,-8", "done=300,20") == 0
    assert json.loads(rows_of(county, Draft)[0]["layout"]) == {"begun": [40, -8], "done": [300, 20]}
    assert edit("place", well, "begun=40") == REFUSED
    assert edit("place", well) == 0
    assert json.loads(rows_of(county, Draft)[0]["layout"]) == {}
    assert edit("undo", well) == 0 and json.loads(rows_of(county, Draft)[0]["layout"])["begun"] == [40, -8]
