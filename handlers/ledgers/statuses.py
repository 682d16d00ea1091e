"""Status words of ledgers → state, progress label and what follows from them.

The words are in `config/imports/ledger.yaml` (practice.md 8.3 item 22; semantics.md 8 where the two differ).
A word that is not listed is never guessed: the item is supervised, and the word is shown to the supervisor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from handlers.ledgers.vocabulary import SHIPPED, LedgerWords
from handlers.ledgers.words import bare, fold, in_brackets, without_brackets

STATES = ("received", "transferred", "supervised", "rectified", "closed")
_CLAUSES = re.compile(r"[,;。\n]+")
_IMMEDIATE = ("立行立改", "即知即改", "马上改")


@dataclass(frozen=True, slots=True)
class Status:
    """What a status cell says. `flags` may hold long_term, whole_case_clock, extension_asked, immediate.

    `warning` is "" or unknown_status, mixed_status, to_check (待核).
    """

    word: str
    state: str
    label: str = ""
    cycle: int = 1
    flags: tuple[str, ...] = ()
    warning: str = ""


@lru_cache(maxsize=4096)
def read_status(word: str, *, heading: str = "", row_kind: str = "", words: LedgerWords = SHIPPED) -> Status:
    """The meaning of a status cell. `heading` matters for columns that ask (是否销号), `row_kind` for an
    empty cell.
    """
    folded = fold(word)
    if bare(folded) in ("", "/"):
        blank = words.data["blank_status"]
        return _known(words, word, bare(fold(blank.get(row_kind, blank["ordinary"]))))
    flags = ("immediate",) if any(said in folded for said in _IMMEDIATE) else ()
    answered = _answer(words, folded, heading)
    for spelling in (answered, bare(folded), bare(without_brackets(folded)), *map(bare, in_brackets(folded))):
        if spelling in words.statuses:
            return _known(words, word, spelling, flags)
    return _read_clauses(words, word, without_brackets(folded), flags)


def least_advanced(statuses: list[Status]) -> Status:
    """The status of an item whose measures have these: the one furthest from closing."""
    return min(statuses, key=lambda status: (STATES.index(status.state), -status.cycle, status.label == "done"))


def _read_clauses(words: LedgerWords, word: str, folded: str, flags: tuple[str, ...]) -> Status:
    said = [bare(clause) for clause in _CLAUSES.split(folded)]
    known = [_known(words, word, clause, flags) for clause in said if clause in words.statuses]
    if not known or said[0] not in words.statuses:
        return Status(word, "supervised", "ongoing", flags=flags, warning="unknown_status")
    status = least_advanced(known)
    if len({(one.state, one.label) for one in known}) == 1:
        return status
    return Status(word, status.state, status.label, status.cycle, status.flags, "mixed_status")


def _answer(words: LedgerWords, folded: str, heading: str) -> str:
    for question, answers in words.data["questions"].items():
        if fold(question) in fold(heading):
            for answer in ("affirmed", "denied"):
                if folded in words.answers[answer]:
                    return bare(fold(answers[answer]))
    return ""


def _known(words: LedgerWords, word: str, spelling: str, flags: tuple[str, ...] = ()) -> Status:
    entry = words.statuses[spelling]
    return Status(
        word=word,
        state=entry["state"],
        label=entry.get("label", ""),
        cycle=entry.get("cycle", 1),
        flags=(*entry.get("flags", ()), *flags),
        warning=entry.get("warning", ""),
    )
