"""Mail by SMTP: one message a person, its subject with the number of its lines, its text with a sentence for each of the first.

Encrypted unless an installation says otherwise, and a password goes over no connection that is not.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from handlers.channels import Message, Outside, Render

TIMEOUT_SECONDS = 20
# A sweep may bring two hundred lines; a mail says how many, and lists the first of them.
LINES_AT_MOST = 20


class MailRefused(Exception):
    """The mail cannot be sent as it is: an address that is none, or a password with nothing to hide it."""


@dataclass(frozen=True)
class MailChannel:
    """Sends from `sender` through `host`. `render` gives the words; `address` is the page with the rest, or "".

    `security` is starttls (a server that does not offer it is refused), tls from the first byte, or none.
    """

    host: str
    port: int
    sender: str
    render: Render
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    address: str = ""
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    wants_address: bool = True

    def send(self, message: Message) -> None:
        """Sends it or raises what smtplib raises; the same key gives the same Message-ID."""
        mail = self.mail_of(message)
        with self._connect() as server:
            if self.security == "starttls":
                server.starttls(context=self.context)
            if self.user:
                if self.security == "none":
                    raise MailRefused("password")
                server.login(self.user, self.password)
            server.send_message(mail)

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=self.context)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def mail_of(self, message: Message) -> EmailMessage:
        """The mail as it goes out."""
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender
        mail["To"] = _plain_address(message.email)
        mail["Subject"] = self.render("mail_subject", Outside({"count": len(message.lines)}), message.language)
        mail["Message-ID"] = f"<{message.key}@{parseaddr(self.sender)[1].rpartition('@')[2] or 'duban'}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n".join(self._sentences(message)) + "\n")
        return mail

    def _sentences(self, message: Message) -> list[str]:
        words = message.words or (message.message,) * len(message.lines)
        told = list(zip(words, message.lines, strict=True))
        sentences = [self.render(key, Outside(line), message.language) for key, line in told[:LINES_AT_MOST]]
        rest = len(told) - LINES_AT_MOST
        more = [self.render("mail_more", Outside({"count": rest}), message.language)] if rest > 0 else []
        where = [self.render("mail_where", {"address": self.address}, message.language)] if self.address else []
        return [*dict.fromkeys(sentences), *more, *where]


def _plain_address(address: str) -> str:
    if not address or parseaddr(address)[1] != address or any(ord(char) < 33 for char in address):
        raise MailRefused("address")
    return address
