"""What the API takes and gives: strict in, allow-lists out. The document is made from these same schemas."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from states.questions import SHORT_TEXT
from workflow.deciding import CHOICES
from workflow.verbs.open import OLD_NUMBER, TITLE

# The largest whole number that every reader of JSON holds exactly; both databases hold it too.
LARGEST = 2**53 - 1


class StrictInteger(fields.Field[int]):
    """A whole number as JSON writes one: neither "3" nor 3.0 nor true."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
            raise ValidationError("not_an_integer")
        return value


class StrictFlag(fields.Field[bool]):
    """true or false: neither "true" nor 1."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("not_a_flag")
        return value


class Strict(Schema):
    """Unknown members are refused."""

    class Meta:
        """Nothing is dropped in silence."""

        unknown = RAISE


def _words(most: int = 5000) -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1, max=most))


# ---- in -------------------------------------------------------------------------------------------------------------------


class TransitionIn(Strict):
    """Firing a transition."""

    data = fields.Dict(keys=fields.String(), load_default=dict)
    expected_version = StrictInteger(allow_none=True, load_default=None)


class OpenIn(Strict):
    """Registering a case."""

    kind = _words(60)
    title = _words(TITLE)
    subject_id = StrictInteger(required=True)
    data = fields.Dict(keys=fields.String(), load_default=dict)
    old_number = fields.String(load_default="", validate=validate.Length(max=OLD_NUMBER))


class CommentIn(Strict):
    """A remark."""

    text = _words()


class AssignIn(Strict):
    """The person inside the holder who handles the case; null for nobody."""

    person_id = StrictInteger(required=True, allow_none=True)


class PauseIn(Strict):
    """Stopping the clocks, for at most so many calendar days; `approver` is a leader's login or full name."""

    reason = _words(SHORT_TEXT)
    approver = _words(200)
    max_days = StrictInteger(required=True, validate=validate.Range(min=1))


class ResumeIn(Strict):
    """Letting the clocks go on."""

    reason = _words(SHORT_TEXT)


class BarIn(Strict):
    """Taking a person or an organ off the case: exactly one of the two."""

    EXACTLY_ONE_OF = ("person_id", "organ_id")

    reason = _words(SHORT_TEXT)
    person_id = StrictInteger(allow_none=True, load_default=None)
    organ_id = StrictInteger(allow_none=True, load_default=None)


class ExtensionIn(Strict):
    """Asking for a later date on a clock. `data` answers the form of the clock's rule."""

    clock = _words(60)
    wanted_on = fields.Date(required=True)
    reason = _words(SHORT_TEXT)
    data = fields.Dict(keys=fields.String(), load_default=dict)


class DecisionIn(Strict):
    """Granting or refusing what was asked for."""

    clock = _words(60)
    granted = StrictFlag(required=True)
    reason = _words(SHORT_TEXT)


class EvidenceIn(Strict):
    """A file that the caller has sent, as proof on a case."""

    file_id = StrictInteger(required=True)
    label = fields.String(load_default="", validate=validate.Length(max=200))


class VoteIn(Strict):
    """A member's own word on a step: agree, disagree, abstain or recuse; all but the first say why."""

    choice = fields.String(required=True, validate=validate.OneOf(CHOICES))
    reason = fields.String(load_default="", validate=validate.Length(max=2000))


class WordIn(VoteIn):
    """What the minutes say of one member."""

    person_id = StrictInteger(required=True)


class MinutesIn(Strict):
    """What a meeting has voted; `file_id` is the scan of its minutes, which the caller has sent."""

    votes = fields.List(fields.Nested(WordIn), required=True)
    file_id = StrictInteger(required=True)
    met_on = fields.Date(required=True)
    minutes = fields.String(load_default="", validate=validate.Length(max=2000))


class WithdrawalIn(Strict):
    """Taking back what was put to the vote."""

    reason = _words(SHORT_TEXT)


class Empty(Strict):
    """Nothing is taken."""


# ---- out ------------------------------------------------------------------------------------------------------------------


class CaseOut(Schema):
    """A case on a list."""

    id = fields.Integer()
    number = fields.String()
    kind = fields.String()
    state = fields.String()
    title = fields.String()
    subject = fields.String()
    holder = fields.String(allow_none=True)
    due_on = fields.Date(allow_none=True)
    days_late = fields.Integer()
    version = fields.Integer()


class CasesOut(Schema):
    """What words find."""

    cases = fields.List(fields.Nested(CaseOut))


class PageOut(CasesOut):
    """A page of cases; `next` is null after the last."""

    next = fields.String(allow_none=True)


class EventOut(Schema):
    """One event of a case's history. Times are UTC. `receipt` is at_event, on_demand, or "" for an event that gives none."""

    seq = fields.Integer()
    verb = fields.String()
    trigger = fields.String()
    from_state = fields.String()
    to_state = fields.String()
    actor_id = fields.Integer(allow_none=True)
    organ_id = fields.Integer(allow_none=True)
    happened_at = fields.DateTime()
    recorded_at = fields.DateTime()
    receipt = fields.String()


class EventsOut(Schema):
    """The history, oldest first."""

    events = fields.List(fields.Nested(EventOut))


class ReceiptOut(Schema):
    """A signed receipt, to the letter: the signature is over `type`, a line feed and `body`."""

    type = fields.String()
    body = fields.String()
    key_id = fields.String()
    algorithm = fields.String()
    signature = fields.String()


class OutcomeOut(Schema):
    """What a verb answers: ids, version and state."""

    case_id = fields.Integer()
    number = fields.String()
    version = fields.Integer()
    seq = fields.Integer()
    state = fields.String()
    opened = fields.List(fields.Integer())


class BallotOut(Schema):
    """A member's word; `recorder` wrote it down from the minutes, "" where he said it himself."""

    name = fields.String()
    choice = fields.String()
    reason = fields.String()
    cast_at = fields.DateTime()
    recorder = fields.String()


class MemberOut(Schema):
    """Who is entitled and has not voted."""

    person_id = fields.Integer()
    name = fields.String()


class VotedOut(Schema):
    """A step that was put to the vote. `outcome` is open, carried, failed, stale, used, withdrawn or void.

    Who said what (`ballots`, `recused`, `members`, `minutes`) is told to the bodies that vote and to the supervising one.
    """

    trigger = fields.String()
    outcome = fields.String()
    asked_by = fields.String()
    asked_at = fields.DateTime()
    data = fields.Dict()
    entitled = fields.Integer(allow_none=True)
    quorum = fields.Integer(allow_none=True)
    favour = fields.Integer(allow_none=True)
    voted = fields.Integer()
    agreed = fields.Integer()
    ballots = fields.List(fields.Nested(BallotOut))
    recused = fields.List(fields.String())
    members = fields.List(fields.Nested(MemberOut))
    met_on = fields.Date(allow_none=True)
    minutes = fields.String()
    may_vote = fields.Boolean()
    may_withdraw = fields.Boolean()


class VotesOut(Schema):
    """The votes on a case, the newest first."""

    votes = fields.List(fields.Nested(VotedOut))


class FileOut(Schema):
    """A file that was taken in."""

    id = fields.Integer()


class ProblemOut(Schema):
    """A refusal (RFC 9457) with the program's own code."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    code = fields.String()
    detail = fields.String()
    why = fields.List(fields.String())
    fields_ = fields.Dict(data_key="fields")
    reference = fields.String()
