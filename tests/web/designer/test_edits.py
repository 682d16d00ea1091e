"""Edits of the canvas and of the checks: states, verbs, places, renaming, mends, and requests that fit nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

from states.checks.sentences import SENTENCES
from tests import hours
from tests.factories import County
from tests.web.designer.conftest import Desk
from tests.web.site import words_of
from web.designer.mending import MENDS
from workflow.versions.drafts import layout_of

New = Callable[..., Desk]
NOW = hours.now()


def test_a_state_is_added_where_it_was_put_and_renamed_with_its_mentions(new: New) -> None:
    desk = new()
    where = desk.done("state", x="320", y="160")
    assert where.endswith("at=/states/2")
    assert layout_of(desk.row) == {"state_1": [320, 160]}
    desk.done("connect", source="begun", target="state_1")
    assert desk.says["transitions"][1]["to"] == "state_1"
    desk.done("rename", at="/states/2", key="checked")
    assert desk.says["transitions"][1]["to"] == "checked"
    assert layout_of(desk.row) == {"checked": [320, 160]}


def test_a_state_goes_with_the_verbs_and_clocks_that_are_nothing_without_it(new: New) -> None:
    desk = new()
    desk.done("state")
    desk.done("connect", source="begun", target="state_1")
    desk.done("connect", source="state_1", target="done")
    desk.done("then", then="remove:/states/2", at="/states/2")
    says = desk.says
    assert [one["trigger"] for one in says["transitions"]] == ["finish"]
    assert [one["key"] for one in says["states"]] == ["begun", "done"]


def test_a_verb_that_leads_to_its_own_state_stays_and_stands_in_the_list_of_those(new: New) -> None:
    desk = new()
    assert "不离开状态的操作" not in words_of(desk.page())
    desk.done("connect", source="begun", target="begun")
    assert desk.says["transitions"][1]["to"] == "="
    assert "不离开状态的操作" in words_of(desk.page()) and 'data-at="/transitions/1"' in desk.page()


def test_an_entry_that_is_dragged_stands_where_it_was_let_go(new: New) -> None:
    desk = new(how="current", kind="rectification")
    keys = [one["key"] for one in desk.says["states"]]
    desk.done("then", then="to:/states/3=0")
    assert [one["key"] for one in desk.says["states"]] == [keys[3], *keys[:3], *keys[4:]]
    desk.done("then", then="to:/states/0=999")
    assert [one["key"] for one in desk.says["states"]] == [*keys[:3], *keys[4:], keys[3]]
    desk.done("undo")
    desk.done("undo")
    assert [one["key"] for one in desk.says["states"]] == keys


def test_the_open_cases_of_each_state_stand_in_the_drawing_as_numbers(new: New, county: County) -> None:
    for _ in range(3):
        county.supervised_item(NOW - timedelta(days=3))
    desk = new(how="current", kind="rectification")
    page = desk.page().replace("&#34;", '"')
    assert '"open": 3' in page
    assert "在办3项" in words_of(desk.page("/states/2"))
    assert "东沟村" not in words_of(page)


def test_the_words_of_a_text_stand_beside_it(new: New) -> None:
    desk = new(how="current", kind="rectification")
    page = desk.page()
    for name, said in (
        ("supervised", "督办"),
        ("runs_in", "在哪些状态走"),
        ("township_discipline_committee", "乡镇（街道）纪委"),
    ):
        assert f"<code>{name}</code></dt><dd>{said}" in page, name
    assert "<code>petition" not in page


def test_states_stand_where_they_were_dragged_until_the_layout_is_automatic_again(new: New) -> None:
    desk = new()
    desk.done("places", place=["begun=120,-40", "done=500,90"])
    assert layout_of(desk.row) == {"begun": [120, -40], "done": [500, 90]}
    assert '"moved": true' in desk.page().replace("&#34;", '"')
    desk.done("places")
    assert layout_of(desk.row) == {}
    desk.done("undo")
    assert layout_of(desk.row)["begun"] == [120, -40]


NOWHERE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("nothing", {}, "没有这种改法"),
    ("then", {"then": "explode:/states/0"}, "没有这种改法"),
    ("then", {"then": "remove:"}, "没有这种改法"),
    ("then", {"then": "remove:/states/9"}, "这一处已经不在了"),
    ("then", {"then": "up:/states/9"}, "这一处已经不在了"),
    ("then", {"then": "to:/states/9=0"}, "这一处已经不在了"),
    ("then", {"then": "to:/states/0=-1"}, "这一处已经不在了"),
    ("then", {"then": "to:/title=1"}, "这一处已经不在了"),
    ("then", {"then": "add:/nowhere"}, "这一处已经不在了"),
    ("then", {"then": "add:/states/0/title"}, "这一处已经不在了"),
    ("then", {"then": "remove:/title/__class__"}, "这一处已经不在了"),
    ("connect", {"source": "begun", "target": "nowhere"}, "这一处已经不在了"),
    ("connect", {}, "这一处已经不在了"),
    ("places", {"place": "begun=1e9,0"}, "这一处已经不在了"),
    ("rename", {"at": "/states/0", "key": "Begun!"}, "标识只用小写字母"),
    ("rename", {"at": "/states/0", "key": "done"}, "“done”这个标识已经用了"),
    ("rename", {"at": "/number", "key": "done"}, "这一处已经不在了"),
    ("panel", {"at": "/states/9"}, ""),
    ("mend", {"fault": "no_initial", "pointer": "/states"}, "这一处已经不在了"),
)


def test_an_edit_that_fits_nothing_changes_nothing_and_says_so(new: New) -> None:
    desk = new()
    before = desk.text
    for act, told, said in NOWHERE:
        answer = desk.send(act, **told)
        assert answer.status_code == (400 if said else 303), (act, told)
        assert said in words_of(answer.text), (act, told)
        assert desk.text == before


def test_an_edit_without_a_revision_is_refused(new: New) -> None:
    assert new().send("then", then="add:/states", revision="x").status_code == 409


# One text with each fault that has a plain mend: what is replaced in the smallest kind, and by what.
FAULTY = {
    "no_initial": ("title: 办理, initial: true}", "title: 办理}"),
    "many_initial": ("title: 办结, final: true}", "title: 办结, final: true, initial: true}"),
    "trap_state": ("title: 办结, final: true}", "title: 办结}"),
    "state_without_running_clock": ("runs_in: [begun]", "runs_in: [done]"),
    "closing_without_ground": ("    grounds:\n      - {key: done, title: 办结}\n", ""),
    "transition_nobody_may_fire": ("who: [{roles: [handler, head], relations: [holder]}]", "who: []"),
    "opened_by_nobody": ("  - {roles: [handler, deputy, head], relations: [registrar]}", "  []"),
    "clock_in_final_state": ("runs_in: [begun]", "runs_in: [begun, done]"),
    "runs_and_stands": ("runs_in: [begun]", "runs_in: [begun]\n    stands_in: [begun]"),
    "limit_table_without_last_row": ("{limit: 30 day}", "{limit: 30 day, when: {}}\n      - {date_field: due_on}"),
    "limit_row_never_reached": ("{limit: 30 day}", "{limit: 30 day}\n      - {limit: 20 day}"),
    "ladder_unused": ("    ladder: work\n", ""),
    "wrong_number_pattern": ("〔{year}〕{n}号", "号"),
    "unknown_name": ("do: turn_red", "do: turn_rad"),
    "unknown_key": ("    runs_in:", "    owned: holder\n    runs_in:"),
    "recipient_not_asked": ("    main: true\n    grounds", "    holder: recipient\n    grounds"),
    "unreachable_state": ("final: true}\n", "final: true}\n  - {key: lost, title: 失落, final: true}\n"),
    "many_main": (
        "\nclocks:\n",
        "  - {trigger: note, title: 记录, from: [begun], to: =, who: [{roles: [handler], relations: [holder]}], main: true}\n\nclocks:\n",
    ),
    "many_main_clocks": (
        "\nladders:\n",
        "  - {key: more, title: 再办, main: true, starts: [{on: open}], runs_in: [begun], limits: [{limit: 9 day}]}\n\nladders:\n",
    ),
    "wrong_value": ("{relation: registrar, may: read}", "{relation: registrar, may: reads}"),
    "unknown_choice": (
        "fields: []\n",
        "fields:\n"
        "  - {key: sort, title: 种类, type: choice, write: [holder], choices: [{key: plain, title: 一般}, {key: grave, title: 严重}]}\n"
        "  - {key: why, title: 缘由, write: [holder], required_when: {sort: grav}}\n",
    ),
    "question_not_asked": (
        "    main: true\n    grounds",
        "    main: true\n"
        "    form:\n"
        "      - {key: visited, title: 去过, type: flag, stores: false}\n"
        "      - {key: seen, title: 见到, stores: false, required_when: {visitd: true}}\n"
        "    grounds",
    ),
    "ladder_out_of_order": (
        "      - - {key: due,",
        "      - - {key: later, title: 再催, at: 9 day, do: remind, to: [handler@holder], params: {message: first_reminder}}\n"
        "        - {key: due,",
    ),
}


def test_a_plain_mend_takes_its_fault_away(new: New) -> None:
    desk = new()
    sound = desk.text
    for fault, (old, faulty) in FAULTY.items():
        assert old in sound, fault
        desk.done("text", source=sound.replace(old, faulty))
        page = desk.page()
        assert f'value="{fault}"' in page, (fault, words_of(page))
        pointer = page.split(f'value="{fault}"')[1].split('name="pointer" value="')[1].split('"')[0]
        desk.done("mend", fault=fault, pointer=pointer)
        assert f'name="fault" value="{fault}"' not in desk.page(), fault


def test_every_mend_is_of_a_fault_that_there_is_and_is_tried() -> None:
    assert set(FAULTY) <= set(MENDS) <= set(SENTENCES)


def test_the_faults_of_each_state_and_step_stand_on_the_canvas_as_numbers(new: New) -> None:
    def drawn() -> tuple[dict[str, int], dict[str, int]]:
        found = re.search(r"data-graph='([^']*)'", desk.page())
        assert found
        told = json.loads(unescape(found[1]))
        nodes, edges = ({one["id"]: one["faults"] for one in told[part]} for part in ("nodes", "edges"))
        return nodes, edges

    desk = new()
    sound = desk.text
    assert drawn() == ({"begun": 0, "done": 0}, {"begun/done": 0})
    desk.done("text", source=sound.replace("title: 办结, final: true}", "title: 办结, final: true, initial: true}"))
    assert drawn() == ({"begun": 0, "done": 1}, {"begun/done": 0})
    desk.done("text", source=sound.replace("who: [{roles: [handler, head], relations: [holder]}]", "who: []"))
    assert drawn() == ({"begun": 0, "done": 0}, {"begun/done": 1})


def test_a_form_that_is_sent_without_a_reload_is_answered_with_the_page_itself(new: New) -> None:
    desk = new()
    token = desk.page().split('name="csrf_token" value="')[1].split('"')[0]
    data = {"act": "then", "then": "add:/states", "at": "", "revision": 1, "csrf_token": token}
    answer = desk.client.post(f"/designer/{desk.draft_id}/edit", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'data-revision="2"' in answer.text and 'data-at="/states/2"' in answer.text and "<html" not in answer.text
