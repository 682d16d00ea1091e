"""Keys lie in files of their own; a weak, known, shared or readable one is refused, and a replaced one still proves what it signed."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from states.errors import BadInput, NotReady
from workflow import keyring

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
RFC_8032 = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def why(folder: Path) -> Any:
    with pytest.raises(NotReady) as refused:
        keyring.require_keys(folder)
    return refused.value.params["why"]


def plant(folder: Path, purpose: str, seed: bytes) -> None:
    """A well-formed key file of a seed that somebody chose."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    told = {"id": keyring.key_id_of(public), "purpose": purpose, "algorithm": "ed25519", "made_at": "2026-03-02"}
    told |= {"public": base64.b64encode(public).decode(), "private": base64.b64encode(seed).decode()}
    folder.mkdir(exist_ok=True)
    path = folder / f"{purpose}-{told['id']}.key"
    path.touch(mode=0o600)
    path.write_text(json.dumps(told), encoding="utf-8")


def test_a_key_is_made_once_and_read_by_its_owner_alone(folder: Path) -> None:
    made = keyring.make_key(folder, "checkpoint", NOW)
    file = folder / f"checkpoint-{made.id}.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert keyring.make_missing(folder, ("checkpoint", "witness"), NOW)[0].purpose == "witness"
    with pytest.raises(BadInput):
        keyring.make_key(folder, "checkpoint", NOW)
    keyring.require_keys(folder)
    seed = json.loads(file.read_text(encoding="utf-8"))["private"]
    assert seed not in repr(keyring.get_key(folder, "checkpoint"))
    assert seed not in (folder / f"checkpoint-{made.id}.pub").read_text(encoding="utf-8")


def test_a_key_that_others_may_read_is_refused(folder: Path) -> None:
    made = keyring.make_key(folder, "checkpoint", NOW)
    for mode in (0o640, 0o604, 0o660):
        (folder / f"checkpoint-{made.id}.key").chmod(mode)
        assert why(folder) == "key_open"


@pytest.mark.parametrize("seed", [b"\0" * 32, b"duban" * 6 + b"du", bytes.fromhex(RFC_8032)])
def test_a_weak_or_known_key_is_refused(folder: Path, seed: bytes) -> None:
    plant(folder, "checkpoint", seed)
    assert why(folder) == "key_weak"


def test_one_key_for_two_purposes_is_refused(folder: Path) -> None:
    made = keyring.make_key(folder, "checkpoint", NOW)
    stored = json.loads((folder / f"checkpoint-{made.id}.key").read_text(encoding="utf-8"))
    plant(folder, "witness", base64.b64decode(stored["private"]))
    assert why(folder) == "key_shared"


def test_no_key_two_keys_and_a_damaged_one_are_refused(folder: Path) -> None:
    assert why(folder) == "no_key"
    made = keyring.make_key(folder, "checkpoint", NOW)
    file = folder / f"checkpoint-{made.id}.key"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(made.id, "0" * 16), encoding="utf-8")
    assert why(folder) == "key_unreadable"
    file.write_text("{}", encoding="utf-8")
    assert why(folder) == "key_unreadable"
    file.write_text(whole, encoding="utf-8")
    plant(folder, "checkpoint", bytes(range(32)))
    assert why(folder) == "key_twice"


def test_a_replaced_key_endorses_the_next_and_still_proves_what_it_signed(folder: Path) -> None:
    first = keyring.make_key(folder, "checkpoint", NOW)
    signed = keyring.get_key(folder, "checkpoint").sign("duban/checkpoint/1", {"number": 1})
    second = keyring.rotate_key(folder, "checkpoint", NOW)
    keyring.require_keys(folder)
    assert keyring.get_key(folder, "checkpoint").public.id == second.id
    known = {key.id: key for key in keyring.public_keys(folder)}
    assert set(known) == {first.id, second.id}
    assert known[first.id].verifies(signed)
    assert not known[second.id].verifies(signed)
    told = {name: known[second.id].document()[name] for name in ("id", "purpose", "algorithm", "public", "made_at")}
    endorsement = {"type": keyring.KEY_TYPE, "body": keyring.canonical(told), "key_id": first.id, "algorithm": "ed25519"}
    assert known[first.id].verifies({**endorsement, "signature": second.endorsement})
    assert not (folder / f"checkpoint-{first.id}.key").exists()


def test_a_signature_holds_for_its_text_and_its_type_alone(folder: Path) -> None:
    made = keyring.make_key(folder, "checkpoint", NOW)
    signed = keyring.get_key(folder, "checkpoint").sign("duban/checkpoint/1", {"number": 1})
    assert made.verifies(signed)
    assert not made.verifies({**signed, "body": '{"number":2}'})
    assert not made.verifies({**signed, "type": "duban/receipt/1"})
    assert not made.verifies({**signed, "signature": base64.b64encode(bytes(64)).decode()})
