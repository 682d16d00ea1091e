"""Every page of the demo county at the desk and on the phone, light and dark: whole, quiet, in one language, open to everybody."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask

from tests.browser import looking, tongues
from tests.browser.served import DESK, PHONE, Site
from tests.browser.sights import EXCUSED, PAGES
from tests.house.source import ROOT
from web.language import COOKIE
from web.routes import install_routes

pytestmark = pytest.mark.browser

WIDTHS = {"1440": DESK, "390": PHONE}
# The narrowest telephone that villages have (practice.md §8.4): looked at for what does not fit, and for no picture.
NARROW = {"width": 360, "height": 780}
# Where `make pictures` wants what is seen; a test run keeps none.
PICTURES = os.environ.get("DUBAN_PICTURES", "")
# The pages that are pictured in the dark too.
DARK = ("overview", "ledger", "inbox", "item supervised", "designer")
Theme = Literal["light", "dark"]
# The theme changes colours only, and the width all the rest.
FOREIGN = {
    "zh-Hans": tongues.foreign_to_chinese,
    "zh-Hant": tongues.foreign_to_traditional,
    "en": tongues.foreign_to_english,
}
LOOKS: tuple[tuple[str, Theme], ...] = (("390", "dark"), ("1440", "light"))


@dataclass
class Seen:
    """What was wrong with a page, by the place where it was looked at."""

    status: int
    too_wide: list[str]
    cut_off: list[str]
    barriers: list[str]
    complaints: list[str]
    foreign: list[str]
    # By language, what the page says, and what of that is said in another.
    told: dict[str, list[str]] = field(default_factory=dict)
    mixed: dict[str, list[str]] = field(default_factory=dict)
    # By width, how far it jumps while it loads; and the bytes of its scripts as they travel.
    shifted: dict[str, float] = field(default_factory=dict)
    script_bytes: int = 0


Look = Callable[[str], Seen]


@pytest.fixture(scope="module")
def look(demo: Site, fresh: Site) -> Look:
    """Looks at a page once; each test asks for one thing that was seen."""
    seen: dict[str, Seen] = {}
    data = {site.address: tongues.data_of(site) for site in (demo, fresh)}

    def once(name: str) -> Seen:
        if name not in seen:
            site = fresh if PAGES[name].new else demo
            told = seen[name] = _look(site, name)
            told.mixed = {language: foreign(told.told[language], data[site.address]) for language, foreign in FOREIGN.items()}
        return seen[name]

    return once


def _look(site: Site, name: str) -> Seen:
    sight = PAGES[name]
    page = site.page(sight.who, is_proved=not sight.unproved)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    ears = looking.Ears(page, site.address)
    seen = Seen(sight.opened(site, page), [], [], [], ears.complaints, ears.foreign)
    if sight.press is None:
        seen.shifted["1440"] = looking.shifted(page)
    seen.script_bytes = looking.script_bytes(page)
    for width, size in WIDTHS.items():
        page.set_viewport_size(size)
        if PICTURES and not sight.again:
            looking.picture(page, Path(PICTURES) / f"{name.replace(' ', '-')}-{width}.png")
            if name in DARK and width == "1440":
                page.emulate_media(color_scheme="dark")
                looking.picture(page, Path(PICTURES) / f"{name.replace(' ', '-')}-dark.png")
                page.emulate_media(color_scheme="light")
        seen.too_wide += _at(width, looking.too_wide(page))
        seen.cut_off += _at(width, looking.cut_off(page))
    page.set_viewport_size(NARROW)
    seen.too_wide += _at("360", looking.too_wide(page))
    looking.unfold(page)
    seen.too_wide += _at("360, unfolded", looking.too_wide(page))
    seen.cut_off += _at("360, unfolded", looking.cut_off(page))
    seen.told["zh-Hans"] = tongues.words(page)
    for width, theme in LOOKS:
        page.set_viewport_size(WIDTHS[width])
        page.emulate_media(color_scheme=theme)
        seen.too_wide += _at(f"{width}, unfolded", looking.too_wide(page))
        seen.cut_off += _at(f"{width}, unfolded", looking.cut_off(page))
        if not (sight.again and theme == "light"):
            seen.barriers += _at(f"{width}, {theme}", looking.barriers(page))
    ears.stop()
    for language in ("zh-Hant", "en"):
        page.context.add_cookies([{"name": COOKIE, "value": language, "url": site.address}])
        page.set_viewport_size(PHONE if sight.press is None else DESK)
        sight.opened(site, page)
        if sight.press is None:
            seen.shifted["390"] = max(seen.shifted.get("390", 0), looking.shifted(page))
        looking.unfold(page)
        seen.told[language] = tongues.words(page)
    return seen


def _at(where: str, found: list[str]) -> list[str]:
    return [f"{where}: {one}" for one in found]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_the_window(look: Look, name: str) -> None:
    assert look(name).too_wide == []


@pytest.mark.parametrize("name", PAGES)
def test_no_button_cuts_its_words(look: Look, name: str) -> None:
    assert look(name).cut_off == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_shuts_out_anybody(look: Look, name: str) -> None:
    assert look(name).barriers == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_no_other_host_and_complains_of_nothing(look: Look, name: str) -> None:
    seen, sight = look(name), PAGES[name]
    # The browser itself notes a page that answers so; a form that was sent empty answers 422.
    known = [f"status of {status}" for status in (sight.status, 422 if sight.press else 404) if status >= 400]
    noted = [said for said in seen.complaints if not any(status in said for status in known)]
    assert (seen.status, noted, seen.foreign) == (sight.status, [], [])


@pytest.mark.parametrize("language", FOREIGN)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_speaks_one_language(look: Look, name: str, language: str) -> None:
    assert look(name).mixed[language] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_no_more_script_than_it_may_and_stands_still_while_it_loads(look: Look, name: str) -> None:
    seen = look(name)
    assert 0 < seen.script_bytes <= looking.SCRIPT_BYTES
    assert [width for width, shifted in seen.shifted.items() if shifted > looking.SHIFT] == []


def test_every_address_that_answers_is_looked_at_or_is_no_page() -> None:
    app = Flask("web")
    app.extensions |= {"duban_access": {}, "duban_fresh": set()}
    install_routes(app)
    answering = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    find = app.url_map.bind("localhost")
    paths = [re.sub(r"[*]|{[a-z]+}", "1", sight.path).partition("?")[0] for sight in PAGES.values()]
    looked_at = {find.match(path)[0] for path in paths}
    excused = [endpoint for endpoints in EXCUSED.values() for endpoint in endpoints]
    assert len(excused) == len(set(excused))
    assert looked_at & set(excused) - {"configuration.bundle_file"} == set()
    assert answering == looked_at | set(excused)


@pytest.mark.parametrize("name", ["ledger", "item supervised"])
@pytest.mark.parametrize("width", WIDTHS)
def test_what_opens_above_a_page_lies_within_the_window_and_can_be_read(demo: Site, name: str, width: str) -> None:
    page = demo.page(PAGES[name].who)
    page.set_viewport_size(WIDTHS[width])
    page.goto(PAGES[name].address(demo))
    summaries, found = page.locator("details[data-popover] > summary:visible"), []
    for at in range(summaries.count()):
        summaries.nth(at).click()
        found += page.evaluate(OUTSIDE) + looking.too_wide(page)
        if width == "1440":
            found += looking.barriers(page, "details[data-popover][open]")
        page.keyboard.press("Escape")
        assert summaries.nth(at).evaluate("one => one === document.activeElement && !one.parentElement.open")
    assert summaries.count() > 1
    assert found == []


@pytest.mark.parametrize(
    ("state", "ending"), [("held", "办结"), ("closed", "办结"), ("withdrawn", "撤回"), ("waived", "免予约谈")]
)
def test_the_path_of_an_interview_leads_to_one_ending(demo: Site, state: str, ending: str) -> None:
    page = demo.page("linjing")
    page.goto(f"/cases/{demo.case('interview', state)}")
    titles = page.locator(".path-title").all_inner_texts()
    endings = [title for title in titles if title.startswith(("办结", "撤回", "免予约谈"))]
    assert [title.splitlines()[0] for title in endings if title.startswith(ending)] and len(endings) == 1


# The popovers that lie beside the window or have nothing in them.
OUTSIDE = """() => [...document.querySelectorAll("details[data-popover][open] > :not(summary)")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.left < 0 || box.right > innerWidth || box.top < 0 || box.width < 1 || box.height < 1;
}).map((one) => `${one.className} sticks out`)"""


def test_every_picture_has_its_line_and_is_of_a_page_that_is_looked_at() -> None:
    told = set(re.findall(r"^\| ([a-z-]+) \| (?!what was)", (ROOT / "docs/pictures/README.md").read_text("utf-8"), re.M))
    pictured = {name.replace(" ", "-") for name, sight in PAGES.items() if not sight.again}
    assert told - {"picture"} == pictured
    kept = {f"{name}-{width}" for name in pictured for width in WIDTHS} | {f"{name.replace(' ', '-')}-dark" for name in DARK}
    assert PICTURES or {path.stem for path in (ROOT / "docs/pictures").glob("*.png")} == kept
