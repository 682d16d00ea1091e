"""Documents that the tests of this room change: the smallest definition without a fault, and the shipped ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from config.documents import Document, parse
from states.definition import Definition
from states.schema import load
from states.vocabulary import Vocabulary, signature_of

WORKFLOWS = Path(__file__).parents[2] / "config" / "workflows"
SHIPPED = sorted(path.stem for path in WORKFLOWS.glob("*.yaml"))


# The parameters of the office's effects, as brief as their functions' heads.
def notify_holder(change: object) -> None: ...
def notify_supervisor(change: object) -> None: ...
def notify_posts(change: object, *, to: Sequence[str], message: str, clock: str = "") -> None: ...
def open_child(change: object, *, kind: str, title_from: str, fields: Sequence[str] = (), holder: str = "") -> None: ...
def open_measures(change: object) -> None: ...
def end_children(change: object, *, kind: str, ground: str) -> None: ...
def issue_letter(change: object, *, letter: str) -> None: ...
def propose_interview(change: object, *, tier: int) -> None: ...
def propose_handler_interview(change: object) -> None: ...
def link_agenda(change: object) -> None: ...
def fix_new_dates(change: object) -> None: ...
def close_agenda(change: object) -> None: ...
def set_field(change: object, *, field: str, value: Any) -> None: ...
def raise_choice(change: object, *, field: str, toward: str = "last") -> None: ...
def pause_clocks(
    change: object, *, clocks: Sequence[str], max_days: int | None = None, reason_from: str | None = None
) -> None: ...
def resume_clocks(change: object, *, clocks: Sequence[str]) -> None: ...
def settle_clocks(change: object, *, clocks: Sequence[str]) -> None: ...
def hand_back_limit(change: object) -> None: ...
def rung(due: object, **params: object) -> None: ...


EFFECTS: Sequence[Callable[..., None]] = (
    notify_holder,
    notify_supervisor,
    notify_posts,
    open_child,
    open_measures,
    end_children,
    issue_letter,
    propose_interview,
    propose_handler_interview,
    link_agenda,
    fix_new_dates,
    close_agenda,
    set_field,
    raise_choice,
    pause_clocks,
    resume_clocks,
    settle_clocks,
    hand_back_limit,
)
RUNGS = [
    "remind",
    "warn",
    "turn_red",
    "issue_order",
    "propose_interview",
    "propose_handler_interview",
    "climb_items",
    "report_up",
    "draft_circular",
    "raise_level",
    "notify_posts",
]
ORGAN_KINDS: Mapping[str, str] = {
    "inspection_office": "county",
    "leading_group": "county",
    "discipline_commission": "county",
    "organisation_department": "county",
    "inspection_team": "county",
    "county_department": "county",
    "township_party_committee": "township",
    "township_discipline_committee": "township",
    "township_unit": "township",
    "village_party_organisation": "village",
}

VOCABULARY = Vocabulary(
    roles=frozenset(["handler", "deputy", "head", "inspector", "observer"]),
    organ_kinds=ORGAN_KINDS,
    kinds=frozenset(["clue", "rectification", "interview", "supervision_order", "measure"]),
    effects={effect.__name__: signature_of(effect) for effect in EFFECTS},
    rungs={name: signature_of(rung) for name in RUNGS},
    letters=frozenset(
        [
            "transfer_letter",
            "assignment_sheet",
            "reminder_sheet",
            "supervision_order",
            "interview_notice",
            "interview_record",
            "close_out_form",
            "circular",
            "accountability_proposal",
            "admonition",
        ]
    ),
    messages=frozenset(
        [
            "to_sign",
            "first_reminder",
            "second_warning",
            "overdue",
            "unsigned",
            "handed_back",
            "designated",
            "redirected",
            "sent_back",
            "extension_asked",
            "extension_granted",
            "extension_refused",
            "extension_undecided",
            "interview_ordered",
            "interview_notice",
            "interview_withdrawn",
            "second_interview",
            "closed",
            "reopened",
            "merged",
            "reminded",
            "order_issued",
            "check_due",
            "proposal_waiting",
            "plan_waiting",
            "plan_approved",
            "plan_returned",
            "approval_asked",
            "approval_given",
            "approval_refused",
            "approval_taken_back",
            "ladder_held",
            "no_progress",
            "organisation_rule",
            "new_date",
            "mentioned",
            "assigned",
        ]
    ),
    retentions=frozenset(["permanent", "important", "ordinary"]),
    evidence_labels=frozenset(
        [
            "reply_letter",
            "receipt_scan",
            "instruction_scan",
            "approval_scan",
            "signed_record",
            "publicity_photo",
            "site_photo",
            "cause_proof",
            "contract",
            "voucher",
            "rule_document",
            "minutes",
            "other",
        ]
    ),
)

SMALL = """
key: note
title: {zh-Hans: 便函, zh-Hant: 便函, en: Note}
measure_word: {zh-Hans: 件, zh-Hant: 件, en: notes}
number: 便函〔{year}〕{n}号
opened_by:
  - {roles: [handler], relations: [registrar]}
