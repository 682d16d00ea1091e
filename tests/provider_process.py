"""A provider of identities in a process of its own, on loopback: `python -m tests.provider_process AHEAD_SECONDS`.

Its clock is ahead of the machine's by as much as the tests' is (`tests/hours.py`). It prints its port once it listens.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta, tzinfo
from typing import Self

from werkzeug.serving import make_server

AHEAD = timedelta(seconds=float(sys.argv[1]))
machine_time = time.time


class Ahead(datetime):
    """The hour by the clock of the tests."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """The machine's, and as much as is told."""
        return super().now(tz) + AHEAD


def main() -> None:
    """Serves until it is ended."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    from oidc_provider_mock import _app, _storage, app

    time.time = lambda: machine_time() + AHEAD.total_seconds()
    _app.datetime = Ahead
    # Before its version 0.4, which needs Python 3.12, it says of nobody when he signed in. Everybody does so just now.
    _storage.AuthorizationCode.get_auth_time = lambda _self: int(time.time())
    server = make_server("127.0.0.1", 0, app(require_nonce=True), threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
