"""Files that lie sealed: whole ones in authenticated chunks under a key of their own, passing ones as a scrambled stream.

A whole file begins with a head of 512 bytes that names the master key and holds the file's wrapped key; then come chunks of
64 KiB, numbered and the last one marked (the STREAM construction), so that none can be left out, moved or cut off unseen.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.ciphers.modes import CTR

from states.errors import NotReady
from workflow.sealing.ciphers import SUITES, TAG_BYTES, Broken, Suite, new_key, seal, unseal
from workflow.sealing.masters import Masters

MAGIC = b"duban sealed file 1\n"
HEAD_BYTES = 512
CHUNK = 64 * 1024
BLOCK = 16
PLACE = b"duban file chunk"
_BLOCK_CIPHERS: Mapping[str, Any] = {"aes-256-gcm": AES, "sm4-gcm": SM4}


def is_sealed_file(head: bytes) -> bool:
    """Does a file with this beginning lie sealed? What was kept before there were keys does not."""
    return head.startswith(MAGIC)


# ---- the key of a file ----------------------------------------------------------------------------------------------------


def wrap(masters: Masters, raw: bytes, suite: str) -> dict[str, str]:
    """A key of `suite` as it may lie beside what it seals: {suite, master, wrapped}."""
    master = masters.current
    return {"suite": suite, "master": master.id, "wrapped": seal(master.algorithm, master.raw, raw, f"file/{master.id}")}


def unwrap(masters: Masters, told: Mapping[str, str]) -> bytes:
    """The key. NotReady no_sealing_key where its master is not here, Broken where it was changed."""
    master = masters.by_id.get(told["master"])
    if master is None:
        raise NotReady(why="no_sealing_key", id=told["master"])
    return unseal(master.raw, told["wrapped"], f"file/{master.id}")


def head_of(told: Mapping[str, str]) -> bytes:
    """The head that says so."""
    return (MAGIC + json.dumps(told).encode()).ljust(HEAD_BYTES - 1) + b"\n"


def read_head(head: bytes) -> dict[str, str]:
    """What the head says. Broken where it says nothing."""
    try:
        told: dict[str, str] = json.loads(head[len(MAGIC) : HEAD_BYTES])
        return {name: str(told[name]) for name in ("suite", "master", "wrapped")}
    except (ValueError, KeyError, TypeError) as fault:
        raise Broken("file") from fault


# ---- whole files ----------------------------------------------------------------------------------------------------------


class SealedWriter:
    """Writes a sealed file piece by piece; without `end` it has no last chunk and does not open."""

    def __init__(self, out: BinaryIO, masters: Masters) -> None:
        name = masters.current.algorithm
        self._out, self._suite, self._key = out, SUITES[name], new_key(name)
        self._left, self._number = bytearray(), 0
        out.write(head_of(wrap(masters, self._key, name)))

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self._left += data
        # A full chunk waits until something comes after it: only then it is known not to be the last.
        while len(self._left) > CHUNK:
            self._chunk(bytes(self._left[:CHUNK]), is_last=False)
            del self._left[:CHUNK]

    def end(self) -> None:
        """Writes what is left as the last chunk."""
        self._chunk(bytes(self._left), is_last=True)

    def _chunk(self, plain: bytes, *, is_last: bool) -> None:
        self._out.write(self._suite.seal(self._key, _nonce(self._number, is_last), plain, PLACE))
        self._number += 1


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class _SealedReader(io.RawIOBase):
    """A sealed file as it was, from any place; a chunk that does not open is Broken."""

    def __init__(self, opened: BinaryIO, masters: Masters) -> None:
        super().__init__()
        told = read_head(opened.read(HEAD_BYTES))
        self._opened, self._key = opened, unwrap(masters, told)
        self._suite: Suite = SUITES[told["suite"]]
        body = os.fstat(opened.fileno()).st_size - HEAD_BYTES
        self._chunks = -(-body // (CHUNK + TAG_BYTES))
        self._size = body - self._chunks * TAG_BYTES
        self._at, self._known = 0, (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        # Of an empty file the one chunk is opened too: whether it is empty is for its tag to say.
        plain = self._chunk(min(self._at // CHUNK, max(self._chunks - 1, 0)))
        piece = plain[self._at % CHUNK :][: len(buffer)] if self._at < self._size else b""
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _chunk(self, number: int) -> bytes:
        if self._known[0] != number:
            self._opened.seek(HEAD_BYTES + number * (CHUNK + TAG_BYTES))
            sealed = self._opened.read(CHUNK + TAG_BYTES)
            try:
                plain = self._suite.open(self._key, _nonce(number, number == self._chunks - 1), sealed, PLACE)
            except (InvalidTag, ValueError) as fault:
                raise Broken("file") from fault
            self._known = (number, plain)
        return self._known[1]


def reading(opened: BinaryIO, masters: Masters) -> BinaryIO:
    """The file as it was before it was sealed, or as it is where it was kept before there were keys."""
    head = opened.read(len(MAGIC))
    opened.seek(0)
    return io.BufferedReader(_SealedReader(opened, masters), CHUNK) if is_sealed_file(head) else opened


def rewrapped(head: bytes, masters: Masters) -> bytes | None:
    """The head with the file's key wrapped by the current master; None where it is already."""
    told = read_head(head)
    return None if told["master"] == masters.current.id else head_of(wrap(masters, unwrap(masters, told), told["suite"]))


# ---- passing ones ---------------------------------------------------------------------------------------------------------


class Scrambled(io.RawIOBase):
    """A file whose bytes lie scrambled, each at its own place, under a key for this file alone.

    It keeps what passes by from whoever reads the disk; whether it was changed is for the digest of the whole to say. With
    `owns` the file is closed with it.
    """

    def __init__(self, raw: BinaryIO, key: bytes, suite: str, *, owns: bool) -> None:
        super().__init__()
        self._raw, self._key, self._cipher, self._owns = raw, key, _BLOCK_CIPHERS[suite], owns

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._raw.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        at = self._raw.tell()
        piece = self._turned(self._raw.read(len(buffer)), at)
        buffer[: len(piece)] = piece
        return len(piece)

    def write(self, data: Any) -> int:
        return self._raw.write(self._turned(bytes(data), self._raw.tell()))

    def flush(self) -> None:
        if not self._raw.closed:
            self._raw.flush()

    def close(self) -> None:
        super().close()
        if self._owns:
            self._raw.close()

    def _turned(self, data: bytes, at: int) -> bytes:
        block, within = divmod(at, BLOCK)
        worker = Cipher(self._cipher(self._key), CTR(block.to_bytes(BLOCK, "big"))).encryptor()
        return worker.update(bytes(within) + data)[within:]


def scrambled(raw: BinaryIO, key: bytes, suite: str, *, owns: bool = False) -> BinaryIO:
    """The stream to read and write through."""
    return cast(BinaryIO, Scrambled(raw, key, suite, owns=owns))
