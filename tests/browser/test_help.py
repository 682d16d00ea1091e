"""The guides show pages as they are: each picture is taken of its page, and every word in quotation marks stands on one."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser import looking
from tests.browser.conftest import LANGUAGES
from tests.browser.served import PHONE, Site
from tests.house.source import ROOT
from web.help.guides import GUIDES
from web.help.shapes import Guide
from web.language import COOKIE

pytestmark = pytest.mark.browser

# Where `make pictures` wants them; a test run keeps none.
KEPT = os.environ.get("DUBAN_HELP", "")
FOLDER = ROOT / "web/assets/public/help"
# By picture, what the pictured part called things when it was taken.
CALLED = ROOT / "tests/browser/pictured"
# What is called by our own words: headings, questions, folds, buttons. Rows are the county's, and other ones every day.
_CALLED = """(part) => [...part.querySelectorAll("h1, h2, h3, h4, th, dt, legend, label, summary, button, .button, .segment-label")]
  .filter((one) => one.checkVisibility()).map((one) => one.innerText.replace(/\\s+/g, " ").trim())"""
# Days and numbers, which pass.
PASSING = re.compile(
    r"(?:[今明去]年|\d+ ?年 ?)?\d+ ?月 ?\d+ ?日|[今明昨]天|(?:\d+ )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: \d+)?,?"
    r"|\b(?:to|yester)day\b|\btomorrow\b|\d+(?: (?:work(?:ing)? ?)?days?)?"
)
WINDOW = {"width": 1440, "height": 900}
TALLEST = 560
QUOTED = re.compile("“([^”]+)”")


@dataclass(frozen=True)
class Shot:
    """A part of a page, as somebody of the demo county sees it; `kind` and `state` choose a case in place of the star."""

    path: str
    who: str
    part: str
    kind: str = "rectification"
    state: str = ""
    phone: bool = False
    unfolded: bool = False


SHOTS = {
    "figures": Shot("/ledger", "linjing", "#figures"),
    "townships": Shot("/overview", "linjing", ".columns-overview .panel"),
    "filters": Shot("/ledger", "linjing", "#filters"),
    "clock": Shot("/cases/*", "linjing", "#clocks", state="supervised", unfolded=True),
    "why-not": Shot("/cases/*", "linjing", "#acts", state="supervised", unfolded=True),
    "talk": Shot("/cases/*", "zhaoguohua", "main", kind="interview", state="proposed"),
    "inbox": Shot("/inbox", "tangmin", "main"),
    "clock-of-a-village": Shot("/cases/*", "qiaoaimin", "#clocks", state="transferred"),
    "talk-of-a-township": Shot("/cases/*", "chenlixin", "main", kind="interview", state="held"),
    "overview-of-a-township": Shot("/overview", "chenlixin", "main"),
    "village": Shot("/village", "zhoumingyuan", ".village-item", phone=True),
    "village-work": Shot("/village", "zhoumingyuan", "#works details[open]", phone=True),
    "inbox-of-a-department": Shot("/inbox", "mali", "main"),
    "clue-registered": Shot("/cases/new/clue", "zhengxue", ".narrow"),
    "ledger-of-a-team": Shot("/ledger?kind=clue", "zhengxue", "#rows table"),
    "versions": Shot("/versions", "guming", ".narrow"),
    "drafts": Shot("/designer", "guming", ".narrow"),
    "design": Shot("/designer/1", "guming", "main"),
    "trial": Shot("/versions/previews/1", "guming", ".narrow"),
    "proposal": Shot("/versions/proposals/1", "fanlei", ".narrow"),
    "settings": Shot("/configuration", "guming", ".narrow"),
    "people": Shot("/people", "wangyang", "main"),
    "calendar": Shot("/calendar", "wangyang", "main"),
    "health": Shot("/health", "wangyang", "main"),
}
# Where else the words of a guide stand: pages without a picture.
ALSO: dict[str, tuple[Shot, ...]] = {
    "supervisor": (
        Shot("/cases/*", "linjing", "main", state="received"),
        Shot("/cases/*", "songwei", "main", state="rectified"),
    ),
    "leader": (Shot("/inbox", "gaojianguo", "main"), Shot("/interviews", "gaojianguo", "body")),
    "committee": (
        Shot("/cases/*", "qiaoaimin", "main", state="transferred"),
        Shot("/cases/*", "jianglin", "main", kind="clue", state="supervised"),
        Shot("/inbox", "tangmin", "main"),
    ),
    "county": (Shot("/cases/*", "qiaoaimin", "main", state="transferred"),),
    "team": (Shot("/cases/*", "wutao", "main", kind="clue", state="received"),),
    "designer": (),
    "party": (Shot("/inbox", "chenlixin", "main"), Shot("/cases/*", "chenlixin", "main", state="rectified")),
    "village": (),
    "administrator": (Shot("/grants", "qinlan", "main"), Shot("/organisations", "wangyang", "main")),
}


def looked_at(demo: Site, shot: Shot, language: str = "zh-Hans") -> Page:
    """The page of a picture."""
    page = demo.page(shot.who)
    page.context.add_cookies([{"name": COOKIE, "value": language, "url": demo.address}])
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE if shot.phone else WINDOW)
    page.goto(shot.path.replace("*", str(demo.case(shot.kind, shot.state)) if shot.state else ""))
    return page


def pictures_of(guide: Guide) -> list[str]:
    return [step.picture for step in guide.steps if step.picture]


def test_every_picture_of_a_guide_is_taken_and_kept_and_no_other() -> None:
    named = {picture for guide in GUIDES.values() for picture in pictures_of(guide)}
    assert named == set(SHOTS)
    assert KEPT or {language: named for language in LANGUAGES} == {
        language: {path.stem for path in (FOLDER / language).iterdir()} for language in LANGUAGES
    }
    assert KEPT or [set(called_then(language)) for language in LANGUAGES] == [named] * len(LANGUAGES)


def called_then(language: str) -> dict[str, list[str]]:
    """By picture, what its part called things when it was taken."""
    path = CALLED / f"{language}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def called_now(part: Locator) -> list[str]:
    """What the part calls things, each once, without days and numbers."""
    return sorted({PASSING.sub("□", one) for one in part.evaluate(_CALLED)} - {""})


@pytest.mark.parametrize("name", SHOTS)
def test_the_part_of_the_page_that_a_picture_shows_is_there_and_calls_things_as_in_the_picture(
    demo: Site, name: str, language: str
) -> None:
    page, shot = looked_at(demo, SHOTS[name], language), SHOTS[name]
    part = page.locator(shot.part).first
    if shot.unfolded:
        part.locator("details").first.evaluate("one => { one.open = true }")
    box = part.bounding_box()
    assert box and box["width"] > 200 and box["height"] > 40
    box["height"] = min(box["height"], TALLEST)
    if KEPT:
        looking.picture(page, Path(KEPT) / language / f"{name}.png", clip=box)
        told = {**called_then(language), name: called_now(part)}
        told = {one: told[one] for one in SHOTS if one in told}
        (CALLED / f"{language}.json").write_text(f"{json.dumps(told, ensure_ascii=False, indent=1)}\n", "utf-8")
        return
    # One that was kept when its page looked or spoke otherwise is to be taken anew: make pictures.
    assert called_now(part) == called_then(language)[name]
    kept = _size_of(FOLDER / language / f"{name}.png")
    assert abs(kept[0] - round(box["width"])) <= 1 and abs(kept[1] - round(box["height"])) <= TALLEST // 4


def _size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


@pytest.mark.parametrize("key", GUIDES)
def test_every_word_in_quotation_marks_stands_on_a_page_of_the_guide(demo: Site, key: str) -> None:
    guide = GUIDES[key]
    quoted = {word for step in guide.steps for words in step.words for word in QUOTED.findall(words)}
    quoted |= {word for hint in guide.tour for word in QUOTED.findall(hint.words)}
    seen = ""
    for shot in (*(SHOTS[name] for name in pictures_of(guide)), *ALSO[key]):
        seen += looked_at(demo, shot).locator("body").text_content() or ""
    assert quoted and sorted(word for word in quoted if word not in seen) == []


def test_the_tour_is_shown_until_it_is_taken_and_points_at_what_is_there(served: Site) -> None:
    """Somebody new sees it on his first page only, and never again once he has taken it."""
    for login, home in (("lin", "/ledger"), ("he", "/inbox"), ("gao", "/inbox")):
        served.forget_tours()
        page = served.person(login).new_page()
        page.goto("/")
        expect(page).to_have_url(f"{served.address}{home}")
        tour = page.locator(".tour")
        expect(tour).to_be_visible()
        for href in tour.locator("li a").evaluate_all("all => all.map((one) => one.getAttribute('href'))"):
            assert page.locator(href).count() == 1, href
        page.goto("/notices")
        expect(tour).to_have_count(0)
        page.goto(home)
        tour.get_by_role("button", name="知道了").click()
        expect(tour).to_have_count(0)
        page.goto(home)
        expect(page.get_by_role("main")).to_be_visible()
        expect(tour).to_have_count(0)
        page.context.close()
