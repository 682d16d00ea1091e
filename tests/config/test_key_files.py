"""Secrets in files: made once, of their own purpose each, and nothing starts with one that somebody could know."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import key_files
from config.key_files import WeakSecret, secret_of
from config.settings import Settings, SettingsFault

GOOD = secrets.token_hex(32)


def kept(path: Path, text: str, mode: int = 0o600) -> Path:
    """A file with a secret that somebody wrote."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_secret_is_made_once_at_random_and_read_by_its_owner_only(tmp_path: Path) -> None:
    made = [secret_of(tmp_path / name / "a.key") for name in ("one", "two")]
    assert len(set(made)) == 2
    assert all(len(secret) == 64 for secret in made)
    assert secret_of(tmp_path / "one" / "a.key") == made[0]
    assert stat.S_IMODE((tmp_path / "one" / "a.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["a.key"]


def test_two_that_make_it_at_once_hold_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _n: secret_of(tmp_path / "a.key"), range(64)))
    assert len(set(made)) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("dev", "too short"),
        ("", "too short"),
        ("secret" * 12, "too plain"),
        ("a" * 64, "too plain"),
        *[(known, "published") for known in sorted(key_files.KNOWN)],
    ],
)
def test_a_short_typed_or_published_secret_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(WeakSecret, match=why):
        secret_of(kept(tmp_path / "a.key", text))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(WeakSecret, match="others may read"):
        secret_of(kept(tmp_path / "a.key", GOOD, mode))


def test_no_two_purposes_share_a_secret(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.require_keys()
    assert settings.secret_key() != settings.sealing_key().hex()
    kept(tmp_path / "keys" / "second_factor.key", settings.secret_key())
    with pytest.raises(SettingsFault, match="share a secret"):
        settings.require_keys()


BREAKS: dict[str, Callable[[Path], object]] = {
    "a default": lambda home: kept(home / "secret.key", "dev"),
    "open to all": lambda home: kept(home / "secret.key", GOOD, 0o644),
    "no number": lambda home: kept(home / "keys" / "second_factor.key", "not hexadecimal but long enough, 0123456789"),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_every_weak_secret_is_a_fault_of_the_settings(tmp_path: Path, broken: str) -> None:
    BREAKS[broken](tmp_path)
    with pytest.raises(SettingsFault):
        Settings(home=tmp_path).require_keys()


@pytest.mark.parametrize("told", [{"session_idle_minutes": "31"}, {"session_hours": "13"}, {"session_hours": "0"}])
def test_no_installation_lets_a_session_live_longer_than_the_rule(told: dict[str, str]) -> None:
    from config.settings import load

    with pytest.raises(SettingsFault, match="between 1 and"):
        load({f"DUBAN_{name.upper()}": value for name, value in told.items()})
