"""The texts that a draft has had, for undo and redo: files in the office's home, so that a reload and a restart lose none.

They are a convenience of whoever writes: the draft itself stands in the database, and what is taken back becomes its next text.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from states.errors import Conflict

FOLDER, STEPS_AT_MOST = "drafts", 100


@dataclass(frozen=True, slots=True)
class Step:
    """A text and the places of its states in the drawing."""

    source: str
    layout: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Steps:
    """The numbers of the steps that are kept, and which of them the draft stands at."""

    kept: tuple[int, ...] = ()
    at: int = -1

    @property
    def may_undo(self) -> bool:
        """Is there one before?"""
        return self.at > 0

    @property
    def may_redo(self) -> bool:
        """Is there one after?"""
        return self.at + 1 < len(self.kept)


def read_steps(home: Path, draft_id: int) -> Steps:
    """What is kept of a draft."""
    path = _folder(home, draft_id) / "steps.json"
    if not path.is_file():
        return Steps()
    told = json.loads(path.read_text(encoding="utf-8"))
    return Steps(tuple(told["kept"]), told["at"])


def add_step(home: Path, draft_id: int, before: Step, after: Step) -> None:
    """The draft went from one text to the next; what was taken back before can no longer be done again."""
    steps, folder = read_steps(home, draft_id), _folder(home, draft_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if steps.at < 0 or _read(folder, steps.kept[steps.at]) != before:
        steps = _pushed(folder, steps, before)
    _keep(folder, _pushed(folder, steps, after))


def _pushed(folder: Path, steps: Steps, step: Step) -> Steps:
    for number in steps.kept[steps.at + 1 :]:
        _file(folder, number).unlink(missing_ok=True)
    kept = steps.kept[: steps.at + 1]
    number = max(steps.kept, default=0) + 1
    _write(_file(folder, number), {"source": step.source, "layout": dict(step.layout)})
    for old in kept[: max(0, len(kept) + 1 - STEPS_AT_MOST)]:
        _file(folder, old).unlink(missing_ok=True)
    kept = (*kept[max(0, len(kept) + 1 - STEPS_AT_MOST) :], number)
    return Steps(kept, len(kept) - 1)


def step_to(home: Path, draft_id: int, by: int) -> Step:
    """The step before (-1) or after (1) the one that the draft stands at; Conflict draft_no_step where there is none."""
    steps = read_steps(home, draft_id)
    if not (steps.may_undo if by < 0 else steps.may_redo):
        raise Conflict(why="draft_no_step")
    return _read(_folder(home, draft_id), steps.kept[steps.at + by])


def stand_at(home: Path, draft_id: int, by: int) -> None:
    """The draft stands at the step before or after now."""
    steps = read_steps(home, draft_id)
    _keep(_folder(home, draft_id), Steps(steps.kept, steps.at + by))


def forget_steps(home: Path, draft_id: int) -> None:
    """Nothing is kept of a draft that is over."""
    shutil.rmtree(_folder(home, draft_id), ignore_errors=True)


def _folder(home: Path, draft_id: int) -> Path:
    return home / FOLDER / str(draft_id)


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number}.json"


def _read(folder: Path, number: int) -> Step:
    told = json.loads(_file(folder, number).read_text(encoding="utf-8"))
    return Step(told["source"], told["layout"])


def _keep(folder: Path, steps: Steps) -> None:
    _write(folder / "steps.json", {"kept": list(steps.kept), "at": steps.at})


def _write(path: Path, told: Mapping[str, Any]) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(told, out, ensure_ascii=False)
    Path(temporary).replace(path)
