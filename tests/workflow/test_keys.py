"""Idempotency keys: every verb on a case heeds one; what was done under it is told again and never done again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from states.errors import InvalidForm, KeyReused, StaleCase
from tests.factories import WHY_LATER, County, at
from tests.workflow.looking import clock_row, dump, rows_of
from workflow.engine import Engine
from workflow.models import Answer, Case, Event, ImportRun, Loosening, RecusalHint
from workflow.types import Outcome

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)
Call = Callable[..., Outcome]


@pytest.fixture
def case_id(county: County) -> int:
    return county.supervised_item(NOON)


def _wanted(county: County, case_id: int) -> date:
    return date.fromisoformat(str(clock_row(county, case_id, "rectify")["due_on"])) + timedelta(5)


def _asked(county: County, case_id: int) -> None:
    zhou, wanted = county.actor("zhou"), _wanted(county, case_id)
    county.engine.ask_extension(case_id, actor=zhou, now=NOON, clock="rectify", wanted_on=wanted, reason="雨季", data=WHY_LATER)
    county.fire(case_id, "advise_extension", "chen", NOON, extension_opinion="agreed")


def _paused(county: County, case_id: int) -> None:
    county.engine.pause(case_id, actor=county.actor("zhao"), now=NOON, reason="雨季", approver="高建国", max_days=5)


def _imported(county: County, case_id: int) -> None:
    run = {"digest": "d", "name": "旧台账.xlsx", "mapping": "", "ladder": "off", "started_at": NOON, "started_by": None}

    def work(store: Any) -> None:
        import_id = store.new_ids(ImportRun, 1)[0]
        store.insert(ImportRun, [{"id": import_id, **run}])
        store.update(Case, {"import_id": import_id}, id=case_id)

    county.database.write(work)


def _worked(county: County, case_id: int) -> None:
    county.fire(case_id, "report_progress", "zhou", NOON, progress_note="已经开工", progress_label="ongoing")


def _another(county: County) -> int:
    return county.supervised_item(NOON, subject="xitou_branch", signer="feng", title="账目不清")


def _linked(county: County, case_id: int) -> None:
    county.engine.link(case_id, actor=county.actor("lin"), now=NOON, other_id=_another(county))


def _newest(county: County) -> int:
    return max(int(row["id"]) for row in rows_of(county, Case))


def _confined(county: County, case_id: int) -> None:
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, reason="涉及在查人员")


def _loosening_asked(county: County, case_id: int) -> None:
    _confined(county, case_id)
    county.engine.ask_loosening(case_id, actor=county.actor("lin"), now=NOON, what="confinement", reason="已公开")


def _hinted(county: County, case_id: int) -> None:
    told = {"case_id": case_id, "person_id": county.people["song"], "why": "same_name", "found_at": NOON}
    county.database.write(lambda store: store.insert(RecusalHint, [told]))


def _evidence_on(county: County, case_id: int) -> int:
    file_id = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOON, file_id=file_id)
    return file_id


def _voided(county: County, case_id: int) -> None:
    county.engine.void(case_id, actor=county.actor("zhao"), now=NOON, reason="登错", approver="高建国")


def _held_back(county: County, case_id: int) -> None:
    _voided(county, case_id)
    county.engine.hold_back(case_id, actor=county.actor("song"), now=NOON, reason="正在复查")


# Verbs of a body that decides, on a kind of theirs: test_votes.py.
VOTING = {"ask_decision", "vote", "record_votes", "withdraw_decision"}
# Verb → who, what goes before it, its arguments, and another value for one of them.
VERBS: dict[str, tuple[str, Callable[[County, int], Any], Callable[[County, int], dict[str, Any]], dict[str, Any]]] = {
    "comment": ("zhou", lambda _c, _i: None, lambda _c, _i: {"text": "一"}, {"text": "二"}),
    "amend": ("lin", lambda _c, _i: None, lambda _c, _i: {"data": {"particulars": "一"}, "reason": "补充"}, {"reason": "改正"}),
    "assign": ("zhou", lambda _c, _i: None, lambda c, _i: {"person_id": c.people["sun"]}, {"person_id": None}),
    "remind": ("lin", lambda _c, _i: None, lambda _c, _i: {"data": {"remind_by": "sheet"}}, {"data": {"remind_by": "phone"}}),
    "add_evidence": ("zhou", lambda _c, _i: None, lambda c, _i: {"file_id": c.keep_file("照片", "zhou")}, {"label": "other"}),
    "pause": (
        "zhao",
        lambda _c, _i: None,
        lambda _c, _i: {"reason": "雨季", "approver": "高建国", "max_days": 5},
        {"max_days": 6},
    ),
    "resume": ("zhao", _paused, lambda _c, _i: {"reason": "雨停"}, {"reason": "不等了"}),
    "ask_extension": (
        "zhou",
        lambda _c, _i: None,
        lambda c, i: {"clock": "rectify", "wanted_on": _wanted(c, i), "reason": "雨季", "data": WHY_LATER},
        {"reason": "缺工"},
    ),
    "decide_extension": (
        "zhao",
        _asked,
        lambda _c, _i: {"clock": "rectify", "granted": True, "reason": "同意"},
        {"granted": False},
    ),
    "bar": ("lin", lambda _c, _i: None, lambda c, _i: {"person_id": c.people["luo"], "reason": "亲属"}, {"reason": "同乡"}),
    "confine": ("lin", lambda _c, _i: None, lambda _c, _i: {"reason": "涉及在查人员"}, {"reason": "另有考虑"}),
    "keep_on": ("zhao", _hinted, lambda c, _i: {"person_id": c.people["song"], "reason": "同名不同人"}, {"reason": "已核实"}),
    "let_in": ("zhao", _confined, lambda c, _i: {"person_id": c.people["song"], "reason": "协助"}, {"reason": "借用"}),
    "leave_out": ("zhao", _confined, lambda c, _i: {"person_id": c.people["lin"], "reason": "调离"}, {"reason": "轮岗"}),
    "raise_level": ("lin", lambda _c, _i: None, lambda _c, _i: {"level": 2, "reason": "有举报线索"}, {"level": 3}),
    "raise_file": (
        "lin",
        lambda _c, _i: None,
        lambda c, i: {"file_id": _evidence_on(c, i), "level": 2, "reason": "有姓名"},
        {"level": 3},
    ),
    "ask_loosening": ("lin", _confined, lambda _c, _i: {"what": "confinement", "reason": "已公开"}, {"reason": "已通报"}),
    "decide_loosening": (
        "zhao",
        _loosening_asked,
        lambda c, _i: {"asked_id": rows_of(c, Loosening)[0]["id"], "granted": True, "reason": "同意"},
        {"granted": False},
    ),
    "link": ("lin", lambda _c, _i: None, lambda c, _i: {"other_id": _another(c)}, {"relation": "caused"}),
    "unlink": ("lin", _linked, lambda c, _i: {"other_id": _newest(c)}, {"relation": "caused"}),
    "merge": ("zhao", lambda _c, _i: None, lambda c, _i: {"into_id": _another(c), "reason": "同一件"}, {"reason": "重复"}),
    "split": (
        "lin",
        lambda _c, _i: None,
        lambda _c, _i: {"parts": [{"title": "甲"}, {"title": "乙"}], "reason": "分开"},
        {"parts": [{"title": "丙"}]},
    ),
    "void": ("zhao", lambda _c, _i: None, lambda _c, _i: {"reason": "登错", "approver": "高建国"}, {"reason": "重复"}),
    "withdraw": ("lin", _imported, lambda _c, _i: {"reason": "选错文件"}, {"reason": "重来"}),
    "undo": ("zhou", _worked, lambda _c, _i: {}, {}),
    "hold_back": ("song", _voided, lambda _c, _i: {"reason": "正在复查"}, {"reason": "有人申诉"}),
    "let_go": ("fang", _held_back, lambda _c, _i: {"reason": "复查完了"}, {"reason": "没有申诉了"}),
}


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_under_a_key_is_done_once_and_its_answer_told_again(county: County, case_id: int, name: str) -> None:
    login, prepare, told_of, other = VERBS[name]
    prepare(county, case_id)
    told, actor, call = told_of(county, case_id), county.actor(login), getattr(county.engine, name)
    first = call(case_id, actor=actor, now=NOON, key="k", **told)
    before = dump(county)
    assert call(case_id, actor=actor, now=NOON, key="k", **told) == first
    if other:
        with pytest.raises(KeyReused):
            call(case_id, actor=actor, now=NOON, key="k", **{**told, **other})
    with pytest.raises(KeyReused):
        county.engine.comment(case_id, actor=actor, now=NOON, key="k", text="换了一个动作")
    assert dump(county) == before


def test_every_verb_on_a_case_is_tried_above(county: County) -> None:
    told = {name for name in dir(Engine) if callable(call := getattr(Engine, name)) and "key" in _names_of(call)}
    assert told - {"open", "fire", "begin_run", "add_uploads", "_on", "_verb", "_keyed"} == set(VERBS) | VOTING


def _names_of(call: Any) -> tuple[str, ...]:
    code = getattr(call, "__code__", None)
    if code is None:
        return ()
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return names


def test_what_is_kept_says_ids_versions_and_states_and_nothing_else(county: County, case_id: int) -> None:
    county.engine.comment(case_id, actor=county.actor("zhou"), now=NOON, text="只在卷里的话", key="k")
    kept = rows_of(county, Answer)[0]
    assert "只在卷里的话" not in str(kept)
    assert set(Outcome.__dataclass_fields__) == {"case_id", "version", "seq", "state", "number", "opened"}


def test_a_refusal_is_not_kept_so_that_the_mended_request_goes_through(county: County, case_id: int) -> None:
    zhou = county.actor("zhou")
    with pytest.raises(InvalidForm):
        county.engine.comment(case_id, actor=zhou, now=NOON, text=" ", key="k")
    assert county.engine.comment(case_id, actor=zhou, now=NOON, text="好", key="k").case_id == case_id


def test_a_key_is_its_persons_own(county: County, case_id: int) -> None:
    for login in ("zhou", "sun"):
        county.engine.comment(case_id, actor=county.actor(login), now=NOON, text="好", key="k")
    assert [event["verb"] for event in rows_of(county, Event, case_id=case_id)].count("comment") == 2


def test_a_key_too_long_is_refused_by_name(county: County, case_id: int) -> None:
    with pytest.raises(InvalidForm) as refusal:
        county.engine.comment(case_id, actor=county.actor("zhou"), now=NOON, text="好", key="k" * 201)
    assert refusal.value.params["fields"] == {"key": ["too_long:201:200"]}


def test_whoever_comes_at_the_same_moment_gets_the_answer_of_the_first(county: County, case_id: int) -> None:
    told = {"progress_note": "已经开工", "progress_label": "ongoing"}
    version = rows_of(county, Case, id=case_id)[0]["version"]
    zhou, start = county.actor("zhou"), threading.Barrier(4)

    def act() -> Outcome:
        start.wait()
        return county.engine.fire(
            case_id, "report_progress", actor=zhou, now=NOON, data=told, expected_version=version, key="k"
        )

    with ThreadPoolExecutor(4) as pool:
        found = [asked.result() for asked in [pool.submit(act) for _ in range(4)]]
    assert found == [found[0]] * 4
    assert isinstance(found[0], Outcome)
    assert len(rows_of(county, Answer)) == 1
    with pytest.raises(StaleCase):
        county.engine.fire(case_id, "report_progress", actor=zhou, now=NOON, data=told, expected_version=version)


def test_two_remarks_at_the_same_moment_are_one(county: County, case_id: int) -> None:
    zhou, start, found = county.actor("zhou"), threading.Barrier(2), []

    def say() -> None:
        start.wait()
        found.append(county.engine.comment(case_id, actor=zhou, now=NOON, text="好", key="k"))

    threads = [threading.Thread(target=say) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]
    assert [event["verb"] for event in rows_of(county, Event, case_id=case_id)].count("comment") == 1
