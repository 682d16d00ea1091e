"""Settings of an installation: frozen, typed, from DUBAN_* variables and one optional file; every fault is told at once.

Secrets are never values of a variable: a setting that ends in `_file` names a file that holds one.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from config.key_files import WeakSecret, secret_of

PREFIX = "DUBAN_"
# Variables that belong to the tests and the command line, not to an installation.
FOREIGN = ("DUBAN_TEST_", "DUBAN_PG_BIN", "DUBAN_SCALE", "DUBAN_CHROMIUM", "DUBAN_AS", "DUBAN_CONFIG")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# How mail is spoken: encrypted after STARTTLS, encrypted from the first byte, or not at all.
SMTP_SECURITY = ("starttls", "tls", "none")
OFFICE_HOURS = ((time(8, 30), time(12)), (time(14, 30), time(17, 30)))
Hours = tuple[tuple[time, time], ...]
# How secret facts are sealed: AES, or SM4 of GB/T 32907-2016.
CIPHERS = ("aes-256-gcm", "sm4-gcm")
# What digests are made by: SHA-256, or SM3 of GB/T 32905-2016.
DIGEST_SUITES = ("sha256", "sm3")
# Who needs a second factor: everybody, whoever may see what is sealed or gives rights, nobody (the demo county).
SECOND_FACTORS = ("required", "clues", "off")
PASSWORD_PROFILES = ("asvs", "dengbao")
# A session lives so long at most, whatever an installation says (security.md R5).
IDLE_AT_MOST, HOURS_AT_MOST = 30, 12
# Where people come back to from a provider of identities, below the site's own address.
OIDC_BACK = "/sign-in/provider/back"
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsFault(ValueError):
    """One or more settings cannot be used; `faults` has a sentence for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation chose.

    `home` holds everything that is ever written. `ceiling` is the highest confidentiality level this installation may hold.
    """

    home: Path = Path("var/duban")
    keys: Path | None = None
    database_url: str = ""
    database_url_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8600
    plain_http: bool = False
    certificate_file: Path | None = None
    certificate_key_file: Path | None = None
    workers: int = 1
    ceiling: int = 1
    cipher: str = "aes-256-gcm"
    digest_suite: str = "sha256"
    session_idle_minutes: int = 30
    session_hours: int = 12
    upload_mebibytes: int = 50
    scanner: str = ""
    acts_per_hour: int = 30
    requests_per_second: int = 5
    query_seconds: int = 30
    exports_per_hour: int = 30
    export_reason_lines: int = 500
    small_counts: int = 5
    archive_days: int = 90
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_from: str = ""
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    smtp_ca_file: Path | None = None
    site_url: str = ""
    origin: str = "duban"
    checkpoint_minutes: int = 60
    checkpoint_folder: Path | None = None
    timestamp_folder: Path | None = None
    witness_url: str = ""
    witness_hosts: tuple[str, ...] = ()
    witness_for: Path | None = None
    backup_folder: Path | None = None
    backup_recipients: tuple[str, ...] = ()
    backup_hours: int = 24
    drill_folder: Path | None = None
    drill_key_file: Path | None = None
    drill_database_url_file: Path | None = None
    drill_days: int = 30
    postgresql_programs: Path | None = None
    office_hours: Hours = OFFICE_HOURS
    mail_from: time = time(9)
    mail_every_hours: int = 2
    webhook_url: str = ""
    webhook_hosts: tuple[str, ...] = ()
    webhook_key_file: Path | None = None
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_secret_file: Path | None = None
    oidc_hosts: tuple[str, ...] = ()
    log_level: str = "info"
    second_factor: str = "clues"
    password_profile: str = "asvs"  # noqa: S105  # the name of a rule
    trusted_proxies: tuple[str, ...] = ()

    @property
    def database(self) -> str:
        """The database's URL: as given, as read from a file, or the embedded SQLite file under `home`."""
        if self.database_url_file is not None:
            return self.database_url_file.read_text(encoding="utf-8").strip()
        return self.database_url or f"sqlite:///{(self.home / 'duban.db').absolute()}"

    @property
    def key_folder(self) -> Path:
        """Where the keys lie: as given (systemd's credentials, another mount), or a folder under `home`."""
        return self.keys or self.home / "keys"

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that notices go out by."""
        mail = ("mail",) if self.smtp_host else ()
        return ("inbox", *mail, *(("webhook",) if self.webhook_url else ()))

    @property
    def oidc_back(self) -> str:
        """The address that people come back to from the provider, as it is registered there; "" where there is none."""
        return f"{self.site_url.rstrip('/')}{OIDC_BACK}" if self.oidc_issuer else ""

    def secret_key(self) -> str:
        """The key that signs form tokens, made once under `home`, readable by its owner only; SettingsFault for a weak one."""
        return _secret(self.home / "secret.key")

    def sealing_key(self) -> bytes:
        """The key that seals the secrets of code generators, of a file of its own; likewise."""
        path = self.key_folder / "second_factor.key"
        try:
            return bytes.fromhex(_secret(path))
        except SettingsFault:
            raise
        except ValueError as fault:
            raise SettingsFault([f"{path}: {fault}"]) from fault

    def require_keys(self) -> None:
        """SettingsFault unless every secret may be used, and each is another."""
        if self.secret_key() == self.sealing_key().hex():
            raise SettingsFault([f"{self.home}: two purposes share a secret; remove one of the files"])


def _secret(path: Path) -> str:
    try:
        return secret_of(path)
    except WeakSecret as fault:
        raise SettingsFault([str(fault)]) from fault


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("say true or false")


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _time(text: str) -> time:
    if not _TIME.fullmatch(text.strip()):
        raise ValueError("say a time such as 09:00")
    return time.fromisoformat(text.strip().zfill(5))


def _hours(text: str) -> Hours:
    spans = [part.split("-") for part in text.split(",")]
    if any(len(span) != 2 for span in spans):
        raise ValueError("say hours such as 08:30-12:00,14:30-17:30")
    return tuple((_time(begin), _time(end)) for begin, end in spans)


def _path_or_none(text: str) -> Path | None:
    return Path(text) if text else None


# What `secret_key` makes; 64 random digits have hardly ever less than ten different ones.
_RANDOM_KEY = re.compile(r"[0-9a-f]{64,}")
DIFFERENT_DIGITS_AT_LEAST = 10
_ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
_SCANNER = re.compile(r"unix:/.+|tcp:[A-Za-z0-9.:-]+:[0-9]{1,5}")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")
_READ: dict[str, Callable[[str], Any]] = {
    "home": Path,
    "keys": _path_or_none,
    "database_url_file": _path_or_none,
    "certificate_file": _path_or_none,
    "certificate_key_file": _path_or_none,
    "smtp_password_file": _path_or_none,
    "smtp_ca_file": _path_or_none,
    "webhook_key_file": _path_or_none,
    "oidc_secret_file": _path_or_none,
    "checkpoint_folder": _path_or_none,
    "timestamp_folder": _path_or_none,
    "witness_for": _path_or_none,
    **dict.fromkeys(("backup_folder", "drill_folder", "drill_key_file"), _path_or_none),
    **dict.fromkeys(("drill_database_url_file", "postgresql_programs"), _path_or_none),
    "backup_recipients": _hosts,
    "witness_hosts": _hosts,
    "office_hours": _hours,
    "mail_from": _time,
    "webhook_hosts": _hosts,
    "oidc_hosts": _hosts,
    "trusted_proxies": _hosts,
    "plain_http": _flag,
    **dict.fromkeys(("port", "workers", "ceiling", "session_idle_minutes", "session_hours"), int),
    **dict.fromkeys(("acts_per_hour", "requests_per_second", "exports_per_hour", "export_reason_lines", "small_counts"), int),
    "archive_days": int,
    **dict.fromkeys(("upload_mebibytes", "smtp_port", "mail_every_hours", "checkpoint_minutes"), int),
    **dict.fromkeys(("backup_hours", "drill_days", "query_seconds"), int),
}


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises SettingsFault with every fault."""
    told, faults = _from_file(environment.get("DUBAN_CONFIG", ""))
    for name, value in environment.items():
        if name.startswith(PREFIX) and not name.startswith(FOREIGN):
            told[name[len(PREFIX) :].lower()] = value
    values: dict[str, Any] = {}
    known = {field.name for field in fields(Settings)}
    for name, text in told.items():
        if name not in known:
            faults.append(f"{PREFIX}{name.upper()}: no such setting")
            continue
        try:
            values[name] = _READ.get(name, str)(text)
        except ValueError as fault:
            faults.append(f"{PREFIX}{name.upper()}={text!r}: {fault}")
    if not faults:
        settings = Settings(**values)
        faults = _together(settings)
    if faults:
        raise SettingsFault(faults)
    return settings


