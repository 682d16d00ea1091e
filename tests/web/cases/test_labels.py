"""What is wrong with an answer is said by the label of its box, to which it leads: in every form of every kind, and of the verbs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

import pytest
from flask import render_template_string

from states.definition import Field
from states.forms import APPROVAL, amend_fields, opening_fields, transition_fields
from tests import hours
from tests.factories import County
from tests.states.samples import SHIPPED, definition
from tests.web.conftest import Client
from tests.web.frame import make_frame
from tests.web.site import post, words_of
from web.answers import named_faults
from web.errors import Problem

NOW = hours.now()
FORM = """{% from "macros/forms.html" import refusal, field as ask, paper %}{{ refusal(problem, questions + approval, agenda) }}
{% for question in questions %}{{ ask(question, errors=problem.fields, agenda=agenda) }}{% endfor %}{{ paper(approval, [], {}, problem.fields) }}"""
ITEM = {"id": 7, "title": "公示栏破损", "number": "整改〔2026〕7号", "href": "/cases/7", "late": "逾期3天", "latest": None}


def links_of(page: str) -> list[tuple[str, str]]:
    """The links of the summary: where each leads, and what it calls the answer."""
    found = re.search(r'<div class="note note-dark error-summary".*?</div>', page, re.S)
    assert found, "nothing was refused"
    return [
        (href, words_of(words).partition("：")[0])
        for href, words in re.findall(r'<li><a href="#([^"]*)">(.*?)</a></li>', found[0], re.S)
    ]


def label_of(page: str, box: str) -> str:
    """What the page calls the box: by its label, the legend of its group, or its own name in a table of rows."""
    assert page.count(f' id="{box}"') == 1, f"{box} must stand once"
    if found := re.search(rf'<label for="{box}">(.*?)(?:<span class="hint">.*?)?</label>', page, re.S):
        return words_of(found[1])
    tag = re.search(rf'<[a-z]+[^>]* id="{box}"[^>]*>', page)
    assert tag, box
    if tag[0].startswith(("<fieldset", "<div")):
        legend = re.search(r"<legend>(.*?)(?:<span class=\"hint\">.*?)?</legend>", page[tag.start() :], re.S)
        assert legend, box
        return words_of(legend[1])
    own = re.search(r'aria-label="([^"]*)"', page[tag.start() : page.index(">", tag.start())])
    assert own, f"{box} has no name"
    return own[1]


def assert_called_by_their_labels(page: str) -> None:
    for href, said in links_of(page):
        label = label_of(page, href)
        # A remark in brackets may follow: （每行一个标题）, and a row is told with what it is a row of.
        assert label.startswith(said) or (said and said.endswith(f" {label}")), (said, label)


def names_of(questions: Iterable[Field]) -> list[str]:
    """Every name under which something can be wrong."""
    found = []
    for question in questions:
        found += [question.key, *(f"{question.key}/1/{column.key}" for column in question.columns)]
        found += [f"{question.key}/{ITEM['id']}"] * (question.type == "agenda_dates")
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_every_error_of_a_form_of_a_kind_is_called_as_its_box_and_leads_to_it(name: str) -> None:
    kind, frame = definition(name), make_frame()
    forms = [opening_fields(kind), amend_fields(kind, ("supervisor", "registrar", "holder"))]
    forms += [transition_fields(step) for step in kind.transitions]
    forms += [clock.extension.form for clock in kind.clocks if clock.extension]
    for form in forms:
        wrong = {one: ("这一栏要改",) for one in [*names_of(form), *(f"approval/{one.key}" for one in APPROVAL)]}
        told = {"problem": Problem(422, "form_invalid", "没有办成", fields=wrong), "questions": form, "approval": APPROVAL}
        with frame.test_request_context():
            page = render_template_string(FORM, agenda=[ITEM], **told)
        assert len(links_of(page)) == len(wrong)
        for href, said in links_of(page):
            # What stands in a table of new dates is called by its item.
            if ITEM["title"] not in said:
                label = label_of(page, href)
                assert said == label or said.endswith(f" {label}"), (name, said, label)


def test_every_error_of_the_verbs_is_called_as_its_box_and_leads_to_it(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    page = f"/cases/{case_id}"
    told = {"clock": "rectify", "wanted_on": "下周", "reason": ""}
    asked: list[tuple[str, str, str, dict[str, str]]] = [
        ("zhou", f"{page}/extension/rectify", f"{page}/verbs/ask_extension", told),
        (
            "lin",
            f"{page}/amend/feedback_on",
            f"{page}/verbs/amend",
            {"field": "feedback_on", "feedback_on": "那天", "reason": "更正"},
        ),
        ("lin", f"{page}/amend/round", f"{page}/verbs/amend", {"field": "round", "round": "第九轮", "reason": ""}),
        ("lin", f"{page}/bar", f"{page}/verbs/bar", {"person": "没有这个人", "reason": ""}),
        ("zhou", f"{page}/verbs/comment", f"{page}/verbs/comment", {"text": ""}),
        ("zhao", f"{page}/verbs/pause", f"{page}/verbs/pause", {"max_days": "0"}),
        ("zhao", f"{page}/verbs/void", f"{page}/verbs/void", {}),
        ("zhao", f"{page}/verbs/merge", f"{page}/verbs/merge", {"number": "没有"}),
        ("zhao", f"{page}/verbs/split", f"{page}/verbs/split", {"reason": "分开办"}),
        ("zhao", f"{page}/verbs/link", f"{page}/verbs/link", {"number": "没有"}),
        ("lin", "/kin", "/kin", {"name": "甲", "kin": "x"}),
    ]
    for login, form, url, typed in asked:
        refused = post(client(login), form, url, typed)
        assert refused.status_code == 422, (url, refused.status_code)
        assert_called_by_their_labels(refused.text)


def test_the_explanation_of_a_later_date_is_called_so_where_a_cause_is_chosen_beside_it(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    form = f"/cases/{case_id}/extension/rectify"
    refused = post(client("zhou"), form, f"/cases/{case_id}/verbs/ask_extension", {"clock": "rectify"})
    assert ("f-reason", "具体说明") in links_of(refused.text)


def test_on_one_line_what_is_wrong_is_said_with_what_its_question_is_called() -> None:
    (step,) = [one for one in definition("rectification").transitions if one.trigger == "sign_for"]
    with make_frame().test_request_context():
        told = named_faults({"pieces": ("写成数字",), "wanted_on": ("这一栏要填",), "x": ("要改",)}, transition_fields(step))
    assert told == ["材料件数：写成数字", "延到哪一天：这一栏要填", "要改"]
