"""`duban serve` as a process of its own, on an address of this machine that is not the usual loopback."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.web.site import UNHURRIED

# It is reached by nobody else, and yet it is none of the addresses that may be served in the clear.
HOST = "127.0.0.2"
DUBAN = Path(sys.executable).with_name("duban")
PATIENCE_SECONDS = 60


@dataclass
class Served:
    """A running server: its process, its port and what it said when it began."""

    process: subprocess.Popen[str]
    port: int
    said: dict[str, Any]

    def get(self, path: str, trusted: Path | None = None) -> tuple[int, dict[str, str], str]:
        """Status, headers and text; over TLS, and verified, where a certificate is trusted, else in the clear."""
        connection = self._connection(trusted)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()

    def _connection(self, trusted: Path | None) -> http.client.HTTPConnection:
        if trusted is None:
            return http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        context = ssl.create_default_context(cafile=str(trusted))
        return http.client.HTTPSConnection(HOST, self.port, timeout=PATIENCE_SECONDS, context=context)

    def wait_until(self, path: str, status: int, trusted: Path | None = None) -> None:
        """Asks until it answers so."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, "the server has ended"
            try:
                if self.get(path, trusted)[0] == status:
                    return
            except ConnectionError:
                pass  # It does not listen yet.
            time.sleep(0.1)
        raise AssertionError(f"{path} never answered {status}")

    def wait_until_workers(self, count: int) -> None:
        """Waits until so many processes answer."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if sum("resource_tracker" not in command for command in self._children()) == count:
                return
            time.sleep(0.1)
        raise AssertionError(f"there are not {count} workers")

    def _children(self) -> list[str]:
        listed = subprocess.run(
            ["ps", "-o", "args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return listed.stdout.splitlines()

    def wait_until_gone(self, path: str) -> None:
        """Asks until nobody answers."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                self.get(path)
            except ConnectionError:
                return
            time.sleep(0.1)
        raise AssertionError(f"{path} is still answered")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(home: Path, *options: str, **settings: str) -> Iterator[Served]:
    """The server over a home, ended by a signal after the block if it still runs."""
    port = free_port()
    command = [str(DUBAN), "serve", "--host", HOST, "--port", str(port), "--json", *options]
    environment = {**os.environ, "DUBAN_HOME": str(home), **UNHURRIED, **settings}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield Served(process, port, json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        assert process.stdout
        process.stdout.close()


@contextmanager
def scheduling(home: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """The scheduler as a process of its own, ended by a signal after the block."""
    environment = {**os.environ, "DUBAN_HOME": str(home), **UNHURRIED, **settings}
    process = subprocess.Popen([str(DUBAN), "scheduler", "--json"], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
