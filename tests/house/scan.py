"""Lets scanners that are no part of the project loose on a throwaway demo county; `make scan`, or `make scan TOOLS=wapiti`.

They are not in the lock: `python -m venv DIR && DIR/bin/pip install bandit wapiti3 sqlmap`, schemathesis 4 in an environment of its own
(it does not go together with the one that tests use), then `PATH=DIR/bin:OTHER/bin:$PATH make scan`. What is not in the path is passed
over and said so. Each tool gets a copy of the county and a server, ends after `MINUTES`, and writes into build/scan.
What came of it stands in docs/security.md, with the reason for each finding.
"""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DUBAN = Path(sys.executable).with_name("duban")
OUT = ROOT / "build" / "scan"
MINUTES = 10
# Who looks, with wapiti both of them: the office that supervises, and a village.
LOGINS = ("linjing", "gaojianguo")
PASSWORD = re.compile(r"^  (\w+)\s+(\w+)$", re.MULTILINE)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
# Not over and over refused by what a person may do in an hour, or a session in a second, which is tested elsewhere.
SETTINGS = {
    "DUBAN_CEILING": "2",
    "DUBAN_SECOND_FACTOR": "off",
    "DUBAN_ACTS_PER_HOUR": "1000000",
    "DUBAN_EXPORTS_PER_HOUR": "1000000",
    "DUBAN_REQUESTS_PER_SECOND": "0",
}
# Addresses with every kind of parameter: filters, words, orders, ids, days, forms and JSON.
ASKED = ("/ledger?q=x&sort=due&f.source=x", "/search?q=x")
FORMS = (
    ("/cases/1", "/cases/1/verbs/comment", "text=x"),
    ("/ledger", "/ledger/views", "name=x&query=x"),
    ("/sign-in", "/sign-in", "login=x&password=y"),
)
ANSWERED = (("/api/v1/cases/1/comments", '{"text": "x"}'), ("/api/v1/cases?holder=1&from=2026-01-01&q=x", ""))
STARTS = ("/ledger", "/inbox", "/search?q=x", "/overview", "/reports", "/organisations")
ASIDE = "xss,permanentxss,sql,timesql,exec,file,crlf,redirect,csp,cookieflags,http_headers,csrf,methods,backup"


def main() -> int:
    """Runs the scanners that are named, or all that are there."""
    wanted = sys.argv[1:] or list(SCANS)
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "county"
        told = subprocess.run([DUBAN, "demo", "--yes"], env=_settings(home), capture_output=True, text=True, check=True).stdout
        passwords = dict(PASSWORD.findall(told))
        for name in wanted:
            for login in LOGINS if name == "wapiti" else LOGINS[:1]:
                with _serving(home, Path(folder) / f"{name}-{login}") as (address, place):
                    SCANS[name](address, place, login, passwords[login])
    return 0


def _settings(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, **SETTINGS, "DUBAN_HOME": str(home), **more}


@contextmanager
def _serving(county: Path, copy: Path) -> Iterator[tuple[str, Path]]:
    """A server of a copy of the county while the block runs: its address and its home. What it logs lies beside what the tool says."""
    shutil.copytree(county, copy)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (OUT / f"{copy.name}.server.log").open("w") as log:
        command = [DUBAN, "serve", "--port", str(port), "--yes"]
        server = subprocess.Popen(command, env=_settings(copy), stdout=log, stderr=log)
        try:
            yield _awaited(f"http://127.0.0.1:{port}", server), copy
        finally:
            server.terminate()
            server.wait()


def _awaited(address: str, server: subprocess.Popen[bytes]) -> str:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz"):  # noqa: S310  # the server that was just started
                return address
        except (urllib.error.HTTPError, OSError):
            time.sleep(0.2)
    raise SystemExit("The site did not start.")


def _cookie(address: str, login: str, password: str) -> str:
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    found = TOKEN.search(browser.open(f"{address}/sign-in").read().decode())
    assert found
    form = {"login": login, "password": password, "csrf_token": found[1]}
    browser.open(f"{address}/sign-in", urllib.parse.urlencode(form).encode())
    return "; ".join(f"{one.name}={one.value}" for one in jar)