def _from_file(name: str) -> tuple[dict[str, str], list[str]]:
    if not name:
        return {}, []
    try:
        read = yaml.safe_load(Path(name).read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as fault:
        return {}, [f"DUBAN_CONFIG={name!r}: {fault}"]
    if not isinstance(read, dict):
        return {}, [f"DUBAN_CONFIG={name!r}: a mapping of settings is wanted"]
    return {str(key): "" if value is None else str(value) for key, value in read.items()}, []


def _together(settings: Settings) -> list[str]:
    """Faults that only show when settings are seen together."""
    faults = []
    url = settings.database_url
    if url and urlsplit(url).password:
        faults.append("DUBAN_DATABASE_URL: a password does not belong in a variable; use DUBAN_DATABASE_URL_FILE")
    if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append("DUBAN_DATABASE_URL: begin with sqlite:/// or postgresql+psycopg://")
    if not 1 <= settings.port <= 65535:
        faults.append(f"DUBAN_PORT={settings.port}: between 1 and 65535")
    if not 0 <= settings.ceiling <= 3:
        faults.append(f"DUBAN_CEILING={settings.ceiling}: between 0 and 3")
    if settings.certificate_key_file and not settings.certificate_file:
        faults.append("DUBAN_CERTIFICATE_KEY_FILE: say DUBAN_CERTIFICATE_FILE as well")
    if settings.workers < 1 or (settings.workers > 1 and not (settings.database_url_file or url.startswith("postgresql"))):
        faults.append(f"DUBAN_WORKERS={settings.workers}: 1, or more on PostgreSQL")
    if settings.log_level not in LOG_LEVELS:
        faults.append(f"DUBAN_LOG_LEVEL={settings.log_level!r}: {', '.join(LOG_LEVELS)}")
    if settings.webhook_url and urlsplit(settings.webhook_url).hostname not in settings.webhook_hosts:
        faults.append("DUBAN_WEBHOOK_URL: its host is not in DUBAN_WEBHOOK_HOSTS")
    told = (_about_suites, _about_people, _about_provider, _about_files, _about_mail, _about_checkpoints, _about_backups)
    return [*faults, *(fault for about in told for fault in about(settings))]


def _about_suites(settings: Settings) -> list[str]:
    faults = []
    if settings.cipher not in CIPHERS:
        faults.append(f"DUBAN_CIPHER={settings.cipher!r}: {', '.join(CIPHERS)}")
    if settings.digest_suite not in DIGEST_SUITES:
        faults.append(f"DUBAN_DIGEST_SUITE={settings.digest_suite!r}: {', '.join(DIGEST_SUITES)}")
    elif settings.digest_suite not in hashlib.algorithms_available:
        faults.append(f"DUBAN_DIGEST_SUITE={settings.digest_suite!r}: the OpenSSL of this Python does not offer it")
    return faults


def _about_people(settings: Settings) -> list[str]:
    faults = []
    if settings.second_factor not in SECOND_FACTORS:
        faults.append(f"DUBAN_SECOND_FACTOR={settings.second_factor!r}: {', '.join(SECOND_FACTORS)}")
    if settings.password_profile not in PASSWORD_PROFILES:
        faults.append(f"DUBAN_PASSWORD_PROFILE={settings.password_profile!r}: {', '.join(PASSWORD_PROFILES)}")
    for name, at_most in (("session_idle_minutes", IDLE_AT_MOST), ("session_hours", HOURS_AT_MOST)):
        if not 1 <= getattr(settings, name) <= at_most:
            faults.append(f"DUBAN_{name.upper()}={getattr(settings, name)}: between 1 and {at_most}")
    for peer in settings.trusted_proxies:
        try:
            ip_address(peer)
        except ValueError:
            faults.append(f"DUBAN_TRUSTED_PROXIES={peer!r}: an address in digits is wanted")
    return faults


def _about_provider(settings: Settings) -> list[str]:
    """Half a provider is none; and what goes to it or comes back from it is encrypted, or never leaves this machine."""
    issuer, secret = settings.oidc_issuer, settings.oidc_secret_file
    told = (bool(issuer), bool(settings.oidc_client_id), secret is not None)
    if not any((*told, settings.oidc_hosts)):
        return []
    if not all(told):
        return ["DUBAN_OIDC_ISSUER, DUBAN_OIDC_CLIENT_ID and DUBAN_OIDC_SECRET_FILE: say all three or none"]
    assert secret is not None, "all three were told"
    faults = []
    if not _is_safe(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        faults.append(f"DUBAN_OIDC_ISSUER={issuer!r}: an address that begins with https://, without a question mark")
    elif urlsplit(issuer).hostname not in settings.oidc_hosts:
        faults.append("DUBAN_OIDC_ISSUER: its host is not in DUBAN_OIDC_HOSTS")
    if not _is_safe(settings.site_url):
        faults.append("DUBAN_OIDC_ISSUER: say DUBAN_SITE_URL as well, with https://; people come back there")
    return [*faults, *_about_secret("OIDC_SECRET_FILE", secret)]


def _about_secret(name: str, path: Path) -> list[str]:
    try:
        is_empty, is_open = not path.read_text(encoding="utf-8").strip(), bool(path.stat().st_mode & stat.S_IRWXO)
    except (OSError, UnicodeError):
        return [f"DUBAN_{name}={str(path)!r}: no such file, or not to be read"]
    if is_empty or is_open:
        return [f"DUBAN_{name}={str(path)!r}: {'nothing in it' if is_empty else 'everybody may read it; say chmod 600'}"]
    return []


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _about_files(settings: Settings) -> list[str]:
    faults = [
        f"DUBAN_{name.upper()}={getattr(settings, name)}: 1 or more"
        for name in ("acts_per_hour", "exports_per_hour", "export_reason_lines", "small_counts", "archive_days")
        if getattr(settings, name) < 1
    ]
    faults += [
        f"DUBAN_{name.upper()}={getattr(settings, name)}: 0 or more"
        for name in ("requests_per_second", "query_seconds")
        if getattr(settings, name) < 0
    ]
    if settings.scanner and not _SCANNER.fullmatch(settings.scanner):
        faults.append(f"DUBAN_SCANNER={settings.scanner!r}: unix:/path or tcp:host:port")
    return faults


def _about_checkpoints(settings: Settings) -> list[str]:
    faults = []
    if not _ORIGIN.fullmatch(settings.origin):
        faults.append(f"DUBAN_ORIGIN={settings.origin!r}: small letters, digits, dots and hyphens")
    if not 1 <= settings.checkpoint_minutes <= 1440:
        faults.append(f"DUBAN_CHECKPOINT_MINUTES={settings.checkpoint_minutes}: between 1 and 1440")
    for name in ("checkpoint_folder", "timestamp_folder"):
        path = getattr(settings, name)
        if path is not None and not path.is_dir():
            faults.append(f"DUBAN_{name.upper()}={str(path)!r}: no such folder")
        elif path is not None and path.resolve().is_relative_to(settings.home.resolve()):
            faults.append(f"DUBAN_{name.upper()}={str(path)!r}: outside DUBAN_HOME, best on another machine's mount")
    if settings.witness_url and urlsplit(settings.witness_url).hostname not in settings.witness_hosts:
        faults.append("DUBAN_WITNESS_URL: its host is not in DUBAN_WITNESS_HOSTS")
    if settings.witness_for is not None and not settings.witness_for.is_dir():
        faults.append(f"DUBAN_WITNESS_FOR={str(settings.witness_for)!r}: no such folder")
    return faults


def _about_backups(settings: Settings) -> list[str]:
    faults = []
    for name in ("backup_folder", "drill_folder", "postgresql_programs"):
        path = getattr(settings, name)
        if path is not None and not path.is_dir():
            faults.append(f"DUBAN_{name.upper()}={str(path)!r}: no such folder")
        elif path is not None and path.resolve().is_relative_to(settings.home.resolve()):
            faults.append(f"DUBAN_{name.upper()}={str(path)!r}: outside DUBAN_HOME")
    if (settings.backup_folder is None) != (not settings.backup_recipients):
        faults.append("DUBAN_BACKUP_FOLDER and DUBAN_BACKUP_RECIPIENTS: say both or neither")
    if (settings.drill_folder is None) != (settings.drill_key_file is None):
        faults.append("DUBAN_DRILL_FOLDER and DUBAN_DRILL_KEY_FILE: say both or neither")
    elif settings.drill_folder is not None and settings.backup_folder is None:
        faults.append("DUBAN_DRILL_FOLDER: say DUBAN_BACKUP_FOLDER as well")
    if not 1 <= settings.backup_hours <= 168:
        faults.append(f"DUBAN_BACKUP_HOURS={settings.backup_hours}: between 1 and 168")
    if not 1 <= settings.drill_days <= 35:
        faults.append(f"DUBAN_DRILL_DAYS={settings.drill_days}: between 1 and 35")
    return faults


def _about_mail(settings: Settings) -> list[str]:
    faults = []
    if not 1 <= settings.smtp_port <= 65535:
        faults.append(f"DUBAN_SMTP_PORT={settings.smtp_port}: between 1 and 65535")
    if settings.smtp_security not in SMTP_SECURITY:
        faults.append(f"DUBAN_SMTP_SECURITY={settings.smtp_security!r}: {', '.join(SMTP_SECURITY)}")
    if bool(settings.smtp_user) != bool(settings.smtp_password_file):
        faults.append("DUBAN_SMTP_USER and DUBAN_SMTP_PASSWORD_FILE: say both or neither")
    if settings.smtp_user and settings.smtp_security == "none":
        faults.append("DUBAN_SMTP_SECURITY: a password is not sent without encryption")
    for name in ("smtp_password_file", "smtp_ca_file"):
        path = getattr(settings, name)
        if path is not None and not path.is_file():
            faults.append(f"DUBAN_{name.upper()}={str(path)!r}: no such file")
    if settings.site_url and urlsplit(settings.site_url).scheme not in ("http", "https"):
        faults.append("DUBAN_SITE_URL: begin with https:// or http://")
    return [*faults, *_about_hours(settings)]


def _about_hours(settings: Settings) -> list[str]:
    faults = []
    moments = [moment for span in settings.office_hours for moment in span]
    if moments != sorted(set(moments)):
        faults.append("DUBAN_OFFICE_HOURS: each span ends after it begins, and before the next")
    elif settings.mail_from >= moments[-1]:
        faults.append(f"DUBAN_MAIL_FROM={settings.mail_from:%H:%M}: before the last office hour")
    if not 1 <= settings.mail_every_hours <= 24:
        faults.append(f"DUBAN_MAIL_EVERY_HOURS={settings.mail_every_hours}: between 1 and 24")
    return faults
