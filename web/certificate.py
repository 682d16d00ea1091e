"""The certificate that `duban serve` speaks TLS with: the one that was given, or one made here.

A self-made one is kept under DUBAN_HOME and used again until it is about to end, so that a fingerprint that people have
compared stays the same from start to start.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from config.settings import Settings
from states.errors import BadInput

# Under DUBAN_HOME.
FILE, KEY_FILE = "tls.crt", "tls.key"
# No browser takes a longer one.
VALID_FOR = timedelta(days=825)
RENEWED_BEFORE = timedelta(days=30)
# Listening on these is listening on every address of the machine.
WILDCARDS = ("", "0.0.0.0", "::")  # noqa: S104  # compared with, not bound to
# Nothing is sent there: a datagram socket that is pointed at it tells which of our addresses it would send from.
ELSEWHERE = ("192.0.2.1", 9)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where it lies, until when it is good, and its SHA-256 as browsers show it."""

    file: Path
    key_file: Path
    until: datetime
    fingerprint: str
    is_self_made: bool


def certificate_for(settings: Settings, host: str, now: datetime) -> Certificate:
    """The given certificate, else the self-made one; BadInput where its files are missing, faulty or no pair."""
    if settings.certificate_file is None:
        return _self_made(settings.home, host, now)
    key_file = settings.certificate_key_file or settings.certificate_file
    _require_pair(settings.certificate_file, key_file)
    return _read(settings.certificate_file, key_file, is_self_made=False)


def find_kept(settings: Settings) -> Certificate | None:
    """The certificate that this installation serves with, if there is one; BadInput as above."""
    file = settings.certificate_file or settings.home / FILE
    key_file = settings.certificate_key_file or settings.certificate_file or settings.home / KEY_FILE
    is_self_made = settings.certificate_file is None
    if is_self_made and not file.exists():
        return None
    _require_pair(file, key_file)
    return _read(file, key_file, is_self_made=is_self_made)


def _require_pair(file: Path, key_file: Path) -> None:
    told = {"certificate": str(file), "key": str(key_file)}
    try:
        # A key behind a password would ask for it at a terminal that a service does not have.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, key_file, password=lambda: "")
    except ssl.SSLError as fault:
        is_mixed_up = fault.reason == "KEY_VALUES_MISMATCH"
        raise BadInput(why="certificate_mismatch" if is_mixed_up else "certificate_faulty", **told) from None
    except OSError:
        raise BadInput(why="certificate_unreadable", **told) from None


def _read(file: Path, key_file: Path, *, is_self_made: bool) -> Certificate:
    found = x509.load_pem_x509_certificate(file.read_bytes())
    print_ = found.fingerprint(hashes.SHA256()).hex(":").upper()
    return Certificate(file, key_file, found.not_valid_after_utc, print_, is_self_made)


# ---- the self-made one ----------------------------------------------------------------------------------------------------


def _self_made(home: Path, host: str, now: datetime) -> Certificate:
    file, key_file = home / FILE, home / KEY_FILE
    if not _is_good(file, key_file, host, now):
        _make(file, key_file, host, now)
    key_file.chmod(0o600)
    return _read(file, key_file, is_self_made=True)


def _is_good(file: Path, key_file: Path, host: str, now: datetime) -> bool:
    try:
        _require_pair(file, key_file)
    except BadInput:
        return False
    found = x509.load_pem_x509_certificate(file.read_bytes())
    named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    is_named = host in WILDCARDS or _general_name(host) in named
    return is_named and now + RENEWED_BEFORE < found.not_valid_after_utc


def _make(file: Path, key_file: Path, host: str, now: datetime) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    made = _signed(key, _names(host), now)
    form, encoding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    # The key first: a certificate without its key would be taken for ours, a key without certificate is made anew.
    _write(key_file, key.private_bytes(encoding, form, serialization.NoEncryption()), mode=0o600)
    _write(file, made.public_bytes(encoding), mode=0o644)


def _signed(key: ec.EllipticCurvePrivateKey, names: list[str], now: datetime) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"duban {names[0]}"[:64])])
    key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of an inner network disagree.
        .not_valid_before(now.astimezone(UTC) - timedelta(days=1))
        .not_valid_after(now.astimezone(UTC) + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        # Whoever trusts it trusts this server and nothing that its key may sign.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(key_id, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), critical=False)
        .sign(key, hashes.SHA256())
    )


def _names(host: str) -> list[str]:
    """What the server may be called in a browser: the address it listens on, or every one that the machine knows of itself."""
    own = [socket.gethostname(), *_own_addresses()] if host in WILDCARDS else [host]
    return list(dict.fromkeys([*own, "localhost", "127.0.0.1", "::1"]))


def _own_addresses() -> list[str]:
    found = []
    try:
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as pointed:
            pointed.connect(ELSEWHERE)
            found.append(str(pointed.getsockname()[0]))
    except OSError:
        return found  # A machine without a network has no address to be called by.
    return found


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    fresh.replace(path)
