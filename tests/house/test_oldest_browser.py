"""The pages use nothing that the oldest browser they must work in does not have; what they use beside it is said here, with why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.oldest import OLDEST
from tests.house.compat import lacks_of_markup, lacks_of_scripts, lacks_of_styles
from tests.house.source import ROOT

Lacks = Callable[[str, int], dict[str, int]]

# Newer than the oldest browser, and nothing is lost without it.
DISPENSABLE = {
    "property text-autospace": "Chinese and figures stand closer",
    "text-autospace: normal": "as above",
    "text-autospace: no-autospace": "there is no space to take away",
    "property scrollbar-width": "a wider scroll bar, or one that is seen",
    "scrollbar-width: none": "as above",
    "scrollbar-width: thin": "as above",
    "property field-sizing": "a box for text scrolls instead of growing",
    "field-sizing: content": "as above",
}
# Names of our own objects and classes that a newer interface of the browser happens to have as well.
OURS = {".radius", ".login", ".drop", ".popover"}


def sources(ending: str, *folders: str) -> list[Path]:
    """The files of the folders with an ending, but none of the packages."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob(f"*{ending}"))]
    return [path for path in found if "node_modules" not in path.parts]


# The style sheets as they are served: what the build writes otherwise for old browsers may be written.
READ: dict[str, tuple[Lacks, list[Path]]] = {
    "styles": (lacks_of_styles, sources(".css", "web/static")),
    "scripts": (lacks_of_scripts, sources(".js", "web/assets")),
    "templates": (lacks_of_markup, sources(".html", "web/templates")),
}


@pytest.mark.parametrize("what", READ)
def test_nothing_is_used_that_the_oldest_browser_lacks(what: str) -> None:
    lacks, paths = READ[what]
    assert paths
    told = {path.name: sorted(lacks(path.read_text("utf-8"), OLDEST).keys() - DISPENSABLE.keys() - OURS) for path in paths}
    assert {name: found for name, found in told.items() if found} == {}


def test_no_page_on_paper_has_a_name() -> None:
    """Chromium 109 knows names of pages and breaks the pages that bear them at wrong places: a week's sheet was four."""
    named = re.compile(r"@page\s+[\w-]+|(?<![\w-])page:")
    assert {path.name for path in READ["styles"][1] if named.search(path.read_text("utf-8"))} == set()


def test_nothing_is_excused_that_is_not_used() -> None:
    used = {name for lacks, paths in READ.values() for path in paths for name in lacks(path.read_text("utf-8"), OLDEST)}
    assert (DISPENSABLE.keys() | OURS) - used == set()


@pytest.mark.parametrize(
    ("lacks", "text", "name", "came"),
    [
        (lacks_of_styles, ".a{b:c}.a{& .b{color:red}}", "selector &", 112),
        (lacks_of_styles, "a{color:color-mix(in srgb, red, blue)}", "function color-mix", 111),
        (lacks_of_styles, "a{width:round(1px, 2px)}", "function round", 125),
        (lacks_of_styles, "@media print{a{grid-template-rows:subgrid}}", "grid-template-rows: subgrid", 117),
        (lacks_of_styles, "a{color:red;text-wrap:balance}", "text-wrap: balance", 114),
        (lacks_of_styles, "@starting-style{a{opacity:0}}", "@starting-style", 117),
        (lacks_of_styles, "input:user-invalid{color:red}", "selector :user-invalid", 119),
        (lacks_of_scripts, "rows.toSorted()", ".toSorted", 110),
        (lacks_of_scripts, "URL.canParse(text)", ".canParse", 120),
        (lacks_of_scripts, "document.startViewTransition(draw)", ".startViewTransition", 111),
        (lacks_of_scripts, 'box.addEventListener("scrollend", look)', "event scrollend", 114),
        (lacks_of_scripts, "new CloseWatcher()", "CloseWatcher", 126),
        (lacks_of_markup, "<div{% if on %} popover{% endif %}>", "<div popover>", 114),
        (lacks_of_markup, '<details name="{{ name }}">', "<details name>", 120),
        (lacks_of_markup, "<search>", "<search>", 118),
    ],
)
def test_what_is_newer_is_found_with_its_version(lacks: Lacks, text: str, name: str, came: int) -> None:
    assert lacks(text, OLDEST)[name] == came
    assert name not in lacks(text, came)


@pytest.mark.parametrize(
    ("lacks", "text"),
    [
        (lacks_of_styles, "@layer a{.b:not(.c):focus-visible{inset:0;height:100dvh;color:var(--ink)}}"),
        (lacks_of_styles, "/* a{color:color-mix(in srgb, red, blue)} */ .b::after{content:'text-wrap:balance;'}"),
        (lacks_of_scripts, 'rows.at(-1).replaceChildren(); box.addEventListener("toggle", look)'),
        (lacks_of_markup, '<details><summary inert>{{ "<search>" }}</summary></details>'),
    ],
)
def test_what_it_has_is_not_complained_of(lacks: Lacks, text: str) -> None:
    assert lacks(text, OLDEST) == {}
