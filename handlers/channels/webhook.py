"""A webhook: one signed POST of JSON to a host that the installation has named. No redirect is followed.

The host's name is looked up once and that very address is spoken to, so an answer that changes between looking and speaking
leads nowhere. A name that leads to this machine itself or to a link-local address is refused (security.md R39).
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from handlers.channels import Message, Outside

TIMEOUT_SECONDS = 10
SIGNATURE_HEADER = "X-Duban-Signature"
KEY_HEADER = "X-Duban-Key"
KEY_BYTES_AT_LEAST = 32
ANSWER_BYTES_AT_MOST = 64 * 1024
PORTS = {"http": 80, "https": 443}


class WebhookRefused(Exception):
    """The address is not to be spoken to, or the other side did not take the message."""


@dataclass(frozen=True)
class WebhookChannel:
    """Posts to `url`, whose host must be one of `hosts`; `key` signs the body, HMAC-SHA256."""

    url: str
    hosts: tuple[str, ...]
    key: bytes = field(repr=False)
    wants_address: bool = False

    def __post_init__(self) -> None:
        if len(self.key) < KEY_BYTES_AT_LEAST:
            raise ValueError(f"the webhook's key has less than {KEY_BYTES_AT_LEAST} bytes")

    def send(self, message: Message) -> None:
        """Posts it; WebhookRefused for anything but a 2xx answer."""
        parts = allowed(self.url, self.hosts)
        body = body_of(message)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            KEY_HEADER: message.key,
            SIGNATURE_HEADER: signature(self.key, body),
        }
        status, _answer = post(parts, body, headers)
        if not 200 <= status < 300:
            raise WebhookRefused(f"answered {status}")


def body_of(message: Message) -> bytes:
    """The JSON that is sent: {key, person, message, count, lines: [{number, date …}]}, in canonical form."""
    told = {
        "key": message.key,
        "person": message.person_id,
        "message": message.message,
        "count": len(message.lines),
        "lines": [dict(Outside(line)) for line in message.lines],
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signature(key: bytes, body: bytes) -> str:
    """What the receiver computes again over the bytes it got, and compares in constant time."""
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def allowed(url: str, hosts: tuple[str, ...]) -> SplitResult:
    """The parts of an address that may be spoken to; WebhookRefused for any other."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or parts.hostname not in hosts or parts.username is not None:
        raise WebhookRefused("host not allowed")
    return parts


def post(parts: SplitResult, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """One POST to an address that is allowed, no redirect followed: the status and the beginning of the answer."""
    return _asked("POST", parts, body, headers)


def get(parts: SplitResult) -> tuple[int, bytes]:
    """One GET, likewise."""
    return _asked("GET", parts, None, {"Accept": "application/json"})


def _asked(method: str, parts: SplitResult, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
    assert parts.hostname is not None, "only allowed hosts come here"
    port = parts.port or PORTS[parts.scheme]
    connection = http.client.HTTPConnection(parts.hostname, port, timeout=TIMEOUT_SECONDS)
    connection.sock = _connect(parts.scheme, parts.hostname, port)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body=body, headers={"Host": parts.netloc.rpartition("@")[2], **headers})
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_BYTES_AT_MOST)
    finally:
        connection.close()


def _connect(scheme: str, host: str, port: int) -> socket.socket:
    address = _address_of(host, port)
    plain = socket.create_connection((address, port), timeout=TIMEOUT_SECONDS)
    if scheme == "http":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def _address_of(host: str, port: int) -> str:
    found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    address = str(found[0][4][0])
    # An address that stands in the list as itself was meant; a name that leads there was not.
    if address != host and _is_own(ipaddress.ip_address(address.partition("%")[0])):
        raise WebhookRefused("the name leads to this machine")
    return address


def _is_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    plain = mapped or address
    return plain.is_loopback or plain.is_link_local or plain.is_unspecified or plain.is_multicast
