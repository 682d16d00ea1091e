"""`duban serve` as people start it: TLS on every address but loopback, clear text only when it is said, a clean end."""

from __future__ import annotations

import hashlib
import http.client
import signal
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import load
from tests import postgres
from tests.web.commands.serving import HOST, free_port, scheduling, serving
from tests.web.commands.test_commands import run
from web import certificate
from web.certificate import Certificate, certificate_for
from web.cli import FOUND_FAULTS, REFUSED, USAGE
from workflow.dates import local_day
from workflow.keyring import make_missing
from workflow.sealing import masters

NOW = datetime.now(UTC)
RED_LINE = "这台服务器没有加密"


@pytest.fixture
def made(home: Path) -> Path:
    """A home whose database is made."""
    assert run("init", "--yes") == 0
    return home


def kept(home: Path, host: str = HOST, now: datetime = NOW) -> Certificate:
    """The self-made certificate of a home."""
    return certificate_for(load({"DUBAN_HOME": str(home)}), host, now)


def cores_of(pid: int) -> list[str]:
    """How large a core a process may leave when it crashes: at first, and at most."""
    (line,) = [line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if line.startswith("Max core file size")]
    return line.removeprefix("Max core file size").split()[:2]


def test_another_address_than_loopback_is_served_with_a_certificate_made_here(made: Path) -> None:
    with serving(made) as served:
        trusted = made / certificate.FILE
        served.wait_until("/readyz", 200, trusted)
        status, headers, page = served.get("/sign-in", trusted)
        assert (status, RED_LINE in page) == (200, False)
        assert "strict-transport-security" in headers
        assert "Secure" in headers["set-cookie"]
        shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((HOST, served.port)))
        assert served.said["fingerprint"].replace(":", "") == hashlib.sha256(shown).hexdigest().upper()
        assert served.said["url"].startswith("https://")
        with pytest.raises((ConnectionError, http.client.BadStatusLine)):
            served.get("/sign-in")
        served.process.terminate()
        assert served.process.wait(30) == 0


def test_a_given_certificate_is_what_the_browser_gets(made: Path, tmp_path: Path) -> None:
    given = kept(tmp_path / "elsewhere")
    files = {"DUBAN_CERTIFICATE_FILE": str(given.file), "DUBAN_CERTIFICATE_KEY_FILE": str(given.key_file)}
    with serving(made, **files) as served:
        served.wait_until("/healthz", 200, given.file)
        assert (served.said["fingerprint"], served.said["self_made"]) == (given.fingerprint, False)
    assert not (made / certificate.FILE).exists()


def test_clear_text_has_to_be_said_and_every_page_has_a_red_line(made: Path) -> None:
    with serving(made, "--plain-http") as served:
        served.wait_until("/healthz", 200)
        _status, headers, page = served.get("/sign-in")
        assert RED_LINE in page
        assert "strict-transport-security" not in headers
        assert "Secure" not in headers["set-cookie"]
        assert served.said["url"].startswith("http://")


def test_the_pages_end_with_a_server_that_was_killed(made: Path) -> None:
    with serving(made, "--plain-http") as served:
        served.wait_until("/healthz", 200)
        assert cores_of(served.process.pid) == ["0", "0"], "it holds keys"
        served.process.send_signal(signal.SIGKILL)
        served.process.wait(30)
        served.wait_until_gone("/healthz")


def test_on_postgresql_several_processes_answer_and_the_scheduler_is_its_own(
    home: Path, postgres_server: postgres.Server, postgres_template: str
) -> None:
    name = postgres_server.create(template=postgres_template)
    make_missing(home / "keys", ("checkpoint",), NOW)
    masters.make_missing(home / "keys", NOW, "aes-256-gcm")
    many = {"DUBAN_WORKERS": "2", "DUBAN_DATABASE_URL": postgres_server.url(name)}
    with serving(home, "--plain-http", **many) as served:
        served.wait_until("/readyz", 503)
        served.wait_until_workers(2)
        assert cores_of(served.process.pid) == ["0", "0"]
        with scheduling(home, **many) as scheduler:
            served.wait_until("/readyz", 200)
            assert cores_of(scheduler.pid) == ["0", "0"]
    postgres_server.drop(name)


