"""Second factors: code generators, security keys and recovery codes; what a person has, gets and gives up.

A code is accepted once, also at the same moment twice: the time step it belongs to is kept by compare-and-set. The secret of a
generator is sealed; a recovery code has 120 random bits, so its digest is enough to keep (security.md R2; ASVS 6.5.1, 6.5.2).
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from hmac import compare_digest
from typing import Any

import pyotp
from sqlalchemy import bindparam, delete, select, update

from states.errors import BadInput, Conflict, NotFound
from workflow.models import Note, RecoveryCode, SecondFactor, SignIn
from workflow.people.accounts import end_all, end_tokens
from workflow.people.bearer import digest_of
from workflow.sealing.seal import Seal
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical

STEP_SECONDS = 30
# A telephone's clock may go one step before or after ours.
DRIFT = 1
CODES = 10
CODE_BYTES = 15
FACTORS_AT_MOST = 10
LABEL_AT_MOST = 60

_factor, _code = table_of(SecondFactor), table_of(RecoveryCode)
_IS_LIVE = (_factor.c.confirmed_at.is_not(None), _factor.c.ended_at.is_(None))
LIVE = Prepared(select(_factor).where(_factor.c.person_id == bindparam("person_id"), *_IS_LIVE).order_by(_factor.c.id))
BEGUN = Prepared(
    select(_factor).where(
        _factor.c.person_id == bindparam("person_id"),
        _factor.c.id == bindparam("id"),
        _factor.c.kind == "totp",
        _factor.c.confirmed_at.is_(None),
        _factor.c.ended_at.is_(None),
    )
)
DROP_BEGUN = Prepared(delete(_factor).where(_factor.c.person_id == bindparam("person_id"), _factor.c.confirmed_at.is_(None)))
LEFT = Prepared(select(_code.c.code_digest).where(_code.c.person_id == bindparam("person_id"), _code.c.used_at.is_(None)))
DROP_CODES = Prepared(delete(_code).where(_code.c.person_id == bindparam("person_id")))
USE_CODE = Prepared(
    update(_code)
    .values(used_at=bindparam("now", type_=_code.c.used_at.type))
    .where(_code.c.code_digest == bindparam("digest"), _code.c.person_id == bindparam("owner_id"), _code.c.used_at.is_(None))
)


def list_factors(store: Store, person_id: int) -> list[Row]:
    """The person's confirmed factors, the oldest first."""
    return store.rows(LIVE, person_id=person_id)


def codes_left(store: Store, person_id: int) -> int:
    """How many recovery codes the person still has."""
    return len(store.rows(LEFT, person_id=person_id))


def _place(person_id: int) -> str:
    return f"second_factor/secret/{person_id}"


def begin_totp(store: Store, *, person_id: int, seal: Seal, now: datetime) -> tuple[int, str]:
    """A code generator that counts once a code of it was typed: (id, secret). An earlier one that was not confirmed is gone."""
    _require_room(store, person_id)
    store.run(DROP_BEGUN, person_id=person_id)
    secret = pyotp.random_base32()
    row = {"kind": "totp", "label": "", "secret": seal.close(secret, place=_place(person_id)), "created_at": now}
    return add_factor(store, person_id=person_id, row=row), secret


def _require_room(store: Store, person_id: int) -> None:
    if len(list_factors(store, person_id)) >= FACTORS_AT_MOST:
        raise Conflict(why="too_many_factors", at_most=FACTORS_AT_MOST)


def add_factor(store: Store, *, person_id: int, row: dict[str, Any]) -> int:
    """The id of a new row; what it does not say is empty."""
    empty = {"label": "", "credential": None, "host": "", "counter": 0, "confirmed_at": None, "used_at": None, "ended_at": None}
    factor_id = store.new_ids(SecondFactor, 1)[0]
    store.insert(SecondFactor, [{"id": factor_id, "person_id": person_id, **empty, **row}])
    return factor_id


