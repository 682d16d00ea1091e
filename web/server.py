"""The processes that answer requests: granian's, one or several, below the process of `duban serve`.

They end with it however it ends, so that no page is served by a process whose scheduler is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from config.settings import Settings
from states.errors import BadInput

# Twice as many as may wait to sign in (workflow/people/turns.py): however many do, pages are answered.
THREADS = 16
# Whoever is being answered when the server is stopped gets so many seconds.
GRACE_SECONDS = 10


def require_free(host: str, port: int) -> str:
    """The address to listen on, in digits; BadInput where it is none of this machine's, or is taken.

    Granian shares a port with whoever listens there already, so two servers would take turns without anybody noticing.
    """
    try:
        family, kind, _protocol, _name, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError:
        raise BadInput(why="address_taken", host=host, port=port) from None
    return str(place[0])


def serve(settings: Settings, address: str, port: int) -> None:
    """Serves until a signal ends this process; with TLS where the settings name a certificate."""
    from granian.constants import Interfaces, SSLProtocols
    from granian.server.mp import MPServer

    # A forked process would hold the locks of threads that it does not have.
    multiprocessing.set_start_method("spawn", force=True)
    MPServer(
        "web.server",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=THREADS,
        websockets=False,
        log_enabled=False,
        ssl_cert=settings.certificate_file,
        ssl_key=settings.certificate_key_file,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    ).serve(target_loader=partial(_load, settings), wrap_loader=False)


def _load(settings: Settings) -> Callable[..., Any]:
    """The site, in a process of granian's."""
    from web import create_app
    from web.logs import begin_log
    from web.watch import watch_over
    from web.wiring import open_office

    begin_log(settings.log_level)
    office = open_office(settings)
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    watch_over(office).start()
    return create_app(office)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "granian starts the processes"
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
