"""open: a new case in its initial state, numbered, with its first clocks and its first event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.errors import Conflict, InvalidForm, NotPermitted, gathering
from states.forms import Answers, faults_of_length, load_form, opening_fields
from workflow import deadlines
from workflow.answers import lookup_at_open, split_answers
from workflow.barring import off_with
from workflow.casefile import CaseFile
from workflow.cases import lock, new_file
from workflow.definitions import Served
from workflow.desk import Desk
from workflow.permissions import Standing, find_post
from workflow.recording import write_skipped
from workflow.relatives import look_for_relatives
from workflow.talks import ends_by_hand
from workflow.types import Actor, GrantFact, Outcome

# The most characters of a title, and of the number that a case had before.
TITLE, OLD_NUMBER = 200, 80
# A team is sent out by an office and ends with its round: what it finds is that office's to see through (product.md, roles).
TEAM, OFFICE = "inspection_team", "inspection_office"


def open_case(
    desk: Desk,
    kind: str,
    *,
    title: str,
    subject_id: int | None,
    data: Mapping[str, Any],
    supervisor_id: int | None = None,
    parent_id: int | None = None,
    old_number: str = "",
    faults: Mapping[str, list[Any]] | None = None,
) -> Outcome:
    """Registers a case by hand: the actor is its registrar, and his office its supervisor unless another is named.

    A team's is the office that sent it. InvalidForm says all that is wrong with the form at once, also the `faults` that a
    page has found.
    """
    served = desk.occasion.catalogue.of_kind(kind)
    if not served.opens:
        raise Conflict(why="kind_retired", kind=served.definition.title.zh_hans)
    post = require_may_open(desk, served)
    registrar_id = post.organ_id if post else supervisor_id
    assert registrar_id is not None, "the machine names the office it opens a case for"
    answers = _read(desk, served, data, subject_id, _faults_of_head(title, subject_id, old_number) | dict(faults or {}))
    assert subject_id is not None, "a subject that nobody named is a fault"
    ends = _ends(desk, served, subject_id)
    parent = lock(desk.store, desk.context, parent_id, desk.occasion, desk.actor).row if parent_id else None
    file = new_file(
        desk.store,
        desk.context,
        served,
        desk.occasion,
        title=title,
        subject_id=subject_id,
        supervisor_id=supervisor_id or _office_of(desk, registrar_id),
        registrar_id=registrar_id,
        registrar_person_id=desk.actor.person_id,
        parent=parent,
        data=answers,
        extra={"old_number": old_number, **ends},
    )
    _require_apart(desk, parent, file)
    begin_case(desk, file, content=split_answers(served.definition, answers), post=post)
    look_for_relatives(desk, file)
    return outcome_of(file)


def _ends(desk: Desk, served: Served, subject_id: int) -> dict[str, Any]:
    rule = served.definition.interview
    return ends_by_hand(desk.store, desk.context, desk.occasion, rule, subject_id) if rule else {}


def _office_of(desk: Desk, organ_id: int) -> int:
    tree = desk.occasion.tree
    office = tree.find_above(organ_id, OFFICE) if tree.organ(organ_id).kind == TEAM else None
    return office.id if office else organ_id


def _read(desk: Desk, served: Served, data: Mapping[str, Any], subject_id: int | None, faults: dict[str, list[Any]]) -> Answers:
    """The answers of the form, or InvalidForm with its faults beside those that are known."""
    answers: Answers = {}
    with gathering(faults):
        lookup = lookup_at_open(desk, subject_id)
        answers = load_form(opening_fields(served.definition), data, today=desk.occasion.today, lookup=lookup)
    if faults:
        raise InvalidForm(fields=faults)
    return answers


def _faults_of_head(title: str, subject_id: int | None, old_number: str) -> dict[str, list[Any]]:
    """What is wrong with what every kind asks for."""
    faults: dict[str, list[Any]] = {"title": ["required"]} if not title.strip() else {}
    faults |= {"subject": ["required"]} if subject_id is None else {}
    return faults | faults_of_length({"title": title}, TITLE) | faults_of_length({"old_number": old_number}, OLD_NUMBER)


def _require_apart(desk: Desk, parent: Mapping[str, Any] | None, file: CaseFile) -> None:
    """What is opened under a case goes to nobody who is off that one: neither to hold it nor to be talked to about it."""
    if parent is None:
        return
    organs = off_with(desk.store, parent, file, desk.occasion)[1] - {file.row["supervisor_id"]}
    if organs.intersection(file.row[f"{relation}_id"] for relation in ("holder", "interviewee")):
        raise InvalidForm(fields={"subject": ["barred"]})


def require_may_open(desk: Desk, served: Served) -> GrantFact | None:
    """The post in which the actor may register a case of this kind; the machine needs none."""
    if desk.actor.sees_all and desk.actor.person_id is None:
        return None
    post = opening_post(desk.actor, served)
    if post is None:
        raise NotPermitted(why="role", trigger="open")
    return post


def opening_post(actor: Actor, served: Served) -> GrantFact | None:
    """The post in which a person may register a case of this kind; the relation is to the office he registers it for."""
    standings = [Standing(relation, grant) for grant in actor.posts for relation in ("supervisor", "registrar", "none")]
    return find_post(served.definition.opened_by, standings)


def begin_case(
    desk: Desk,
    file: CaseFile,
    *,
    content: Mapping[str, Any],
    post: GrantFact | None = None,
    by_person: bool = True,
) -> None:
    """The clocks that opening starts, and the event that says so; of a talk, the draft of its notice lies ready."""
    rule = file.served.definition.interview
    letters = {"letters": [rule.notice]} if rule is not None and rule.notice else {}
    skipped = deadlines.begin_all(file, "open", desk.occasion)
    file.mirror()
    write_skipped(desk, file, skipped)
    desk.happened(file, "open", content={**content, **letters}, post=post, by_person=by_person)


def outcome_of(file: CaseFile, opened: tuple[int, ...] = ()) -> Outcome:
    """What a verb answers about a case."""
    row = file.row
    return Outcome(file.id, row["version"], row["seq"], row["state"], row["number"], opened)
