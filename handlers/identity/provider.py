"""A provider of identities: where it answers and with which keys it signs is asked once an hour, and a code is redeemed there.

It is spoken to as a webhook is: hosts that the installation has named, their address looked up once, no redirect (R39).
"""

from __future__ import annotations

import http.client
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, quote_plus, urlencode

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from handlers.channels.webhook import WebhookRefused, allowed, get, post
from handlers.identity import Identity, ProviderAway, ProviderRefused
from handlers.identity.claims import Expected, identity_of, keys_of
from handlers.identity.trip import Trip

DISCOVERY = "/.well-known/openid-configuration"
KEPT_FOR = timedelta(hours=1)
# A token by a key that is not known may be by a new one; so often at most is asked again, whatever tokens come.
ASKED_AGAIN_AFTER = timedelta(minutes=1)
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Found:
    """What the provider says of itself, and when it was asked."""

    document: Mapping[str, Any]
    keys: KeySet
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the browser brought back in the address."""

    code: str = field(default="", repr=False)
    issuer: str = ""
    error: str = ""


@dataclass
class Provider:
    """The provider `issuer`, where Duban is `client_id` and lets people come back to `back`, which is registered exactly so."""

    issuer: str
    client_id: str
    hosts: tuple[str, ...]
    back: str
    read_secret: Callable[[], str] = field(repr=False)
    _found: Found | None = field(default=None, repr=False)

    def address_of(self, trip: Trip, now: datetime) -> str:
        """Where the browser goes to: the person is asked who he is even where he is signed in there. ProviderAway."""
        asked = {
            **{"response_type": "code", "scope": "openid", "client_id": self.client_id, "redirect_uri": self.back},
            **{"state": trip.state, "nonce": trip.nonce, "code_challenge": trip.challenge, "code_challenge_method": "S256"},
            **{"prompt": "login", "max_age": "0"},
        }
        address: str = self._known(now).document["authorization_endpoint"]
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def identity_of(self, arrival: Arrival, trip: Trip, *, begun_at: datetime, now: datetime) -> Identity:
        """Who came back. ProviderAway, or ProviderRefused for whatever does not prove it."""
        if arrival.error:
            raise ProviderRefused(fault="cancelled")
        found = self._known(now)
        # Another provider's answer would be redeemed at this one, or the other way round (RFC 9207).
        says_who = found.document.get("authorization_response_iss_parameter_supported") is True
        if (arrival.issuer or says_who) and arrival.issuer != self.issuer:
            raise ProviderRefused(fault="mix_up")
        token = self._redeemed(found.document, arrival.code, trip)
        expected = Expected(self.issuer, self.client_id, trip.nonce, begun_at)
        try:
            return identity_of(token, found.keys, expected, now)
        except ProviderRefused as refusal:
            if refusal.params["fault"] != "signature" or now - found.asked_at < ASKED_AGAIN_AFTER:
                raise
            self._found = None
            return identity_of(token, self._known(now).keys, expected, now)

    def _known(self, now: datetime) -> Found:
        kept = self._found
        if kept is not None and now - kept.asked_at < KEPT_FOR:
            return kept
        try:
            self._found = fresh = self._asked(now)
        except (OSError, http.client.HTTPException, WebhookRefused, JoseError, ValueError, KeyError, TypeError) as fault:
            raise ProviderAway() from fault
        return fresh

    def _asked(self, now: datetime) -> Found:
        document = _json(*get(self._allowed(self.issuer.rstrip("/") + DISCOVERY)))
        if document.get("issuer") != self.issuer:
            raise ValueError("another issuer")
        for name in ENDPOINTS:
            self._allowed(str(document[name]))
        return Found(document, keys_of(_json(*get(self._allowed(document["jwks_uri"])))), now)

    def _allowed(self, address: str) -> SplitResult:
        parts = allowed(address, self.hosts)
        # Where the issuer speaks TLS, nothing about it goes without.
        if self.issuer.startswith("https:") and parts.scheme != "https":
            raise WebhookRefused("not encrypted")
        return parts

    def _redeemed(self, document: Mapping[str, Any], code: str, trip: Trip) -> str:
        """The ID token for a code; ProviderRefused where the provider does not take it."""
        told = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.back, "code_verifier": trip.verifier}
        headers = {"Content-Type": FORM, "Accept": "application/json"}
        # What a provider does not say is `client_secret_basic` (OpenID Connect Discovery 3).
        if "client_secret_basic" in document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.read_secret())}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            told |= {"client_id": self.client_id, "client_secret": self.read_secret()}
        try:
            status, answer = post(self._allowed(document["token_endpoint"]), urlencode(told).encode(), headers)
        except (OSError, http.client.HTTPException, WebhookRefused) as fault:
            raise ProviderAway() from fault
        if status >= 500:
            raise ProviderAway()
        try:
            token = _json(status, answer)["id_token"]
        except (ValueError, KeyError) as fault:
            raise ProviderRefused(fault="code") from fault
        return str(token)


def _json(status: int, answer: bytes) -> dict[str, Any]:
    """A JSON object that was answered; ValueError for anything else."""
    if status != 200:
        raise ValueError(f"answered {status}")
    told = json.loads(answer)
    if not isinstance(told, dict):
        raise ValueError("no object")
    return told
