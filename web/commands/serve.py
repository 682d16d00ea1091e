"""duban serve: the site. On SQLite the scheduler runs as a thread of the same process; on PostgreSQL it is its own."""

from __future__ import annotations

import signal
import threading
from typing import Any

import click

from config.settings import LOOPBACK, load
from states.errors import BadInput
from web.commands.scheduler import jobs_of
from web.wiring import Office, open_office
from workflow.heartbeat import Heartbeat


@click.command("serve")
@click.option("--host", help="Listen on this address (default: DUBAN_HOST, 127.0.0.1).")
@click.option("--port", type=int, help="Listen on this port (default: DUBAN_PORT, 8600).")
@click.option("--plain-http", is_flag=True, help="Serve without TLS on other addresses than loopback.")
def command(host: str | None, port: int | None, plain_http: bool) -> None:
    """Serve the site (and, on SQLite, the scheduler in the same process)."""
    settings = load()
    host, port = host or settings.host, port or settings.port
    if host not in LOOPBACK and settings.certificate_file is None and not (plain_http or settings.plain_http):
        raise BadInput(why="plain_http", host=host)
    office = open_office(settings)
    heartbeat = _heartbeat(office)
    scheme = "https" if settings.certificate_file else "http"
    click.echo(f"督办正在运行：{scheme}://{host}:{port}/ （按 Ctrl+C 停止）")
    try:
        _serve(office, host, port)
    finally:
        if heartbeat:
            heartbeat.stop()
        office.close()


def _heartbeat(office: Office) -> Heartbeat | None:
    if not office.database.is_sqlite:
        return None
    heartbeat = Heartbeat(office.database, jobs_of(office))
    heartbeat.start()
    return heartbeat


def _serve(office: Office, host: str, port: int) -> None:
    """Granian's embedded server would be another process; waitress serves from this one, beside the heartbeat's thread."""
    from waitress.server import create_server

    from web import create_app

    server: Any = create_server(create_app(office), host=host, port=port, threads=8, ident="duban")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: _interrupt())
    try:
        server.run()
    except KeyboardInterrupt:
        server.close()


def _interrupt() -> None:
    raise KeyboardInterrupt
