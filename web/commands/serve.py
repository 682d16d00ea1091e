"""duban serve: the site. On SQLite the scheduler runs as a thread of this process; on PostgreSQL it is its own.

On anything but loopback it speaks TLS, with the certificate that was given or with one made here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from config.settings import LOOPBACK, Settings, load
from states.errors import BadInput
from web import server
from web.certificate import Certificate, certificate_for
from web.commands.office import common, say
from web.logs import begin_log
from workflow.dates import local_day
from workflow.keyring import require_keys
from workflow.readiness import require_ready, require_settled
from workflow.sealing.masters import read_masters


@click.command("serve")
@click.option("--host", help="Listen on this address (default: DUBAN_HOST, 127.0.0.1).")
@click.option("--port", type=int, help="Listen on this port (default: DUBAN_PORT, 8600).")
@click.option("--plain-http", is_flag=True, help="Serve without TLS on other addresses than loopback.")
@common
def command(host: str | None, port: int | None, plain_http: bool, yes: bool, as_json: bool) -> None:
    """Serve the site (and, on SQLite, the scheduler in the same process)."""
    del yes
    settings = load()
    settings = replace(
        settings, host=host or settings.host, port=port or settings.port, plain_http=plain_http or settings.plain_http
    )
    require_settled(settings.home)
    require_ready(settings.database)
    require_keys(settings.key_folder)
    read_masters(settings.key_folder)
    settings.require_keys()
    _require_factors(settings)
    address = server.require_free(settings.host, settings.port)
    settings, certificate = _secured(settings, datetime.now(UTC))
    begin_log(settings.log_level)
    say(_told(settings, certificate), as_json, _words)
    with _heartbeat(settings):
        server.serve(settings, address, settings.port)


def _require_factors(settings: Settings) -> None:
    """Without second factors a site is a demo, and a demo is seen on its own machine only."""
    if settings.second_factor == "off" and settings.host not in LOOPBACK:
        raise BadInput(why="second_factor_off", host=settings.host)


def _secured(settings: Settings, now: datetime) -> tuple[Settings, Certificate | None]:
    """The settings with the certificate to serve with, or without one where the pages are to go in the clear."""
    is_loopback = settings.host in LOOPBACK
    if settings.plain_http or (is_loopback and settings.certificate_file is None):
        return replace(settings, certificate_file=None, certificate_key_file=None), None
    certificate = certificate_for(settings, settings.host, now)
    return replace(settings, certificate_file=certificate.file, certificate_key_file=certificate.key_file), certificate


def _told(settings: Settings, certificate: Certificate | None) -> dict[str, Any]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    told: dict[str, Any] = {"url": f"{'https' if certificate else 'http'}://{host}:{settings.port}/"}
    if certificate:
        told |= {"fingerprint": certificate.fingerprint, "until": local_day(certificate.until).isoformat()}
        told |= {"self_made": certificate.is_self_made}
    return told


def _words(told: dict[str, Any]) -> str:
    lines = [f"督办正在运行：{told['url']} （按 Ctrl+C 停止）"]
    if "fingerprint" in told:
        whose = "自制证书" if told["self_made"] else "证书"
        lines.append(f"{whose}有效期至{told['until']}，SHA-256指纹（首次打开时与浏览器显示的核对）：\n  {told['fingerprint']}")
    return "\n".join(lines)


@contextmanager
def _heartbeat(settings: Settings) -> Iterator[None]:
    """On SQLite, rings while the block runs. It begins beside it, so that the pages do not wait for a second engine."""
    if not settings.database.startswith("sqlite"):
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_ring, args=(settings, ended), name="heartbeat")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _ring(settings: Settings, ended: threading.Event) -> None:
    from web.backups import sweep
    from web.commands.scheduler import jobs_of
    from web.wiring import open_office
    from workflow.heartbeat import Heartbeat

    sweep(settings)
    office = open_office(settings)
    heartbeat = Heartbeat(office.database, jobs_of(office))
    heartbeat.start()
    ended.wait()
    heartbeat.stop()
    office.close()
