"""Each refusal has its status and its words, in both shapes; what is absent, hidden or forbidden cannot be told apart."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, abort

from handlers.ledgers.mapping import load_mapping
from handlers.ledgers.refusals import LedgerFileRefused, LedgerMappingFaulty
from handlers.logs.mapping import load_log_mapping
from states.definition import LANGUAGES
from states.errors import (
    BadInput,
    CaseNotFound,
    DefinitionError,
    DomainError,
    InvalidForm,
    NotFound,
    NotPermitted,
    StaleCase,
    TooMany,
    TransitionRefused,
    refusal_of,
)
from states.faults import Fault
from states.guards import GUARDS
from tests.house.source import ROOT, list_modules
from tests.web.frame import make_frame
from web.errors import FILLED_IN, REFUSALS, STATUSES, UNREAD, answer_for, problem_of, reasons_of, sentence_of, sentences
from web.file_words import MAPPING_WHY
from web.language import COOKIE
from web.wording import BARE, FAULTS, INPUT_WHY, WHY, WHY_NOT
from workflow.pace import too_many
from workflow.text import canonical

# ---- what the program can refuse, read from its own source -----------------------------------------------------------


def _refusals() -> dict[str, str]:
    """Class → code of every subclass of DomainError in the rooms, without importing them."""
    known, found = {"DomainError"}, {"DomainError": "refused"}
    classes = [node for module in list_modules() for node in module.nodes if isinstance(node, ast.ClassDef)]
    while True:
        grown = [
            node
            for node in classes
            if node.name not in found and any(isinstance(one, ast.Name) and one.id in known for one in node.bases)
        ]
        if not grown:
            return found
        for node in grown:
            known.add(node.name)
            found[node.name] = _code(node)


def _code(node: ast.ClassDef) -> str:
    for statement in node.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        if isinstance(target, ast.Name) and target.id == "code":
            return str(getattr(statement, "value").value)  # noqa: B009  # Assign and AnnAssign both have it
    return ""


def _raised(*names: str) -> Iterator[ast.Call]:
    for module in list_modules():
        for node in module.nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node


def _whys(*names: str) -> set[str]:
    """The names that these refusals are raised with, where the source writes them out."""
    found: set[str] = set()
    for call in _raised(*names):
        for keyword in (one for one in call.keywords if one.arg == "why"):
            if isinstance(keyword.value, ast.Constant):
                found.add(str(keyword.value.value))
            for node in ast.walk(keyword.value):
                if isinstance(node, ast.Dict):
                    pairs = zip(node.keys, node.values, strict=True)
                    found |= {
                        str(value.value)
                        for key, value in pairs
                        if isinstance(key, ast.Constant) and key.value == "name" and isinstance(value, ast.Constant)
                    }
    return found


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = list(_refusals().values())
    assert "" not in codes
    assert sorted(codes) == sorted(set(codes))


def test_every_refusal_has_its_answer_and_every_answer_its_refusal() -> None:
    assert set(_refusals().values()) == set(REFUSALS)


def test_every_reason_that_is_raised_is_in_words() -> None:
    assert _whys("TransitionRefused", "NotPermitted") - set(WHY) == set()
    assert _whys("BadInput", "Conflict", "NotReady", "LedgerFileRefused") - set(INPUT_WHY) == set()


def test_every_guard_is_in_words() -> None:
    assert set(GUARDS) - set(WHY) == set()
    assert set(WHY_NOT) <= set(GUARDS)
    assert set(BARE) <= set(WHY) | set(INPUT_WHY)


def test_every_rule_of_separation_is_in_words() -> None:
    named = {node.value for module in list_modules() for node in module.nodes if isinstance(node, ast.Constant)}
    rules = {value for value in named if isinstance(value, str) and re.fullmatch(r"separation_[a-z_]+", value)}
    assert rules >= {"separation_registered", "separation_worked", "separation_handling_organ", "separation_asked"}
    assert rules - set(WHY) - set(INPUT_WHY) == set()


def test_the_same_name_says_one_thing_of_a_step_and_another_of_an_input() -> None:
    assert problem_of(NotPermitted(why="role"), "zh-Hans").reasons == ("你的岗位不能办这一步",)
    assert problem_of(BadInput(why="role", role="king"), "zh-Hans").reasons == ("没有这个岗位",)
    assert problem_of(BadInput(why="password_short", at_least=12), "zh-Hans").reasons == ("口令至少12位",)


def test_every_fault_of_an_answer_is_in_words() -> None:
    source = (ROOT / "states" / "questions.py").read_text("utf-8")
    codes = {
        str(node.args[0].value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "ValidationError"
        and isinstance(node.args[0], ast.Constant)
    }
    verbs = {
        str(one.value)
        for call in _raised("InvalidForm")
        for keyword in call.keywords
        for lists in ast.walk(keyword.value)
        if isinstance(lists, ast.List)
        for one in lists.elts
        if isinstance(one, ast.Constant)
    }
    assert codes | verbs | {"required", "unknown", "not_a_form"} <= set(FAULTS)


def test_every_fault_of_a_mapping_is_in_words() -> None:
    told = {
        str(value.value)
        for file in ("ledgers/mapping.py", "ledgers/mapping_text.py", "logs/mapping.py")
        for node in ast.walk(ast.parse((ROOT / "handlers" / file).read_text("utf-8")))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "why" and isinstance(value, ast.Constant)
    }
    assert told >= {"column_missing", "nothing_opens", "unknown_field", "version"}
    assert told == set(MAPPING_WHY)


def test_a_faulty_mapping_is_told_fault_by_fault() -> None:
    with pytest.raises(LedgerMappingFaulty) as refusal:
        load_log_mapping("version: 1\ncolumns: {case: 编号, activity: 环节, extra: 其他}\nactivities: {收: receive}\n")
    assert problem_of(refusal.value, "zh-Hans").reasons == (
        "对照文件没有写明“time”是哪一列",
        "对照文件里的“extra”不认识",
        "对照文件没有写明哪个环节是登记，须有一个环节对照为open",
    )
    with pytest.raises(LedgerMappingFaulty) as refusal:
        load_log_mapping("- a")
    assert sentence_of(refusal.value, "zh-Hans") == "表头对照有误，没有导入：对照文件没有写明哪一列是什么"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 7\ncolumns: {问题: problem}", "对照文件的version写的是“7”，要写1"),
        ("version: 1\ncolumns: {问题: problem}\ncolour: red", "对照文件里的“colour”不认识，最外层只能写version、columns"),
        ("version: 1\ncolumns:\n  问题: problem\n  问题: due\n", "对照文件第4行：“问题”写了两次"),
        ("version: 1\ncolumns: {问题: problem\n", "对照文件第3行：这里不合YAML的写法"),
        ("version: 1\ncolumns: {问题: probelm}", "“问题”对照成了“probelm”，没有这一项；可写"),
    ],
)
def test_each_fault_of_a_mapping_says_what_is_wrong_and_where(text: str, said: str) -> None:
    with pytest.raises(LedgerMappingFaulty) as refusal:
        load_mapping(text)
    (told,) = problem_of(refusal.value, "zh-Hans").reasons
    assert told.startswith(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_shows_a_key_of_the_program(language: Any) -> None:
    for name in (*WHY, *INPUT_WHY):
        (told,) = reasons_of(
            [{"name": name, "params": {"field": "immediate", "trigger": "close", "times": 2}}], language=language
        )
        assert "immediate" not in told
        assert "_" not in told
        assert "%(" not in told


# ---- both shapes ---------------------------------------------------------------------------------------------------------


def _raising(raise_it: Callable[[], Any]) -> Flask:
    app = make_frame()
    app.add_url_rule("/it", view_func=raise_it)
    app.add_url_rule("/api/it", view_func=raise_it, endpoint="api_it")
    return app


def _raise(error: Exception) -> Callable[[], Any]:
    def view() -> Any:
        raise error

    return view


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_refusal_is_answered_as_a_page_and_as_problem_details(code: str) -> None:
    refusal = type("Refusal", (DomainError,), {"code": code})
    client = _raising(_raise(refusal(why="role"))).test_client()
    page, told = client.get("/it"), client.get("/api/it")
    assert page.status_code == told.status_code == REFUSALS[code].status
    assert page.mimetype == "text/html"
    assert problem_of(refusal(why="role"), "zh-Hans").title in page.text
    assert told.mimetype == "application/problem+json"
    assert told.json is not None
    assert told.json["status"] == REFUSALS[code].status
    assert told.json["type"] == f"urn:duban:problem:{REFUSALS[code].code}"
    assert code not in page.text


def test_a_refusal_nobody_listed_takes_the_answer_of_the_class_above_it() -> None:
    stricter = type("Stricter", (NotPermitted,), {"code": "stricter"})
    assert answer_for(stricter()).status == 403


@pytest.mark.parametrize("address", ["/it", "/api/it"])
def test_unknown_invisible_and_forbidden_are_one_answer(address: str) -> None:
    errors = [CaseNotFound(id=17), NotFound(what="organ", id=3)]
    answers = [_raising(_raise(error)).test_client().get(address) for error in errors]
    answers.append(_raising(lambda: abort(403)).test_client().get(address))
    answers.append(_raising(lambda: abort(404)).test_client().get(address))
    answers.append(make_frame().test_client().get(address))
    assert {answer.status_code for answer in answers} == {404}
    # Each page has its own token against forged forms.
    assert len({_without_tokens(answer.text) for answer in answers}) == 1


def _without_tokens(page: str) -> str:
    return re.sub(r'(name="csrf_token" value=|X-CSRFToken": )"[^"]*"', "", page)


def test_reasons_and_faults_are_sentences_in_the_readers_language() -> None:
    error = TransitionRefused(why=[{"name": "wrong_state"}, {"name": "has_evidence", "params": {"at_least": 1}}])
    client = _raising(_raise(error)).test_client()
    assert client.get("/api/it").get_json()["why"] == ["刷新后再看，这一项已不在这一步", "先上传佐证材料"]
    client.set_cookie(COOKIE, "zh-Hant")
    assert client.get("/api/it").get_json()["why"] == ["刷新後再看，這一項已不在這一步", "先上傳佐證材料"]
    client.set_cookie(COOKIE, "en")
    assert client.get("/api/it").get_json()["why"] == [
        "Reload the page, the item is no longer at this step",
        "Upload the evidence first",
    ]


def test_faults_are_kept_at_their_questions() -> None:
    error = InvalidForm(fields={"reason": ["required"], "measures/0/due_on": ["too_late", "no such code"]})
    fields = problem_of(error, "zh-Hans").fields
    assert fields == {"reason": ("这一栏要填",), "measures/0/due_on": ("选今天或以前的日期，以后的还没有发生", "这一栏要改")}


def test_a_fault_of_a_bound_names_the_bound() -> None:
    assert sentences(["after_day:2026-07-19", "beyond_cap:2026-12-24", "beyond_days:183"], "zh-Hans") == [
        "选2026年7月19日或以前的日期",
        "最晚可定到2026年12月24日",
        "填1到183之间的天数",
    ]


@pytest.mark.parametrize(
    ("why", "title"),
    [
        ("unknown_filter", "有一处不能识别，没有提交"),
        ("reason_empty", "填写有误，没有提交"),
        ("draft_closed", "没有办成"),
        ("nobody has words for this", "有一处不能识别，没有提交"),
    ],
)
def test_the_title_of_a_wrong_input_says_what_is_wrong_with_it(why: str, title: str) -> None:
    assert problem_of(BadInput(why=why), "zh-Hans").title == title


def test_whatever_is_called_an_answer_to_mend_is_a_reason_against_an_input() -> None:
    assert set(INPUT_WHY) >= FILLED_IN and all(any(why.startswith(start) for why in INPUT_WHY) for start in UNREAD)


def test_a_field_is_named_by_its_title_or_not_at_all() -> None:
    why = [{"name": "field_filled", "params": {"field": "cause"}}]
    assert reasons_of(why, {"cause": "原因分析"}, language="zh-Hans") == ["先填“原因分析”"]
    assert reasons_of(why, language="zh-Hans") == ["先填还空着的一栏"]


def test_the_evidence_that_is_missing_is_named_where_its_label_is_known() -> None:
    why = [{"name": "has_evidence", "params": {"at_least": 1, "labels": ["signed_record", "contract"]}}]
    names = {"label:signed_record": "签字的约谈记录", "label:contract": "合同"}
    assert reasons_of(why, names, language="zh-Hans") == ["先上传签字的约谈记录、合同"]
    assert reasons_of(why, {"label:contract": "合同", "contract": "承包"}, language="zh-Hans") == ["先上传佐证材料"]


def test_a_definitions_own_words_a_number_of_the_facts_and_the_day_of_a_limit_are_told() -> None:
    said = {"name": "any", "alternatives": [{"name": "is_paused"}], "say": {"zh-Hans": "先列出整改措施", "en": "List them"}}
    assert [reasons_of([said], language=one) for one in ("zh-Hans", "en")] == [["先列出整改措施"], ["List them"]]
    left = {"name": "children_all", "params": {"kind": "measure"}, "told": {"open": 2}}
    assert reasons_of([left], {"measure": "整改措施"}, language="zh-Hans") == ["先完成剩下的2项整改措施"]
    assert reasons_of([left], language="zh-Hans") == ["先完成剩下的下级事项"]
    assert sentences(["beyond_limit:2026-06-30"], "zh-Hans") == [
        "选2026年6月30日或以前的日期，这是本件的期限；要更晚，先申请延期"
    ]


def test_alternatives_and_negations_are_told_as_such() -> None:
    why = [
        {"name": "any", "params": {}, "alternatives": [{"name": "has_evidence"}, {"name": "is_paused", "negated": True}]},
        {"name": "any", "params": {}, "alternatives": [{"name": "field_filled"}, {"name": "approval_given"}]},
        {"name": "is_paused", "params": {}, "negated": True},
    ]
    assert reasons_of(why, language="zh-Hans") == [
        "先上传佐证材料，或者先恢复计时，现在暂停着",
        "先经审批，或者登记纸质审批",
        "先恢复计时，现在暂停着",
    ]
    assert reasons_of(None) == []
    assert reasons_of("no_such_reason", language="zh-Hans") == ["还有一个条件没有满足"]


@pytest.mark.parametrize("code", sorted(REFUSALS))
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"why": "no_such_reason"},
        {"why": ["wrong_state", {"name": "field_is", "params": {}}]},
        {"faults": (Fault("unknown_key", "/colour", {"name": "colour", "meant": ""}),)},
        {"faults": [{"file": "流程.yaml", "line": 3, "id": "empty", "pointer": "", "said": "文件是空的"}]},
        {"faults": [{"why": "unknown_field"}, {"why": "no_such_reason"}, {}]},
        {"what": "import", "id": 99},
    ],
)
def test_no_refusal_carries_what_cannot_be_put_into_words(code: str, params: dict[str, Any]) -> None:
    refusal = type("Refusal", (DomainError,), {"code": code})(**params)
    for language in LANGUAGES:
        assert sentence_of(refusal, language)
        assert problem_of(refusal, language).title


@pytest.mark.parametrize("why", LedgerFileRefused.WHYS)
def test_every_reason_against_a_file_is_in_words(why: str) -> None:
    told: dict[str, Any] = {"column": "金额", "seen": "轮次、单位名称", "most": 20 * 1024 * 1024}
    (said,) = problem_of(LedgerFileRefused(why, **told), "zh-Hans").reasons
    assert said == INPUT_WHY[why] % {**told, "size": "20兆"}


def test_who_did_too_much_is_told_one_hour_whenever_the_refusal_is_read() -> None:
    until = datetime(2026, 3, 2, 1, 0, 30, tzinfo=UTC)
    refused = too_many("acts_an_hour", 30, until=until, now=until - timedelta(minutes=10))
    kept = refusal_of(refused.code, json.loads(canonical(refused.params)))
    told = [(problem.text, problem.wait) for problem in (problem_of(one, "zh-Hans") for one in (refused, kept))]
    assert told == [("9:01以后再办。", 601)] * 2
    assert problem_of(TooMany(why="acts_an_hour", limit=30, seconds=601), "zh-Hans").text == "", "as it was kept before"


def test_a_faulty_definition_is_told_fault_by_fault() -> None:
    faults = (Fault("unknown_key", "/colour", {"name": "colour", "meant": ""}),)
    refusal = DefinitionError(faults=faults)
    assert problem_of(refusal, "zh-Hans").reasons == ("/colour: 不认识的项“colour”",)
    assert problem_of(refusal, "zh-Hant").reasons == ("/colour: 不認識的項“colour”",)


def test_the_command_line_gets_one_line() -> None:
    assert sentence_of(NotPermitted(why="role"), "zh-Hans") == "这一步不由你办：你的岗位不能办这一步"
    assert sentence_of(StaleCase(), "en").startswith("Somebody has just changed this item: Nothing was done twice")
    assert sentence_of(InvalidForm(fields={"reason": ["required"]}), "zh-Hans") == "填写有误，没有提交：reason 这一栏要填"


# ---- the frame itself ------------------------------------------------------------------------------------------------------


def test_a_failure_says_its_reference_and_nothing_of_its_cause(capsys: pytest.CaptureFixture[str]) -> None:
    app = _raising(_raise(RuntimeError("the secret cause")))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.test_client()
    told = client.get("/api/it")
    assert told.status_code == 500
    assert "secret" not in told.text
    assert told.json is not None
    assert told.json["reference"] in capsys.readouterr().out
    page = client.get("/it")
    assert "没有办成，程序出了差错" in page.text
    assert "secret" not in page.text


@pytest.mark.parametrize("status", sorted(set(STATUSES) - {403, 404, 500}))
def test_every_status_of_the_frame_is_in_words(status: int) -> None:
    page = _raising(lambda: abort(status)).test_client().get("/it")
    assert page.status_code == status
    assert STATUSES[status].title in page.text


def test_what_is_too_large_is_told_how_large_it_may_be() -> None:
    assert "一次最多50兆" in _raising(lambda: abort(413)).test_client().get("/it").text


def test_a_status_without_words_keeps_its_number() -> None:
    assert _raising(lambda: abort(418)).test_client().get("/it").status_code == 418


def test_a_wrong_method_says_which_are_right() -> None:
    told = _raising(lambda: "").test_client().delete("/api/it", headers={"X-CSRFToken": "none"})
    assert told.status_code in (400, 405)
    quiet = _raising(lambda: "")
    quiet.config["WTF_CSRF_CHECK_DEFAULT"] = False
    assert "GET" in quiet.test_client().delete("/api/it").headers["Allow"]


def test_a_page_that_stood_open_too_long_says_so() -> None:
    app = make_frame()
    app.add_url_rule("/post", view_func=lambda: "", methods=["POST"])
    page = app.test_client().post("/post")
    assert page.status_code == 400
    assert "这一页开得太久，没有提交" in page.text


def test_a_redirect_stays_a_redirect() -> None:
    app = make_frame()
    app.add_url_rule("/folder/", view_func=lambda: "")
    assert app.test_client().get("/folder").status_code == 308


def test_who_asks_for_json_gets_no_page() -> None:
    client = make_frame().test_client()
    assert client.get("/nowhere", headers={"Accept": "application/json"}).mimetype == "application/problem+json"
    assert client.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"}).mimetype == "text/html"
