"""What a transaction is going to write: rows collected by the verbs, and case files whose changes are written at the end.

The context holds no session. `flush` hands everything to the store, one statement per table, in the order that the foreign
keys ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import SQLModel

from states.errors import NotReady
from workflow import search
from workflow.casefile import LIVE, CaseFile
from workflow.digests import digest
from workflow.former import list_anew
from workflow.models import (
    AgendaItem,
    Barred,
    Case,
    CaseKey,
    Clock,
    Content,
    Event,
    Evidence,
    Facet,
    FiredRung,
    FormerFacet,
    FormerText,
    ImportRow,
    Knower,
    Link,
    Outbox,
    Party,
    Receipt,
    RecusalHint,
    Request,
    SearchText,
    Secret,
    Spell,
)
from workflow.sealing.sealer import Sealer
from workflow.signing import Signer
from workflow.statements import Row
from workflow.store import Store

ORDER: tuple[type[SQLModel], ...] = (
    Clock,
    Event,
    Content,
    Receipt,
    Spell,
    FiredRung,
    AgendaItem,
    Party,
    RecusalHint,
    Link,
    Barred,
    Knower,
    Request,
    Evidence,
    Facet,
    FormerFacet,
    CaseKey,
    Secret,
    SearchText,
    FormerText,
    ImportRow,
    Outbox,
)
# Written again by somebody else's transaction in the same sweep, these rows are already what they should be.
IDEMPOTENT = frozenset({AgendaItem, Barred, Knower, Party, RecusalHint, Link, Outbox, FiredRung, FormerText})


class Context:
    """Rows by table, and the case files of this transaction by id.

    Without a `sealer` no secret fact can be written, without a `signer` no receipt is made.
    """

    def __init__(self, sealer: Sealer | None = None, signer: Signer | None = None) -> None:
        self.sealer = sealer
        self.signer = signer
        self.files: dict[int, CaseFile] = {}
        self._rows: dict[type[SQLModel], list[Row]] = {}

    def add(self, model: type[SQLModel], row: Mapping[str, Any]) -> None:
        """One more row of `model`; rows of one model have the same columns."""
        self._rows.setdefault(model, []).append(dict(row))

    def rows_of(self, model: type[SQLModel]) -> list[Row]:
        """What was collected for `model` so far."""
        return self._rows.get(model, [])

    def flush(self, store: Store) -> None:
        """Writes everything. Afterwards the context is empty, so that what is looked at in between is written once."""
        for file in self.files.values():
            file.write_back()
            assert file.secrets == {name: told[0] for name, told in file.sealed.items()}, "an event tells each secret"
        with store.together():
            self._write(store, *_parted(self.files.values()))
        for file in self.files.values():
            if file.found_by.newly:
                list_anew(store, file.id, file.found_by.newly)
        self.files.clear()
        self._rows.clear()

    def _write(self, store: Store, new: list[CaseFile], known: list[CaseFile]) -> None:
        # New cases go first: what is changed elsewhere may point at them.
        store.insert(Case, [file.row for file in new])
        for file in new:
            self._collect_new(store, file)
        for file in known:
            self._collect_changes(store, file)
        for model in ORDER:
            store.insert(model, self._rows.get(model, []), ignore_conflict=model in IDEMPOTENT)

    def _collect_new(self, store: Store, file: CaseFile) -> None:
        for clock in file.clocks:
            self.add(Clock, clock)
        self._secrets(store, file)
        self._spells(store, file)
        self._found_by(store, file)

    def _collect_changes(self, store: Store, file: CaseFile) -> None:
        changed = {name: value for name, value in file.row.items() if file.stored.get(name) != value}
        if changed:
            store.update(Case, changed, id=file.id, version=file.stored["version"])
        # Runs that end go first: a key has one live run at a time.
        for clock in sorted(file.clocks, key=lambda clock: clock["status"] in LIVE):
            self._clock(store, file, clock)
        self._secrets(store, file)
        self._spells(store, file)
        self._found_by(store, file)

    def _clock(self, store: Store, file: CaseFile, clock: Row) -> None:
        key = (clock["key"], clock["cycle"], clock["run"])
        before = file.stored_clocks.get(key)
        if before is None:
            self.add(Clock, clock)
        elif before != clock:
            changed = {name: value for name, value in clock.items() if before[name] != value}
            where = {"case_id": file.id, "key": key[0], "cycle": key[1], "run": key[2]}
            store.update(Clock, changed, **where)

    def seal(self, store: Store, file: CaseFile) -> None:
        """What is secret leaves the transaction sealed, or not at all; the coming event tells the digest of what lies there.

        Called again before the next event, it seals what was said since.
        """
        new = {name: value for name, value in file.secrets.items() if file.sealed.get(name, ("", ""))[0] != value}
        if not new:
            return
        made = next((row for row in self.rows_of(CaseKey) if row["case_id"] == file.id), None)
        now = file.row["changed_at"]
        sealed, key = require_sealer(self.sealer).seal(store, file.id, new, now, is_new=file.is_new, made=made)
        if key:
            self.add(CaseKey, key)
        file.sealed |= {name: (new[name], text) for name, text in sealed.items()}
        file.untold |= {name: digest(store.digest_suite, text) for name, text in sealed.items()}

    def _secrets(self, store: Store, file: CaseFile) -> None:
        for field, (_plain, value) in file.sealed.items():
            if file.is_new:
                self.add(Secret, {"case_id": file.id, "field": field, "value": value})
            else:
                store.run(search.SET_SECRET, case_id=file.id, field=field, value=value, seq=file.secret_seqs.get(field))

    def _spells(self, store: Store, file: CaseFile) -> None:
        if file.spells and not file.is_new:
            store.run(search.CLOSE_SPELL, case_id=file.id, ended=file.spells[0]["from_at"])
        for spell in file.spells:
            self.add(Spell, spell)

    def _found_by(self, store: Store, file: CaseFile) -> None:
        told = file.found_by.write(store, file.id, file.row["changed_at"])
        kept: tuple[type[SQLModel], ...] = (Facet, FormerFacet, FormerText)
        for model, rows in zip(kept, told, strict=True):
            for row in rows:
                self.add(model, row)
        if file.found_by.has_other_words:
            if not file.is_new:
                store.run(search.CLEAR_TEXT, case_id=file.id)
            body = search.body_of(search.texts_of(file.served.definition, file.row, file.data))
            self.add(SearchText, {"case_id": file.id, "body": body, "grams": " ".join(search.grams(body))})


def require_sealer(sealer: Sealer | None) -> Sealer:
    """The sealer, or NotReady no_sealing_key: a secret is sealed or it is not kept."""
    if sealer is None:
        raise NotReady(why="no_sealing_key")
    return sealer


def _parted(files: Iterable[CaseFile]) -> tuple[list[CaseFile], list[CaseFile]]:
    """New cases, in the order they were made (parents before children), and known ones."""
    found = list(files)
    return [file for file in found if file.is_new], [file for file in found if not file.is_new]
