"""Verifies a ledger of Duban from outside, with nothing but Python 3.11: no Duban, no database server, no other package."""

import argparse
import base64
import gzip
import hashlib
import io
import json
import sqlite3
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]
TABLES = {
    "cases": "id seq head state holder_id version cycle number old_number title data",
    "event": "case_id seq verb trigger from_state to_state actor_id organ_id happened_at recorded_at facts prev hash",
    "content": "case_id seq salt body",
    "checkpoint": "id digest prev key_id algorithm signature body",
    "definition_version": "id digest",
    "definition": "digest canonical",
    "trail": "id seq at actor_id action cases facts prev hash",
    "secret": "case_id field digest sm3",  # pragma: allowlist secret: names of columns
}
EVENTS = "SELECT e.*, salt, body FROM event e LEFT JOIN content USING (case_id, seq) WHERE case_id = ? ORDER BY seq"
VERSIONS = "SELECT id, digest, canonical FROM definition_version LEFT JOIN definition USING (digest) ORDER BY id"
FACTS = ("case", "seq", "verb", "trigger", "actor", "organ", "to", "happened_at", "recorded_at")
COLUMNS = ("case_id", "seq", "verb", "trigger", "actor_id", "organ_id", "to_state")
LEFT, LIES = ("to", "holder", "version", "cycle"), ("state", "holder_id", "version", "cycle")
NOTE, SAID = ("origin", "number", "taken_at", "cases", "trail"), ("number", "old_number", "title", "data")
canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


def add(a: Any, b: Any) -> Any:
    """The sum of two points of Ed25519 (RFC 8032), which are in extended coordinates; only checking needs no more."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    o, q = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, q - o, q + o, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n: int, point: Any) -> Any:
    """The point n times."""
    rest = times(n >> 1, add(point, point)) if n else (0, 1, 1, 0)
    return add(rest, point) if n & 1 else rest


def point_of(data: bytes) -> Any:
    """The point that 32 bytes stand for, or None."""
    sign, y = divmod(int.from_bytes(data, "little"), 1 << 255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Is this the signature of the message by the key?"""
    a, r, s = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER or (len(public), len(signature)) != (32, 64):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    found, wanted = times(s, point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))), add(r, times(h, a))
    return all((found[i] * wanted[2] - wanted[i] * found[2]) % P == 0 for i in (0, 1))


def holds(said: Any, *parts: str | bytes) -> bool:
    """Is it the digest of these, one after the other (a link is its text after the link before): SM3 where it says so?"""
    data = b"\x1f".join(part.encode() if isinstance(part, str) else part for part in parts)
    suite = "sm3" if str(said).startswith("sm3:") else "sha256"
    if suite not in hashlib.algorithms_available:
        raise OSError("digests of this ledger are SM3, which this Python's OpenSSL does not offer: verify it elsewhere")
    return hashlib.new(suite, data).hexdigest() == str(said).removeprefix("sm3:")


def is_signed(signed: Row, keys: dict[str, Row]) -> bool:
    """Does the signature over type and body hold, by a key that is trusted and made for it?"""
    key, message = keys.get(signed["key_id"], {}), f"{signed['type']}\n{signed['body']}".encode()
    known = key and signed["algorithm"] == "ed25519" and signed["type"].split("/")[1] in (key["purpose"], "key")
    return bool(known) and verifies(base64.b64decode(key["public"]), message, base64.b64decode(signed["signature"]))


def trusted(given: list[Row], offered: list[Row]) -> dict[str, Row]:
    """The keys that were given, and of those offered the ones that a trusted one endorsed as its successor."""
    keys = {key["id"]: key for key in given}
    for key in sorted(offered, key=lambda one: str(one["made_at"])):
        said = {"type": "duban/key/1", "key_id": key["endorsed_by"], "algorithm": "ed25519", "signature": key["endorsement"]}
        said["body"] = canonical({name: key[name] for name in ("id", "purpose", "algorithm", "public", "made_at")})
        if keys.get(key["endorsed_by"], {}).get("purpose") == key["purpose"] and is_signed(said, keys):
            keys.setdefault(key["id"], key)
    return keys


def hour(value: str) -> str:
    """An hour as facts write it, from either database."""
    return datetime.fromisoformat(value).astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


