"""duban backup: one file for a key that lies elsewhere; checked, restored into an empty place, and tried."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from config.settings import Settings, load
from states.errors import BadInput
from web import backups
from web.cli import FOUND_FAULTS, PARTLY, stop
from web.commands.office import common, confirmed, opened, say, writing
from workflow import keyring
from workflow.backups import making
from workflow.backups.envelope import new_identity, read_identity
from workflow.backups.restoring import look_through

File = click.Path(exists=True, dir_okay=False, path_type=Path)
Folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("backup")
def command() -> None:
    """Make backups for a key that is kept elsewhere; restore one; try whether it can be restored."""


@command.command("key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@common
def new_key(file: Path, yes: bool, as_json: bool) -> None:
    """Make the pair: the private key into FILE, to be carried away; the public one is printed, for DUBAN_BACKUP_RECIPIENTS."""
    del yes
    secret, public = new_identity()
    keyring.write_private(file, f"# public key: {public}\n{secret}\n")
    told = {"file": str(file), "recipient": public}
    say(told, as_json, lambda told: f"私钥在{told['file']}，另行保管，不留在本机。公钥：{told['recipient']}")


@command.command("make")
@common
def make(yes: bool, as_json: bool) -> None:
    """Make a backup in DUBAN_BACKUP_FOLDER now; exit 4 when files were missing."""
    del yes
    with opened() as office:
        note = writing(office, lambda: backups.make(office, datetime.now(UTC)))
    say(asdict(note), as_json, _made)
    if note.missing:
        stop(PARTLY)


def _made(told: dict[str, Any]) -> str:
    line = f"已备份：{told['file']}（{told['cases']}件，{told['files']}个文件，第{told['checkpoint']}号检查点）"
    return line + (f"；有{told['missing']}个文件找不到了" if told["missing"] else "")


@command.command("list")
@common
def list_backups(yes: bool, as_json: bool) -> None:
    """List the backups in DUBAN_BACKUP_FOLDER, and the last restore that was tried."""
    del yes
    settings = _with_folder(load())
    keys = keyring.public_keys(settings.key_folder)
    assert settings.backup_folder is not None, "it was looked at"
    notes = [asdict(making.read_note(path, keys)) for path in making.backups_in(settings.backup_folder, settings.origin)]
    drill = backups.last_drill(settings)
    say({"backups": notes, "drill": asdict(drill) if drill else None}, as_json, _listed)


def _listed(told: dict[str, Any]) -> str:
    lines = [f"{one['file']}\t{one['cases']}件\t{one['files']}个文件\t第{one['checkpoint']}号检查点" for one in told["backups"]]
    drill = told["drill"]
    tried = (
        f"恢复演练：{drill['backup']}，{'完好' if drill['ok'] else '有问题'}，用时{drill['seconds']}秒"
        if drill
        else "还没有演练过恢复"
    )
    return "\n".join([*(lines or ["还没有备份"]), tried])


def _with_folder(settings: Settings) -> Settings:
    if settings.backup_folder is None:
        raise BadInput(why="no_backup_folder")
    return settings


@command.command("verify")
@click.argument("file", type=File)
@click.option("--key", type=File, help="The private key: then every part within is checked too.")
@click.option(
    "--public", type=File, multiple=True, help="A public key of the installation (.pub), instead of those known here."
)
@common
def verify(file: Path, key: Path | None, public: tuple[Path, ...], yes: bool, as_json: bool) -> None:
    """Check the note beside FILE, its signature and the digest; with the private key everything within. Writes nothing."""
    del yes
    keys = [keyring.read_public(path) for path in public] or keyring.public_keys(load().key_folder)
    note = making.read_note(file, keys)
    making.require_digest(file, note)
    faults = look_through(file, read_identity(key)).faults if key else ()
    told = {**asdict(note), "opened": key is not None, "faults": list(faults)}
    say(told, as_json, _verified)
    if faults:
        stop(FOUND_FAULTS)


def _verified(told: dict[str, Any]) -> str:
    if told["faults"]:
        return "\n".join([f"有{len(told['faults'])}处和清单不符：", *told["faults"]])
    within = "里面逐项核对无误" if told["opened"] else "外面的校验码和签名无误，没有打开"
    return f"{told['file']}：{within}（{told['cases']}件，第{told['checkpoint']}号检查点）"


_public = click.option(
    "--public", type=File, multiple=True, help="A public key of the installation (.pub) that signed the note."
)
_remembered = click.option("--remembered", type=Folder, help="The folder of checkpoints kept elsewhere.")
_standing = click.option("--standing", type=File, help="The list of what stands (default: the one beside the backup).")


@command.command("restore")
@click.argument("file", type=File)
@click.option("--key", type=File, required=True, help="The private key.")
@_public
@_remembered
@_standing
@click.option("--without-standing", is_flag=True, help="There is no list of what stands: rights taken away since may return.")
@common
def restore(
    file: Path,
    key: Path,
    public: tuple[Path, ...],
    remembered: Path | None,
    standing: Path | None,
    without_standing: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Restore FILE into the empty place that the settings name; exit 1 for faults, 4 when others remember more."""
    settings = load()
    told = backups.Told(tuple(keyring.read_public(path) for path in public), remembered, standing)
    if told.require(file) is None:
        if not without_standing:
            raise BadInput(why="no_standing_list")
        confirmed(yes, "没有备份之后的人员名单，备份之后收回的授权会恢复。继续？")
    restored = backups.restore(file, key, settings, datetime.now(UTC), told=told)
    say({**asdict(restored), "whole": restored.found.is_whole}, as_json, _restored)
    if not restored.found.is_whole:
        stop(FOUND_FAULTS)
    if restored.found.ahead or restored.missing:
        stop(PARTLY)


