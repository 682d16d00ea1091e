"""What is installed is what the locks say, from nowhere named, and nobody else owns the rooms' names."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house import sbom
from tests.house.source import ROOMS, ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>\S+)", re.IGNORECASE)
# What the browser loads comes from these folders; a lock or a template names no other host.
ADDRESS = re.compile(r"https?://|file:|^\s*--(index|extra-index|find-links)|/(root|home|tmp|opt)/", re.MULTILINE)

locks = pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)


def pins_of(text: str) -> dict[str, str]:
    """Name → the pin with its hashes, from a lock in pip's format."""
    joined = text.replace("\\\n", " ")
    return {match["name"].lower(): line for line in joined.splitlines() if (match := PIN.match(line))}


def _configuration() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def test_there_is_a_lock_to_run_and_a_lock_to_develop() -> None:
    assert {path.name for path in LOCKS} >= {"base.txt", "dev.txt"}


@locks
def test_every_pin_of_a_lock_carries_its_hashes(lock: Path) -> None:
    pins = pins_of(lock.read_text(encoding="utf-8"))
    assert pins
    assert [name for name, line in pins.items() if "--hash=sha256:" not in line] == []


@locks
def test_a_lock_names_no_index_and_no_folder(lock: Path) -> None:
    assert ADDRESS.findall(lock.read_text(encoding="utf-8")) == []


def test_the_lock_to_develop_installs_the_same_programs_as_the_lock_to_run() -> None:
    base, dev = (pins_of((ROOT / "requirements" / f"{name}.txt").read_text("utf-8")) for name in ("base", "dev"))
    assert {name: line for name, line in base.items() if dev.get(name) != line} == {}


def test_every_dependency_of_setup_cfg_is_in_its_lock() -> None:
    configuration = _configuration()
    asked = {
        "base": configuration["options"]["install_requires"],
        "dev": configuration["options.extras_require"]["dev"],
    }
    for lock, wanted in asked.items():
        pins = pins_of((ROOT / "requirements" / f"{lock}.txt").read_text("utf-8"))
        names = {re.split(r"[\[<>=;]", line)[0].strip().lower() for line in wanted.split("\n") if line.strip()}
        assert names - set(pins) == set()


@locks
def test_a_pin_names_every_extra_that_another_pin_asks_for(lock: Path) -> None:
    """A pip before 23.3 takes the newest release for an extra that the lock does not name, and then misses its hash."""
    pins = {name: Requirement(line.split(" --hash")[0]) for name, line in pins_of(lock.read_text("utf-8")).items()}
    used = [name for name, pin in pins.items() if not pin.marker or pin.marker.evaluate()]
    asked = [Requirement(line) for name in used for line in requires(name) or []]
    unmarked = [one for one in asked if one.extras and (not one.marker or one.marker.evaluate({"extra": ""}))]
    assert [str(one) for one in unmarked if one.name in pins and not one.extras <= pins[one.name].extras] == []


def test_the_assets_lock_carries_hashes_and_no_address() -> None:
    lock = json.loads((ROOT / "web/assets/package-lock.json").read_text("utf-8"))
    fetched = {name: entry for name, entry in lock["packages"].items() if name}
    assert fetched
    assert [name for name, entry in fetched.items() if "resolved" in entry] == []
    assert [name for name, entry in fetched.items() if "integrity" not in entry] == []


def test_no_other_distribution_owns_the_name_of_a_room() -> None:
    owners = packages_distributions()
    assert {room: owners[room] for room in ROOMS if set(owners.get(room, [])) - {"duban"}} == {}


def test_pyproject_holds_the_build_system_and_nothing_else() -> None:
    assert set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))) == {"build-system"}


def test_no_import_contract_has_an_exception() -> None:
    configuration = _configuration()
    contracts = [name for name in configuration.sections() if name.startswith("importlinter")]
    assert len(contracts) > 5
    assert [name for name in contracts if "ignore_imports" in configuration[name]] == []


def test_the_package_is_the_five_rooms() -> None:
    included = _configuration()["options.packages.find"]["include"].split()
    assert set(included) == {*ROOMS, *(f"{room}.*" for room in ROOMS)}


def test_the_list_of_parts_names_everything_that_the_locks_pin_and_the_browser_gets() -> None:
    document = sbom.document_of()
    parts = {(part["purl"].split("/")[0], part["name"]): part for part in document["components"]}
    pinned = pins_of((ROOT / "requirements" / "base.txt").read_text("utf-8"))
    assert {name for kind, name in parts if kind == "pkg:pypi"} == set(pinned)
    assert all(f"=={parts['pkg:pypi', name]['version']}" in line for name, line in pinned.items())
    browser = {name for kind, name in parts if kind == "pkg:npm"}
    assert {"htmx.org", "@logicflow/core"} <= browser
    assert "esbuild" not in browser
    assert document["metadata"]["component"]["name"] == "duban"
    assert parts["pkg:npm", "@logicflow/core"]["purl"].startswith("pkg:npm/%40logicflow/core@")
    assert len({part["bom-ref"] for part in document["components"]}) == len(document["components"])


def _would_run(target: str) -> str:
    """The commands of a target. These tests run beneath a make of their own, which would have it name its folders too."""
    command = ["make", "--no-print-directory", "-n", target]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_wheelhouse_takes_what_the_lock_names_with_its_hashes_and_builds_nothing() -> None:
    command = _would_run("wheelhouse").replace("\\\n", " ").strip().splitlines()[-1]
    assert "-r requirements/base.txt" in command and "--dest build/wheelhouse" in command
    assert {"--require-hashes", "--only-binary"} <= set(command.split())
    assert ADDRESS.findall(command) == []
    assert ADDRESS.findall((ROOT / "docs" / "offline.md").read_text("utf-8")) == []


def test_advisories_are_asked_for_over_every_lock_and_a_package_without_an_answer_is_a_failure() -> None:
    pip, npm = _would_run("advisories").strip().splitlines()
    locks = {path.relative_to(ROOT).as_posix() for path in (ROOT / "requirements").glob("*.txt")}
    assert set(re.findall(r"-r (\S+)", pip)) == locks and len(locks) == 2
    assert {"--strict", "--require-hashes"} <= set(pip.split())
    assert (ROOT / "web/assets/package-lock.json").is_file() and "web/assets" in npm
