"""The channels of this installation, the hours of its mail, and one delivery over them."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from handlers.channels.smtp import MailChannel
from handlers.channels.webhook import WebhookChannel
from web.messages import render
from web.wiring import Office
from workflow.mailing import Mailing, Topic
from workflow.outbox import Channel, deliver


def channels_of(office: Office) -> Mapping[str, Channel]:
    """Channel by name; the in-app inbox is written by the outbox itself."""
    settings = office.settings
    channels: dict[str, Channel] = {}
    if settings.smtp_host:
        channels["mail"] = _mail(office)
    if settings.webhook_url and settings.webhook_key_file:
        key = settings.webhook_key_file.read_bytes().strip()
        channels["webhook"] = WebhookChannel(settings.webhook_url, settings.webhook_hosts, key)
    return channels


def _mail(office: Office) -> MailChannel:
    settings = office.settings
    office.database.read(office.engine.look)
    password = settings.smtp_password_file.read_text(encoding="utf-8").strip() if settings.smtp_password_file else ""
    return MailChannel(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_from or f"duban@{settings.smtp_host}",
        partial(render, office.titles),
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=password,
        address=f"{settings.site_url.rstrip('/')}/notices" if settings.site_url else "",
        context=ssl.create_default_context(cafile=settings.smtp_ca_file),
    )


def mailing_of(office: Office) -> Mailing:
    """When mail goes here, and the topics that a person chooses of."""
    settings = office.settings
    topics = office.titles["message_topics"].items()
    return Mailing(
        settings.office_hours,
        settings.mail_from,
        timedelta(hours=settings.mail_every_hours),
        tuple(Topic(key, told["mail"], frozenset(told["messages"])) for key, told in topics),
    )


def deliver_now(office: Office, now: datetime) -> int:
    """Delivers what is due; how many messages went out."""
    return deliver(office.database, channels_of(office), now=now, mailing=mailing_of(office))["sent"]
