"""What a provider says is believed only where every word of it fits; each lie is one test."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey

from handlers.channels.webhook import WebhookRefused
from handlers.identity import Identity, ProviderAway, ProviderRefused
from handlers.identity.provider import Arrival, Provider
from handlers.identity.trip import Trip
from tests import hours
from tests.providers import BACK, CLIENT, SECRET, Liar, later, liar

TRIP = Trip("of this browser")


@pytest.fixture
def other() -> Iterator[Liar]:
    """The other house."""
    with liar() as told:
        yield told


def provider(other: Liar, **more: Any) -> Provider:
    told = {"issuer": other.issuer, "client_id": CLIENT, "hosts": ("127.0.0.1",), "back": BACK, "read_secret": lambda: SECRET}
    return Provider(**{**told, **more})


def come_back(other: Liar, ours: Provider | None = None, trip: Trip = TRIP, minutes: int = 0, **brought: str) -> Identity:
    """Goes there and comes back so many minutes later; what is `brought` stands in the address instead."""
    ours, begun_at = ours or provider(other), hours.now()
    back = urlsplit(other.sign_in(ours.address_of(TRIP, begun_at)))
    told = {"code": parse_qs(back.query)["code"][0], **brought}
    return ours.identity_of(Arrival(**told), trip, begun_at=begun_at, now=begun_at + timedelta(minutes=minutes))


def refused(other: Liar, fault: str, **brought: str) -> None:
    with pytest.raises(ProviderRefused, match=rf"fault='{fault}'"):
        come_back(other, **brought)


def test_whoever_signs_in_there_comes_back_as_himself(other: Liar) -> None:
    assert come_back(other) == Identity(other.issuer, "u-1")


def test_the_way_there_asks_for_the_very_person_and_shows_no_secret(other: Liar) -> None:
    asked = parse_qs(urlsplit(provider(other).address_of(TRIP, hours.now())).query)
    assert {name: asked[name][0] for name in ("prompt", "max_age", "redirect_uri", "scope")} == {
        **{"prompt": "login", "max_age": "0", "redirect_uri": BACK, "scope": "openid"}
    }
    assert len({TRIP.state, TRIP.nonce, TRIP.verifier, TRIP.challenge, TRIP.secret}) == 5
    shown = {value for values in asked.values() for value in values}
    assert not shown & {TRIP.verifier, TRIP.secret, SECRET}
    assert SECRET not in repr(provider(other))
    assert TRIP.secret not in repr(TRIP)


@pytest.mark.parametrize(
    ("fault", "claims"),
    [
        ("iss", {"iss": "http://127.0.0.1:1"}),
        ("aud", {"aud": "another"}),
        ("aud", {"aud": [CLIENT, "another"]}),
        ("aud", {"aud": []}),
        ("azp", {"azp": "another"}),
        ("exp", {"exp": timedelta(seconds=-61)}),
        ("exp", {"exp": float("nan")}),
        ("exp", {"exp": True}),
        ("exp", {"exp": "9999999999"}),
        ("iat", {"iat": timedelta(minutes=2)}),
        ("iat", {"iat": timedelta(minutes=-11)}),
        ("nbf", {"nbf": timedelta(minutes=2)}),
        ("nonce", {"nonce": Trip("of another browser").nonce}),
        ("nonce", {"nonce": None}),
        ("auth_time", {"auth_time": timedelta(minutes=-2)}),
        ("auth_time", {"auth_time": timedelta(minutes=2)}),
        ("sub", {"sub": ""}),
        ("sub", {"sub": 7}),
        ("sub", {"sub": "x" * 256}),
        ("sub", {"sub": "林"}),
        ("sub", {"sub": "a\nb"}),
    ],
)
def test_a_claim_that_does_not_fit_is_refused(other: Liar, fault: str, claims: dict[str, Any]) -> None:
    # An hour is said by how far off it is: the run may have begun long before this test does.
    other.claims = {name: later(told) if isinstance(told, timedelta) else told for name, told in claims.items()}
    refused(other, fault)


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "nonce", "auth_time", "sub"])
def test_a_claim_that_is_missing_is_refused(other: Liar, claim: str) -> None:
    other.without = (claim,)
    refused(other, claim)


def test_clocks_may_differ_by_a_minute(other: Liar) -> None:
    other.claims = {"exp": later(seconds=-30), "iat": later(seconds=30), "auth_time": later(seconds=-30)}
    assert come_back(other).subject == "u-1"


def forged(other: Liar, header: dict[str, Any], key: bytes = b"") -> str:
    """A token with the right claims, signed by who has only public things."""
    now = later()
    claims = {"iss": other.issuer, "aud": CLIENT, "sub": "u-1", "nonce": TRIP.nonce, "auth_time": now, "iat": now}
    parts = [json.dumps(part).encode() for part in (header, {**claims, "exp": now + 300})]
    head = ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    signature = hmac.new(key, head.encode(), hashlib.sha256).digest() if key else b""
    return f"{head}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def test_a_token_that_nobody_signed_is_refused(other: Liar) -> None:
    for algorithm in ("none", "None", "NONE"):
        other.token = forged(other, {"alg": algorithm})
        refused(other, "signature")


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(other: Liar) -> None:
    public = other.key.raw_value.public_key() if other.key.is_private else other.key.raw_value
    for known in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(other.key.as_dict(private=False)).encode(),
    ):
        other.token = forged(other, {"alg": "HS256", "kid": "first"}, known)
        refused(other, "signature")


def test_a_shared_secret_among_the_keys_signs_nothing(other: Liar) -> None:
    key = OctKey.import_key(SECRET * 2, {"kid": "shared"})
    other.keys = [key.as_dict(private=True), other.key.as_dict(private=False)]
    other.token = forged(other, {"alg": "HS256", "kid": "shared"}, (SECRET * 2).encode())
    refused(other, "signature")


def test_a_key_that_the_token_brings_along_signs_nothing(other: Liar) -> None:
    mine, theirs = RSAKey.generate_key(2048, {"kid": "first"}), other.key
    other.keys, other.key = [theirs.as_dict(private=False)], mine
    refused(other, "signature")


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "....", "é.é.é", "e30.e30.", "bnVsbA.bnVsbA.", "W10.W10.W10"])
def test_what_is_no_token_is_refused(other: Liar, token: str) -> None:
    other.token = token or " "
    refused(other, "signature")


def test_a_key_that_is_too_short_or_for_another_use_is_none(other: Liar) -> None:
    curve = ECKey.generate_key("P-256").as_dict(private=False)
    with pytest.warns(SecurityWarning):
        short = RSAKey.generate_key(1024, {"kid": "short"})
    other.keys, other.key = [short.as_dict(private=False), curve], short
    refused(other, "signature")
    long = RSAKey.generate_key(2048, {"kid": "long"})
    other.keys, other.key = [{**long.as_dict(private=False), "use": "enc"}, curve], long
    refused(other, "signature")


def test_a_new_key_of_the_provider_is_asked_for_but_not_for_every_token(other: Liar) -> None:
    ours = provider(other)
    come_back(other, ours)
    other.key = RSAKey.generate_key(2048, {"kid": "second"})
    asked = len(other.asked)
    with pytest.raises(ProviderRefused, match="signature"):
        come_back(other, ours)
    assert other.asked[asked:] == ["/token_endpoint"], "it was asked within the minute"
    assert come_back(other, ours, minutes=2).subject == "u-1"


def test_what_it_says_of_itself_is_asked_once_an_hour(other: Liar) -> None:
    ours, now = provider(other), hours.now()
    for minutes in (0, 59):
        ours.address_of(TRIP, now + timedelta(minutes=minutes))
    assert other.asked == ["/.well-known/openid-configuration", "/jwks_uri"]
    ours.address_of(TRIP, now + timedelta(minutes=60))
    assert len(other.asked) == 4


def test_a_code_is_good_once_and_for_whoever_began(other: Liar) -> None:
    refused(other, "code", code="another")
    ours, begun_at = provider(other), hours.now()
    back = other.sign_in(ours.address_of(TRIP, begun_at))
    arrival = Arrival(parse_qs(urlsplit(back).query)["code"][0])
    with pytest.raises(ProviderRefused, match="code"):
        ours.identity_of(arrival, Trip("of another browser"), begun_at=begun_at, now=hours.now())
    with pytest.raises(ProviderRefused, match="code"):
        come_back(other, ours, code=arrival.code)


def test_the_answer_of_another_provider_is_not_redeemed_here(other: Liar) -> None:
    refused(other, "mix_up", issuer="https://another.example")
    other.document = {"authorization_response_iss_parameter_supported": True}
    refused(other, "mix_up")
    assert other.asked.count("/token_endpoint") == 0, "the code went nowhere"
    assert come_back(other, issuer=other.issuer).subject == "u-1"


def test_whoever_gave_up_there_is_nobody(other: Liar) -> None:
    refused(other, "cancelled", error="access_denied")


def test_a_provider_that_takes_the_secret_only_in_the_form_gets_it_there(other: Liar) -> None:
    other.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert come_back(other).subject == "u-1"


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"token_endpoint": "http://localhost/token"},
        {"token_endpoint": "http://169.254.169.254/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://127.0.0.1@elsewhere.example/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_points_elsewhere_is_not_spoken_to(other: Liar, document: dict[str, Any]) -> None:
    other.document = document
    with pytest.raises(ProviderAway):
        provider(other).address_of(TRIP, hours.now())


def test_a_redirect_a_failure_and_no_keys_are_a_provider_that_is_away(other: Liar) -> None:
    changes: tuple[dict[str, Any], ...] = ({"location": f"{other.issuer}/jwks_uri"}, {"status": 500}, {"keys": []}, {"keys": 7})
    for change in changes:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in change.items():
                patch.setattr(other, name, value)
            with pytest.raises(ProviderAway):
                provider(other).address_of(TRIP, hours.now())


def test_a_host_that_was_not_named_and_a_name_that_leads_to_this_machine_are_not_spoken_to(other: Liar) -> None:
    for hosts, issuer in (
        (("elsewhere.example",), other.issuer),
        (("localhost",), other.issuer.replace("127.0.0.1", "localhost")),
    ):
        with pytest.raises(ProviderAway):
            provider(other, hosts=hosts, issuer=issuer).address_of(TRIP, hours.now())
    assert other.asked == []


def test_nothing_goes_unencrypted_where_the_issuer_is_not(other: Liar) -> None:
    ours = provider(other, issuer="https://127.0.0.1")
    with pytest.raises(WebhookRefused, match="not encrypted"):
        ours._allowed(f"{other.issuer}/token_endpoint")


def test_a_provider_that_fails_while_a_code_is_redeemed_is_away(other: Liar) -> None:
    ours, begun_at = provider(other), hours.now()
    ours.address_of(TRIP, begun_at)
    other.status = 503
    with pytest.raises(ProviderAway):
        come_back(other, ours)


def test_a_sign_in_there_from_before_the_trip_began_is_none(other: Liar) -> None:
    ours, begun_at = provider(other), hours.now() - timedelta(minutes=5)
    back = urlsplit(other.sign_in(ours.address_of(TRIP, begun_at)))
    other.claims = {"auth_time": _seconds(begun_at - timedelta(minutes=2))}
    with pytest.raises(ProviderRefused, match="auth_time"):
        ours.identity_of(Arrival(parse_qs(back.query)["code"][0]), TRIP, begun_at=begun_at, now=hours.now())


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
