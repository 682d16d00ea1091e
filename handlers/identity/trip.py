"""One way to the provider and back: everything that ties its end to its beginning comes from one secret in the browser.

The browser keeps the secret in a cookie and the address shows what is derived from it, so that an end without its beginning, in
another browser or of another trip, fits nothing. Nothing of it is a secret that the server would have to keep.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Trip:
    """A trip by its secret, of 256 random bits."""

    secret: str = field(repr=False)

    @property
    def state(self) -> str:
        """What comes back in the address (RFC 6749 §10.12)."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What comes back in the token (OpenID Connect Core 15.5.2)."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What only whoever began can show for the code (RFC 7636)."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """What the provider holds the verifier against, S256."""
        return _plain(hashlib.sha256(self.verifier.encode()).digest())

    def is_end(self, state: str) -> bool:
        """Is this the state of this very trip?"""
        return hmac.compare_digest(self.state.encode(), state.encode())

    def _derived(self, purpose: str) -> str:
        return _plain(hmac.new(self.secret.encode(), f"duban trip {purpose}".encode(), hashlib.sha256).digest())


def _plain(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")
