"""The types of questions as marshmallow fields: each turns what was handed in into a plain value, or says a code.

Nothing is guessed: "3" is no whole number, 65.0 is none either, "yes" is no flag. What a page posts is turned into these
types by the page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from marshmallow import ValidationError
from marshmallow.fields import Field as Answer

from states.definition import Field
from states.formats import FORMATS

SHORT_TEXT = 2_000
LONG_TEXT = 20_000
MOST_ROWS = 500
LARGEST = 2**53 - 1  # what every JSON reader keeps exact
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"(0?[0-9]|1[0-9]|2[0-3]):([0-5][0-9])")
_YEARS = range(1900, 2200)
# Characters that turn the direction of the text around them, and so can make one word look like another.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


class Lookup(Protocol):
    """What a form must ask about organs and people; the engine answers from its tree."""

    def organ_kind(self, organ_id: int) -> str | None:
        """The kind of a valid organ, or None."""

    def is_subject(self, organ_id: int) -> bool:
        """Is the organ the subject of the case, or under it?"""

    def has_person(self, person_id: int) -> bool:
        """Is there such a person with a valid post?"""

    def is_barred_organ(self, organ_id: int) -> bool:
        """Was the organ taken off the case?"""

    def is_barred_person(self, person_id: int) -> bool:
        """Was the person taken off the case, or an organ of his?"""

    def find_limit(self, whose: str) -> date | None:
        """The main limit of the case ("limit") or of the one above it ("parent_limit"), or None."""

    def find_beginning(self) -> date | None:
        """The day on which the case came to its present state, or None."""


class Nobody:
    """The lookup of a form that names neither organs nor people: it knows none."""

    def organ_kind(self, organ_id: int) -> str | None:
        """None."""
        return None

    def is_subject(self, organ_id: int) -> bool:
        """No."""
        return False

    def has_person(self, person_id: int) -> bool:
        """No."""
        return False

    def is_barred_organ(self, organ_id: int) -> bool:
        """No."""
        return False

    def is_barred_person(self, person_id: int) -> bool:
        """No."""
        return False

    def find_limit(self, whose: str) -> date | None:
        """None."""
        return None

    def find_beginning(self) -> date | None:
        """None."""
        return None


class Asked(Answer[Any]):
    """A question of a form, with the day it is asked on and whom to ask about organs and people."""

    def __init__(self, question: Field, today: date, lookup: Lookup) -> None:
        super().__init__()
        self.question, self.today, self.lookup = question, today, lookup


class TextAnswer(Asked):
    """Text in NFC without control characters; only a long text may have lines, and one with a format is kept in its way."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("not_text")
        text = clean_text(value, long=self.question.type == "long_text")
        if not self.question.format:
            return text
        read = FORMATS[self.question.format].read(text)
        if read is None:
            raise ValidationError(f"not_{self.question.format}")
        return read


class ChoiceAnswer(Asked):
    """The key of one of the choices."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in {choice.key for choice in self.question.choices}:
            raise ValidationError("not_a_choice")
        return value


class ChoicesAnswer(Asked):
    """Keys of choices, each at most once, in the order of the definition."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[str]:
        known = [choice.key for choice in self.question.choices]
        if not isinstance(value, list | tuple) or not all(isinstance(part, str) and part in known for part in value):
            raise ValidationError("not_a_choice")
        if len(set(value)) != len(value):
            raise ValidationError("twice")
        return [key for key in known if key in value]


class DateAnswer(Asked):
    """A day, as a date or as YYYY-MM-DD, from `min_days` to `max_days` after today and within the bounds that it may not pass.

    A limit that is over bounds nothing: whoever is late says by when it will be done all the same.
    """

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        day = read_day(value)
        earliest, latest = self.question.min_days, self.question.max_days
        if earliest is not None and day < self.today + timedelta(days=earliest):
            raise ValidationError(told_with("before_day", self.today + timedelta(days=earliest)))
        if latest is not None and day > self.today + timedelta(days=latest):
            raise ValidationError(told_with("after_day", self.today + timedelta(days=latest)) if latest else "too_late")
        beginning = self.lookup.find_beginning() if self.question.not_before else None
        if beginning is not None and day < beginning:
            raise ValidationError(told_with("before_beginning", beginning))
        limit = self.lookup.find_limit(self.question.not_after) if self.question.not_after else None
        if limit is not None and self.today <= limit < day:
            raise ValidationError(told_with("beyond_limit", limit))
        return day


