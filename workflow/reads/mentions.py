"""Whom a remark may name, and whom its words name: @ and a name, told apart by the post where two bear it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from states.errors import InvalidForm
from workflow.occasion import Occasion
from workflow.readers import readers_of
from workflow.reads.rows import organ_name
from workflow.reads.seen import see
from workflow.store import Store
from workflow.types import Actor

# An @ inside an address of mail names nobody.
AT = re.compile(r"(?<![0-9A-Za-z._-])[@＠](?=[^\s0-9@＠])")


@dataclass(frozen=True, slots=True)
class Nameable:
    """Somebody who may read the case, with the organ and post that tell him from others of his name."""

    id: int
    name: str
    organ: str
    title: str
    role: str


def nameable_on(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> tuple[Nameable, ...]:
    """Everybody but the actor who may read the case, organ by organ."""
    seen = see(store, occasion, actor, case_id)
    return tuple(
        Nameable(person.person_id, person.name, organ_name(occasion.tree, post.organ_id), post.title, post.role)
        for person, post in readers_of(store, occasion, seen.row)
        if person.person_id is not None and person.person_id != actor.person_id
    )


def named_in(
    store: Store, occasion: Occasion, actor: Actor, case_id: int, text: str, meant: Collection[int]
) -> tuple[int, ...]:
    """The people whom the words name. InvalidForm for a name of nobody who may read the case, and for one that several bear of
    whom none is `meant`.
    """
    found: list[int] = []
    marks = list(AT.finditer(text))
    known = nameable_on(store, occasion, actor, case_id) if marks else ()
    for mark in marks:
        called = text[mark.end() :]
        names = sorted({one.name for one in known if called.startswith(one.name)}, key=len)
        if not names:
            raise InvalidForm(fields={"text": ["not_in_the_know"]})
        same = [one.id for one in known if one.name == names[-1]]
        chosen = [person_id for person_id in same if person_id in meant] if len(same) > 1 else same
        if not chosen:
            raise InvalidForm(fields={"text": ["several_named"]})
        found += chosen
    return tuple(dict.fromkeys(found))
