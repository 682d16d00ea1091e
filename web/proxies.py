"""Whose word about the caller is taken: the address of the socket, unless that is a proxy the settings name.

Every other `X-Forwarded-…` and `X-Remote-User` is dropped before anything reads it (security.md R8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

TOLD = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
DROPPED = (
    *TOLD,
    *("HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_USER", "HTTP_FORWARDED", "HTTP_X_REAL_IP"),
    *("HTTP_X_REMOTE_USER", "HTTP_REMOTE_USER", "HTTP_X_ORIGINAL_URL", "HTTP_X_REWRITE_URL"),
)
Site = Callable[[dict[str, Any], Any], Iterable[bytes]]


def behind_proxies(site: Site, peers: tuple[str, ...]) -> Site:
    """The site as it is called through `peers`."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        told = {name: environ.pop(name, "") for name in DROPPED}
        if environ.get("REMOTE_ADDR") in peers:
            _believe(environ, *(told[name] for name in TOLD), peers=peers)
        return site(environ, start_response)

    return call


def _believe(environ: dict[str, Any], address: str, scheme: str, host: str, *, peers: tuple[str, ...]) -> None:
    # From the right: what stands before the first address that is no proxy of ours was written by the caller himself.
    hops = [hop.strip() for hop in address.split(",") if hop.strip()]
    strangers = [hop for hop in hops if hop not in peers]
    if strangers:
        environ["REMOTE_ADDR"] = strangers[-1]
    if scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme
    if host:
        environ["HTTP_HOST"] = host.split(",")[-1].strip()