class TimeAnswer(Asked):
    """A time of day as H:MM, from 0:00 to 23:59; the hour has no leading zero."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        found = _TIME.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValidationError("not_a_time")
        return f"{int(found[1])}:{found[2]}"


class IntegerAnswer(Asked):
    """A whole number of something: not negative, nor so large that a JSON reader would bend it."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        counted = read_whole(value)
        if counted < 0:
            raise ValidationError("negative")
        return counted


class MoneyAnswer(IntegerAnswer):
    """An amount in cents."""


class FlagAnswer(Asked):
    """true or false."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("not_a_flag")
        return value


class OrganAnswer(Asked):
    """The id of a valid organ of the kinds that may be named."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        organ_id = read_whole(value)
        kind = self.lookup.organ_kind(organ_id)
        if kind is None:
            raise ValidationError("no_such_organ")
        if self.question.kinds and kind not in self.question.kinds:
            raise ValidationError("wrong_kind")
        if self.question.not_subject and self.lookup.is_subject(organ_id):
            raise ValidationError("is_subject")
        if self.lookup.is_barred_organ(organ_id):
            raise ValidationError("barred")
        return organ_id


class PersonAnswer(Asked):
    """The id of a person with a valid post."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        person_id = read_whole(value)
        if not self.lookup.has_person(person_id):
            raise ValidationError("no_such_person")
        if self.lookup.is_barred_person(person_id):
            raise ValidationError("barred")
        return person_id


class RowsAnswer(Asked):
    """A list of rows; each answers the questions of the columns."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list | tuple):
            raise ValidationError("not_rows")
        if len(value) > MOST_ROWS:
            raise ValidationError("too_many")
        read: list[dict[str, Any]] = []
        wrong: dict[str, list[str]] = {}
        for number, row in enumerate(value):
            answers, faults = read_answers(self.question.columns, row, today=self.today, lookup=self.lookup)
            read.append(answers)
            wrong |= {f"{number}/{key}" if key else str(number): codes for key, codes in faults.items()}
        if wrong:
            raise ValidationError(wrong)
        return read


class AgendaDatesAnswer(Asked):
    """The new date of each item of an agenda: a case's id as text → a day after today."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, date]:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) and key.isdecimal() for key in value):
            raise ValidationError("not_agenda_dates")
        if len(value) > MOST_ROWS:
            raise ValidationError("too_many")
        read: dict[str, date] = {}
        wrong: dict[str, list[str]] = {}
        for case_id, day in value.items():
            try:
                read[str(int(case_id))] = read_day(day, after=self.today)
            except ValidationError as error:
                wrong[case_id] = list(error.messages)
        if wrong:
            raise ValidationError(wrong, valid_data=read)
        return read


ANSWERS: Mapping[str, Callable[[Field, date, Lookup], Asked]] = {
    "text": TextAnswer,
    "long_text": TextAnswer,
    "choice": ChoiceAnswer,
    "choices": ChoicesAnswer,
    "date": DateAnswer,
    "time": TimeAnswer,
    "integer": IntegerAnswer,
    "money": MoneyAnswer,
    "flag": FlagAnswer,
    "organ": OrganAnswer,
    "person": PersonAnswer,
    "rows": RowsAnswer,
    "agenda_dates": AgendaDatesAnswer,
}


def read_answers(
    questions: tuple[Field, ...], data: Any, *, today: date, lookup: Lookup, partial: bool = False
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What was answered, and what is wrong with it: a question's key (or "key/row/column") → codes.

    An empty answer is none. `partial` asks only what was handed in, and keeps an emptied answer as None. Where some dates of
    an agenda cannot be read, the others are among the answers.
    """
    if not isinstance(data, Mapping):
        return {}, {"": ["not_a_form"]}
    known = {question.key: question for question in questions}
    answers: dict[str, Any] = {}
    faults: dict[str, list[str]] = {str(key)[:60]: ["unknown"] for key in data if key not in known}
    for key, question in known.items():
        value = _emptied(data.get(key))
        if value is not None:
            _answer(ANSWERS[question.type](question, today, lookup), key, value, answers, faults)
        elif question.required and (key in data or not partial):
            faults[key] = ["required"]
        elif partial and key in data:
            answers[key] = None
    if not partial:
        faults |= {key: ["required"] for key in missing_beside(questions, answers) if key not in faults}
        faults |= {key: ["unfit_beside"] for key in unfit_beside(questions, answers, faults) if key not in faults}
    return answers, faults


