"""Settings: every fault at once, unknown names refused, secrets never from a variable, and the page that lists them is whole."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from datetime import time
from pathlib import Path

import pytest

from config.settings import Settings, SettingsFault, load

ROOT = Path(__file__).parents[2]

WITH_PASSWORD = "postgresql+psycopg://a:secret@localhost/b"  # pragma: allowlist secret: it opens nothing


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(SettingsFault) as fault:
        load({"DUBAN_PORT": "x", "DUBAN_NO_SUCH": "1", "DUBAN_PLAIN_HTTP": "perhaps"})
    assert len(fault.value.faults) == 3


def test_a_password_in_a_variable_is_refused() -> None:
    with pytest.raises(SettingsFault) as fault:
        load({"DUBAN_DATABASE_URL": WITH_PASSWORD})
    assert "secret" not in str(fault.value)


def test_a_url_with_a_password_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(f"{WITH_PASSWORD}\n", encoding="utf-8")
    assert load({"DUBAN_DATABASE_URL_FILE": str(file)}).database == WITH_PASSWORD


def test_a_suite_of_digests_is_known_and_offered_here(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load({}).digest_suite == "sha256" and load({"DUBAN_DIGEST_SUITE": "sm3"}).digest_suite == "sm3"
    with pytest.raises(SettingsFault, match="DUBAN_DIGEST_SUITE='md5': sha256, sm3"):
        load({"DUBAN_DIGEST_SUITE": "md5"})
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    assert load({"DUBAN_DIGEST_SUITE": "sha256"}).digest_suite == "sha256"
    with pytest.raises(SettingsFault, match="DUBAN_DIGEST_SUITE='sm3': the OpenSSL of this Python does not offer it"):
        load({"DUBAN_DIGEST_SUITE": "sm3"})


def test_a_webhook_must_be_on_the_list_of_hosts() -> None:
    with pytest.raises(SettingsFault):
        load({"DUBAN_WEBHOOK_URL": "https://elsewhere.example/x", "DUBAN_WEBHOOK_HOSTS": "here.example"})


def provider(tmp_path: Path, **more: str) -> dict[str, str]:
    secret = tmp_path / "oidc.secret"
    secret.write_text("of the provider\n", encoding="utf-8")
    secret.chmod(0o600)
    told = {"ISSUER": "https://id.example/realm", "CLIENT_ID": "duban", "SECRET_FILE": str(secret), "HOSTS": "id.example"}
    return {f"DUBAN_OIDC_{name}": value for name, value in told.items()} | {"DUBAN_SITE_URL": "https://duban.example/"} | more


def test_a_provider_is_whole_and_its_secret_is_told_nobody(tmp_path: Path) -> None:
    settings = load(provider(tmp_path))
    assert settings.oidc_back == "https://duban.example/sign-in/provider/back"
    assert "of the provider" not in repr(settings)
    assert load({}).oidc_back == ""


@pytest.mark.parametrize("missing", ["ISSUER", "CLIENT_ID", "SECRET_FILE"])
def test_half_a_provider_is_refused_in_a_sentence(tmp_path: Path, missing: str) -> None:
    told = provider(tmp_path)
    del told[f"DUBAN_OIDC_{missing}"]
    with pytest.raises(SettingsFault, match="say all three or none"):
        load(told)
    with pytest.raises(SettingsFault, match="say all three or none"):
        load({"DUBAN_OIDC_HOSTS": "id.example"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"DUBAN_OIDC_ISSUER": "http://id.example"}, "begins with https://"),
        ({"DUBAN_OIDC_ISSUER": "https://id.example/?x=1"}, "without a question mark"),
        ({"DUBAN_OIDC_ISSUER": "id.example"}, "begins with https://"),
        ({"DUBAN_OIDC_HOSTS": "elsewhere.example"}, "not in DUBAN_OIDC_HOSTS"),
        ({"DUBAN_SITE_URL": ""}, "say DUBAN_SITE_URL as well"),
        ({"DUBAN_SITE_URL": "http://duban.example"}, "say DUBAN_SITE_URL as well"),
        ({"DUBAN_OIDC_SECRET_FILE": "/nowhere/secret"}, "no such file"),
    ],
)
def test_a_provider_that_cannot_be_trusted_so_is_refused(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsFault, match=said):
        load(provider(tmp_path, **changes))


def test_a_secret_that_everybody_reads_or_that_is_empty_is_refused(tmp_path: Path) -> None:
    told = provider(tmp_path)
    (tmp_path / "oidc.secret").chmod(0o604)
    with pytest.raises(SettingsFault, match="everybody may read it"):
        load(told)
    (tmp_path / "oidc.secret").write_text("\n", encoding="utf-8")
    with pytest.raises(SettingsFault, match="nothing in it"):
        load(told)


def test_a_file_of_settings_gives_way_to_variables(tmp_path: Path) -> None:
    file = tmp_path / "duban.yaml"
    file.write_text("port: 9000\nhost: 127.0.0.2\n", encoding="utf-8")
    settings = load({"DUBAN_CONFIG": str(file), "DUBAN_PORT": "9001"})
    assert (settings.port, settings.host) == (9001, "127.0.0.2")


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = load({"DUBAN_HOME": str(tmp_path / "home")})
    first = settings.secret_key()
    assert len(first) == 64
    assert settings.secret_key() == first
    assert (tmp_path / "home" / "secret.key").stat().st_mode & 0o077 == 0


def test_every_setting_stands_on_the_page_of_settings() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [field.name for field in fields(Settings) if f"`{field.name}`" not in page]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "value", "database"),
    [
        ("WORKERS", "2", ""),
        ("WORKERS", "0", "postgresql+psycopg://a@localhost/b"),
        ("LOG_LEVEL", "loud", ""),
        ("QUERY_SECONDS", "-1", ""),
    ],
)
def test_a_setting_that_would_do_nothing_is_refused(name: str, value: str, database: str) -> None:
    with pytest.raises(SettingsFault, match=f"DUBAN_{name}"):
        load({f"DUBAN_{name}": value, "DUBAN_DATABASE_URL": database})


def test_several_workers_are_for_postgresql_and_a_key_needs_its_certificate() -> None:
    assert load({"DUBAN_WORKERS": "2", "DUBAN_DATABASE_URL": "postgresql+psycopg://a@localhost/b"}).workers == 2
    with pytest.raises(SettingsFault, match="DUBAN_CERTIFICATE_FILE"):
        load({"DUBAN_CERTIFICATE_KEY_FILE": "key.pem"})


def test_every_fault_of_mail_is_told_at_once() -> None:
    told = {"SMTP_PORT": "0", "SMTP_SECURITY": "perhaps", "SMTP_USER": "duban", "SMTP_CA_FILE": "/nowhere/ca.pem"}
    hours = {"SITE_URL": "duban.example", "OFFICE_HOURS": "14:00-12:00", "MAIL_EVERY_HOURS": "0"}
    with pytest.raises(SettingsFault) as fault:
        load({f"DUBAN_{name}": value for name, value in (told | hours).items()})
    assert len(fault.value.faults) == 7


def test_a_password_for_mail_is_read_from_a_file_and_goes_over_no_plain_connection(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("word\n", encoding="utf-8")
    told = {"DUBAN_SMTP_USER": "duban", "DUBAN_SMTP_PASSWORD_FILE": str(file)}
    assert load(told).smtp_security == "starttls"
    with pytest.raises(SettingsFault, match="without encryption"):
        load({**told, "DUBAN_SMTP_SECURITY": "none"})


def test_office_hours_are_said_as_the_county_says_them() -> None:
    settings = load({"DUBAN_OFFICE_HOURS": "8:00-12:00, 15:00-18:00", "DUBAN_MAIL_FROM": "8:30"})
    assert settings.office_hours == ((time(8), time(12)), (time(15), time(18)))
    assert settings.mail_from == time(8, 30)
    for name, value in (("OFFICE_HOURS", "morning"), ("OFFICE_HOURS", "8-12"), ("MAIL_FROM", "25:00"), ("MAIL_FROM", "18:00")):
        with pytest.raises(SettingsFault, match=f"DUBAN_{name}"):
            load({f"DUBAN_{name}": value})
