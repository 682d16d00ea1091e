"""Makes sure that the browser tests can run, with Chromium and a Chinese font, or says what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def find_chromium() -> str | None:
    """The browser's path: `DUBAN_CHROMIUM` if it is set, else the first of its usual names on PATH."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return os.environ.get("DUBAN_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def has_chinese_font() -> bool:
    """Whether fontconfig knows a font for Chinese; without one, every picture would show boxes."""
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())


def list_missing() -> list[str]:
    """The Debian packages that this machine lacks for the browser tests."""
    missing = [] if find_chromium() else ["chromium"]
    return missing if has_chinese_font() else [*missing, "fontconfig", "fonts-noto-cjk"]


def main() -> int:
    """Installs what is missing where it may (apt, as root); else says what to install and returns 1."""
    missing = list_missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True)
        missing = list_missing()
    if missing:
        print(f"The browser tests need {' and '.join(missing)}: please install them and run `make test` again.")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