def begun_secret(store: Store, *, person_id: int, factor_id: int, seal: Seal) -> str:
    """The secret of a generator that is not confirmed yet, for the page that is shown again; NotFound after that."""
    row = store.row(BEGUN, person_id=person_id, id=factor_id)
    if row is None:
        raise NotFound(what="factor", id=factor_id)
    return seal.open(row["secret"], place=_place(person_id))


def confirm_totp(store: Store, *, person_id: int, factor_id: int, code: str, label: str, seal: Seal, now: datetime) -> None:
    """The generator counts from now on; BadInput code_wrong."""
    secret = begun_secret(store, person_id=person_id, factor_id=factor_id, seal=seal)
    step = _step_of(secret, code, now)
    if step is None:
        raise BadInput(why="code_wrong")
    values = {"confirmed_at": now, "used_at": now, "counter": step, "label": plain_label(label)}
    store.update(SecondFactor, values, id=factor_id)


def plain_label(label: str) -> str:
    """What its owner calls a factor."""
    return " ".join(label.split())[:LABEL_AT_MOST]


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that the code belongs to, or None."""
    generator, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    steps = [step for step in range(here - DRIFT, here + DRIFT + 1) if compare_digest(generator.generate_otp(step), code)]
    return steps[0] if steps else None


def is_code_right(store: Store, *, person_id: int, code: str, seal: Seal, now: datetime) -> bool:
    """Is it the code of one of the person's generators, or a recovery code? Either way it is used up."""
    plain = "".join(code.split()).replace("-", "").upper()
    if not plain.isascii():
        return False
    if len(plain) == CODE_BYTES * 8 // 5:
        return store.run(USE_CODE, digest=digest_of(plain), owner_id=person_id, now=now) == 1
    return any([_fits(store, row, plain, seal, now) for row in list_factors(store, person_id) if row["kind"] == "totp"])


def _fits(store: Store, row: Row, code: str, seal: Seal, now: datetime) -> bool:
    step = _step_of(seal.open(row["secret"], place=_place(row["person_id"])), code, now)
    if step is None or step <= row["counter"]:
        return False
    return store.update(SecondFactor, {"counter": step, "used_at": now}, id=row["id"], counter=row["counter"]) == 1


def new_codes(store: Store, *, person_id: int, now: datetime) -> list[str]:
    """Ten recovery codes, shown once; those that there were are gone."""
    store.run(DROP_CODES, person_id=person_id)
    made = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode() for _ in range(CODES)]
    rows = [{"code_digest": digest_of(code), "person_id": person_id, "created_at": now, "used_at": None} for code in made]
    store.insert(RecoveryCode, rows)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in made]


def end_factor(store: Store, *, person_id: int, factor_id: int, now: datetime, but: str = "") -> None:
    """Its owner gives up a factor; his sessions end but that with token digest `but`. NotFound for no own one.

    With the last one go the recovery codes, and the session that goes on is again one of a password alone.
    """
    if factor_id not in {row["id"] for row in list_factors(store, person_id)}:
        raise NotFound(what="factor", id=factor_id)
    store.update(SecondFactor, {"ended_at": now}, id=factor_id)
    if not list_factors(store, person_id):
        store.run(DROP_CODES, person_id=person_id)
        store.update(SignIn, {"factor_at": None}, token_digest=but)
    end_all(store, person_id=person_id, now=now, but=but)


def drop_all(store: Store, *, person_id: int, now: datetime) -> int:
    """Takes away every factor of somebody who lost them, from the machine itself; how many. Noted; sessions and tokens end."""
    factors = list_factors(store, person_id)
    for row in factors:
        store.update(SecondFactor, {"ended_at": now}, id=row["id"])
    store.run(DROP_CODES, person_id=person_id)
    end_all(store, person_id=person_id, now=now)
    end_tokens(store, person_id=person_id, now=now)
    body = canonical({"factors": len(factors)})
    store.insert(Note, [{"at": now, "kind": "factors_dropped", "case_id": None, "actor_id": person_id, "body": body}])
    return len(factors)
