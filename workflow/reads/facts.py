"""Facts and answers with their titles and, for choices and organs, the words behind their keys. Secrets never come here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from states.definition import Definition, Field, Text
from workflow.reads.rows import organ_name
from workflow.tree import Tree


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: `value` as it is kept (days as ISO text, money in cents, ids of organs), `words` what a reader is shown.

    `words` is empty where the value speaks for itself; `rows` are the cells of a fact of type `rows`.
    """

    key: str
    title: Text
    type: str
    value: Any
    words: tuple[Text, ...] = ()
    rows: tuple[tuple[Fact, ...], ...] = ()
    may_amend: bool = False


def facts_of_case(definition: Definition, data: Mapping[str, Any], tree: Tree, relations: Iterable[str]) -> tuple[Fact, ...]:
    """Every fact that is filled and not secret, in the definition's order; those that `relations` may write say so."""
    relations = frozenset(relations)
    return tuple(
        fact_of(field, data[field.key], tree, may_amend=bool(relations & set(field.write)))
        for field in definition.fields
        if not field.secret and data.get(field.key) not in (None, "", [])
    )


def answers_of(questions: Iterable[Field], answers: Mapping[str, Any], tree: Tree, secret: frozenset[str]) -> tuple[Fact, ...]:
    """What was answered, in the order of the form; answers to questions that are gone follow under their keys."""
    known = {question.key: question for question in questions}
    keys = [key for key in known if key in answers] + sorted(key for key in answers if key not in known)
    told = ((known.get(key) or Field(key, Text(key)), answers[key]) for key in keys if key not in secret)
    return tuple(fact_of(field, value, tree) for field, value in told if not field.secret and value not in (None, "", []))


def fact_of(field: Field, value: Any, tree: Tree, *, may_amend: bool = False) -> Fact:
    """The value with its words."""
    return Fact(field.key, field.title, field.type, value, _words(field, value, tree), _rows(field, value, tree), may_amend)


def _words(field: Field, value: Any, tree: Tree) -> tuple[Text, ...]:
    if field.type == "organ" and isinstance(value, int):
        return (Text(organ_name(tree, value)),)
    titles = {choice.key: choice.title for choice in field.choices}
    if field.type == "flag":
        return (titles["yes" if value else "no"],) if titles else ()
    values = value if isinstance(value, list) else [value]
    return tuple(titles.get(each, Text(str(each))) for each in values) if titles else ()


def _rows(field: Field, value: Any, tree: Tree) -> tuple[tuple[Fact, ...], ...]:
    if field.type != "rows" or not isinstance(value, list):
        return ()
    return tuple(
        tuple(fact_of(column, row[column.key], tree) for column in field.columns if not column.secret and column.key in row)
        for row in value
        if isinstance(row, dict)
    )