class Ledger:
    """The rows of a ledger in SQLite, the keys that came with them, and of a dossier the zip and what is signed in it."""

    def __init__(self, path: Path) -> None:
        self.keys: list[Row] = []
        copies = [(file.name, json.loads(file.read_text("utf-8"))) for file in sorted(path.glob("*.json"))]
        with io.BytesIO() if copies else path.open("rb") as file:
            begins = file.read(16)
        zipped: Any = zipfile.ZipFile(path) if begins.startswith(b"PK") else None
        names, is_copy = zipped.namelist() if zipped else [], begins.startswith(b"SQLite format 3")
        self.signed = copies or [(at, json.loads(zipped.read(at))) for at in names if at.startswith("signed/")]
        self.dossier, self.is_part, self.files = zipped, bool(zipped or copies), [at for at in names if at[:7] != "signed/"]
        self.tables = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro" if is_copy else "", uri=True, isolation_level=None)
        self.tables.row_factory = lambda cursor, row: dict(zip([told[0] for told in cursor.description], row, strict=True))
        self.rows: Any = self.tables.execute
        if is_copy:
            return
        for at, told in TABLES.items():
            self.rows(f"CREATE TABLE {at} ({told.replace(' ', ', ')})")
            self.rows(f"CREATE INDEX {at}_by ON {at} ({told.split()[0]})")
        self.rows("BEGIN")
        listed: Any = copies and io.StringIO("\n".join(signed["listed"] for _name, signed in copies))
        way: Any = zipped.open if zipped else gzip.open if begins.startswith(b"\x1f\x8b") else open
        with listed or way("ledger.jsonl" if zipped else path, "r" if zipped else "rb") as lines:
            for row in map(json.loads, lines):
                if row["table"] == "key":
                    self.keys.append(row["key"])
                    continue
                told = TABLES[row["table"]]  # or KeyError, so that no other name is ever part of a statement
                self.rows(f"INSERT INTO {row['table']} VALUES (:{told.replace(' ', ',:')})", dict.fromkeys(told.split()) | row)  # noqa: S608  # a key of TABLES


