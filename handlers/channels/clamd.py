"""The scanner for malware: clamd, spoken to in its own protocol (INSTREAM) over a socket of this machine or of one nearby.

Only a plain answer is a verdict. A scanner that is away, breaks off or finds the file too large has said nothing.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from typing import BinaryIO

TIMEOUT_SECONDS = 60
CHUNK = 256 * 1024
ANSWER_AT_MOST = 4096
_UNIX, _TCP = re.compile(r"unix:(/.+)"), re.compile(r"tcp:([A-Za-z0-9.:-]+):([0-9]{1,5})")
_FOUND = re.compile(r"stream: (.{1,200}) FOUND")


@dataclass(frozen=True, slots=True)
class Clamd:
    """A scanner at unix:/path or tcp:host:port."""

    address: str

    def look_at(self, content: BinaryIO) -> str | None:
        """What it found, by its own name; "" for a clean file, None where it says anything else, or nothing."""
        try:
            with self._connect() as line:
                return _verdict(_ask(line, content))
        except OSError:
            return None

    def answers(self) -> bool:
        """Is it there?"""
        try:
            with self._connect() as line:
                line.sendall(b"zPING\0")
                return line.recv(ANSWER_AT_MOST).startswith(b"PONG")
        except OSError:
            return False

    def _connect(self) -> socket.socket:
        if path := _UNIX.fullmatch(self.address):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(TIMEOUT_SECONDS)
            try:
                line.connect(path[1])
            except OSError:
                line.close()
                raise
            return line
        place = _TCP.fullmatch(self.address)
        assert place is not None, "the settings were checked"
        return socket.create_connection((place[1], int(place[2])), TIMEOUT_SECONDS)


def _ask(line: socket.socket, content: BinaryIO) -> str:
    line.sendall(b"zINSTREAM\0")
    try:
        while chunk := content.read(CHUNK):
            line.sendall(len(chunk).to_bytes(4, "big") + chunk)
        line.sendall(bytes(4))
    except BrokenPipeError:
        pass  # it has heard enough, and says so
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < ANSWER_AT_MOST:
        part = line.recv(ANSWER_AT_MOST)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _verdict(answer: str) -> str | None:
    if answer == "stream: OK":
        return ""
    found = _FOUND.fullmatch(answer)
    return found[1] if found else None
