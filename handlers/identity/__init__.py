"""Whom another house vouches for: sign-in over a provider of identities (OpenID Connect).

A provider says who somebody is and nothing else; what he may do is known here alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from states.errors import DomainError


class ProviderAway(DomainError):
    """The provider cannot be spoken to, or answers as no provider does."""

    code = "provider_away"


class ProviderRefused(DomainError):
    """What came back does not prove who somebody is; `params["fault"]` names what was wrong, for the trail and nobody else."""

    code = "provider_refused"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as his provider knows him. Only both together name him; a name or an address of mail never does."""

    issuer: str
    subject: str
