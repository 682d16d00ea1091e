"""A time-stamping authority (RFC 3161) by files: a request lies in a folder, whoever carries it brings the reply back.

`NAME.json` is the signed note, `NAME.tsq` the request for it, `NAME.tsr` the authority's reply; `openssl ts -verify -data
NAME.json -in NAME.tsr -CAfile …` proves when the note was there. Nothing here speaks to a network.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from handlers.places import PlaceRefused, Sent
from handlers.places.folder import keep

# AlgorithmIdentifier of SHA-256, in DER.
SHA_256 = bytes.fromhex("300d06096086480165030402010500")
CERTIFICATE_WANTED = bytes.fromhex("0101ff")
VERSION = bytes.fromhex("020101")
GRANTED = (0, 1)


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """Leaves requests in `path` and takes the replies up."""

    path: Path
    name: str = "timestamp"
    takes_rows: bool = False

    def put(self, sent: Sent) -> str | None:
        """The digest of the reply once it is there and granted; None until then."""
        keep(self.path / f"{sent.name}.json", sent.note)
        keep(self.path / f"{sent.name}.tsq", request_of(sent.note))
        reply = self.path / f"{sent.name}.tsr"
        if not reply.exists():
            return None
        told = reply.read_bytes()
        if not _is_granted(told) or hashlib.sha256(sent.note).digest() not in told:
            raise PlaceRefused(f"{reply.name} grants nothing for {sent.name}.json")
        return hashlib.sha256(told).hexdigest()


def request_of(content: bytes) -> bytes:
    """The TimeStampReq for some bytes, DER: version 1, their SHA-256, the authority's certificate wanted."""
    imprint = _sequence(SHA_256 + b"\x04\x20" + hashlib.sha256(content).digest())
    return _sequence(VERSION + imprint + CERTIFICATE_WANTED)


def _sequence(content: bytes) -> bytes:
    assert len(content) < 0x80, "requests are short"
    return bytes((0x30, len(content))) + content


def _is_granted(reply: bytes) -> bool:
    """Is it a TimeStampResp whose status is granted, with or without modifications?"""
    outer = _inside(reply)
    status = _inside(outer) if outer else b""
    return status[:2] == b"\x02\x01" and status[2:3] != b"" and status[2] in GRANTED


def _inside(told: bytes) -> bytes:
    """The content of the SEQUENCE that some DER begins with, b"" where it begins with none."""
    if len(told) < 2 or told[0] != 0x30:
        return b""
    if told[1] < 0x80:
        return told[2 : 2 + told[1]]
    octets = told[1] & 0x7F
    length = int.from_bytes(told[2 : 2 + octets], "big")
    return told[2 + octets : 2 + octets + length]