def missing_beside(questions: tuple[Field, ...], answers: Mapping[str, Any]) -> list[str]:
    """The questions left open that the answers beside them make required."""
    asked = [question for question in questions if question.required_when and question.key not in answers]
    return [q.key for q in asked if all(answers.get(key) == value for key, value in q.required_when.items())]


def unfit_beside(questions: tuple[Field, ...], answers: Mapping[str, Any], wrong: Collection[str] = ()) -> list[str]:
    """The questions whose choice does not go with the answers beside it; nothing is said of those beside it that are `wrong`.

    A flag that nobody has set is false; a choice that wants an answer where there is none does not fit.
    """
    told = [(q, c) for q in questions for c in q.choices if c.fits_when and c.key in _chosen(answers.get(q.key))]
    unfit = [
        question.key
        for question, choice in told
        if any(key not in wrong and not _is_one_of(answers.get(key), fits) for key, fits in choice.fits_when.items())
    ]
    return list(dict.fromkeys(unfit))


def _chosen(answer: Any) -> tuple[Any, ...]:
    return tuple(answer) if isinstance(answer, list | tuple) else (answer,)


def _is_one_of(answer: Any, fits: Any) -> bool:
    return any((answer or False) is value if isinstance(value, bool) else answer == value for value in _chosen(fits))


def _answer(asked: Asked, key: str, value: Any, answers: dict[str, Any], faults: dict[str, list[str]]) -> None:
    try:
        answers[key] = asked.deserialize(value)
    except ValidationError as error:
        if isinstance(error.messages, dict):
            if error.valid_data is not None:
                answers[key] = error.valid_data
            faults |= {f"{key}/{inner}": codes for inner, codes in error.messages.items()}
        else:
            faults[key] = list(error.messages)


def _emptied(value: Any) -> Any:
    empty = value is None or (isinstance(value, str) and not value.strip()) or value in ([], (), {})
    return None if empty else value


def clean_text(text: str, *, long: bool) -> str:
    """The text in NFC, its ends trimmed, its lines ended by \\n. Raises ValidationError (control_characters, too_long)."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    allowed = "\n\t" if long else ""
    if any(_is_control(character) and character not in allowed for character in composed):
        raise ValidationError("control_characters")
    if len(composed) > (most := LONG_TEXT if long else SHORT_TEXT):
        raise ValidationError(told_with("too_long", len(composed), most))
    return composed


def _is_control(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def told_with(code: str, *bounds: date | int) -> str:
    """A code whose sentence names its bounds: a day, and one number or two."""
    return ":".join((code, *map(str, bounds)))


def read_whole(value: Any) -> int:
    """A strict whole number. Raises ValidationError (not_a_whole_number, too_large)."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValidationError("not_a_whole_number")
    if abs(value) > LARGEST:
        raise ValidationError("too_large")
    return value


def read_day(value: Any, *, after: date | None = None) -> date:
    """A day of 1900-2199, later than `after`. Raises ValidationError (not_a_date, too_early)."""
    day = value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError("not_a_date") from error
    if not isinstance(day, date) or isinstance(day, datetime) or day.year not in _YEARS:
        raise ValidationError("not_a_date")
    if after is not None and day <= after:
        raise ValidationError("too_early")
    return day
