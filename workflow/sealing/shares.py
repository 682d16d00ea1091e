"""A master key in shares of which some must come together, so that no single office can open what is sealed, or lose it.

Shamir's scheme over GF(2⁸) with the polynomial of AES (0x11b), a byte at a time. Fewer shares than needed tell nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from states.errors import BadInput

MOST = 16
_POLYNOMIAL = 0x11B


def split(raw: bytes, *, shares: int, needed: int) -> list[str]:
    """The shares as lines `duban-share-1:NEEDED:PLACE:HEX:CHECK`. BadInput shares."""
    if not 2 <= needed <= shares <= MOST:
        raise BadInput(why="shares", most=MOST)
    # The secret byte is the value at 0 of a random polynomial of degree needed - 1; each share is its value elsewhere.
    polynomials = [(byte, *secrets.token_bytes(needed - 1)) for byte in raw]
    found = []
    for place in range(1, shares + 1):
        body = bytes(_value(polynomial, place) for polynomial in polynomials)
        found.append(_line(needed, place, body))
    return found


def join(lines: Sequence[str]) -> bytes:
    """The key of which these are shares. BadInput share_unreadable, shares_too_few, share_twice."""
    told = [_read(line) for line in lines]
    needed, length = {one[0] for one in told}, {len(one[2]) for one in told}
    if len(needed) != 1 or len(length) != 1:
        raise BadInput(why="share_unreadable")
    by_place = {place: body for _needed, place, body in told}
    if len(by_place) < len(told):
        raise BadInput(why="share_twice")
    if len(by_place) < needed.copy().pop():
        raise BadInput(why="shares_too_few", needed=needed.pop())
    chosen = dict(list(by_place.items())[: needed.pop()])
    return bytes(_at_zero({place: body[n] for place, body in chosen.items()}) for n in range(length.pop()))


def _line(needed: int, place: int, body: bytes) -> str:
    told = f"duban-share-1:{needed}:{place}:{body.hex()}"
    return f"{told}:{_check(told)}"


def _check(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def _read(line: str) -> tuple[int, int, bytes]:
    """(needed, place, body) of a share; its last part notices a slip of whoever typed it."""
    told, _, check = line.strip().rpartition(":")
    parts = told.split(":")
    if check != _check(told) or len(parts) != 4 or parts[0] != "duban-share-1":
        raise BadInput(why="share_unreadable")
    return int(parts[1]), int(parts[2]), bytes.fromhex(parts[3])


# ---- GF(2⁸) ---------------------------------------------------------------------------------------------------------------


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= _POLYNOMIAL
        b >>= 1
    return product


def _inverse(a: int) -> int:
    found = 1
    for _ in range(254):  # a^254 = a^-1 for every a but 0
        found = _times(found, a)
    return found


def _value(polynomial: Sequence[int], at: int) -> int:
    found = 0
    for coefficient in reversed(polynomial):
        found = _times(found, at) ^ coefficient
    return found


def _at_zero(points: dict[int, int]) -> int:
    """Lagrange's interpolation at 0; in this field minus is plus."""
    found = 0
    for place, value in points.items():
        part = value
        for other in points:
            if other != place:
                part = _times(part, _times(other, _inverse(other ^ place)))
        found ^= part
    return found
