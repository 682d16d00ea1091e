"""Channels: mail and webhook carry number, count and date out of the house, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from smtplib import SMTPNotSupportedError
from socketserver import StreamRequestHandler, TCPServer
from typing import Any

import pytest

from config.settings import Settings
from handlers.channels import Outside
from handlers.channels.smtp import MailChannel, MailRefused
from handlers.channels.webhook import KEY_HEADER, SIGNATURE_HEADER, WebhookChannel, WebhookRefused, signature
from web.certificate import certificate_for
from workflow.outbox import Message

CANARY = "秘密王五"
KEY = b"k" * 32
MESSAGE = Message(
    key="abc123",
    person_id=7,
    name="林静",
    email="lin@anlan.example",
    language="zh-Hans",
    message="sent_back",
    lines=(
        {"no": "整改〔2026〕1号", "date": "2026-06-02", "reason": CANARY, "organ": CANARY},
        {"no": "整改〔2026〕2号", "date": None, "days": 3, "name": CANARY},
    ),
    cases=(1, 2),
)
WORDS = {
    "sent_back": "编号{number}未通过，原因：{reason}，期限{due_on}。",
    "mail_subject": "督办提醒：共{count}件",
    "mail_more": "另有{count}件",
    "mail_where": "查看：{address}",
}


def render(key: str, params: Mapping[str, Any], _language: str) -> str:
    return WORDS[key].format_map(params)


MAIL = MailChannel(host="127.0.0.1", port=1, sender="Duban <duban@anlan.example>", render=render, security="none")


# ---- mail -----------------------------------------------------------------------------------------------------------------


class Postman(StreamRequestHandler):
    """Speaks just enough SMTP to take a mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        self.take_mail()

    def take_mail(self) -> None:
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text)
                self.server.received.append(b"".join(lines))  # type: ignore[attr-defined]  # set by `listening`
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


class Sealed(Postman):
    """The same behind TLS, from the first byte or after STARTTLS, and with an account."""

    sealed: ssl.SSLSocket | None = None

    def handle(self) -> None:
        server: Any = self.server
        try:
            if server.security == "tls":
                self._seal(server.context)
                self.wfile.write(b"220 here\r\n")
            else:
                self.wfile.write(b"220 here\r\n")
                self._answer_greeting(b"STARTTLS")
                self.rfile.readline()
                self.wfile.write(b"220 go on\r\n")
                self._seal(server.context)
            self._answer_greeting(b"AUTH PLAIN")
            server.logins.append(self.rfile.readline().split()[1])
            self.wfile.write(b"235 come in\r\n")
            super().take_mail()
        except OSError:
            pass  # A client that does not trust the certificate hangs up.

    def _seal(self, context: ssl.SSLContext) -> None:
        self.sealed = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.sealed.makefile("rb"), self.sealed.makefile("wb", buffering=0)

    def finish(self) -> None:
        super().finish()
        if self.sealed is not None:
            self.sealed.close()

    def _answer_greeting(self, offer: bytes) -> None:
        self.rfile.readline()
        self.wfile.write(b"250-here\r\n250 " + offer + b"\r\n")


@contextmanager
def listening(server: Any) -> Iterator[Any]:
    server.received = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_mail_arrives_with_a_sentence_a_case_and_no_content() -> None:
    with listening(TCPServer(("127.0.0.1", 0), Postman)) as server:
        replace(MAIL, port=server.server_address[1]).send(MESSAGE)
        assert len(server.received) == 1
    mail = MAIL.mail_of(MESSAGE)
    assert mail["Subject"] == "督办提醒：共2件"
    assert mail["To"] == "lin@anlan.example"
    text = mail.get_content()
    assert text.splitlines() == [
        "编号整改〔2026〕1号未通过，原因：…，期限2026-06-02。",
        "编号整改〔2026〕2号未通过，原因：…，期限…。",
    ]
    assert CANARY not in mail.as_string() + text


def test_the_same_message_sent_again_has_the_same_message_id() -> None:
    assert MAIL.mail_of(MESSAGE)["Message-ID"] == MAIL.mail_of(MESSAGE)["Message-ID"] == "<abc123@anlan.example>"


def test_two_hundred_lines_are_one_mail_that_lists_the_first_twenty_and_where_the_rest_is() -> None:
    many = replace(MESSAGE, lines=tuple({"no": f"{n}号", "date": "2026-06-02"} for n in range(200)))
    mail = replace(MAIL, address="https://duban.example/notices").mail_of(many)
    assert mail["Subject"] == "督办提醒：共200件"
    assert len(mail.get_content().splitlines()) == 22
    assert mail.get_content().splitlines()[-2:] == ["另有180件", "查看：https://duban.example/notices"]


