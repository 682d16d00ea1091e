"""The small notations of a definition as marshmallow fields: texts, limits, conditions, calls, strict numbers.

Each field reads its notation, writes it back as short as it may be, and says its own JSON Schema.
Faults are `Problem`s, so that an id and its parameters survive marshmallow's merging of messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, replace
from dataclasses import fields as dataclass_fields
from datetime import date
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, post_dump, post_load
from marshmallow.exceptions import SCHEMA

from states.definition import Call, Condition, Limit, Text, Unit
from states.faults import Fault, nearest, pointer_of

KEY_PATTERN = "^[a-z][a-z0-9_]{0,59}$"
LIMIT_PATTERN = r"^[1-9][0-9]{0,3} (day|workday|month)$"
OFFSET_PATTERN = r"^-?[0-9]{1,4} (day|workday|month)$"
DAY_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
COMBINATIONS = ("all", "any", "not")
SAY = "say"  # beside a condition: the words for whoever is refused
TEXT_LENGTH = 500
MOST = 300  # parts of any list; a shipped kind has at most 52 of anything

_KEY = re.compile(KEY_PATTERN)
_LIMIT, _OFFSET, _DAY = re.compile(LIMIT_PATTERN), re.compile(OFFSET_PATTERN), re.compile(DAY_PATTERN)
JsonSchema = dict[str, Any]


class Problem:
    """One message inside a marshmallow error: a fault without its pointer."""

    def __init__(self, fault_id: str, **params: Any) -> None:
        self.id = fault_id
        self.params = params


def problem(fault_id: str, **params: Any) -> ValidationError:
    """The error to raise for one problem."""
    return ValidationError([Problem(fault_id, **params)])


def list_faults(messages: Any, path: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """Marshmallow's nested messages as faults with pointers, in the order of the pointers' parts."""
    if isinstance(messages, Mapping):
        for key, inner in sorted(messages.items(), key=lambda item: (isinstance(item[0], str), item[0])):
            yield from list_faults(inner, path if key == SCHEMA else (*path, key))
        return
    for message in messages:
        said = message if isinstance(message, Problem) else Problem(str(message))
        yield Fault(said.id, pointer_of(*path), said.params)


_MESSAGES: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "missing_key",
    "null": "wrong_type",
    "invalid": "wrong_type",
    "type": "wrong_type",
}


_SHAPE_MESSAGES = {"unknown": "unknown_key", "type": "wrong_type"}


class Notation(fields.Field[Any]):
    """A field whose standard messages are fault ids."""

    default_error_messages = _MESSAGES


class Key(Notation):
    """A name made of small letters, digits and underscores, so that it is safe wherever it is used."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise problem("wrong_type", expected="key")
        if not _KEY.match(value) or value.endswith("\n"):
            raise problem("not_a_key", value=value)
        return value

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": KEY_PATTERN}


