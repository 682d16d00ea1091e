"""Seals and opens the secret facts of a case under the case's own key, which only a master key unwraps.

Destroying a case's wrapped key makes everything that was sealed under it unreadable for ever, in every copy of the database.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from states.errors import Conflict, NotReady
from workflow.models import CaseKey, Secret
from workflow.sealing.ciphers import Broken, is_sealed, new_key, seal, unseal
from workflow.sealing.masters import Masters
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_key, _secret = table_of(CaseKey), table_of(Secret)
FIND = Prepared(select(_key).where(_key.c.case_id == bindparam("case_id")))
VALUES = Prepared(select(_secret.c.field, _secret.c.value).where(_secret.c.case_id == bindparam("case_id")))
OF_OTHERS = Prepared(
    select(_key)
    .where(_key.c.master_id != bindparam("master_id"), _key.c.case_id > bindparam("after"))
    .order_by(_key.c.case_id)
    .limit(bindparam("limit"))
)
IN_USE = Prepared(select(_key.c.master_id, func.count().label("cases")).group_by(_key.c.master_id))
# What was kept before there were keys, or by a program that had none.
PLAIN = Prepared(
    select(_secret.c.case_id, _secret.c.field, _secret.c.value, _secret.c.was)
    .where(_secret.c.case_id > bindparam("after"))
    .order_by(_secret.c.case_id, _secret.c.field)
    .limit(bindparam("limit"))
)
REWRAP = Prepared(
    update(_key)
    .where(_key.c.case_id == bindparam("of"), _key.c.master_id == bindparam("was"))
    .values({name: bindparam(name) for name in ("master_id", "algorithm", "wrapped")})
)
MOVE = Prepared(
    update(_key)
    .where(_key.c.case_id == bindparam("of"))
    .values(
        **{name: bindparam(name) for name in ("master_id", "wrapped")},
        escrowed_at=bindparam("escrowed_at", type_=_key.c.escrowed_at.type),
    )
)
SEAL = Prepared(
    update(_secret)
    .where(_secret.c.case_id == bindparam("of"), _secret.c.field == bindparam("named"), _secret.c.value == bindparam("found"))
    .values(value=bindparam("value"), was=bindparam("was", type_=_secret.c.was.type))
)
TOGETHER = 500


class Sealer:
    """The office's way to its secrets. `masters` is asked for when a secret is first needed, and once."""

    def __init__(self, masters: Callable[[], Masters]) -> None:
        self._ask = masters
        self._known: Masters | None = None

    @property
    def masters(self) -> Masters:
        """The master keys. NotReady no_sealing_key, key_open, key_unreadable, key_weak: nothing is sealed or opened then."""
        if self._known is None:
            self._known = self._ask()
        return self._known

    def seal(
        self, store: Store, case_id: int, told: Mapping[str, str], now: datetime, *, is_new: bool, made: Row | None = None
    ) -> tuple[dict[str, str], Row | None]:
        """The facts by name, each sealed for its place under the case's key; and the key's row, where it was made for them.

        `made` is the row that this transaction has made and not written yet.
        """
        known = made or (None if is_new else store.row(FIND, case_id=case_id))
        raw = self._unwrap(known) if known else new_key(self.masters.current.algorithm)
        row = known or {"case_id": case_id, **self._wrapped(case_id, raw), "made_at": now, "escrowed_at": None}
        sealed = {name: seal(row["algorithm"], raw, value.encode(), _place(case_id, name)) for name, value in told.items()}
        return sealed, None if known else row

    def open(self, store: Store, case_id: int, names: Iterable[str]) -> dict[str, str]:
        """The secret facts of the case in plain words, of those `names` that it has.

        NotReady sealed_broken; Conflict key_in_escrow once the case is put away.
        """
        kept = {row["field"]: row["value"] for row in store.rows(VALUES, case_id=case_id)}
        found = {name: kept[name] for name in names if name in kept}
        if not any(map(is_sealed, found.values())):
            return found
        row = store.row(FIND, case_id=case_id)
        if row is None:
            raise NotReady(why="sealed_broken", case=case_id)
        key = self._unwrap(row)
        return {name: self._plain(case_id, name, value, key) for name, value in found.items()}

    def blind(self, text: str) -> str:
        """A digest of a request that nobody without the key can try out, in hex."""
        return hmac.new(self.masters.blinding, text.encode(), hashlib.sha256).hexdigest()

    # ---- the archive's escrow ----------------------------------------------------------------------------------------

    def is_away(self, store: Store, case_id: int) -> bool:
        """Does the case's key lie in the archive's escrow?"""
        row = store.row(FIND, case_id=case_id)
        return row is not None and row["escrowed_at"] is not None

    def put_away(self, store: Store, case_id: int, now: datetime) -> str:
        """Wraps the case's key by the archive's public half and by nothing else; that pair's id. NotReady no_escrow_key."""
        row, escrow = store.row(FIND, case_id=case_id), self.masters.escrow
        if row is None or escrow is None:
            raise NotReady(why="no_escrow_key")
        wrapped = escrow.wrap(self._unwrap(row), _key_place(case_id, escrow.id))
        store.run(MOVE, of=case_id, master_id=escrow.id, wrapped=wrapped, escrowed_at=now)
        return escrow.id

    def bring_back(self, store: Store, case_id: int) -> None:
        """The other way, with the archive's private half. NotReady no_escrow_key, sealed_broken."""
        row = store.row(FIND, case_id=case_id)
        escrow = self.masters.escrows.get(row["master_id"]) if row else None
        if row is None or escrow is None:
            raise NotReady(why="no_escrow_key")
        try:
            raw = escrow.unwrap(row["wrapped"], _key_place(case_id, escrow.id))
        except Broken as fault:
            raise NotReady(why="sealed_broken", case=case_id) from fault
        made = self._wrapped(case_id, raw)
        store.run(MOVE, of=case_id, master_id=made["master_id"], wrapped=made["wrapped"], escrowed_at=None)

    # ---- keys --------------------------------------------------------------------------------------------------------

    def _wrapped(self, case_id: int, raw: bytes) -> Row:
        master = self.masters.current
        wrapped = seal(master.algorithm, master.raw, raw, _key_place(case_id, master.id))
        return {"master_id": master.id, "algorithm": master.algorithm, "wrapped": wrapped}

    def _unwrap(self, row: Row) -> bytes:
        if row["escrowed_at"] is not None:
            raise Conflict(why="key_in_escrow")
        master = self.masters.by_id.get(row["master_id"])
        if master is None:
            raise NotReady(why="no_sealing_key", id=row["master_id"])
        try:
            return unseal(master.raw, row["wrapped"], _key_place(row["case_id"], master.id))
        except Broken as fault:
            raise NotReady(why="sealed_broken", case=row["case_id"]) from fault

    def _plain(self, case_id: int, name: str, value: str, key: bytes) -> str:
        if not is_sealed(value):
            return value
        try:
            return unseal(key, value, _place(case_id, name)).decode()
        except Broken as fault:
            raise NotReady(why="sealed_broken", case=case_id) from fault

    # ---- the night's work ----------------------------------------------------------------------------------------------

    def rewrap(self, store: Store, after: int) -> tuple[int, int | None]:
        """Wraps the next keys of an older master by the current one; how many, and the last case looked at, None at the end.

        What lies sealed under a case's key stays as it is, in its own suite. A key that cannot be unwrapped is left alone.
        """
        rows = store.rows(OF_OTHERS, master_id=self.masters.current.id, after=after, limit=TOGETHER)
        known = [row for row in rows if row["master_id"] in self.masters.by_id]
        for row in known:
            made = self._wrapped(row["case_id"], self._unwrap(row)) | {"algorithm": row["algorithm"]}
            store.run(REWRAP, of=row["case_id"], was=row["master_id"], **made)
        return len(known), rows[-1]["case_id"] if rows else None

    def seal_plain(self, store: Store, after: int, now: datetime) -> tuple[int, int | None]:
        """Seals what the next secrets still hold in plain words; how many, and the last case looked at, None at the end."""
        rows, sealed = store.rows(PLAIN, after=after, limit=TOGETHER), 0
        for row in rows:
            told = {name: row[name] for name in ("value", "was") if row[name] is not None and not is_sealed(row[name])}
            sealed += self._seal_row(store, row, told, now) if told else 0
        # A case's secrets are few; those cut off by the limit are looked at again with the case before them.
        return sealed, rows[-1]["case_id"] - (len(rows) == TOGETHER) if rows else None

    def _seal_row(self, store: Store, row: Row, told: Mapping[str, str], now: datetime) -> int:
        new = {"value": row["value"], "was": row["was"]}
        for name, value in told.items():
            sealed, key = self.seal(store, row["case_id"], {row["field"]: value}, now, is_new=False)
            store.insert(CaseKey, [key] if key else [])
            new[name] = sealed[row["field"]]
        return store.run(SEAL, of=row["case_id"], named=row["field"], found=row["value"], **new)


def in_use(store: Store) -> dict[str, int]:
    """How many cases' keys each master key wraps, by its id."""
    return {row["master_id"]: row["cases"] for row in store.rows(IN_USE)}


def _place(case_id: int, name: str) -> str:
    return f"secret/{case_id}/{name}"


def _key_place(case_id: int, master_id: str) -> str:
    return f"case_key/{case_id}/{master_id}"