def test_a_server_that_offers_no_encryption_is_refused_and_gets_neither_mail_nor_password() -> None:
    with listening(TCPServer(("127.0.0.1", 0), Postman)) as server:
        port = server.server_address[1]
        with pytest.raises(SMTPNotSupportedError):
            replace(MAIL, port=port, security="starttls").send(MESSAGE)
        with pytest.raises(ssl.SSLError):
            replace(MAIL, port=port, security="tls").send(MESSAGE)
        with pytest.raises(MailRefused, match="password"):
            replace(MAIL, port=port, user="duban", password="k").send(MESSAGE)
        assert server.received == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_encrypted_and_only_to_a_server_whose_authority_is_known(tmp_path: Path, security: str) -> None:
    kept = certificate_for(Settings(home=tmp_path), "localhost", datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kept.file, kept.key_file)
    told: Any = TCPServer(("127.0.0.1", 0), Sealed)
    told.security, told.context, told.logins = security, context, []
    with listening(told) as server:
        mail = replace(MAIL, host="localhost", port=server.server_address[1], security=security)
        mail = replace(mail, user="duban", password="word")
        with pytest.raises(ssl.SSLCertVerificationError):
            mail.send(MESSAGE)
        assert (server.received, server.logins) == ([], [])
        replace(mail, context=ssl.create_default_context(cafile=str(kept.file))).send(MESSAGE)
        assert (len(server.received), server.logins) == (1, [b"PLAIN"])


@pytest.mark.parametrize("address", ["", "a@b, c@d", "lin@anlan.example\nBcc: x@y", "Lin <lin@anlan.example>", "lin @anlan"])
def test_an_address_that_is_none_or_several_is_refused(address: str) -> None:
    with pytest.raises(MailRefused):
        MAIL.mail_of(replace(MESSAGE, email=address))


# ---- webhook --------------------------------------------------------------------------------------------------------------


class Receiver(BaseHTTPRequestHandler):
    """Remembers what was posted; answers as the path says: /200, /500, /302."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))  # type: ignore[attr-defined]  # `listening`
        self.send_response(int(self.path[1:4]))
        self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def receiver() -> Iterator[Any]:
    with listening(HTTPServer(("127.0.0.1", 0), Receiver)) as server:
        yield server


def hook(receiver: Any, path: str, *, host: str = "127.0.0.1", hosts: tuple[str, ...] = ("127.0.0.1",)) -> WebhookChannel:
    return WebhookChannel(url=f"http://{host}:{receiver.server_address[1]}{path}", hosts=hosts, key=KEY)


def test_a_webhook_posts_signed_json_with_its_key_and_no_content(receiver: Any) -> None:
    hook(receiver, "/200?to=office").send(MESSAGE)
    path, headers, body = receiver.received[0]
    assert path == "/200?to=office"
    assert headers[KEY_HEADER] == "abc123"
    assert headers[SIGNATURE_HEADER] == "sha256=" + hmac.new(KEY, body, hashlib.sha256).hexdigest()
    assert headers[SIGNATURE_HEADER] != signature(b"x" * 32, body)
    told = json.loads(body)
    assert (told["key"], told["person"], told["message"], told["count"]) == ("abc123", 7, "sent_back", 2)
    assert told["lines"][0] == {
        "no": "整改〔2026〕1号",
        "number": "整改〔2026〕1号",
        "date": "2026-06-02",
        "due_on": "2026-06-02",
    }
    assert CANARY not in body.decode()


def test_a_redirect_is_a_refusal_and_is_not_followed(receiver: Any) -> None:
    for path, said in (("/302", "302"), ("/500", "500")):
        with pytest.raises(WebhookRefused, match=said):
            hook(receiver, path).send(MESSAGE)
    assert [path for path, _, _ in receiver.received] == ["/302", "/500"]


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example/200",
        "ftp://127.0.0.1/200",
        "file:///etc/passwd",
        "http://127.0.0.1@elsewhere.example/",
        "http://user@127.0.0.1/",
        "http://2130706433/",
        "http://[::1]/",
        "",
    ],
)
def test_a_host_that_was_not_named_is_not_spoken_to(url: str) -> None:
    with pytest.raises(WebhookRefused, match="host not allowed"):
        WebhookChannel(url=url, hosts=("127.0.0.1",), key=KEY).send(MESSAGE)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "169.254.169.254", "224.0.0.1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_to_this_machine_is_not_spoken_to(
    receiver: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    # The answer of a name server that lies is the one thing that cannot be had for real.
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", (address, 80))])
    with pytest.raises(WebhookRefused, match="this machine"):
        hook(receiver, "/200", host="hook.anlan.example", hosts=("hook.anlan.example",)).send(MESSAGE)
    assert receiver.received == []


def test_a_short_key_is_refused_and_a_key_is_never_shown() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        WebhookChannel(url="http://a/", hosts=("a",), key=b"short")
    assert "kkkk" not in repr(WebhookChannel(url="http://a/", hosts=("a",), key=KEY))


def test_what_a_template_asks_for_and_may_not_be_said_outside_reads_as_withheld() -> None:
    told = Outside({"no": "1号", "reason": CANARY, "count": 3})
    assert "{number}{count}{reason}".format_map(told) == "1号3…"
