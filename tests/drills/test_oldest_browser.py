"""The whole site in the oldest browser that it must work in: every page, every walk, every budget of tests/browser.

It fetches a browser of fifty megabytes from npm, so `make test` leaves it out; what newer browsers alone can do is kept out
there by tests/house/test_oldest_browser.py.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.browser.oldest import OLDEST, fetch
from tests.drills.scale import IS_DRILL, Stopwatch, tell
from tests.house.source import ROOT

# What is known not to stand there: its packed build has neither a viewer of PDF nor security keys, and before Chromium 131 no
# browser prints the numbers of pages at the foot.
KNOWN = (
    "test_console.py::test_a_picture_and_a_paper_are_looked_at_without_a_complaint",
    "test_paper.py::test_each_township_begins_a_page_with_title_and_head",
    "test_paper.py::test_every_page_of_a_printed_case_says_which_it_is_and_who_printed_it_when",
    "test_security_keys.py",
)


@pytest.mark.skipif(not IS_DRILL, reason="fetches a browser of fifty megabytes from npm")
def test_every_page_and_every_walk_stands_in_the_oldest_browser() -> None:
    program, watch = fetch(ROOT / "build/chromium"), Stopwatch()
    environment = {**os.environ, "DUBAN_CHROMIUM": str(program), "DUBAN_SCALE": "test"}
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/browser"]
    run += [f"--deselect=tests/browser/{known}" for known in KNOWN]
    ended = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:]
    passed = ended.stdout.strip().splitlines()[-1].split(" in ")[0]
    tell("the browser tests in the oldest browser", f"Chromium {OLDEST}: {passed}; {watch.said()}")