def _restored(told: dict[str, Any]) -> str:
    found, settled = told["found"], told["settled"]
    lines = [f"已恢复{told['backup']}：{found['cases']}件、{found['events']}条记录，到第{found['last']}号检查点"]
    lines += [words.format(n=found[name]) for name, words in FAULTS.items() if found[name]]
    if found["ahead"]:
        lines.append(
            f"库外存有第{found['ahead'][0]}号到第{found['ahead'][-1]}号检查点，这份备份更早：其间的办理没有恢复。"
            "以后的检查点与库外的接不上，先换一个DUBAN_ORIGIN再启动"
        )
    if told["missing"]:
        lines.append(f"有{told['missing']}个文件备份时就找不到了")
    lines.append(
        f"全部退出登录（{settled['sessions']}处），令牌作废{settled['tokens']}个；停用账号{settled['accounts']}个、"
        f"清除旧密码{settled['passwords']}个、收回授权{settled['grants']}项、停用验证器{settled['factors']}个、补上回避、知情范围和密级{settled['cases']}处"
    )
    if told["disposed"]:
        lines.append(f"备份里有{told['disposed']}件后来已按期销毁，已重新销毁")
    lines.append(f"略过已经过去的督促{told['passed']}步；未送出的消息{settled['messages']}条没有再送")
    return "\n".join(lines)


# What a check counts, in words.
FAULTS = {
    "damage": "数据库有{n}处损坏",
    "history": "记录核对发现{n}处问题，运行 duban audit verify 查看",
    "trail": "查看记录的链有{n}处断开",
    "files": "{n}个文件打不开或者不完整",
    "forgotten": "库外存的检查点有{n}个在这里对不上：记录可能被改过",
}


@command.command("drill")
@click.option("--backup", help="The name of a backup in DUBAN_BACKUP_FOLDER (default: the newest).")
@click.option("--place", type=Folder, help="An empty folder to restore into (default: DUBAN_DRILL_FOLDER).")
@click.option("--key", type=File, help="The private key (default: DUBAN_DRILL_KEY_FILE).")
@_public
@_remembered
@common
def drill(
    backup: str | None,
    place: Path | None,
    key: Path | None,
    public: tuple[Path, ...],
    remembered: Path | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Restore a backup into another place, check everything and take it away again; exit 1 for faults."""
    del yes
    settings = _with_folder(load())
    settings = replace(settings, drill_folder=place or settings.drill_folder, drill_key_file=key or settings.drill_key_file)
    if settings.drill_folder is None or settings.drill_key_file is None:
        raise BadInput(why="no_drill_place")
    told = backups.Told(tuple(keyring.read_public(path) for path in public), remembered or settings.checkpoint_folder)
    tried = backups.drill(settings, backups.find_backup(settings, backup), datetime.now(UTC), told=told)
    say(asdict(tried), as_json, _tried)
    if not tried.ok:
        stop(FOUND_FAULTS)


def _tried(told: dict[str, Any]) -> str:
    how = "恢复后完好" if told["ok"] else f"有问题：{told['why']}"
    return f"{told['backup']}：{how}，用时{told['seconds']}秒"