def _bearer(home: Path, login: str) -> str:
    command = [DUBAN, "user", "token", login, "scan", "--yes", "--json"]
    told = subprocess.run(command, env=_settings(home), capture_output=True, text=True, check=True).stdout
    return f"Authorization: Bearer {json.loads(told)['token']}"


def _bandit(address: str, home: Path, login: str, password: str) -> None:
    rooms = [str(ROOT / room) for room in ("web", "handlers", "workflow", "states", "config")]
    _run("bandit", ["bandit", "-r", "-f", "txt", *rooms])


def _schemathesis(address: str, home: Path, login: str, password: str) -> None:
    command = ["st", "run", f"{address}/api/v1/openapi.json", "-H", _bearer(home, login), "--max-time", str(MINUTES * 60 // 2)]
    _run("schemathesis", [*command, "--seed", "1", "--no-color", "--continue-on-failure"])


def _sqlmap(address: str, home: Path, login: str, password: str) -> None:
    cookie, bearer, began = _cookie(address, login, password), _bearer(home, login), time.monotonic()
    common = [
        "sqlmap",
        "--batch",
        "--level=1",
        "--risk=1",
        "--technique=BEU",
        "--skip=csrf_token,password",
        "--ignore-code=401",
    ]
    common += ["--disable-coloring", f"--output-dir={home}/sqlmap"]
    runs = [[*common, "-u", address + path, "-H", bearer, *(["--data", data] if data else [])] for path, data in ANSWERED]
    for shown, path, data in FORMS:
        token = ["--csrf-token=csrf_token", f"--csrf-url={address}{shown}", "--data", f"{data}&csrf_token=x"]
        runs.append([*common, "-u", address + path, *token, *([] if path == "/sign-in" else ["--cookie", cookie])])
    runs += [[*common, "-u", address + path, "--cookie", cookie] for path in ASKED]
    for number, run in enumerate(runs):
        left = MINUTES * 60 - int(time.monotonic() - began)
        if left > 0:
            _run(f"sqlmap-{login}-{number}", [*run, f"--time-limit={min(left, MINUTES * 60 // 4)}"])


def _wapiti(address: str, home: Path, login: str, password: str) -> None:
    jar = home / "jar.json"
    told = dict(one.split("=", 1) for one in _cookie(address, login, password).split("; "))
    plain: dict[str, object] = {"expires": None, "secure": False, "port": None, "version": 0}
    jar.write_text(json.dumps({"127.0.0.1": {"/": {name: {"value": value, **plain} for name, value in told.items()}}}))
    started = [word for path in STARTS for word in ("-s", address + path)]
    spared = [word for path in ("sign-out", "password", "static/*", "preferences") for word in ("-x", f"{address}/{path}")]
    bounds = {
        "max-scan-time": 150,
        "max-attack-time": 25,
        "max-links-per-page": 40,
        "max-files-per-dir": 12,
        "max-parameters": 20,
    }
    command = ["wapiti", "-u", f"{address}/", "-c", str(jar), *started, *spared, "-m", ASIDE, "-d", "4", "--no-bugreport"]
    command += [word for name, most in bounds.items() for word in (f"--{name}", str(most))]
    command += ["--store-session", str(home), "--store-config", str(home), "-v", "1"]
    _run(f"wapiti-{login}", [*command, "-f", "txt", "-o", str(OUT / f"wapiti-{login}.report.txt")])


SCANS = {"bandit": _bandit, "schemathesis": _schemathesis, "sqlmap": _sqlmap, "wapiti": _wapiti}


def _run(name: str, command: Sequence[str]) -> None:
    """One tool, low in the machine's favour; a minute more than its own limit."""
    if shutil.which(command[0]) is None:
        print(f"{name}: passed over, {command[0]} is not in the path")
        return
    with (OUT / f"{name}.txt").open("w") as out:
        try:
            code: object = subprocess.run(
                ["nice", "-n", "10", *command], stdout=out, stderr=out, timeout=MINUTES * 60 + 60, cwd=ROOT
            ).returncode
        except subprocess.TimeoutExpired:
            code = "not done in its time"
    print(f"{name}: {code}, in build/scan/{name}.txt", flush=True)


if __name__ == "__main__":
    sys.exit(main())
