"""An ID token is read with the provider's own keys, and each of its claims is looked at (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from handlers.identity import Identity, ProviderRefused

# By a public key only. With `none` anybody signs, and with HS256 whoever knows the public key does (RFC 8725 §2.1).
ALGORITHMS = ("RS256", "PS256", "ES256")
RSA_BITS_AT_LEAST = 2048
# So far may the two houses' clocks differ.
SKEW = timedelta(seconds=60)
# A token is made when the code is redeemed, so an older one is of another day.
OLDEST = timedelta(minutes=10)
# OpenID Connect Core 2: at most 255 characters of ASCII.
SUBJECT_AT_MOST = 255


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token of a trip must say: from whom, for whom, of which trip, and that he proved himself since it began."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    begun_at: datetime


def keys_of(document: Mapping[str, Any]) -> KeySet:
    """The public keys that sign, of a key set; KeyError, TypeError, ValueError or JoseError where it is none.

    Keys of other kinds, for other uses or too short are left out: a set may hold more than Duban reads.
    """
    told = [key for key in document["keys"] if isinstance(key, dict) and key.get("use", "sig") == "sig"]
    rsa = [RSAKey.import_key(key) for key in told if key.get("kty") == "RSA" and _bits(key["n"]) >= RSA_BITS_AT_LEAST]
    signing: list[Key] = [*rsa, *(ECKey.import_key(key) for key in told if key.get("kty") == "EC")]
    if not signing:
        raise ValueError("no key that signs")
    return KeySet(signing)


def _bits(number: str) -> int:
    """How long a number of RFC 7518 §2 is."""
    return int.from_bytes(urlsafe_b64decode(number + "==")).bit_length()


def identity_of(token: str, keys: KeySet, expected: Expected, now: datetime) -> Identity:
    """Whose token it is; ProviderRefused with the first claim that is wrong."""
    try:
        told = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise ProviderRefused(fault="signature") from fault
    wrong = next((name for name, is_right in _looked_at(told, expected, now).items() if not is_right), None)
    if wrong is not None:
        raise ProviderRefused(fault=wrong)
    return Identity(expected.issuer, told["sub"])


def _looked_at(told: Mapping[str, Any], expected: Expected, now: datetime) -> dict[str, bool]:
    subject, nonce = told.get("sub"), told.get("nonce")
    return {
        "iss": told.get("iss") == expected.issuer,
        # Whoever else may read the token may hand it on: it is for this client and for no other.
        "aud": told.get("aud") in (expected.client_id, [expected.client_id]),
        "azp": told.get("azp", expected.client_id) == expected.client_id,
        "exp": _is_within(told.get("exp"), now - SKEW, None),
        "iat": _is_within(told.get("iat"), now - OLDEST, now + SKEW),
        "nbf": "nbf" not in told or _is_within(told["nbf"], None, now + SKEW),
        "nonce": isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), expected.nonce.encode()),
        # Asked for by max_age=0: an old sign-in at the provider, left open on a shared desk, is none here.
        "auth_time": _is_within(told.get("auth_time"), expected.begun_at - SKEW, now + SKEW),
        "sub": isinstance(subject, str) and subject.isascii() and subject.isprintable() and 0 < len(subject) <= SUBJECT_AT_MOST,
    }


def _is_within(told: Any, since: datetime | None, until: datetime | None) -> bool:
    """Is it a time in seconds, and in these bounds? What is no number, or no finite one, is in none."""
    if not isinstance(told, int | float) or isinstance(told, bool):
        return False
    first = float("-inf") if since is None else since.timestamp()
    last = float("inf") if until is None else until.timestamp()
    return first < told < last
