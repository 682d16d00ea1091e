"""Names in three languages: what evidence is called, and roles with the posts that they are in each kind of organ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from config.vocabulary import load_vocabulary
from handlers.settings.texts import faults_of_parts, faults_of_title
from workflow.configuration.kinds import Fault, Kind, Known, fault
from workflow.configuration.settings import ROLE

LABEL = "evidence_label"
LONGEST, LONGEST_KEY = 80, 40
KEY = re.compile(r"[a-z][a-z_]*")


def labels() -> dict[str, Any]:
    """What each label of evidence is called."""
    return dict(load_vocabulary()["evidence_labels"])


def roles() -> dict[str, Any]:
    """What each role is called, and what it is called in an organ of a kind."""
    return dict(load_vocabulary()["roles"])


def _faults_of_key(key: str) -> Iterator[Fault]:
    if not KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        yield fault("key", key=key)


def check_label(key: str, data: Any, known: Known) -> Iterator[Fault]:
    """A name in three languages that no other label has."""
    yield from _faults_of_key(key)
    yield from faults_of_title(data, "", most=LONGEST)
    yield from _same_name(data, [told for _key, told in known.others])


def check_role(key: str, data: Any, known: Known) -> Iterator[Fault]:
    """A name, and posts for kinds of organs that there are. No other role is called the same."""
    yield from _faults_of_key(key)
    shape = list(faults_of_parts(data, "", needs=("title",), may=("posts",)))
    yield from shape
    if shape:
        return
    yield from faults_of_title(data["title"], "title", most=LONGEST)
    kinds = load_vocabulary()["organ_kinds"]
    posts = data.get("posts", {})
    shape = list(faults_of_parts(posts, "posts", needs=(), may=kinds))
    yield from shape
    for kind, told in posts.items() if not shape else ():
        yield from faults_of_title(told, f"posts/{kind}", most=LONGEST)
    yield from _same_name(data["title"], [told["title"] for _key, told in known.others])


def _same_name(told: Any, others: list[Any]) -> Iterator[Fault]:
    if isinstance(told, dict) and any(told.get("zh-Hans") == other.get("zh-Hans") for other in others):
        yield fault("name_taken", name=told.get("zh-Hans"))


LABELS = Kind(LABEL, ("workflow_admin",), labels, check_label, grows=True)
ROLES = Kind(ROLE, ("security_admin",), roles, check_role, grows=True)
