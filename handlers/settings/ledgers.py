"""The words that old ledgers are read by: a county adds the headings and status words that its own townships use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from config.imports import load_ledger_words
from handlers.ledgers.statuses import STATES
from handlers.ledgers.vocabulary import SHIPPED, LedgerWords
from handlers.ledgers.words import bare, fold
from handlers.settings.texts import faults_of_parts
from workflow.configuration.kinds import Fault, Kind, Known, fault
from workflow.configuration.settings import Settings

NAME, KEY = "ledger_words", "ledger"
LONGEST, MOST = 40, 200
# What the program itself reads by name: not words, and not to be changed.
FIXED = ("dates", "money", "of_measure", "row_kinds")
LISTS = ("affirmed", "denied", "clue_words")


def shipped() -> dict[str, Any]:
    """The one document of words."""
    return {KEY: load_ledger_words()}


def ledger_words(settings: Settings) -> LedgerWords:
    """The words in force."""
    known = settings.of(NAME).get(KEY)
    return SHIPPED if known is None else LedgerWords(known.data)


def check(_key: str, data: Any, _known: Known) -> Iterator[Fault]:
    """The shipped fields and states; each word short, and with one meaning."""
    was = load_ledger_words()
    shape = list(faults_of_parts(data, "", needs=was))
    yield from shape
    if shape:
        return
    yield from (fault("fixed", where=part) for part in FIXED if data[part] != was[part])
    for part in LISTS:
        yield from _words(data[part], part)
    yield from _fields(data["fields"], was["fields"])
    known = list(_statuses(data["statuses"]))
    yield from (one for one in known if isinstance(one, Fault))
    yield from _meanings(data, {one for one in known if isinstance(one, str)}, was)


def _words(told: Any, where: str) -> Iterator[Fault]:
    if not isinstance(told, list) or not 0 < len(told) <= MOST:
        yield fault("lines", where=where, most=MOST)
        return
    for word in told:
        if not isinstance(word, str) or not fold(word):
            yield fault("empty", where=where)
        elif len(word) > LONGEST:
            yield fault("too_long", where=where, most=LONGEST)


def _fields(told: Any, was: Mapping[str, Any]) -> Iterator[Fault]:
    shape = list(faults_of_parts(told, "fields", needs=was))
    yield from shape
    if shape:
        return
    taken: dict[str, str] = {}
    for field, described in told.items():
        where = f"fields/{field}"
        needs = tuple(was[field])
        broken = [*faults_of_parts(described, where, needs=needs)]
        broken = broken or [*_words(described["headings"], where)]
        yield from broken
        if broken:
            continue
        if described.get("spill") != was[field].get("spill"):
            yield fault("fixed", where=where)
        for heading in described["headings"]:
            other = taken.setdefault(fold(heading), field)
            if other != field:
                yield fault("heading_twice", word=heading)


def _statuses(told: Any) -> Iterator[Fault | str]:
    """Every folded status word, and what is wrong with the list."""
    if not isinstance(told, list) or not told:
        yield fault("lines", where="statuses", most=MOST)
        return
    was = load_ledger_words()["statuses"]
    known = {part: {str(entry[part]) for entry in was if part in entry} for part in ("label", "warning")}
    flags = {flag for entry in was for flag in entry.get("flags", ())}
    seen: Counter[str] = Counter()
    for at, entry in enumerate(told, 1):
        where = f"statuses/{at}"
        shape = list(faults_of_parts(entry, where, needs=("words", "state"), may=("label", "cycle", "flags", "warning")))
        shape = shape or list(_words(entry["words"], where))
        yield from shape
        if shape:
            continue
        yield from _says(entry, where, known, flags)
        seen.update(bare(fold(word)) for word in entry["words"])
    yield from (fault("heading_twice", word=word) for word, times in seen.items() if times > 1)
    yield from seen


def _says(entry: Mapping[str, Any], where: str, known: Mapping[str, set[str]], flags: set[str]) -> Iterator[Fault]:
    if entry["state"] not in STATES:
        yield fault("state_unknown", where=where, state=str(entry["state"]), known=_list(STATES))
    if str(entry.get("label", "done")) not in known["label"]:
        yield fault("label_unknown", where=where, label=str(entry["label"]), known=_list(sorted(known["label"])))
    if str(entry.get("warning", "to_check")) not in known["warning"] or entry.get("cycle", 1) not in (1, 2):
        yield fault("fixed", where=where)
    told = entry.get("flags", [])
    for flag in told if isinstance(told, list) else [told]:
        if str(flag) not in flags:
            yield fault("flag_unknown", where=where, flag=str(flag), known=_list(sorted(flags)))


def _list(names: Iterable[str]) -> str:
    return "、".join(names)


def _meanings(data: Mapping[str, Any], known: set[str], was: Mapping[str, Any]) -> Iterator[Fault]:
    """What an empty status says, and what yes and no say, are status words themselves."""
    shape = list(faults_of_parts(data["blank_status"], "blank_status", needs=was["blank_status"]))
    yield from shape
    said = [] if shape else [("blank_status", word) for word in data["blank_status"].values()]
    questions = data["questions"] if isinstance(data["questions"], Mapping) else {}
    if not questions:
        yield fault("no_mapping", where="questions")
    for question, answers in questions.items():
        shape = list(faults_of_parts(answers, f"questions/{question}", needs=("affirmed", "denied")))
        yield from shape
        said += [] if shape else [(f"questions/{question}", word) for word in answers.values()]
    for where, word in said:
        if not isinstance(word, str) or bare(fold(word)) not in known:
            yield fault("word_unknown", where=where, word=str(word))


KIND = Kind(NAME, ("workflow_admin",), shipped, check)
