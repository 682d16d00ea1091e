"""A kind of setting: whose duty it is, what ships for each key, and what a text must fulfil before anybody may propose it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from config.documents import DocumentFault, parse
from config.writing import as_block
from states.errors import BadInput, DomainError, NotFound, NotPermitted
from workflow.definitions import Catalogue
from workflow.desk import Desk
from workflow.imports import may_import
from workflow.occasion import Occasion
from workflow.text import canonical, digest
from workflow.types import Actor

# Nobody reads a longer text, and every process holds it.
LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text: the rule that says so, and what it speaks of."""

    rule: str
    params: Mapping[str, Any]


class SettingFaulty(DomainError):
    """The text of a setting breaks its rules; `params["faults"]` holds every fault with its `rule`."""

    code = "setting_faulty"


def fault(rule: str, **params: Any) -> Fault:
    """A fault with its parameters."""
    return Fault(rule, params)


@dataclass(frozen=True, slots=True)
class Known:
    """What a text is held against: the definitions that are served, and every version of the kind's other keys."""

    catalogue: Catalogue
    others: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """`roles` have the duty. `shipped` gives the plain data of each key. `grows`: a county may add keys of its own.

    `put` does more than being read at the next request, and gives what it has moved as plain data. `current` says what is in
    force where that is kept elsewhere too. `may` lets in others than those with the roles. Where `widens` is given, one person
    sets it, and only a text that lets more people read something than the one in force (None for none) takes two.
    """

    name: str
    roles: tuple[str, ...]
    shipped: Callable[[], Mapping[str, Any]]
    check: Callable[[str, Any, Known], Iterable[Fault]]
    grows: bool = False
    put: Callable[[Desk, str, Any, str], Any] | None = None
    current: Callable[[Occasion, str], Any] | None = None
    may: Callable[[Actor], bool] | None = None
    widens: Callable[[Any, Any], bool] | None = None

    def require_key(self, key: str, county: Iterable[str]) -> None:
        """NotFound for a key that neither ships nor was added by the county, where none may be added."""
        if key not in self.shipped() and key not in county and not self.grows:
            raise NotFound(what="setting", id=f"{self.name} {key}")


def may_change(actor: Actor, kind: Kind) -> bool:
    """Does he have a role whose duty this kind is, or is let in beside?"""
    return kind.may(actor) if kind.may is not None else actor.has_role(*kind.roles)


def may_keep_mappings(actor: Actor) -> bool:
    """Whoever imports old ledgers keeps how they are read, and an administrator of workflows; never the machine."""
    return actor.person_id is not None and (may_import(actor) or actor.has_role("workflow_admin"))


def require_may_change(actor: Actor, kind: Kind) -> None:
    """Two people change a setting, each with the duty, and the machine is none."""
    if actor.person_id is None:
        raise NotPermitted(why="nobody_sets")
    if not may_change(actor, kind):
        raise NotPermitted(why="role", trigger="configure")


def read(source: str) -> Any:
    """The plain data of a text; BadInput setting_unreadable with its line, setting_too_long."""
    if len(source) > LONGEST:
        raise BadInput(why="setting_too_long", most=LONGEST)
    try:
        return parse(source, name="").data
    except DocumentFault as unread:
        raise BadInput(why="setting_unreadable", line=unread.line, code=unread.code, detail=unread.detail) from None


def written(data: Any) -> str:
    """Plain data as the text that a person reads and corrects."""
    return as_block(data, 0) + "\n"


def digest_of(data: Any) -> str:
    """What a text says, whatever its lines look like."""
    return digest("setting", canonical(data))


def in_force(occasion: Occasion, kind: Kind, key: str) -> Any:
    """What holds now: the county's text, else what ships; None where there is neither."""
    if kind.current is not None:
        return kind.current(occasion, key)
    known = occasion.settings.of(kind.name).get(key)
    return known.data if known is not None else kind.shipped().get(key)


def shipped_digest(kind: Kind, key: str) -> str:
    """The digest of what ships for the key; "" where nothing does."""
    shipped = kind.shipped()
    return digest_of(shipped[key]) if key in shipped else ""


def require_faultless(kind: Kind, key: str, data: Any, known: Known) -> None:
    """SettingFaulty with every fault at once, by the same check that what ships must pass."""
    found = list(kind.check(key, data, known))
    if found:
        raise SettingFaulty(faults=[{"rule": one.rule, **one.params} for one in found])
