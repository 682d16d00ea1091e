"""The wheelhouse installs the program without a network, and only what the hashes of the lock name (security.md R77)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.drills.scale import IS_DRILL, tell
from tests.house.source import ROOMS, ROOT
from tests.house.test_supply import pins_of

LOCK = ROOT / "requirements" / "base.txt"
# Nothing that this machine says of indexes, constraints or other folders of wheels.
BARE = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | {"PIP_CONFIG_FILE": os.devnull}
# A process that has no network at all, where the system lets one be made.
ALONE = ["unshare", "-rn"]

drilled = pytest.mark.skipif(not IS_DRILL, reason="gathers every wheel from an index; `make drills` does it")


@drilled
def test_an_installation_comes_out_of_the_wheelhouse_without_a_network(tmp_path: Path) -> None:
    subprocess.run(["make", "-s", "wheelhouse"], cwd=ROOT, check=True)
    wheels = list((ROOT / "build" / "wheelhouse").iterdir())
    assert {wheel.suffix for wheel in wheels} == {".whl"}
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / ".venv"], check=True)
    _alone(tmp_path, "--find-links", ROOT / "build" / "wheelhouse", "--require-hashes", "-r", LOCK)
    _alone(tmp_path, "--no-deps", "--no-build-isolation", "-e", ".")
    python = tmp_path / ".venv" / "bin" / "python"
    told = subprocess.run([python, "-m", "pip", "list", "--format", "json"], env=BARE, capture_output=True, check=True).stdout
    installed = {one["name"].lower().replace("_", "-"): one["version"] for one in json.loads(told)}
    wanted = [Requirement(line.split(" --hash")[0]) for line in pins_of(LOCK.read_text("utf-8")).values()]
    needed = [one for one in wanted if not one.marker or one.marker.evaluate()]
    assert [str(one) for one in needed if installed.get(one.name.lower()) not in one.specifier] == []
    home = {**BARE, "DUBAN_HOME": str(tmp_path / "home")}
    subprocess.run([python.with_name("duban"), "init", "--yes"], env=home, cwd=tmp_path, check=True, capture_output=True)
    size = sum(wheel.stat().st_size for wheel in wheels)
    tell(
        "wheelhouse",
        f"{len(wheels)} wheels, {size / 1e6:.0f} MB; installed and begun {'without' if _is_alone() else 'beside'} a network",
    )


@drilled
def test_a_wheel_that_was_changed_on_the_way_is_refused(tmp_path: Path) -> None:
    house = shutil.copytree(ROOT / "build" / "wheelhouse", tmp_path / "wheelhouse")
    with next(house.glob("segno-*.whl")).open("ab") as wheel:
        wheel.write(b"one byte more")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / ".venv"], check=True)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        _alone(tmp_path, "--no-deps", "--find-links", house, "--require-hashes", "-r", LOCK)
    assert "DO NOT MATCH THE HASHES" in refused.value.stderr


def _is_alone() -> bool:
    return shutil.which(ALONE[0]) is not None and subprocess.run([*ALONE, "true"], check=False).returncode == 0


def _alone(folder: Path, *options: str | Path) -> None:
    """Installs into the folder's environment, without an index."""
    command = [folder / ".venv" / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-index", *options]
    before = ALONE if _is_alone() else []
    subprocess.run([*before, *command], cwd=folder, env=BARE, check=True, capture_output=True, text=True)
