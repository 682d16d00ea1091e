"""What the trail says of a case, for the audit administrator and the command line: people, hours and addresses, no content."""

from __future__ import annotations

import json
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

from workflow.dates import local_time
from workflow.statements import Row

# Controls, marks of direction, and what ends a line where no control does.
BREAKING = ("Cc", "Cf", "Zl", "Zp")


def span_of(since: date, until: date) -> dict[str, datetime]:
    """From the first hour of the first day to the last of the last, by the office's clock."""
    return {"since": local_time(since, 0), "until": local_time(until + timedelta(1), 0)}


def line_of(row: Row) -> dict[str, Any]:
    """A row of the trail: at, login, name, action, post, address, session, request, what, result, file (its number, or "").

    `fetched` is "original" or "copy" of a file whose bytes were asked for, else "".
    """
    facts = json.loads(row["facts"])
    told = {name: row[name] for name in ("at", "login", "name", "action")}
    told |= {name: facts[name] for name in ("post", "address", "session", "request", "what", "result")}
    number, _, fetched = told["what"].partition(", file ")[2].partition(", ")
    return told | {"file": number, "fetched": fetched}


def set_of(row: Row) -> dict[str, Any]:
    """A row of what was set, as `line_of` gives it, with thing, id and act, and the beginning of the digest of what it says.

    Of a key also what it is for, and whether the operator did it.
    """
    told = line_of(row)
    head, _, more = told["what"].partition(", ")
    thing, number, act = head.split(" ")
    parts = more.split(", ")
    digests = [part.removeprefix("digest ") for part in parts if part.startswith("digest ")]
    of_key = {"purpose": parts[0] if thing == "key" else "", "is_operator": "command line" in parts}
    return told | {"thing": thing, "id": number, "act": act, "digest": "".join(digests)[:12]} | of_key


def one_line(text: str) -> str:
    """The text without anything that could begin another line, or hide one."""
    return "".join(" " if unicodedata.category(char) in BREAKING else char for char in text)