class Audit:
    """One look at a ledger. A fault is [where, from seq, to seq, kind]: what is wrong is there or between the two."""

    def __init__(self, ledger: Ledger, keys: dict[str, Row]) -> None:
        self.ledger, self.keys, self.faults = ledger, keys, list[tuple[str, int, int, str]]()
        self.heads, self.sizes, self.graphs, self.texts = dict[int, dict[int, str]](), {0: ""}, dict[int, Any](), set[Any]()
        self.is_full = not ledger.dossier and any(ledger.rows("SELECT 1 FROM content LIMIT 1"))
        self.most = self.cases = self.events = self.trail_rows = self.checkpoints = 0

    def found(self, where: str, first: int, last: int, kinds: dict[str, Any]) -> None:
        """Keeps the kinds that are so."""
        self.faults += [(where, first, last, kind) for kind, is_so in kinds.items() if is_so]

    def list_heads(self, listed: Row) -> None:
        """What a checkpoint says there must be."""
        for case, seq, head in listed.get("heads", ()):
            self.heads.setdefault(case, {}).setdefault(seq, head)
        self.sizes = dict([listed.get("trail") or (0, "")]) | self.sizes
        self.texts, self.most = self.texts | listed.get("definitions", {}).items(), max(self.most, listed.get("cases") or 0)

    def all_checkpoints(self, kept: list[tuple[str, Row]]) -> None:
        """Those kept elsewhere, which are believed first and must be among the ledger's own, each linked and signed."""
        prev, was_signed, rows, zipped, files = "", False, (0, ""), self.ledger.dossier, self.ledger.files
        digests = {None} | {row["digest"] for row in self.ledger.rows("SELECT digest FROM checkpoint")}
        for name, signed in kept:
            note, listed = json.loads(signed["body"]), signed.get("listed")
            is_false = not is_signed(signed, self.keys) or not (listed is None or holds(note["digest"], note["prev"], listed))
            kinds = {"signature": is_false, "forgotten": not self.ledger.is_part and note.get("digest") not in digests}
            if is_rows := signed["type"] == "duban/checkpoint/rows/1":
                kinds["chain"], rows = rows != (note["number"] - 1, note["prev"]), (note["number"], note["digest"])
            self.found(name, 0, 0, kinds)
            for at in sorted({*files, *note["files"]}) if zipped and "files" in note else ():
                self.found(at, 0, 0, {"file": files.count(at) != 1 or not holds(note["files"].get(at), zipped.read(at))})
            self.list_heads({} if is_false or is_rows else json.loads(listed) if listed is not None else note)
        self.found("dossier", 0, 0, {"unsigned": zipped and not any("files" in json.loads(one["body"]) for _, one in kept)})
        for n, row in enumerate(self.ledger.rows("SELECT * FROM checkpoint ORDER BY id"), 1):
            listed = json.loads(row["body"])
            note = {**{name: listed.get(name) for name in NOTE}, "prev": row["prev"], "digest": row["digest"]}
            signed = {**row, "type": "duban/checkpoint/1", "body": canonical(note)}
            kinds = {"chain": row["prev"] != prev or not holds(row["digest"], prev, row["body"])}
            kinds["signature"] = bool(row["signature"]) and not is_signed(signed, self.keys)
            self.found(f"checkpoint {n}", 0, 0, kinds | {"unsigned": was_signed and not row["signature"]})
            prev, was_signed, self.checkpoints = row["digest"], was_signed or bool(row["signature"]), n
            self.list_heads(listed)

    def all_cases(self) -> None:
        """Each version of a workflow has the text that every checkpoint knew; by these, every history beside its case."""
        for row in self.ledger.rows(VERSIONS):
            is_whole = row["canonical"] is not None and holds(row["digest"], row["canonical"])
            self.graphs[row["id"]] = graph_of(row["canonical"]) if is_whole else None
            self.found(f"version {row['id']}", 0, 0, {"definition": not is_whole})
            self.texts.discard((str(row["id"]), row["digest"]))
        for version, _text in sorted(self.texts):
            self.found(f"version {version}", 0, 0, {"version": int(version) in self.graphs or not self.ledger.dossier})
        for told in self.ledger.rows("SELECT id FROM cases UNION SELECT case_id FROM event ORDER BY 1"):
            self.case(told["id"])
        for case_id, heads in self.heads.items():
            self.found(f"case {case_id}", 1, max(heads), {"deleted": not self.ledger.dossier})
        self.found("ledger", 0, 0, {"count": self.cases < self.most and not self.ledger.is_part})

    def case(self, case_id: int) -> None:
        """One history: links, contents (which go with the whole case alone), each step of the workflow, and where it ended."""
        row = next(self.ledger.rows("SELECT * FROM cases WHERE id = ?", (case_id,)), None)
        where, heads, event, self.secrets = f"case {case_id}", self.heads.pop(case_id, {}), Row(), Row()
        prev, seq, agreed, bare, state, undoes_to, self.cases = "", 0, 0, 0, "", "", self.cases + (row is not None)
        for event in self.ledger.rows(EVENTS, (case_id,)):
            kinds = {"gap": event["seq"] != seq + 1, "link": event["prev"] != prev}
            kinds |= {"hash": not holds(event["hash"], event["prev"], event["facts"]), **self.inside(event, state, undoes_to)}
            seq, prev, undoes_to, state = event["seq"], event["hash"], event["from_state"], event["to_state"]
            self.found(where, seq, seq, kinds)
            self.found(where, agreed + 1, seq, {"rewritten": heads.get(seq, prev) != prev})
            agreed = seq if heads.get(seq) == prev else agreed
            self.events, bare = self.events + 1, bare or (seq if event["body"] is None and self.is_full else 0)
        self.found(where, bare, seq, {"erased": bare and event["verb"] != "dispose"})
        self.found(where, seq + 1, max(heads, default=0), {"cut": max(heads, default=0) > seq})
        lie = {row["field"]: row for row in self.ledger.rows("SELECT * FROM secret WHERE case_id = ?", (case_id,))}
        moved = not self.ledger.is_part and not all(lies_there(told, lie.get(at)) for at, told in self.secrets.items())
        left = {"no_events": row and not seq, "head": row and seq and (row["seq"], row["head"]) != (seq, prev)}
        left |= {"deleted": not row and (self.ledger.dossier or not self.ledger.is_part)}
        self.found(where, seq, seq, (changed(event, row) if row and not any(left.values()) else left) | {"secret": moved})

    def inside(self, event: Row, state: str, undoes_to: str) -> dict[str, bool]:
        """What is wrong inside one event."""
        try:
            facts = json.loads(event["facts"])
            columns = [facts[at] for at in FACTS] != [event[at] for at in COLUMNS] + [hour(event[at]) for at in FACTS[-2:]]
            content = event["body"] is not None and not holds(facts["content"], event["salt"], event["body"])
            self.secrets |= facts.get("secrets", {})
            graph = self.graphs[facts["definition"]]
            follows = event["from_state"] == state and follow(graph, facts, state, event["to_state"], undoes_to)
            return {"columns": columns, "content": content, "replay": not follows}
        except (ValueError, KeyError, TypeError):
            return {"columns": True}

    def all_trail(self) -> None:
        """The chain of who read, signed in, was refused or took something away."""
        prev, seq = "", 0
        for row in self.ledger.rows("SELECT * FROM trail WHERE seq IS NOT NULL ORDER BY seq"):
            told = list(map(json.loads(row["facts"]).get, ("at", "actor", "action", "cases")))
            kinds = {"gap": row["seq"] != seq + 1, "link": row["prev"] != prev}
            kinds["columns"] = told != [hour(row["at"]), row["actor_id"], row["action"], row["cases"]]
            kinds["hash"] = not holds(row["hash"], row["prev"], row["facts"])
            seq, prev, self.trail_rows = row["seq"], row["hash"], self.trail_rows + 1
            self.found("trail", seq, seq, {**kinds, "rewritten": self.sizes.get(seq, prev) != prev})
        self.found("trail", seq + 1, max(self.sizes), {"cut": max(self.sizes) > seq and not self.ledger.dossier})


