"""How long the sessions of this office live, and its passwords."""

from __future__ import annotations

from config.settings import Settings
from workflow.people.passwords import PROFILES
from workflow.people.sign_in import Limits


def limits_of(settings: Settings) -> Limits:
    """The limits that the settings of an installation give a session."""
    days = PROFILES[settings.password_profile].days
    return Limits.of(settings.session_idle_minutes, settings.session_hours, days)
