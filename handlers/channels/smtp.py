"""Mail by SMTP: one message a person, its subject without a number, its text with a sentence for each case."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from handlers.channels import Message, Outside, Render

TIMEOUT_SECONDS = 20
# A sweep may bring two hundred lines; a mail lists the first of them.
LINES_AT_MOST = 50


class MailRefused(Exception):
    """The mail cannot be sent as it is: an address that is none."""


@dataclass(frozen=True)
class MailChannel:
    """Sends from `sender` through `host`. `render` gives the words; `title` is the subject's key, with `count` in it.

    With `tls` the connection is encrypted by STARTTLS, and a server that does not offer it is refused.
    """

    host: str
    port: int
    sender: str
    render: Render
    title: str = "mail_subject"
    tls: bool = False
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    wants_address: bool = True

    def send(self, message: Message) -> None:
        """Sends it or raises what smtplib raises; the same key gives the same Message-ID."""
        mail = self.mail_of(message)
        with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS) as server:
            if self.tls:
                server.starttls(context=self.context)
            server.send_message(mail)

    def mail_of(self, message: Message) -> EmailMessage:
        """The mail as it goes out."""
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender
        mail["To"] = _plain_address(message.email)
        mail["Subject"] = self.render(self.title, Outside({"count": len(message.lines)}), message.language)
        mail["Message-ID"] = f"<{message.key}@{parseaddr(self.sender)[1].rpartition('@')[2] or 'duban'}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n".join(self._sentences(message)) + "\n")
        return mail

    def _sentences(self, message: Message) -> list[str]:
        told = message.lines[:LINES_AT_MOST]
        sentences = [self.render(message.message, Outside(line), message.language) for line in told]
        return [*dict.fromkeys(sentences), *(["…"] if len(message.lines) > LINES_AT_MOST else [])]


def _plain_address(address: str) -> str:
    if not address or parseaddr(address)[1] != address or any(ord(char) < 33 for char in address):
        raise MailRefused("address")
    return address
