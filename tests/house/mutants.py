"""Mutates the files that are named and lists every mutant that no test of their room noticed.

The work is done in a copy of the checkout, so that a run that is broken off leaves nothing changed.
"""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("web", "handlers", "workflow", "states", "config")
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv*", "node_modules", "var", "mutants", "__pycache__", ".*_cache")


def list_tests(files: list[str]) -> list[str]:
    """The folders of tests that mirror the rooms of `files`."""
    rooms = sorted({Path(file).parts[0] for file in files})
    return [f"tests/{room}" for room in rooms if (ROOT / "tests" / room).exists()]


def write_settings(copy: Path, files: list[str]) -> None:
    """Tells mutmut, in the copy's setup.cfg, to change `files` alone and to run their rooms' tests."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    whole = [*ROOMS, "setup.cfg", "tests"]
    settings["mutmut"] = {
        "source_paths": "\n".join(["", *sorted({Path(file).parts[0] for file in files})]),
        "only_mutate": "\n".join(["", *files]),
        "also_copy": "\n".join(["", *whole]),
        "pytest_add_cli_args_test_selection": "\n".join(["", *list_tests(files)]),
    }
    with (copy / "setup.cfg").open("w", encoding="utf-8") as out:
        settings.write(out)


def main(files: list[str]) -> int:
    """Runs mutmut on `files` and prints the survivors; returns mutmut's code, or 1 without tests."""
    if not list_tests(files):
        print(f"No folder of tests mirrors {' '.join(files)}.")
        return 1
    program = str(Path(sys.executable).with_name("mutmut"))
    # SQLite alone: a mutant that only PostgreSQL notices is worth a test that SQLite notices too.
    environment = {**os.environ, "DUBAN_TEST_DB": os.environ.get("DUBAN_TEST_DB", "sqlite"), "PYTHONPATH": ""}
    with tempfile.TemporaryDirectory(prefix="duban-mutants-") as folder:
        copy = Path(folder) / "duban"
        shutil.copytree(ROOT, copy, ignore=LEFT_BEHIND)
        write_settings(copy, files)
        ran = subprocess.run([program, "run"], cwd=copy, env=environment, check=False)
        subprocess.run([program, "results"], cwd=copy, env=environment, check=False)
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
