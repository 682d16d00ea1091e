"""How long closed cases of a class are kept, and by what: counted in whole years from the close-out, or for ever.

Two people change it, like every setting; so nobody shortens alone what stands between a case and its disposal (R74).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.vocabulary import load_vocabulary
from handlers.settings.texts import faults_of_line, faults_of_parts, faults_of_title
from workflow.configuration.kinds import Fault, Kind, Known, fault
from workflow.configuration.settings import FOR_EVER, RETENTION

LONGEST, LONGEST_BASIS = 40, 200
MOST_YEARS = 200


def shipped() -> dict[str, Any]:
    """The classes by their key."""
    return dict(load_vocabulary()["retentions"])


def check(_key: str, data: Any, known: Known) -> Iterator[Fault]:
    """A name in three languages that no other class has, whole years (0 is for ever), and a basis."""
    shape = list(faults_of_parts(data, "", needs=("title", "years", "basis")))
    yield from shape
    if shape:
        return
    yield from faults_of_title(data["title"], "title", most=LONGEST)
    yield from faults_of_line(data["basis"], "basis", most=LONGEST_BASIS)
    years = data["years"]
    if not isinstance(years, int) or isinstance(years, bool) or not FOR_EVER <= years <= MOST_YEARS:
        yield fault("years", where="years", most=MOST_YEARS)
    if any(data["title"] == told["title"] for _other, told in known.others):
        yield fault("name_taken", name=data["title"].get("zh-Hans") if isinstance(data["title"], dict) else "")


KIND = Kind(RETENTION, ("workflow_admin",), shipped, check)
