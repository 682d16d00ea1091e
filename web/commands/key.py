"""duban key: make, replace and list the keys that sign what leaves the machine. A private key is never printed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from config.settings import load
from web.commands.office import common, opened, say, telling_of_key
from workflow import keyring
from workflow.keyring import PublicKey


@click.group("key")
def command() -> None:
    """Keys that sign what leaves the machine."""


@command.command("new")
@click.argument("purpose")
@common
def new(purpose: str, yes: bool, as_json: bool) -> None:
    """Make the first key of PURPOSE: checkpoint, witness or receipt."""
    del yes
    with opened() as office:
        tell = telling_of_key(office, "made", purpose)
        made = keyring.make_key(office.settings.key_folder, purpose, datetime.now(UTC), tell)
    say(_told(made), as_json, _words)


@command.command("rotate")
@click.argument("purpose")
@common
def rotate(purpose: str, yes: bool, as_json: bool) -> None:
    """Replace the key of PURPOSE by a new one that the old one endorses; the old public key stays."""
    del yes
    with opened() as office:
        tell = telling_of_key(office, "rotated", purpose)
        made = keyring.rotate_key(office.settings.key_folder, purpose, datetime.now(UTC), tell)
    say(_told(made), as_json, _words)


@command.command("list")
@common
def list_keys(yes: bool, as_json: bool) -> None:
    """List every public key that is or was used here."""
    del yes
    folder = load().key_folder
    keys = [_listed(key, (folder / f"{key.purpose}-{key.id}.key").exists()) for key in keyring.public_keys(folder)]
    say(keys, as_json, lambda told: "\n".join(_line(one) for one in told) or "还没有密钥")


def _told(made: PublicKey) -> dict[str, Any]:
    file = load().key_folder / f"{made.purpose}-{made.id}.pub"
    return {"id": made.id, "purpose": made.purpose, "file": str(file)}


def _words(told: dict[str, Any]) -> str:
    return f"密钥{told['id']}已建（{told['purpose']}）。公钥交给审计方另存：{told['file']}"


def _listed(key: PublicKey, in_use: bool) -> dict[str, Any]:
    told = {"id": key.id, "purpose": key.purpose, "algorithm": key.algorithm, "made_at": key.made_at}
    return {**told, "endorsed_by": key.endorsed_by, "in_use": in_use}


def _line(one: dict[str, Any]) -> str:
    return f"{one['purpose']} {one['id']} {one['made_at'][:10]} {'在用' if one['in_use'] else '已更换'}"
