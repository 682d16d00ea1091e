"""What the API takes and gives: strict in, allow-lists out."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate


class StrictInteger(fields.Field[int]):
    """A whole number as JSON writes one: neither "3" nor 3.0 nor true."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**53:
            raise ValidationError("not_an_integer")
        return value


class Strict(Schema):
    """Unknown members are refused."""

    class Meta:
        """Nothing is dropped in silence."""

        unknown = RAISE


class TransitionIn(Strict):
    """Firing a transition."""

    data = fields.Dict(keys=fields.String(), load_default=dict)
    expected_version = StrictInteger(allow_none=True, load_default=None)


class OpenIn(Strict):
    """Registering a case."""

    kind = fields.String(required=True, validate=validate.Length(min=1, max=60))
    title = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    subject_id = StrictInteger(required=True)
    data = fields.Dict(keys=fields.String(), load_default=dict)
    old_number = fields.String(load_default="", validate=validate.Length(max=80))


class CommentIn(Strict):
    """A remark."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=5000))


class Empty(Strict):
    """Nothing is taken."""


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


class OutcomeOut(Schema):
    """What a verb answers: ids, version and state."""

    case_id = fields.Integer()
    number = fields.String()
    version = fields.Integer()
    seq = fields.Integer()
    state = fields.String()
    opened = fields.List(fields.Integer())


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