def lies_there(told: str, row: Any) -> bool:
    """Is a secret what its history told last, "" for none? A package has its digest by either algorithm."""
    return told == "" if row is None else holds(told, row["value"]) if "value" in row else told in (row["digest"], row["sm3"])


def graph_of(text: str) -> tuple[str, set[str], dict[tuple[str, str], str]]:
    """The initial state, the final states and the edges of a definition."""
    told = json.loads(text)
    edges = {(at, one["trigger"]): at if one["to"] == "=" else one["to"] for one in told["transitions"] for at in one["from"]}
    initial = next(state["key"] for state in told["states"] if state.get("initial"))
    return initial, {state["key"] for state in told["states"] if state.get("final")}, edges


def follow(graph: Any, facts: Row, was: str, to: str, undoes_to: str) -> bool:
    """Is it a step that the case's version of its workflow knows (one whose text was changed forbids none), or a named jump?"""
    verb, (initial, finals, edges) = facts["verb"], graph or (to, {to}, {(was, facts["trigger"]): to})
    jumps = dict.fromkeys(("merge", "void", "ended_with_parent"), to in finals) | {"undo": to == undoes_to}
    jumps |= dict.fromkeys(("fire", "replay"), to == edges.get((was, facts["trigger"])))
    return verb in ("imported", "migrate") or bool(jumps.get(verb, to == was) if was else to == initial)


def changed(event: Row, row: Any) -> dict[str, bool]:
    """Where the case is not what its last event left."""
    try:
        facts, said = json.loads(event["facts"]), json.loads(event["body"] or "{}")
        left, lies = [facts[at] for at in LEFT], [row[at] for at in LIES]
        return {"state": left != lies, "facts": "left" in said and not holds(said["left"], *(row[at] or "" for at in SAID))}
    except (ValueError, KeyError):
        return {}


def main(arguments: list[str] | None = None) -> int:
    """Prints what was found; the exit code."""
    parser = argparse.ArgumentParser(description="Verifies from outside. Exit: 0 whole, 1 faults, 2 usage, 3 unreadable.")
    parser.add_argument("ledger", type=Path, help="a copy of the SQLite file, an audit package, a dossier, or a folder of rows")
    parser.add_argument("--key", type=Path, action="append", required=True, help="a public key that you were given (.pub)")
    parser.add_argument("--remembered", type=Path, action="append", default=[], help="a checkpoint kept elsewhere, or a folder")
    asked = parser.parse_args(arguments)
    try:
        ledger = Ledger(asked.ledger)
        audit = Audit(ledger, trusted([json.loads(path.read_text("utf-8")) for path in asked.key], ledger.keys))
        files = [file for path in asked.remembered for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
        audit.all_checkpoints([(file.name, json.loads(file.read_text("utf-8"))) for file in files] + ledger.signed)
        for look in (audit.all_cases, audit.all_trail, ledger.tables.close):
            look()
    except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as fault:
        print(f"unreadable: {fault!r}", file=sys.stderr)
        return 3
    print("".join(f"{where}: {kind}, seq {first}-{last}\n" for where, first, last, kind in audit.faults[:1000]), end="")
    told = {name: getattr(audit, name) for name in ("cases", "events", "trail_rows", "checkpoints")}
    print(json.dumps({"ok": not audit.faults, **told, "faults": len(audit.faults)}))
    return 1 if audit.faults else 0


if __name__ == "__main__":
    sys.exit(main())
