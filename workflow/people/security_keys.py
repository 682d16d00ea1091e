"""Security keys (WebAuthn): a key is made for the host of this site and signs nothing for another, whatever page asks.

What is to be signed lies with the session and is used once; the key's own count only grows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

from states.errors import BadInput
from workflow.models import SecondFactor, SignIn
from workflow.people.factors import add_factor, list_factors, plain_label
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_sign_in = table_of(SignIn)
CHALLENGE = Prepared(select(_sign_in.c.challenge).where(_sign_in.c.token_digest == bindparam("token_digest")))


@dataclass(frozen=True, slots=True)
class Site:
    """Where the keys are used: the host they belong to, and the origin as a browser says it."""

    host: str
    origin: str
    name: str


def begin_key(store: Store, *, session: str, person_id: int, login: str, name: str, site: Site) -> str:
    """What the browser is to ask a new key, as JSON. `session` is the token digest of the session that asks."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=f"duban-{person_id}".encode(),
        user_name=login,
        user_display_name=name,
        exclude_credentials=_known(store, person_id, site),
    )
    _remember(store, session, options.challenge)
    return options_to_json(options)


def confirm_key(store: Store, *, session: str, person_id: int, answer: str, label: str, site: Site, now: datetime) -> int:
    """The key counts from now on; its id. BadInput key_refused."""
    challenge = _take(store, session)
    if not challenge:
        raise BadInput(why="key_refused")
    try:
        found = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin
        )
    except (WebAuthnException, ValueError, KeyError) as fault:
        raise BadInput(why="key_refused") from fault
    credential = bytes_to_base64url(found.credential_id)
    row = {"kind": "key", "label": plain_label(label), "secret": bytes_to_base64url(found.credential_public_key)}
    row |= {"credential": credential, "host": site.host}
    times = {"created_at": now, "confirmed_at": now, "used_at": now, "counter": found.sign_count}
    return add_factor(store, person_id=person_id, row={**row, **times})


def begin_proof(store: Store, *, session: str, person_id: int, site: Site) -> str:
    """What the browser is to ask one of the person's keys, as JSON."""
    options = generate_authentication_options(
        rp_id=site.host,
        allow_credentials=_known(store, person_id, site),
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    _remember(store, session, options.challenge)
    return options_to_json(options)


def is_signed(store: Store, *, session: str, person_id: int, answer: str, site: Site, now: datetime) -> bool:
    """Did one of the person's keys sign what was asked of it? What was asked is used up either way."""
    challenge = _take(store, session)
    key = _key_of(store, person_id, answer, site)
    if key is None or not challenge:
        return False
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(key["secret"]),
            credential_current_sign_count=key["counter"],
        )
    except (WebAuthnException, ValueError, KeyError):
        return False
    values = {"counter": found.new_sign_count, "used_at": now}
    return store.update(SecondFactor, values, id=key["id"], counter=key["counter"]) == 1


def _known(store: Store, person_id: int, site: Site) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row["credential"])) for row in _keys(store, person_id, site)]


def _keys(store: Store, person_id: int, site: Site) -> list[Row]:
    return [row for row in list_factors(store, person_id) if row["kind"] == "key" and row["host"] == site.host]


def _key_of(store: Store, person_id: int, answer: str, site: Site) -> Row | None:
    try:
        told = json.loads(answer)
        credential = told["id"]
    except (ValueError, KeyError, TypeError):
        return None
    return next((row for row in _keys(store, person_id, site) if row["credential"] == credential), None)


def _remember(store: Store, session: str, challenge: bytes) -> None:
    store.update(SignIn, {"challenge": bytes_to_base64url(challenge)}, token_digest=session)


def _take(store: Store, session: str) -> bytes:
    row = store.row(CHALLENGE, token_digest=session)
    told = row["challenge"] if row else None
    if not told or not store.update(SignIn, {"challenge": None}, token_digest=session, challenge=told):
        return b""
    return base64url_to_bytes(told)
