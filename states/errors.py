"""Every refusal of Duban is one of these: a code and its parameters, never a sentence and never an HTTP status.

The wording, in three languages, and the status live in `web/errors.py`; a test walks the subclasses both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, ClassVar


class DomainError(Exception):
    """The one root of all refusals: `code` names the rule that said no, `params` what it spoke of."""

    code: ClassVar[str] = "refused"

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params = params

    def __str__(self) -> str:
        told = ", ".join(f"{key}={value!r}" for key, value in self.params.items())
        return f"{self.code}({told})"


class DefinitionError(DomainError):
    """A workflow definition is faulty; `params["faults"]` holds every fault with its proof's id and JSON pointer."""

    code = "definition_faulty"


class InvalidForm(DomainError):
    """What was handed in does not fit the form; `params["fields"]` maps a question's key to a list of fault codes.

    `why` lists the unmet conditions beside them, where there are some.
    """

    code = "form_invalid"


@contextmanager
def gathering(faults: MutableMapping[str, list[Any]]) -> Iterator[None]:
    """Takes what is wrong with a form into `faults` and goes on, so that all of it is said at once.

    Of two refusals of one answer the first stays.
    """
    try:
        yield
    except InvalidForm as refusal:
        for key, codes in refusal.params["fields"].items():
            faults.setdefault(key, codes)


class NotPermitted(DomainError):
    """The actor may see the case but not do this; `params["why"]` names the rule (role, relation, separation …)."""

    code = "not_permitted"


class OriginalKept(DomainError):
    """The actor reads the case and is given a copy of its file for circulation, not the original."""

    code = "original_kept"


class OriginalSealed(DomainError):
    """The actor is given this original only where he says what for."""

    code = "original_sealed"


class CaseNotFound(DomainError):
    """There is no such case for this actor: absent and invisible are the same answer."""

    code = "case_not_found"


class TransitionRefused(DomainError):
    """The case is not in a state, or not in a condition, for this; `params["why"]` lists the unmet conditions."""

    code = "transition_refused"


class StaleCase(DomainError):
    """Somebody else changed the case since it was read; `params` has the version expected and the one found."""

    code = "case_stale"


class KeyReused(DomainError):
    """An idempotency key came back with other content than it was first used for."""

    code = "key_reused"


class NotFound(DomainError):
    """A thing that is not a case (organisation, file, view, import …) does not exist, or not for this actor."""

    code = "not_found"


class Conflict(DomainError):
    """The request is well formed, but what is stored stands against it; `params["why"]` says what."""

    code = "conflict"


class BadInput(DomainError):
    """A value from outside cannot be understood; `params["why"]` says which and what would be."""

    code = "bad_input"


class TooMany(DomainError):
    """The actor has done so much of this lately that he has to wait: why, limit, `seconds` to wait, `until` as stored text."""

    code = "too_many"


class TooFast(DomainError):
    """One session asks for more than anybody reads; `params` has the `limit` a second, and `seconds` to wait."""

    code = "too_fast"


class TookTooLong(DomainError):
    """What was asked for could not be read in time; `params` has the `limit` in seconds. Asking for less helps."""

    code = "took_too_long"


class ReasonNeeded(DomainError):
    """So many at once are not taken away without saying what for; `params` has the `limit` and the `count` found, capped."""

    code = "reason_needed"


class OutcomeUnknown(DomainError):
    """The database was lost in the middle of a commit: it may have happened. The same request under its key tells."""

    code = "outcome_unknown"


class ReadOnly(DomainError):
    """The database takes no change now: what stands can be read, and nothing was done."""

    code = "read_only"


class NotReady(DomainError):
    """The installation cannot work yet; `params["why"]` says what it lacks."""

    code = "not_ready"


def refusal_of(code: str, params: Mapping[str, Any]) -> DomainError:
    """The refusal that was kept by its code; the root of all where no class has that code any more."""
    return next((kind for kind in _kinds(DomainError) if kind.code == code), DomainError)(**params)


def _kinds(root: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)
