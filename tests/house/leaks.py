"""Looks for keys, tokens and passwords in every file that git would commit; part of `make check`.

A line that only looks like one says `pragma: allowlist secret` with its reason.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Hashes of the locks are random by nature, and so are the pictures and books that tests read.
PASSED_OVER = (".txt", "package-lock.json", ".po", ".csv", ".png", ".svg", ".xlsx", ".docx", ".pdf")
# By randomness alone, every digest and long word is a secret; the other detectors know what keys look like.
TOO_SHARP = ("HexHighEntropyString", "Base64HighEntropyString")


def list_files() -> list[str]:
    """The files that are tracked, or would be by `git add`, without those that are passed over."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in told.split("\0") if name and not name.endswith(PASSED_OVER) and (ROOT / name).is_file()]


def main() -> int:
    """Returns 1, after naming each place, if something looks like a secret."""
    program = [sys.executable, "-m", "detect_secrets.pre_commit_hook"]
    options = [word for name in TOO_SHARP for word in ("--disable-plugin", name)]
    files = list_files()
    # Tests make up passwords by the dozen; private keys and tokens are not looked over even there.
    passwords = ["--disable-plugin", "KeywordDetector"]
    tests = [name for name in files if name.startswith("tests/")]
    rooms = [name for name in files if not name.startswith("tests/")]
    runs = [[*program, *options, *rooms], [*program, *options, *passwords, *tests]]
    return max(subprocess.run(run, cwd=ROOT, check=False).returncode for run in runs)


if __name__ == "__main__":
    sys.exit(main())
