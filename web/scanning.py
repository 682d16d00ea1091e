"""The scanner of this installation, where it has one, and a round of it over what waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from config.settings import Settings
from handlers.channels.clamd import Clamd
from web.current import office as here
from web.wiring import Office
from workflow.scanning import scan_waiting


def scanner_of(settings: Settings) -> Clamd | None:
    """The scanner that the settings name."""
    return Clamd(settings.scanner) if settings.scanner else None


def scans() -> bool:
    """Does this site hold files back until they were scanned?"""
    return bool(here().settings.scanner)


def scan_now(office: Office, now: datetime) -> Mapping[str, int]:
    """Has everything looked at that waits."""
    scanner = scanner_of(office.settings)
    return scan_waiting(office.database, office.vault, scanner.look_at, now) if scanner else {}
