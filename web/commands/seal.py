"""duban seal: the master keys under which secret facts lie. A key leaves this machine only in shares."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from states.errors import BadInput, Conflict
from web.commands.office import common, confirmed, opened, say, telling_of_key, writing
from workflow.files import masters_of_files
from workflow.keyring import write_private
from workflow.nightly import keep_sealed
from workflow.sealing import masters, shares
from workflow.sealing.sealer import in_use

if TYPE_CHECKING:
    from web.wiring import Office


@click.group("seal")
def command() -> None:
    """Master keys under which secret facts lie."""


@command.command("list")
@common
def list_masters(yes: bool, as_json: bool) -> None:
    """List the master keys and how many keys of cases and files each wraps."""
    del yes
    with opened() as office:
        known, used = masters.read_masters(office.settings.key_folder), _in_use(office)
    told = [
        {
            "id": key.id,
            "algorithm": key.algorithm,
            "made_at": key.made_at,
            "wraps": used.get(key.id, 0),
            "current": key == known.current,
        }
        for key in known.by_id.values()
    ]
    say(told, as_json, lambda told: "\n".join(_line(one) for one in told))


@command.command("rotate")
@common
def rotate(yes: bool, as_json: bool) -> None:
    """Make a new master key; the night, or `seal rewrap`, wraps the cases' keys by it. Older ones stay: copies need them."""
    del yes
    with opened() as office:
        folder, cipher = office.settings.key_folder, office.settings.cipher
        made = masters.add_master(folder, datetime.now(UTC), cipher, telling_of_key(office, "rotated", masters.SEALING))
    told = {"id": made.id, "algorithm": made.algorithm}
    say(told, as_json, lambda told: f"密钥{told['id']}已建。旧钥还在，当晚换钥；也可现在运行 duban seal rewrap")


@command.command("rewrap")
@common
def rewrap(yes: bool, as_json: bool) -> None:
    """Do now what the night does: seal what is not sealed, wrap by the newest key what older ones wrapped."""
    del yes
    with opened() as office:
        told = writing(office, partial(keep_sealed, office.engine, office.settings.home, datetime.now(UTC), is_operator=True))
    say(told, as_json, lambda told: f"新密封{told['sealed']}项，换钥{told['rewrapped']}件")


@command.command("archive")
@common
def archive(yes: bool, as_json: bool) -> None:
    """Do now what the night does: move the keys of cases that ended long enough ago into the archive's escrow."""
    del yes
    with opened() as office:
        days, now = office.settings.archive_days, datetime.now(UTC)
        escrows = masters.read_masters(office.settings.key_folder).escrows
        moved = writing(office, partial(office.engine.put_keys_away, now, days=days, is_operator=True))
    told = {
        "archived": moved,
        "days": days,
        "keys": [{"id": one.id, "here": one.private is not None} for one in escrows.values()],
    }
    say(told, as_json, _archive_words)


def _archive_words(told: dict[str, Any]) -> str:
    kept = "；".join(f"托管密钥{one['id']}{'在本机' if one['here'] else '已移交保管'}" for one in told["keys"])
    return f"办结满{told['days']}天，封存{told['archived']}件。{kept}"


@command.command("drop")
@click.argument("key_id")
@common
def drop(key_id: str, yes: bool, as_json: bool) -> None:
    """Take away an old key by which nothing is wrapped; copies of the database that need it can never be read again."""
    with opened() as office:
        known, used = masters.read_masters(office.settings.key_folder), _in_use(office)
        if key_id not in known.by_id:
            raise BadInput(why="key_unknown", id=key_id)
        if key_id in used or key_id == known.current.id:
            raise Conflict(why="key_in_use", id=key_id, cases=used.get(key_id, 0))
        confirmed(yes, "旧的备份再也打不开其中的保密内容。删除这把密钥？")
        telling_of_key(office, "removed", masters.SEALING)(key_id)
        masters.remove_master(office.settings.key_folder, key_id)
    say({"id": key_id}, as_json, lambda told: f"密钥{told['id']}已删除")


@command.command("split")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--shares", "many", default=3, show_default=True)
@click.option("--needed", default=2, show_default=True)
@common
def split(folder: Path, many: int, needed: int, yes: bool, as_json: bool) -> None:
    """Write the newest key into FOLDER as shares for different offices, some of which must come together to restore it."""
    del yes
    with opened() as office:
        key = masters.read_masters(office.settings.key_folder).current
        lines = shares.split(key.raw, shares=many, needed=needed)
        telling_of_key(office, "split", masters.SEALING, f"{needed} of {many}")(key.id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = [folder / f"share-{key.id}-{place}.txt" for place in range(1, many + 1)]
    for file, line in zip(files, lines, strict=True):
        write_private(file, f"{key.algorithm} {key.made_at} {line}\n")
    told = {"id": key.id, "needed": needed, "files": [str(file) for file in files]}
    say(told, as_json, _split_words)


@command.command("join")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common
def join(files: tuple[Path, ...], yes: bool, as_json: bool) -> None:
    """Put a lost master key back in its place out of its shares."""
    del yes
    found = [file.read_text(encoding="utf-8").split() for file in files]
    if any(len(parts) != 3 for parts in found):
        raise BadInput(why="share_unreadable")
    algorithm, made_at, _line = found[0]
    raw = shares.join([parts[2] for parts in found])
    with opened() as office:
        tell = telling_of_key(office, "joined", masters.SEALING)
        key = masters.put_back(office.settings.key_folder, algorithm, made_at, raw, tell)
    say({"id": key.id}, as_json, lambda told: f"密钥{told['id']}已复原")


def _in_use(office: Office) -> Counter[str]:
    """How many cases and files each master key wraps."""
    return Counter(office.database.read(in_use)) + masters_of_files(office.vault)


def _line(one: dict[str, Any]) -> str:
    return f"{one['id']} {one['algorithm']} {one['made_at'][:10]} 封{one['wraps']}把{'，在用' if one['current'] else ''}"


def _split_words(told: dict[str, Any]) -> str:
    return f"密钥{told['id']}分为{len(told['files'])}份，{told['needed']}份可复原。交不同单位保管后从本机删除：\n" + "\n".join(
        told["files"]
    )