class Words(Notation):
    """A string that names something in a notation of its own (a number pattern, a post, a target)."""

    def __init__(self, *, pattern: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pattern = pattern

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise problem("wrong_type", expected="text")
        if not value or len(value) > TEXT_LENGTH or (self.pattern and not re.fullmatch(self.pattern, value)):
            raise problem("wrong_value", value=value[:TEXT_LENGTH])
        return value

    def json_schema(self) -> JsonSchema:
        schema: JsonSchema = {"type": "string", "minLength": 1, "maxLength": TEXT_LENGTH}
        return {**schema, "pattern": f"^(?:{self.pattern})$"} if self.pattern else schema


class OneOf(Notation):
    """One word of a closed list."""

    def __init__(self, choices: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = tuple(choices)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise problem("wrong_type", expected="text")
        if value not in self.choices:
            raise problem("wrong_value", value=value, choices=list(self.choices), meant=nearest(value, self.choices))
        return value

    def json_schema(self) -> JsonSchema:
        return {"enum": list(self.choices)}


class Whole(Notation):
    """A strict whole number: neither 65.0 nor "65" nor true is one."""

    def __init__(self, *, least: int = 0, most: int = 100_000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise problem("wrong_type", expected="whole_number")
        if not self.least <= value <= self.most:
            raise problem("wrong_value", value=value, least=self.least, most=self.most)
        return value

    def json_schema(self) -> JsonSchema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Flag(Notation):
    """true or false; "yes" and 1 are neither."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise problem("wrong_type", expected="flag")
        return value

    def json_schema(self) -> JsonSchema:
        return {"type": "boolean"}


class Roll(Flag):
    """`roll: true`, or `roll: none` for a limit that does not roll to the next working day."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        return False if value == "none" else super()._deserialize(value, attr, data, **kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return value or "none"

    def json_schema(self) -> JsonSchema:
        return {"enum": [True, False, "none"]}


class Many(fields.List[Any]):
    """A list of one notation, kept as a tuple; it is never so long that the proofs would take minutes."""

    default_error_messages = _MESSAGES

    def __init__(self, inner: fields.Field[Any], *, at_least: int = 0, at_most: int = MOST, **kwargs: Any) -> None:
        super().__init__(inner, **kwargs)
        self.at_least, self.at_most = at_least, at_most

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise problem("wrong_type", expected="list")
        if len(value) < self.at_least:
            raise problem("too_few", at_least=self.at_least)
        if len(value) > self.at_most:
            raise problem("too_many", at_most=self.at_most)
        return tuple(super()._deserialize(value, attr, data, **kwargs))

    def json_schema(self) -> JsonSchema:
        """The JSON Schema of the list around its parts' own."""
        inner: Any = self.inner
        schema: JsonSchema = {"type": "array", "items": inner.json_schema(), "maxItems": self.at_most}
        return {**schema, "minItems": self.at_least} if self.at_least else schema


class Part(fields.Nested):
    """A nested shape."""

    default_error_messages = _MESSAGES

    def json_schema(self) -> JsonSchema:
        """A reference to the shape's own schema."""
        return {"$ref": f"#/$defs/{type(self.schema).__name__.removesuffix('Schema')}"}


class Label(Notation):
    """A Text: a mapping of languages, or a bare string, which is simplified Chinese."""

    LANGUAGES: ClassVar[Mapping[str, str]] = {"zh-Hans": "zh_hans", "zh-Hant": "zh_hant", "en": "en"}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Text:
        spoken = {"zh-Hans": value} if isinstance(value, str) else value
        if not isinstance(spoken, Mapping):
            raise problem("wrong_type", expected="label")
        problems = dict(self._problems(spoken))
        if problems:
            raise ValidationError(problems if isinstance(value, Mapping) else problems["zh-Hans"])
        return Text(**{self.LANGUAGES[language]: words for language, words in spoken.items()})

    def _problems(self, spoken: Mapping[Any, Any]) -> Iterator[tuple[str, list[Any]]]:
        if "zh-Hans" not in spoken:
            yield "zh-Hans", [Problem("missing_key")]
        for language, words in spoken.items():
            if language not in self.LANGUAGES:
                yield language, [Problem("unknown_key", name=language, meant=nearest(str(language), self.LANGUAGES))]
            elif not isinstance(words, str):
                yield language, [Problem("wrong_type", expected="text")]
            elif not words.strip() or len(words) > TEXT_LENGTH:
                yield language, [Problem("wrong_value", value=words[:40])]

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        if value is None:
            return None
        if not (value.zh_hant or value.en):
            return value.zh_hans
        spoken = {language: getattr(value, name) for language, name in self.LANGUAGES.items()}
        return {language: words for language, words in spoken.items() if words}

    def json_schema(self) -> JsonSchema:
        return {"$ref": "#/$defs/Text"}


class LimitOf(Notation):
    """A Limit such as "3 month", "5 workday", at least 1; `signed` also takes "-20 day" and "0 day"; `none` is None."""

    def __init__(self, *, signed: bool = False, or_none: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.signed, self.or_none = signed, or_none

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Limit | None:
        if self.or_none and value == "none":
            return None
        if not isinstance(value, str) or not (_OFFSET if self.signed else _LIMIT).fullmatch(value):
            raise problem("not_a_limit", value=str(value)[:40])
        amount, word = value.split(" ")
        unit: Unit = "day" if word == "day" else "workday" if word == "workday" else "month"
        return Limit(int(amount), unit)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        if value is None:
            return "none" if self.or_none else None
        return f"{value.amount} {value.unit}"

    def json_schema(self) -> JsonSchema:
        limit: JsonSchema = {"type": "string", "pattern": OFFSET_PATTERN if self.signed else LIMIT_PATTERN}
        return {"anyOf": [{"const": "none"}, limit]} if self.or_none else limit


class Day(Notation):
    """A day, written 2026-03-26."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise problem("not_a_day", value=str(value)[:40])
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise problem("not_a_day", value=value) from None

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return value.isoformat()

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": DAY_PATTERN}


class Days(Notation):
    """A mapping of keys to days."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, date]:
        return {key: _under(key, Day().deserialize, day) for key, day in plain_mapping(value).items()}

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return {key: day.isoformat() for key, day in value.items()}

    def json_schema(self) -> JsonSchema:
        return {"type": "object", "additionalProperties": Day().json_schema()}


class Plain(Notation):
    """A mapping of keys to plain values (text, whole number, flag, list, mapping), as it was written."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        return plain_mapping(value)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return dict(value)

    def json_schema(self) -> JsonSchema:
        return {"type": "object"}


def plain_mapping(value: Any) -> dict[str, Any]:
    """The value itself where it is a mapping of texts to plain values; else the error to say so."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise problem("wrong_type", expected="mapping")
    bad = {key: [Problem("wrong_type", expected="plain")] for key, inner in value.items() if not _is_plain(inner)}
    if bad:
        raise ValidationError(bad)
    return dict(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_plain(inner) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return all(_is_plain(inner) for inner in value)
    return value is None or isinstance(value, str | int)


def _name_and_rest(value: Any, expected: str) -> tuple[str, Any]:
    """A bare name, or the one name of a mapping with what stands under it (an absent rest is None)."""
    name: Any
    rest: Any = None
    if isinstance(value, str):
        name = value
    elif isinstance(value, Mapping) and len(value) == 1:
        name, rest = next(iter(value.items()))
    else:
        raise problem("wrong_type", expected=expected)
    if not isinstance(name, str) or not _KEY.fullmatch(name):
        raise problem("not_a_key", value=str(name)[:40])
    return name, rest


def _under(name: str, read: Any, value: Any) -> Any:
    try:
        return read(value)
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from error


def _written(name: str, params: Mapping[str, Any]) -> Any:
    return {name: dict(params)} if params else name


class ConditionOf(Notation):
    """A Condition: a bare name, `{name: {parameters}}`, `{all: [...]}`, `{any: [...]}` or `{not: condition}`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Condition:
        return self._read(value)

    def _read(self, value: Any) -> Condition:
        name, rest = _name_and_rest(value, "condition")
        if name == "not":
            return Condition(name, parts=(_under(name, self._read, rest),))
        if name in COMBINATIONS:
            return Condition(name, parts=_under(name, self._read_parts, rest))
        return Condition(name, {} if rest is None else _under(name, plain_mapping, rest))

    def _read_parts(self, value: Any) -> tuple[Condition, ...]:
        return tuple(Many(ConditionOf(), at_least=1).deserialize(value))

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else self._write(value)

    def _write(self, condition: Condition) -> Any:
        if condition.name == "not":
            return {"not": self._write(condition.parts[0])}
        if condition.name in COMBINATIONS:
            return {condition.name: [self._write(part) for part in condition.parts]}
        return _written(condition.name, condition.params)

    def json_schema(self) -> JsonSchema:
        return {"$ref": "#/$defs/Condition"}


class GuardOf(ConditionOf):
    """A Condition that may `say` beside itself, as `{name: {}, say: text}`, what a reader is told where it does not hold."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Condition:
        if not (isinstance(value, Mapping) and SAY in value):
            return self._read(value)
        said = _under(SAY, Label().deserialize, value[SAY])
        return replace(self._read({key: inner for key, inner in value.items() if key != SAY}), say=said)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        written = self._write(value)
        if value.say is None:
            return written
        plain = written if isinstance(written, dict) else {written: {}}
        return {**plain, SAY: Label()._serialize(value.say, attr, obj)}

    def json_schema(self) -> JsonSchema:
        return {"$ref": "#/$defs/Guard"}


class CallOf(Notation):
    """A Call: a bare name, or `{name: {parameters}}`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Call:
        name, rest = _name_and_rest(value, "call")
        return Call(name, {} if rest is None else _under(name, plain_mapping, rest))

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return _written(value.name, value.params)

    def json_schema(self) -> JsonSchema:
        return {"$ref": "#/$defs/Call"}


class Shape(Schema):
    """A mapping that becomes a frozen dataclass. Unknown keys are faults; what equals its default is not written."""

    error_messages = _SHAPE_MESSAGES
    made: ClassVar[type[Any]]

    class Meta:
        unknown = RAISE

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Says of an unknown key which one was probably meant."""
        known = [shown.data_key or name for name, shown in self.load_fields.items()]
        for key, messages in error.messages_dict.items():
            if messages == ["unknown_key"]:
                messages[:] = [Problem("unknown_key", name=key, meant=nearest(str(key), known))]

    @post_load
    def make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """The dataclass."""
        return self.made(**data)

    @post_dump(pass_original=True)
    def shorten(self, data: dict[str, Any], original: Any, **kwargs: Any) -> dict[str, Any]:
        """Leaves out what equals its default."""
        names = {shown.data_key or name: shown.attribute or name for name, shown in self.dump_fields.items()}
        return {key: value for key, value in data.items() if getattr(original, names[key]) != default_of(self.made, names[key])}


def default_of(made: type[Any], name: str) -> Any:
    """The default of a dataclass's field, or MISSING."""
    found = next(known for known in dataclass_fields(made) if known.name == name)
    return found.default if found.default_factory is MISSING else found.default_factory()
