"""The OpenAPI 3.1 document, from the table of operations and the schemas they really use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, fields, validate

from web.api.schemas import LARGEST, ProblemOut, StrictFlag, StrictInteger
from workflow.keys import KEY_AT_MOST

PARAMETER = re.compile(r"<(?:(int)\([^)]*\):)?(\w+)>")
TYPES: dict[type[Any], dict[str, Any]] = {
    StrictInteger: {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST},
    StrictFlag: {"type": "boolean"},
    fields.Integer: {"type": "integer"},
    fields.Boolean: {"type": "boolean"},
    fields.String: {"type": "string"},
    fields.Date: {"type": "string", "format": "date"},
    fields.DateTime: {"type": "string", "format": "date-time"},
    fields.Dict: {"type": "object"},
}
REFUSALS = ("400", "401", "403", "404", "409", "413", "422")
TOO_MANY = "asked or done too often: the same again after so many seconds as Retry-After says"
SECONDS: dict[str, Any] = {"required": True, "schema": {"type": "integer", "minimum": 1}}
UNAVAILABLE = """not now, which `code` says: `took_too_long`, ask for less; `read_only` or `not_ready`, later;
`outcome_unknown`, the same request under its key tells"""
# An empty file is refused.
FILE: dict[str, Any] = {"type": "string", "contentMediaType": "application/octet-stream", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the API's table. `query`: each parameter of the address with its schema. `upload`: the body is a form.

    `answer` is the schema of what it gives, None for an object of its own shape; `media` its type, None for any.
    """

    method: str
    path: str
    view: Callable[..., Any]
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    body: type[Schema] | None = None
    status: int = 200
    answer: type[Schema] | None = None
    upload: bool = False
    media: str | None = "application/json"


def document_of(operations: Iterable[Operation], prefix: str) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = prefix + PARAMETER.sub(r"{\2}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Duban", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }


def _operation(operation: Operation) -> dict[str, Any]:
    answer = {"description": "done", "content": _content(operation)}
    told: dict[str, Any] = {
        "operationId": operation.view.__name__,
        "summary": (operation.view.__doc__ or "").strip(),
        "parameters": list(_parameters(operation)),
        "responses": {str(operation.status): answer, **_refusals()},
    }
    if operation.upload:
        form = {"type": "object", "properties": {"file": FILE}, "required": ["file"]}
        told["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    if operation.body is not None:
        schema = schema_of(operation.body)
        told["requestBody"] = {"required": "required" in schema, "content": {"application/json": {"schema": schema}}}
    return told


def _refusals() -> dict[str, Any]:
    body = {"content": {"application/problem+json": {"schema": schema_of(ProblemOut)}}}
    too_many = {"description": TOO_MANY, "headers": {"Retry-After": SECONDS}, **body}
    refused: dict[str, Any] = {"description": "refused", **body}
    return {**{status: refused for status in REFUSALS}, "429": too_many, "503": {"description": UNAVAILABLE, **body}}


def _content(operation: Operation) -> dict[str, Any]:
    if operation.media is None:
        return {"*/*": {"schema": {}}}
    return {operation.media: {"schema": schema_of(operation.answer) if operation.answer else {"type": "object"}}}


def _parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for kind, name in PARAMETER.findall(operation.path):
        schema = {"type": "integer", "minimum": 0, "maximum": LARGEST} if kind else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for name, told in operation.query.items():
        yield {"name": name, "in": "query", "required": False, "schema": told}
    if operation.method == "POST":
        schema = {"type": "string", "maxLength": KEY_AT_MOST}
        yield {"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema}


def schema_of(schema: type[Schema]) -> dict[str, Any]:
    """The JSON Schema of a marshmallow schema."""
    members = schema().fields
    told: dict[str, Any] = {
        "type": "object",
        "properties": {one.data_key or name: _member(one) for name, one in members.items()},
        "additionalProperties": False,
    }
    required = [one.data_key or name for name, one in members.items() if one.required]
    one_of = getattr(schema, "EXACTLY_ONE_OF", ())
    told |= {"oneOf": [_alone(name, one_of) for name in one_of]} if one_of else {}
    return told | ({"required": required} if required else {})


def _alone(name: str, names: Iterable[str]) -> dict[str, Any]:
    """One of several members is said and the others are not."""
    others = {other: {"type": "null"} for other in names if other != name}
    return {"properties": {name: {"not": {"type": "null"}}, **others}, "required": [name]}


def _member(one: fields.Field[Any]) -> dict[str, Any]:
    plain = _plain(one)
    return {"anyOf": [plain, {"type": "null"}]} if one.allow_none else plain


def _plain(one: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(one, fields.List):
        return {"type": "array", "items": _member(one.inner)}
    if isinstance(one, fields.Nested):
        return schema_of(type(one.schema))
    told = dict(TYPES[type(one)])
    for rule in one.validators:
        if isinstance(rule, validate.Length):
            told |= {name: n for name, n in (("minLength", rule.min), ("maxLength", rule.max)) if n is not None}
        elif isinstance(rule, validate.Range):
            told |= {name: n for name, n in (("minimum", rule.min), ("maximum", rule.max)) if n is not None}
        elif isinstance(rule, validate.OneOf):
            told["enum"] = list(rule.choices)
    return told