def test_a_key_of_another_certificate_is_refused_in_one_sentence(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, other = kept(tmp_path / "ours"), kept(tmp_path / "other")
    monkeypatch.setenv("DUBAN_CERTIFICATE_FILE", str(ours.file))
    for wrong, said in ((other.key_file, "不是一对"), (tmp_path / "none", "不能读"), (made / "duban.db", "不能用")):
        monkeypatch.setenv("DUBAN_CERTIFICATE_KEY_FILE", str(wrong))
        capsys.readouterr()
        assert run("serve", "--host", HOST, "--port", str(free_port())) == REFUSED
        told = capsys.readouterr().err.strip()
        assert said in told
        assert "\n" not in told


def test_nothing_is_served_without_a_key_or_with_one_that_others_may_read(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (key,) = (made / "keys").glob("checkpoint-*.key")
    key.chmod(0o644)
    assert run("serve", "--port", str(free_port())) == REFUSED
    assert key.name in capsys.readouterr().err
    key.unlink()
    assert run("serve", "--port", str(free_port())) == REFUSED
    assert "没有签名密钥" in capsys.readouterr().err


@pytest.mark.parametrize("secret", ["a-default", "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET", ""])
def test_nothing_is_served_with_a_secret_that_others_know(made: Path, secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    (made / "secret.key").write_text(secret, encoding="ascii")
    (made / "secret.key").chmod(0o600)
    assert run("serve", "--host", HOST, "--port", str(free_port()), "--plain-http") == USAGE
    said = capsys.readouterr().err
    assert "secret.key" in said
    assert not secret or secret not in said


@pytest.mark.usefixtures("made")
def test_a_site_without_second_factors_is_served_on_its_own_machine_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUBAN_SECOND_FACTOR", "off")
    assert run("serve", "--host", HOST, "--port", str(free_port()), "--plain-http") == REFUSED
    assert "只在本机打开" in capsys.readouterr().err


@pytest.mark.usefixtures("made")
def test_a_port_that_is_taken_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((HOST, 0)) as taken:
        assert run("serve", "--host", HOST, "--port", str(taken.getsockname()[1]), "--plain-http") == REFUSED
    assert "已被占用" in capsys.readouterr().err


def test_a_self_made_certificate_is_used_again_until_it_is_about_to_end(home: Path) -> None:
    first = kept(home)
    assert kept(home, now=NOW + timedelta(days=700)) == first
    last = kept(home, now=first.until + timedelta(days=1))
    assert last.fingerprint != first.fingerprint
    assert last.until > first.until + timedelta(days=700)


def test_a_self_made_certificate_names_the_address_that_is_served(home: Path) -> None:
    first = kept(home)
    assert kept(home, "0.0.0.0") == first
    assert kept(home, "10.1.2.3").fingerprint != first.fingerprint


def test_the_doctor_names_a_certificate_that_is_about_to_end(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept(made)
    run("doctor")
    assert "网页证书" not in capsys.readouterr().out
    ended = kept(made, "10.1.2.3", NOW - timedelta(days=900))
    assert run("doctor") == FOUND_FAULTS
    assert f"网页证书{local_day(ended.until)}到期" in capsys.readouterr().out


def test_only_its_owner_reads_the_key_and_a_key_that_was_lost_is_made_anew(home: Path) -> None:
    first = kept(home)
    assert first.key_file.stat().st_mode & 0o077 == 0
    first.key_file.chmod(0o644)
    assert kept(home).key_file.stat().st_mode & 0o077 == 0
    first.key_file.unlink()
    assert kept(home).fingerprint != first.fingerprint
