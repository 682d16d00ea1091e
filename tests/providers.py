"""Providers of identities for tests: a real one in its own process, and one that lies as it is told to."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests import hours

CLIENT, SECRET = "duban", "a secret/with+signs"
BACK = "http://localhost/sign-in/provider/back"


class _Stays(HTTPRedirectHandler):
    def redirect_request(self, *_told: Any, **_more: Any) -> None:
        """A browser would follow; the test does."""


@contextmanager
def real_provider() -> Iterator[str]:
    """The issuer of a provider that runs until the block is left."""
    ahead = (hours.now() - datetime.now(UTC)).total_seconds()
    command = [sys.executable, "-m", "tests.provider_process", str(ahead)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def sign_in_there(address: str, subject: str, *, action: str = "") -> str:
    """What a browser does at the real provider: the address that it is sent back to."""
    body = urlencode({"sub": subject} if not action else {"action": action}).encode()
    try:
        build_opener(_Stays).open(Request(address, body))  # noqa: S310  # an address that the test itself serves, on loopback
    except OSError as redirect:
        return str(getattr(redirect, "headers", {})["Location"])
    raise AssertionError("it sent nobody back")


@dataclass
class Liar:
    """A provider whose every word a test can change. `asked` are its addresses in the order in which they were called."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    document: dict[str, Any] = field(default_factory=dict)
    keys: list[Any] | None = None
    token: str = ""
    status: int = 200
    location: str = ""
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def sign_in(self, address: str) -> str:
        """Somebody signs in: the address that he is sent back to, with a code that is good once."""
        told = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code {len(self.asked)} {len(self.codes)}"
        self.codes[code] = told
        return f"{told['redirect_uri']}?{urlencode({'code': code, 'state': told['state']})}"

    def token_of(self, told: dict[str, str]) -> str:
        """The ID token for a code that was asked for so."""
        if self.token:
            return self.token
        now = int(hours.now().timestamp())
        claims = {"iss": self.issuer, "aud": told["client_id"], "sub": "u-1", "nonce": told["nonce"], "auth_time": now}
        claims |= {"iat": now, "exp": now + 300, **self.claims}
        return jwt.encode(
            {"alg": self.algorithm, "kid": self.key.kid}, {k: v for k, v in claims.items() if k not in self.without}, self.key
        )

    def answer(self, path: str, body: str, authorization: str) -> Any:
        """What it says; None for what it does not take."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            ends = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return {"issuer": self.issuer, **ends, **self.document}
        if path == "/jwks_uri":
            return {"keys": [self.key.as_dict(private=False)] if self.keys is None else self.keys}
        return self._redeem({name: values[0] for name, values in parse_qs(body).items()}, authorization)

    def _redeem(self, told: dict[str, str], authorization: str) -> Any:
        asked = self.codes.pop(told.get("code", ""), None)
        pair = b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""
        known = [unquote_plus(part) for part in pair.split(":")] if pair else [told.get("client_id"), told.get("client_secret")]
        digest = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
        shown = urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or known != [CLIENT, SECRET] or told["redirect_uri"] != asked["redirect_uri"]:
            return None
        if asked["code_challenge_method"] != "S256" or shown != asked["code_challenge"]:
            return None
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.token_of(asked)}


@contextmanager
def liar() -> Iterator[Liar]:
    """A lying provider that answers on loopback until the block is left."""
    told = Liar()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say()

        def do_POST(self) -> None:
            self._say()

        def _say(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            said = told.answer(self.path, body, self.headers.get("Authorization", ""))
            status = 302 if told.location else told.status if said is not None else 400
            answer = json.dumps(said if said is not None else {"error": "invalid_grant"}).encode()
            self.send_response(status)
            if told.location:
                self.send_header("Location", told.location)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_told: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    told.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def later(far: timedelta | None = None, /, **span: float) -> int:
    """The hour of a claim, from now."""
    return int((hours.now() + (far or timedelta(**span))).timestamp())
