"""Writes what the program is made of: the packages of the lock to run, and what the browser is given, in CycloneDX 1.6 (JSON).

`make sbom`. It lists what the locks pin, so it says the same on every machine; their hashes stay in the locks.
"""

from __future__ import annotations

import configparser
import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", re.IGNORECASE | re.MULTILINE)


def document_of(root: Path = ROOT) -> dict[str, Any]:
    """The whole list."""
    told = configparser.ConfigParser()
    told.read(root / "setup.cfg", encoding="utf-8")
    program = {"type": "application", "name": told["metadata"]["name"], "version": told["metadata"]["version"]}
    components = [*_packages(root), *_assets(root)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": program},
        "components": components,
    }


def _packages(root: Path) -> Iterator[dict[str, Any]]:
    for name, version in PIN.findall((root / "requirements" / "base.txt").read_text(encoding="utf-8")):
        yield _component("pypi", name.lower(), version, _license_of(name))


def _assets(root: Path) -> Iterator[dict[str, Any]]:
    lock = json.loads((root / "web" / "assets" / "package-lock.json").read_text(encoding="utf-8"))
    for path, told in sorted(lock["packages"].items()):
        # What only builds the assets does not reach the browser.
        if path and not told.get("dev"):
            yield _component("npm", path.rpartition("node_modules/")[2], told["version"], told.get("license", ""))


def _component(kind: str, name: str, version: str, terms: str) -> dict[str, Any]:
    address = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    told = {"type": "library", "bom-ref": address, "name": name, "version": version, "purl": address}
    return told | ({"licenses": [{"expression": terms}]} if terms else {})


def _license_of(name: str) -> str:
    """The licence that the package states as an expression; "" where it does not, or is not installed on this system."""
    try:
        return metadata(name).get("License-Expression") or ""
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(document_of(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
