"""What is asked, and whether what was handed in answers it: forms of transitions, of opening and of amending."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from states.definition import Choice, Definition, Field, Text, Transition
from states.errors import InvalidForm
from states.questions import SHORT_TEXT, Lookup, Nobody, missing_beside, read_answers, told_with, unfit_beside

Answers = dict[str, Any]

# Keys under which every transition may be answered beside its own questions.
RESERVED = ("ground", "approval")
REASON = Field("reason", Text("理由", "理由", "Reason"), "long_text", stores=False)
COMMENT = Field("comment", Text("备注", "備註", "Comment"), "long_text", stores=False)
# An approval recorded from paper; the scan of the paper goes with it (practice.md §3).
APPROVAL = (
    Field("approver", Text("审批人", "審批人", "Approver"), required=True),
    Field("on", Text("审批日期", "審批日期", "Approved on"), "date", required=True, max_days=0),
    Field("paper_number", Text("文号", "文號", "Number of the paper")),
    Field("scan", Text("审批扫描件", "審批掃描件", "Scan of the approval"), "integer", required=True),
)


def opening_fields(definition: Definition) -> tuple[Field, ...]:
    """The facts asked for when a case is opened: those that are required, and those that somebody may write by hand."""
    return tuple(field for field in definition.fields if field.required or field.write)


def amend_fields(definition: Definition, relations: Collection[str]) -> tuple[Field, ...]:
    """The facts that an organ in one of `relations` may amend."""
    return tuple(field for field in definition.fields if set(field.write) & set(relations))


def transition_fields(transition: Transition) -> tuple[Field, ...]:
    """All plain questions of a transition: its own, the ground where it has grounds, and the two that every form takes."""
    own = {question.key for question in transition.form}
    asked = list(transition.form)
    if transition.grounds:
        title = Text("办结依据", "辦結依據", "Ground")
        several = len(transition.grounds) > 1
        asked.append(Field("ground", title, "choice", required=several, choices=transition.grounds, stores=False))
    asked += [question for question in (REASON, COMMENT) if question.key not in own]
    return tuple(asked)


def load_form(
    fields: tuple[Field, ...],
    data: Mapping[str, Any],
    *,
    today: date,
    lookup: Lookup | None = None,
    partial: bool = False,
) -> Answers:
    """The answers by question: text, date, whole number (money in cents), flag, key(s) of choices, id, rows, agenda dates.

    Unanswered questions are absent. `partial` (amending) asks only for what is handed in, and an emptied answer is None.
    Raises InvalidForm: `fields` maps a question ("key", or "key/row/column") to codes. Unknown questions are refused.
    """
    answers, faults = read_answers(fields, data, today=today, lookup=lookup or Nobody(), partial=partial)
    if faults:
        raise InvalidForm(fields=faults)
    return answers


def require_beside(definition: Definition, facts: Mapping[str, Any], amended: Collection[str]) -> None:
    """What the facts as they are to be make required, and whether they go together, as far as a fact of `amended` has to do
    with it, or InvalidForm.

    A gap that was there before and that no amended fact touches stays. A secret fact is not among `facts` and is not asked for.
    """
    touched = tuple(f for f in definition.fields if not f.secret and not {f.key, *_beside(f)}.isdisjoint(amended))
    known = {key: value for key, value in facts.items() if value is not None}
    faults = {key: ["required"] for key in missing_beside(touched, known)}
    faults |= {key: ["unfit_beside"] for key in unfit_beside(touched, known)}
    if faults:
        raise InvalidForm(fields=faults)


def _beside(field: Field) -> tuple[str, ...]:
    """The facts that this one looks at."""
    return (*field.required_when, *(key for choice in field.choices for key in choice.fits_when))


def load_transition_form(
    transition: Transition, data: Mapping[str, Any], *, today: date, lookup: Lookup | None = None
) -> Answers:
    """The answers of a transition, with `ground` (asked for where there are several) and `approval` (from paper) among them."""
    answers, faults = read_transition_form(transition, data, today=today, lookup=lookup)
    if faults:
        raise InvalidForm(fields=faults)
    return answers


def read_transition_form(
    transition: Transition, data: Mapping[str, Any], *, today: date, lookup: Lookup | None = None
) -> tuple[Answers, dict[str, list[str]]]:
    """The answers of `load_transition_form` as far as they are good, and what is wrong with the others."""
    asked = transition_fields(transition)
    plain = {key: value for key, value in data.items() if key != "approval"} if transition.approval else data
    answers, faults = read_answers(asked, plain, today=today, lookup=lookup or Nobody())
    if transition.approval and data.get("approval") is not None:
        paper, paper_faults = _read_approval(data["approval"], today)
        answers |= {} if paper_faults else {"approval": paper}
        faults |= paper_faults
    if len(transition.grounds) == 1:
        answers["ground"] = transition.grounds[0].key  # The only ground there is goes without saying.
    return answers, faults


def load_approval(data: Any, *, today: date) -> Answers:
    """An approval from paper that stands by itself, beside no form."""
    paper, faults = _read_approval(data, today)
    if faults:
        raise InvalidForm(fields=faults)
    return paper


def _read_approval(data: Any, today: date) -> tuple[Answers, dict[str, list[str]]]:
    paper, faults = read_answers(APPROVAL, data, today=today, lookup=Nobody())
    return paper, {f"approval/{key}" if key else "approval": codes for key, codes in faults.items()}


def faults_of_length(told: Mapping[str, Any], most: int = SHORT_TEXT) -> dict[str, list[str]]:
    """The texts that are longer than `most` characters, and what to say of them; what is no text is passed over."""
    lengths = {key: len(text.strip()) for key, text in told.items() if isinstance(text, str)}
    return {key: [told_with("too_long", length, most)] for key, length in lengths.items() if length > most}


def require_short(told: Mapping[str, Any]) -> None:
    """What a verb is told, its reason above all, is a short text at most, or InvalidForm. A remark (`text`) has its bound."""
    if faults := faults_of_length({key: text for key, text in told.items() if key != "text"}):
        raise InvalidForm(fields=faults)


def optional(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The same questions, none of them required or bound by another: for rows of old ledgers, which have gaps."""
    return tuple(replace(field, required=False, required_when={}, choices=_freed(field.choices)) for field in fields)


def _freed(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    return tuple(replace(choice, fits_when={}) for choice in choices)
