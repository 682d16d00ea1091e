"""Once there is a docs/ folder, it is whole: every link leads somewhere and every decision is listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")
FENCE = re.compile(r"```.*?```", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_every_drill_has_the_row_that_it_writes_into() -> None:
    """A result that finds no row is lost after hours of work. What follows `(` in a name is told when the drill runs."""
    drills = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("drills", "walks")
        for path in (ROOT / "tests" / folder).glob("test_*.py")
    )
    named = re.findall(r"""\btell\(\s*f?"([^"{]+)""", drills)
    rows = (ROOT / "docs" / "drills.md").read_text(encoding="utf-8")
    assert len(named) > 8
    assert [name for name in named if f"| {name}" not in rows] == []


def test_every_decision_is_on_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8") if (folder / "README.md").exists() else ""
    decisions = [path.name for path in folder.glob("*.md") if path.name != "README.md"]
    assert [name for name in decisions if name not in listed] == []


def test_docs_once_begun_tell_users_and_developers_where_to_start() -> None:
    begun = (ROOT / "docs").exists()
    wanted = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"]
    assert not begun or [name for name in wanted if not (ROOT / name).exists()] == []
