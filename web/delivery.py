"""The channels of this installation, and one delivery over them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from handlers.channels.smtp import MailChannel
from handlers.channels.webhook import WebhookChannel
from web.messages import render
from web.wiring import Office
from workflow.outbox import Channel, deliver


def channels_of(office: Office) -> Mapping[str, Channel]:
    """Channel by name; the in-app inbox is written by the outbox itself."""
    settings = office.settings
    channels: dict[str, Channel] = {}
    if settings.smtp_host:
        sender = settings.smtp_from or f"duban@{settings.smtp_host}"
        channels["mail"] = MailChannel(settings.smtp_host, settings.smtp_port, sender, render)
    if settings.webhook_url and settings.webhook_key_file:
        key = settings.webhook_key_file.read_bytes().strip()
        channels["webhook"] = WebhookChannel(settings.webhook_url, settings.webhook_hosts, key)
    return channels


def deliver_now(office: Office, now: datetime) -> int:
    """Delivers what is due; how many messages went out."""
    return deliver(office.database, channels_of(office), now=now)["sent"]
