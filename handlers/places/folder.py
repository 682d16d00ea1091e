"""A folder on another mount: one file a checkpoint, whole or not there, and never written over."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from handlers.places import PlaceRefused, Sent


@dataclass(frozen=True, slots=True)
class Folder:
    """Puts `ORIGIN-NUMBER.json` into `path`, shipments of rows into the folder `rows` there."""

    path: Path
    name: str = "folder"
    takes_rows: bool = True

    def put(self, sent: Sent) -> str | None:
        """Writes the file, or finds that it is there already."""
        folder = self.path / sent.folder
        if sent.folder:
            folder.mkdir(exist_ok=True)  # not its parents: a mount that is away stays away
        keep(folder / f"{sent.name}.json", sent.text)
        return ""


def keep(target: Path, content: bytes) -> None:
    """The file whole and on the disk; PlaceRefused where another stands under its name."""
    if target.exists():
        if target.read_bytes() != content:
            raise PlaceRefused(f"another {target.name} is there")
        return
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.link(temporary, target)  # fails where somebody was faster, and never writes over
    except FileExistsError:
        raise PlaceRefused(f"another {target.name} is there") from None
    finally:
        Path(temporary).unlink()
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
