"""Sealed texts: `sealed:ALGORITHM:NONCE:CIPHERTEXT`, bound to the place where they lie, so that none can stand in another's.

The algorithm stands with each text, so that an installation may change its suite and still open what it sealed before.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

MARK = "sealed"
NONCE_BYTES = 12
TAG_BYTES = 16


class Broken(ValueError):
    """The text was not sealed with this key for this place: it was changed, or moved from elsewhere."""


@dataclass(frozen=True, slots=True)
class Suite:
    """An authenticated cipher: how long its keys are, in bytes, and how it seals and opens (key, nonce, text, place)."""

    key_bytes: int
    seal: Callable[[bytes, bytes, bytes, bytes], bytes]
    open: Callable[[bytes, bytes, bytes, bytes], bytes]


def _aes_seal(key: bytes, nonce: bytes, plain: bytes, place: bytes) -> bytes:
    return AESGCM(key).encrypt(nonce, plain, place)


def _aes_open(key: bytes, nonce: bytes, sealed: bytes, place: bytes) -> bytes:
    return AESGCM(key).decrypt(nonce, sealed, place)


def _sm4_seal(key: bytes, nonce: bytes, plain: bytes, place: bytes) -> bytes:
    worker = Cipher(SM4(key), GCM(nonce)).encryptor()
    worker.authenticate_additional_data(place)
    return worker.update(plain) + worker.finalize() + worker.tag


def _sm4_open(key: bytes, nonce: bytes, sealed: bytes, place: bytes) -> bytes:
    worker = Cipher(SM4(key), GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
    worker.authenticate_additional_data(place)
    return worker.update(sealed[:-TAG_BYTES]) + worker.finalize()


SUITES: Mapping[str, Suite] = {
    "aes-256-gcm": Suite(32, _aes_seal, _aes_open),
    "sm4-gcm": Suite(16, _sm4_seal, _sm4_open),  # GB/T 32907-2016
}


def new_key(algorithm: str) -> bytes:
    """A key of this suite, out of the system's random generator."""
    return os.urandom(SUITES[algorithm].key_bytes)


def seal(algorithm: str, key: bytes, plain: bytes, place: str) -> str:
    """The text sealed for `place`."""
    nonce = os.urandom(NONCE_BYTES)
    return f"{MARK}:{algorithm}:{_text(nonce)}:{_text(SUITES[algorithm].seal(key, nonce, plain, place.encode()))}"


def unseal(key: bytes, sealed: str, place: str) -> bytes:
    """What was sealed for `place` with this key. Broken where it was not."""
    try:
        _, algorithm, nonce, body = sealed.split(":")
        return SUITES[algorithm].open(key, _bytes(nonce), _bytes(body), place.encode())
    except (ValueError, KeyError, InvalidTag, binascii.Error) as fault:
        raise Broken(place) from fault


def is_sealed(text: str) -> bool:
    """Does the text look like a sealed one? What was kept before there were keys does not."""
    return text.startswith(f"{MARK}:") and text.count(":") == 3 and text.split(":")[1] in SUITES


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