access:
  - {relation: supervisor, may: act}
  - {relation: holder, may: act}
states:
  - {key: received, title: {zh-Hans: 受理, zh-Hant: 受理, en: Received}, initial: true}
  - {key: supervised, title: {zh-Hans: 督办, zh-Hant: 督辦, en: Supervised}}
  - {key: closed, title: {zh-Hans: 销号, zh-Hant: 銷號, en: Closed}, final: true}
fields:
  - {key: summary, title: {zh-Hans: 事由, zh-Hant: 事由, en: Matter}, required: true, write: [supervisor]}
  - key: urgency
    title: {zh-Hans: 缓急, zh-Hant: 緩急, en: Urgency}
    type: choice
    write: [supervisor]
    choices:
      - {key: urgent, title: {zh-Hans: 急, zh-Hant: 急, en: Urgent}}
      - {key: slow, title: {zh-Hans: 缓, zh-Hant: 緩, en: Can wait}}
  - {key: result, title: {zh-Hans: 结果, zh-Hant: 結果, en: Result}, type: long_text}
transitions:
  - trigger: transfer
    title: {zh-Hans: 移交, zh-Hant: 移交, en: Transfer}
    from: [received]
    to: supervised
    who: [{roles: [handler, head], relations: [supervisor]}]
    holder: recipient
    main: true
    form:
      - {key: recipient, title: {zh-Hans: 承办单位, zh-Hant: 承辦單位, en: Handling body},
         type: organ, required: true, stores: false}
    effects:
      - notify_posts: {to: [handler@holder], message: to_sign}
  - trigger: remark
    title: {zh-Hans: 批注, zh-Hant: 批註, en: Remark}
    from: [supervised]
    to: "="
    who: [{roles: [handler], relations: [holder]}]
  - trigger: close
    title: {zh-Hans: 销号, zh-Hant: 銷號, en: Close}
    from: [supervised]
    to: closed
    who: [{roles: [handler, head], relations: [supervisor]}]
    approval: {roles: [head], relation: supervisor}
    main: true
    guards:
      - any:
          - has_evidence: {at_least: 1}
          - not: {field_is: {field: urgency, value: urgent}}
    form:
      - {key: result, title: {zh-Hans: 结果, zh-Hant: 結果, en: Result}, type: long_text, required: true}
    grounds:
      - {key: done, title: {zh-Hans: 办结, zh-Hant: 辦結, en: Done}}
  - trigger: reopen
    title: {zh-Hans: 重新挂号, zh-Hant: 重新掛號, en: Reopen}
    from: [closed]
    to: supervised
    who: [{roles: [head], relations: [supervisor]}]
    reopens: true
    form:
      - {key: new_due_on, title: {zh-Hans: 新的时限, zh-Hant: 新的時限, en: New date},
         type: date, required: true, max_days: 60, stores: false}
clocks:
  - key: hand_over
    title: {zh-Hans: 移交, zh-Hant: 移交, en: Hand over}
    starts: [{on: open}]
    runs_in: [received]
    settled_by: [transfer]
    owner: supervisor
    limits:
      - {limit: 5 workday}
  - key: handle
    title: {zh-Hans: 办理, zh-Hant: 辦理, en: Handle}
    main: true
    starts: [{on: transfer}]
    runs_in: [supervised]
    settled_by: [close]
    ladder: handle
    limits:
      - {when: {urgency: urgent}, limit: 15 workday}
      - {limit: 3 month}
ladders:
  - key: handle
    tiers:
      - - {key: reminder, title: {zh-Hans: 提醒, zh-Hant: 提醒, en: Reminder}, at: -10 day, do: remind, to: [handler@holder]}
        - {key: red, title: {zh-Hans: 逾期, zh-Hant: 逾期, en: Overdue}, at: 0 day, do: turn_red, to: [head@holder]}
      - - {key: red, title: {zh-Hans: 再逾期, zh-Hant: 再逾期, en: Overdue again}, at: 0 day, do: turn_red, to: [head@holder]}
rules:
  - {key: many, title: {zh-Hans: 逾期偏多, zh-Hant: 逾期偏多, en: Many},
     counts: overdue, of: holder, threshold: 10, do: notify_posts, to: [head@holder]}
"""


@cache
def _parsed(name: str) -> Document:
    text = SMALL if name == "small" else (WORKFLOWS / f"{name}.yaml").read_text(encoding="utf-8")
    return parse(text, name=f"{name}.yaml")


def document(name: str = "small") -> dict[str, Any]:
    """A fresh copy of a document that may be changed at will."""
    copied: dict[str, Any] = deepcopy(_parsed(name).data)
    return copied


@cache
def definition(name: str = "small") -> Definition:
    """A definition, loaded once."""
    return load(document(name))
